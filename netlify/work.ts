/**
 * The background function that finishes what other functions have queued: verifying takes longer than a sender
 * should wait for, and needs more code than an answer.
 *
 * 1. `wakeWorker` (own-functions.ts) – in the function that has queued something
 * 2. {@link createWork} – in the background function: the same as the sweep by the clock, at once
 *
 * Where the call fails, the sweep by the clock comes by within minutes.
 *
 * @module
 */
import { sweep } from '../lib/site/sweep.ts'
import { endpoint, type Endpoint } from '../lib/web/endpoint.ts'
import { oauthErrorResponse } from '../lib/web/oauth.ts'
import { requireOwnCall } from './own-functions.ts'
import type { WorkerSite } from './worker-site.ts'

/** Milliseconds. A background function may run for 15 minutes; what was begun goes on for a while. */
const BUDGET = 10 * 60_000

/** `POST`, of the site's own functions only. */
export function createWork(site: WorkerSite): Endpoint {
  return endpoint(
    {
      async POST(request) {
        await requireOwnCall(request, 'work', site.secrets.redeem)
        await sweep(site, { budgetMs: BUDGET })
        return new Response(null, { status: 204 })
      },
    },
    oauthErrorResponse,
  )
}
