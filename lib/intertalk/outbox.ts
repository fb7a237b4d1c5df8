/**
 * What local users have sent, until every provider has taken it or refused it for good.
 *
 * 1. {@link acceptMessage} – writes it down, then into the log: it cannot be lost any more
 * 2. {@link deliverAccepted} – one POST to each provider that has not taken it
 * 3. {@link sweepOutbox} – does both again for what was cut off, or has to be tried again; after a restart at once,
 *    by {@link recoverOutbox}
 *
 * A message is known by its sender and its `id`: sent again with the same, it is not delivered again.
 *
 * @module
 */
import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import type { Receipt } from '../delivery/delivery.ts'
import { listKept, updateKept } from '../store/kept.ts'
import { storeKey, type Store } from '../store/store.ts'
import type { SweepOptions } from '../store/work-queue.ts'
import { canonicalAddress, parseUserAddress, type UserAddress } from '../web/user-address.ts'
import { providersOf } from './conversation.ts'
import { parseMessage, type IntertalkMessage } from './message.ts'
import type { MessageLog } from './message-log.ts'
import { sendToProviders, type SenderOptions } from './sender.ts'

const OUTBOX = 'intertalk-outbox'
const SENT = 'intertalk-sent'
/** Longer than one attempt with all its providers. */
const LEASE_MS = 2 * 60_000
/** Minutes from one attempt to the next: three days in all. */
const RETRY_MINUTES = [1, 5, 15, 60, 180, 360, 720, 1440, 1440]
/** Milliseconds: a provider may ask for a longer wait than ours, but not for days of our memory. */
const LONGEST_RETRY_AFTER = 4 * 60 * 60 * 1000
/** So long it is remembered that a message went out: as long as one may be on its way, and a day. */
const SENT_DAYS = 4
/** So many messages are delivered at the same time. */
const AT_ONCE = 4

const Text = v.string()
const OutboxRecord = v.object({
  version: v.literal(1),
  message: v.pipe(v.unknown(), v.transform(parseMessage)),
  /** Who has still to take it. */
  domains: v.array(Text),
  /** It stands in the log. */
  logged: v.boolean(),
  attempts: v.number(),
  /** ISO 8601: nobody needs to look before. */
  notBefore: Text,
  /** Somebody is at it, until then. */
  lease: v.optional(v.object({ holder: Text, until: Text })),
})
type OutboxRecord = v.InferOutput<typeof OutboxRecord>

type NamedMessage = IntertalkMessage & { readonly id: string }

/** A message in the outbox that nobody else works at. */
export interface OutboxClaim {
  readonly key: string
  readonly holder: string
  readonly record: OutboxRecord
}

export interface OutboxOptions extends SenderOptions {
  /** The one user that there is: the owner of the site. */
  readonly address: UserAddress
  readonly store: Store
  readonly log: MessageLog
}

/**
 * Takes a message on: when this resolves, it is in the outbox and in the log.
 *
 * @returns What has to be delivered now, or `undefined` if it was taken on before.
 */
export async function acceptMessage(
  message: IntertalkMessage,
  options: OutboxOptions,
): Promise<OutboxClaim | undefined> {
  const { store, now, log, address } = options
  const named = { ...message, id: message.id ?? randomBytes(16).toString('base64url') }
  const lease = newLease(now())
  const record: OutboxRecord = {
    version: 1,
    message: named,
    domains: providersOf(named).filter((domain) => domain !== address.domain),
    logged: false,
    attempts: 1,
    notBefore: lease.until,
    lease,
  }
  const key = storeKey(OUTBOX, ...nameOf(named))
  if (!(await store.createIfAbsent(key, record))) return undefined
  if (await store.get(storeKey(SENT, ...nameOf(named)))) {
    await store.delete(key)
    return undefined
  }
  await log.append(named)
  const logged = await update(key, store, (current) => ({ ...current, logged: true }))
  return { key, holder: lease.holder, record: logged ?? { ...record, logged: true } }
}

/** Sends it to every provider that has not taken it, and puts it back if that has to be done again. */
export async function deliverAccepted(
  { key, holder, record }: OutboxClaim,
  options: OutboxOptions,
): Promise<void> {
  const { store, now, log } = options
  const message = namedMessage(record.message)
  const isLast = record.attempts > RETRY_MINUTES.length
  if (!record.logged) await log.append(message)
  const waiting: string[] = []
  let asked = 0
  for (const { domain, receipt } of await send(record, options)) {
    if (receipt.outcome === 'delivered') continue
    if (receipt.outcome === 'pending' && !isLast) {
      waiting.push(domain)
      asked = Math.max(asked, receipt.notBefore?.getTime() ?? 0)
      continue
    }
    const recipients = recipientsAt(domain, message)
    await log.appendFailure({ message, domain, recipients, reason: receipt.reason })
  }
  if (waiting.length === 0) return settle(key, message, options)

  const time = now().getTime()
  const wait = (RETRY_MINUTES[record.attempts - 1] ?? 0) * 60_000
  const next = Math.max(time + wait, Math.min(asked, time + LONGEST_RETRY_AFTER))
  await update(key, store, ({ lease, ...current }) => {
    if (lease?.holder !== holder) return undefined
    return { ...current, logged: true, domains: waiting, notBefore: new Date(next).toISOString() }
  })
}

/**
 * Takes up what nobody works at: what was cut off, and what had to be tried again.
 *
 * @returns How many were taken up.
 */
export async function sweepOutbox(
  options: OutboxOptions,
  { limit = 100, budgetMs = 20_000, signal }: SweepOptions = {},
): Promise<number> {
  const { store, now } = options
  const end = now().getTime() + budgetMs
  const due = (await listKept(store, `${OUTBOX}/`, OutboxRecord))
    .map(({ key, value: record }) => ({ key, record }))
    .filter(({ record }) => isDue(record, now()))
    .sort((one, other) => (one.record.notBefore < other.record.notBefore ? -1 : 1))
    .slice(0, limit)
  const troubles: unknown[] = []
  let taken = 0

  await Promise.all(Array.from({ length: AT_ONCE }, work))
  if (troubles.length > 0) throw troubles[0]
  return taken

  async function work(): Promise<void> {
    for (let next = due.shift(); next; next = due.shift()) {
      if (signal?.aborted || now().getTime() >= end) return
      const claimed = await claim(next.key, options)
      if (!claimed) continue
      taken += 1
      await deliverAccepted(claimed, options).catch((error: unknown) => troubles.push(error))
    }
  }
}

/**
 * Frees what a process that has died was at, so that the next sweep takes it up. For whoever knows that nobody
 * else works here.
 */
export async function recoverOutbox({
  store,
  now,
}: Pick<OutboxOptions, 'store' | 'now'>): Promise<void> {
  const notBefore = now().toISOString()
  for (const { key } of await listKept(store, `${OUTBOX}/`, OutboxRecord)) {
    await update(key, store, ({ lease, ...entry }) => (lease ? { ...entry, notBefore } : undefined))
  }
}

/** Takes an entry that is due. The attempt is counted first, so that none that breaks us comes back for ever. */
async function claim(key: string, { store, now }: OutboxOptions): Promise<OutboxClaim | undefined> {
  const lease = newLease(now())
  const record = await update(key, store, (current) =>
    isDue(current, now()) ? { ...current, attempts: current.attempts + 1, lease } : undefined,
  )
  return record && { key, holder: lease.holder, record }
}

async function send(
  { message, domains, attempts }: OutboxRecord,
  options: OutboxOptions,
): Promise<readonly { readonly domain: string; readonly receipt: Receipt }[]> {
  if (domains.length === 0) return []
  if (attempts <= RETRY_MINUTES.length + 1) {
    return sendToProviders(message, { ...options, only: domains })
  }
  const receipt = { outcome: 'failed', reason: 'It was tried for three days.' } as const
  return domains.map((domain) => ({ domain, receipt }))
}

/** Remembers that it is done, and only then forgets what was to be done. */
async function settle(key: string, message: NamedMessage, options: OutboxOptions): Promise<void> {
  const { store, now } = options
  const expires = new Date(now().getTime() + SENT_DAYS * 24 * 60 * 60 * 1000)
  await store.createIfAbsent(storeKey(SENT, ...nameOf(message)), true, { expires })
  await store.delete(key)
}

/** Changes an entry that is still there. `undefined`: it is not, or was to stay as it is. */
async function update(
  key: string,
  store: Store,
  change: (record: OutboxRecord) => OutboxRecord | undefined,
): Promise<OutboxRecord | undefined> {
  let changed: OutboxRecord | undefined
  await updateKept(store, key, OutboxRecord, (value) => {
    changed = value && change(value)
    return changed && { value: changed }
  })
  return changed
}

function isDue({ notBefore, lease }: OutboxRecord, now: Date): boolean {
  const time = now.toISOString()
  return lease ? lease.until <= time : notBefore <= time
}

function newLease(now: Date): { readonly holder: string; readonly until: string } {
  const until = new Date(now.getTime() + LEASE_MS).toISOString()
  return { holder: randomBytes(8).toString('hex'), until }
}

function nameOf({ from, id }: NamedMessage): readonly [string, string] {
  const sender = parseUserAddress(from)
  return [sender ? canonicalAddress(sender) : from, id]
}

/** Whatever is in the outbox has a name. */
function namedMessage(message: IntertalkMessage): NamedMessage {
  return { ...message, id: message.id ?? '' }
}

function recipientsAt(domain: string, { to }: IntertalkMessage): readonly string[] {
  return to.filter((text) => parseUserAddress(text)?.domain === domain)
}
