import { sweep } from '../lib/site/sweep.ts'
import type { Endpoint } from '../lib/web/endpoint.ts'
import type { NetlifySite } from './site.ts'

/** Milliseconds: a scheduled function may run for 30 seconds, and what was begun goes on for a while. */
const BUDGET = 12_000
/** Entries looked at in one run: a second's work, and all of a small site. */
const LOOKED_AT = 200

/** Finishes what was cut off. Netlify calls it by the clock, and nobody else can. */
export function createSweep(site: NetlifySite): Endpoint {
  return async () => {
    await sweep(site, { budgetMs: BUDGET })
    await site.store.sweep(LOOKED_AT)
    return new Response(null, { status: 204 })
  }
}
