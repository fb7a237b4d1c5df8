/**
 * Delivery from Netlify, where no build has a lasting store and no function the output folder: the plan
 * comes with the deploy, the ledger is kept in Blobs.
 *
 * 1. {@link createDeliverEndpoint} – the build plugin calls it when a deploy is live
 * 2. {@link createRetry} – a scheduled function takes up what is pending, or was never called for
 *
 * @module
 */
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { formatExposure } from '../lib/deploy/exposure-report.ts'
import { watchExposure } from '../lib/deploy/exposure-watch.ts'
import { readPlan } from '../lib/deploy/plan-file.ts'
import type { DeliveryRow } from '../lib/deploy/report.ts'
import { sendPlanned } from '../lib/deploy/send.ts'
import { openLedgerRecord } from '../lib/ledger/ledger-record.ts'
import { createDeliveryProtocols } from '../lib/site/delivery-protocols.ts'
import type { SiteOptions } from '../lib/site/site-options.ts'
import type { Store } from '../lib/store/store.ts'
import { endpoint, type Endpoint } from '../lib/web/endpoint.ts'
import { ConfigurationError } from '../lib/web/errors.ts'
import type { Fetch } from '../lib/web/fetch.ts'
import { oauthErrorResponse } from '../lib/web/oauth.ts'
import { requireOwnCall } from './own-functions.ts'
import { SITE_LEDGER } from './site-ledger.ts'

const TURN = 'deliver/turn'

/** Milliseconds. */
interface Limits {
  /** How long to wait until the deploy is live everywhere. */
  readonly wait: number
  /** When to begin nothing new. */
  readonly work: number
  /** When the function is dead for certain, so that another may take its turn. */
  readonly turn: number
  /** How long to wait for somebody else's turn to end. */
  readonly patience: number
  /** Whether to say again what an earlier call has found in public. */
  readonly repeats: boolean
}

/** Milliseconds between two looks at whether it is our turn. */
const LOOK_AGAIN = 2_000
/** A background function may run for 15 minutes. */
const BACKGROUND: Limits = {
  wait: 5 * 60_000,
  work: 12 * 60_000,
  turn: 15 * 60_000,
  patience: 40_000,
  repeats: true,
}
/** A scheduled function may run for 30 seconds, and what was handed over by then is still followed. */
const SCHEDULED: Limits = { wait: 0, work: 12_000, turn: 30_000, patience: 0, repeats: false }

export interface DeliverOptions extends Pick<
  SiteOptions,
  'site' | 'settings' | 'store' | 'files' | 'secrets' | 'resolver' | 'now' | 'allowLoopback'
> {
  readonly fetchForSender: Fetch
  /** For the function's log. */
  readonly log: (line: string) => void | Promise<void>
}

/** `POST`: delivers, for whoever shows a call that we signed ourselves. */
export function createDeliverEndpoint(options: DeliverOptions): Endpoint {
  return endpoint({ POST: deliver }, oauthErrorResponse)

  async function deliver(request: Request): Promise<Response> {
    await requireOwnCall(request, 'deliver', options.secrets.redeem)
    await deliverDeploy(options, BACKGROUND)
    return new Response(null, { status: 204 })
  }
}

/** Delivers what is pending. Netlify calls it by the clock, and nobody else can. */
export function createRetry(options: DeliverOptions): Endpoint {
  return async () => {
    await deliverDeploy(options, SCHEDULED)
    return new Response(null, { status: 204 })
  }
}

async function deliverDeploy(options: DeliverOptions, limits: Limits): Promise<void> {
  const { site, settings, store, files, now, log } = options
  const plan = await readPlan(files)
  if (!plan) return
  const release = await takeTurn(store, now, limits)
  if (!release) return await log('Somebody else is delivering; what is left is taken up later.')
  const run = {
    ...{ site, now, fetch: options.fetchForSender, ledger: openLedgerRecord(store, SITE_LEDGER) },
    protocols: createDeliveryProtocols(options),
    signal: AbortSignal.timeout(limits.work),
  }
  try {
    const policy = `exposure ${settings.exposure}`
    const rows = await sendPlanned({ ...run, plan, files, policy, wait: limits.wait })
    for (const line of summarise(rows)) await log(line)
    const { exposures } = await watchExposure({ ...run, openMint: refuseMint })
    for (const row of exposures) if (row.isNew || limits.repeats) await log(formatExposure(row))
  } finally {
    await release()
  }
}

/** A build knows nothing of the ledger that is kept here. */
function refuseMint(): never {
  throw new ConfigurationError(
    'new links are made where the ledger is, in the sources of the site.',
  )
}

/** Two at once would tell everybody twice. A turn ends by itself when its function must be dead. */
async function takeTurn(
  store: Store,
  now: () => Date,
  { turn, patience }: Limits,
): Promise<(() => Promise<void>) | undefined> {
  const id = randomBytes(9).toString('base64url')
  const begin = () => ({ expires: new Date(now().getTime() + turn) })
  for (let waited = 0; !(await store.createIfAbsent(TURN, id, begin())); waited += LOOK_AGAIN) {
    if (waited >= patience) return undefined
    await setTimeout(LOOK_AGAIN)
  }
  return async () => {
    if ((await store.get(TURN))?.value === id) await store.delete(TURN)
  }
}

/** For the owner, who can see the log: how many, and what did not arrive. */
function summarise(rows: readonly DeliveryRow[]): readonly string[] {
  const outcomes = [...new Set(rows.map(({ outcome }) => outcome))]
  const count = (name: string) => rows.filter(({ outcome }) => outcome === name).length
  const counts = outcomes.map((name) => `${count(name)} ${name}`).join(', ')
  const troubles = rows.filter(({ outcome }) => outcome === 'failed' || outcome === 'refused')
  return [
    `Deliveries: ${counts || 'none'}.`,
    ...troubles.map(({ target, outcome, reason }) => `${target}: ${outcome}, ${reason}`),
  ]
}
