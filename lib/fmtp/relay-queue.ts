import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { Store } from '../store/store.ts'
import { sweepQueue, type SweepOptions } from '../store/sweep-queue.ts'
import { createWorkQueue, type Claim, type WorkQueue } from '../store/work-queue.ts'
import { clientFor } from './child-request.ts'
import { handOver } from './contact.ts'
import type { FmtpOptions } from './fmtp.ts'
import { addressOf, parseObject } from './object.ts'
import { findUser } from './route.ts'

/** Others fill this queue, so each of them, and all together, have a limit. */
const LIMITS = { waiting: 500, waitingPerHost: 100, retrying: 500 }
/** Minutes from one attempt to the next, as mail has them; a day in all. */
const RETRY_MINUTES = [1, 5, 15, 60, 240, 1080]
/** Milliseconds. Longer than any attempt, so an expired lease means that its holder has crashed. */
const LEASE = 3 * 60 * 1000

/** Orders that one sweep takes up; each may take a minute where no server answers. */
const SWEEP = 10

const RelayOrder = v.object({
  /** The recipient. */
  address: v.string(),
  /** The author's user object and the message, as they were signed. */
  objects: v.array(v.unknown()),
  /** The servers that it came through, the child last. */
  via: v.array(v.string()),
  child: v.string(),
})
/** A message that a child gave us to carry on. */
type RelayOrder = v.InferOutput<typeof RelayOrder>

/** `fmtp-relay/…`: what we carry for our children. The host of an order, for the limits, is its child. */
export function createRelayQueue({
  store,
  now,
}: {
  readonly store: Store
  readonly now: () => Date
}): WorkQueue<RelayOrder> {
  return createWorkQueue({
    ...{ store, now, name: 'fmtp-relay', schema: RelayOrder, lease: LEASE, limits: LIMITS },
  })
}

/** The name of an order: the same version of a message to the same recipient is the same order. */
export function relayId(recipient: string, id: string, hash: string): string {
  const parts = JSON.stringify([recipient, id, hash])
  return createHash('sha256').update(parts).digest('hex')
}

/**
 * Carries what is due. To be called now and then. Several at once, so that servers which let us wait do not delay
 * the others.
 */
export async function sweepRelay(
  options: FmtpOptions,
  limits: Pick<SweepOptions, 'budgetMs' | 'signal'> = {},
): Promise<void> {
  const queue = createRelayQueue(options)
  const { signal } = limits
  const process = async (id: string) => {
    const claim = await queue.claim(id)
    if (!claim) return false
    const outcome = await carry(claim, options, signal)
    // What a stop has cut off is no failed attempt: the next process frees it, and carries it at once.
    if (outcome.isPending && signal?.aborted) return true
    const next = outcome.isPending && nextAttempt(claim.attempts, options.now(), outcome.notBefore)
    if (next) await queue.retry(claim, next)
    else await queue.settle(claim)
    return true
  }
  await sweepQueue(queue, process, { ...limits, limit: SWEEP, byHost: false, now: options.now })
}

/** Frees the orders of a process that has crashed. Only while no other process serves the site. */
export async function recoverRelay(options: Parameters<typeof createRelayQueue>[0]): Promise<void> {
  await createRelayQueue(options).release()
}

interface Outcome {
  /** Neither carried nor refused for good. */
  readonly isPending: boolean
  readonly notBefore?: Date | undefined
}

async function carry(
  { work }: Claim<RelayOrder>,
  options: FmtpOptions,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const { address, objects, via, child } = work
  // A process that is told to stop gives up: what it brings twice, the other side takes once.
  const client = { ...clientFor(options, { server: child }, via), ...(signal && { signal }) }
  const search = await findUser(addressOf(address), client)
  if (search.outcome !== 'found') return { isPending: search.outcome === 'unreachable' }
  const parsed = objects.flatMap((object) => parseObject(object) ?? [])
  const { receipt } = await handOver(search.user, parsed, client)
  if (receipt.outcome !== 'pending') return { isPending: false }
  return { isPending: true, notBefore: receipt.notBefore }
}

/** @returns `undefined` where it is given up */
function nextAttempt(attempts: number, now: Date, asked?: Date): Date | undefined {
  const minutes = RETRY_MINUTES[attempts - 1]
  if (minutes === undefined) return undefined
  return new Date(Math.max(now.getTime() + minutes * 60_000, asked?.getTime() ?? 0))
}
