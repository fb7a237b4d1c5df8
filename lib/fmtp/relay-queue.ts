import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { listKept } from '../store/kept.ts'
import { storeKey, updateEntry, type Store } from '../store/store.ts'
import type { SweepOptions } from '../store/work-queue.ts'
import { clientFor } from './child-request.ts'
import { handOver } from './contact.ts'
import type { FmtpOptions } from './fmtp.ts'
import { addressOf, parseObject } from './object.ts'
import { findUser } from './route.ts'

const QUEUE = 'fmtp-relay'
/** Everything that waits. A store that others fill has to have an end. */
const MAX_WAITING = 500
const MAX_WAITING_OF_ONE = 100
/** Minutes from one try to the next, as mail has them. After that it has had a day. */
const RETRY_MINUTES = [1, 5, 15, 60, 240, 1080]
/** Milliseconds. Longer than any try, so that who takes over an entry takes it from the dead. */
const LEASE = 3 * 60 * 1000

/** Orders that one sweep sees to; they may take a minute where nobody answers. */
const SWEEP = 10

const Entry = v.object({
  version: v.literal(1),
  /** Whom it is for. */
  address: v.string(),
  /** The author's user object and the message, as they were signed. */
  objects: v.array(v.unknown()),
  /** The servers that it came through, the child last. */
  via: v.array(v.string()),
  child: v.string(),
  attempts: v.number(),
  /** ISO 8601 */
  notBefore: v.string(),
  lease: v.optional(v.string()),
})
type Entry = v.InferOutput<typeof Entry>

/** A message that a child gave us to carry on. */
type RelayOrder = Pick<Entry, 'address' | 'objects' | 'via' | 'child'>

/** One that nobody else works at. */
interface RelayClaim extends RelayOrder {
  readonly key: string
  readonly attempts: number
  readonly lease: string
}

/** `fmtp-relay/…`: what we carry for our children. */
export interface RelayQueue {
  /**
   * @param name What makes it one order: the same one again is the same.
   * @returns `full` where too much waits already, of all or of this child.
   */
  add(name: readonly string[], order: RelayOrder): Promise<'queued' | 'full'>
  /** Keys of what is due, the longest waiting first. */
  due(): Promise<readonly string[]>
  claim(key: string): Promise<RelayClaim | undefined>
  /** It is done with: carried, or refused for good. */
  settle(claim: RelayClaim): Promise<void>
  /** Puts it back until later; after the last try it is given up. */
  retry(claim: RelayClaim, notBefore?: Date): Promise<void>
}

export function createRelayQueue({
  store,
  now,
}: {
  readonly store: Store
  readonly now: () => Date
}): RelayQueue {
  return { add, due, claim, settle, retry }

  async function add(name: readonly string[], order: RelayOrder): Promise<'queued' | 'full'> {
    const key = storeKey(QUEUE, ...name)
    if (await store.get(key)) return 'queued'
    const waiting = await entries()
    const own = waiting.filter(({ entry }) => entry.child === order.child)
    if (waiting.length >= MAX_WAITING || own.length >= MAX_WAITING_OF_ONE) return 'full'
    const entry: Entry = { version: 1, ...order, attempts: 0, notBefore: now().toISOString() }
    await store.createIfAbsent(key, entry)
    return 'queued'
  }

  async function due(): Promise<readonly string[]> {
    const time = now().toISOString()
    return (await entries())
      .filter(({ entry }) => entry.notBefore <= time)
      .sort((one, other) => (one.entry.notBefore < other.entry.notBefore ? -1 : 1))
      .map(({ key }) => key)
  }

  /** Takes it by putting it off: who dies with it leaves it to the next sweep. */
  async function claim(key: string): Promise<RelayClaim | undefined> {
    const lease = randomBytes(8).toString('hex')
    let claimed: Entry | undefined
    await updateEntry(store, key, (value) => {
      claimed = parseEntry(value)
      if (!claimed || claimed.notBefore > now().toISOString()) {
        claimed = undefined
        return undefined
      }
      const attempts = claimed.attempts + 1
      claimed = { ...claimed, attempts, lease, notBefore: after(LEASE) }
      return { value: claimed }
    })
    return claimed && { ...claimed, key, lease }
  }

  async function settle({ key, lease }: RelayClaim): Promise<void> {
    if (parseEntry((await store.get(key))?.value)?.lease === lease) await store.delete(key)
  }

  async function retry(claim: RelayClaim, asked?: Date): Promise<void> {
    const minutes = RETRY_MINUTES[claim.attempts - 1]
    if (minutes === undefined) return settle(claim)
    const next = after(minutes * 60_000)
    const notBefore = asked && asked.toISOString() > next ? asked.toISOString() : next
    await updateEntry(store, claim.key, (value) => {
      const entry = parseEntry(value)
      if (entry?.lease !== claim.lease) return undefined
      return { value: { ...entry, notBefore, lease: undefined } }
    })
  }

  async function entries() {
    const kept = await listKept(store, `${QUEUE}/`, Entry)
    return kept.map(({ key, value: entry }) => ({ key, entry }))
  }

  function after(milliseconds: number): string {
    return new Date(now().getTime() + milliseconds).toISOString()
  }
}

/**
 * Carries what is due. To be called now and then. All at once, so that servers which let us wait keep nobody else
 * waiting.
 */
export async function sweepRelay(
  options: FmtpOptions,
  { signal }: Pick<SweepOptions, 'signal'> = {},
): Promise<void> {
  const queue = createRelayQueue(options)
  const due = (await queue.due()).slice(0, SWEEP)
  await Promise.all(
    due.map(async (key) => {
      const claim = await queue.claim(key)
      if (!claim) return
      const { isOver, notBefore } = await carry(claim, options, signal)
      if (isOver) await queue.settle(claim)
      else await queue.retry(claim, notBefore)
    }),
  )
}

async function carry(
  { address, objects, via, child }: RelayClaim,
  options: FmtpOptions,
  signal: AbortSignal | undefined,
): Promise<{ readonly isOver: boolean; readonly notBefore?: Date }> {
  // Who is told to stop gives up: what it brings twice, the other side takes once.
  const client = { ...clientFor(options, { server: child }, via), ...(signal && { signal }) }
  const search = await findUser(addressOf(address), client)
  if (search.outcome === 'unreachable') return { isOver: false }
  if (search.outcome !== 'found') return { isOver: true }
  const parsed = objects.flatMap((object) => parseObject(object) ?? [])
  const { receipt } = await handOver(search.user, parsed, client)
  if (receipt.outcome !== 'pending') return { isOver: true }
  return { isOver: false, ...(receipt.notBefore && { notBefore: receipt.notBefore }) }
}

function parseEntry(value: unknown): Entry | undefined {
  const result = v.safeParse(Entry, value)
  return result.success ? result.output : undefined
}
