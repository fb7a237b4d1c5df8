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
import { createHash, randomBytes } from 'node:crypto'
import * as v from 'valibot'
import type { Receipt } from '../delivery/delivery.ts'
import type { Store } from '../store/store.ts'
import { sweepQueue, type SweepOptions } from '../store/sweep-queue.ts'
import { createWorkQueue, type Claim, type WorkQueue } from '../store/work-queue.ts'
import { canonicalAddress, parseUserAddress, type UserAddress } from '../web/user-address.ts'
import { providersOf } from './conversation.ts'
import { parseMessage, type IntertalkMessage } from './message.ts'
import type { MessageLog } from './message-log.ts'
import { sendToProviders, type SenderOptions } from './sender.ts'

/** Milliseconds. Longer than one attempt with all its providers, so an expired lease means that its holder has crashed. */
const LEASE_MS = 2 * 60_000
/** Minutes from one attempt to the next: three days in all. */
const RETRY_MINUTES = [1, 5, 15, 60, 180, 360, 720, 1440, 1440]
/** Milliseconds: a provider may ask for a longer wait than ours, but not for days of our memory. */
const LONGEST_RETRY_AFTER = 4 * 60 * 60 * 1000
/** So long it is remembered that a message went out: as long as one may be on its way, and a day. */
const SENT_DAYS = 4
/** Only the owner adds here, and how much is limited before (local-message.ts). */
const LIMITS = { waiting: Infinity, waitingPerHost: Infinity, retrying: Infinity }

const Outgoing = v.object({
  message: v.pipe(v.unknown(), v.transform(parseMessage)),
  /** The providers that have not taken it yet. */
  domains: v.array(v.string()),
  /** It is in the log. */
  logged: v.boolean(),
})
type Outgoing = v.InferOutput<typeof Outgoing>

/** A message in the outbox under a lease. */
export type OutboxClaim = Claim<Outgoing>

export interface OutboxOptions extends SenderOptions {
  /** The one user that there is: the owner of the site. */
  readonly address: UserAddress
  readonly store: Store
  readonly log: MessageLog
}

/** `intertalk-outbox/…`, and what has been sent in `intertalk-outbox-done/…`. */
function openOutbox({ store, now }: Pick<OutboxOptions, 'store' | 'now'>): WorkQueue<Outgoing> {
  const name = 'intertalk-outbox'
  return createWorkQueue({ store, now, name, schema: Outgoing, lease: LEASE_MS, limits: LIMITS })
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
  const { log, address } = options
  const queue = openOutbox(options)
  const named = { ...message, id: message.id ?? randomBytes(16).toString('base64url') }
  const domains = providersOf(named).filter((domain) => domain !== address.domain)
  const work: Outgoing = { message: named, domains, logged: false }
  const claim = await queue.addClaimed(outboxId(named), work, { host: address.domain })
  if (!claim) return undefined
  await log.append(named)
  await queue.amend(claim, (current) => ({ ...current, logged: true }))
  return { ...claim, work: { ...work, logged: true } }
}

/** Sends it to every provider that has not taken it, and puts it back if that has to be done again. */
export async function deliverAccepted(claim: OutboxClaim, options: OutboxOptions): Promise<void> {
  const { now, log } = options
  const { work, attempts } = claim
  const queue = openOutbox(options)
  // Every message in the outbox has an id.
  const message = { ...work.message, id: work.message.id ?? '' }
  const isLast = attempts > RETRY_MINUTES.length
  if (!work.logged) await log.append(message)
  const waiting: string[] = []
  let asked = 0
  for (const { domain, receipt } of await send(claim, options)) {
    if (receipt.outcome === 'delivered') continue
    if (receipt.outcome === 'pending' && !isLast) {
      waiting.push(domain)
      asked = Math.max(asked, receipt.notBefore?.getTime() ?? 0)
      continue
    }
    const recipients = recipientsAt(domain, message)
    await log.appendFailure({ message, domain, recipients, reason: receipt.reason })
  }
  const time = now().getTime()
  if (waiting.length === 0) {
    await queue.settle(claim, { remember: new Date(time + SENT_DAYS * 24 * 60 * 60 * 1000) })
    return
  }
  const wait = (RETRY_MINUTES[attempts - 1] ?? 0) * 60_000
  const next = Math.max(time + wait, Math.min(asked, time + LONGEST_RETRY_AFTER))
  await queue.retry(claim, new Date(next), {
    change: (current) => ({ ...current, logged: true, domains: waiting }),
  })
}

/**
 * Takes up what no process is delivering: what was cut off, and what had to be tried again.
 *
 * @returns How many were taken up.
 */
export async function sweepOutbox(
  options: OutboxOptions,
  limits: SweepOptions = {},
): Promise<number> {
  const queue = openOutbox(options)
  const process = async (id: string) => {
    const claim = await queue.claim(id)
    if (claim) await deliverAccepted(claim, options)
    return claim !== undefined
  }
  return sweepQueue(queue, process, { ...limits, byHost: false, now: options.now })
}

/** Frees what a crashed process was delivering, so that the next sweep takes it up. Only while no other process works. */
export async function recoverOutbox(options: Pick<OutboxOptions, 'store' | 'now'>): Promise<void> {
  await openOutbox(options).release()
}

async function send(
  { work: { message, domains }, attempts }: OutboxClaim,
  options: OutboxOptions,
): Promise<readonly { readonly domain: string; readonly receipt: Receipt }[]> {
  if (domains.length === 0) return []
  if (attempts <= RETRY_MINUTES.length + 1) {
    return sendToProviders(message, { ...options, only: domains })
  }
  const receipt = { outcome: 'failed', reason: 'It was tried for three days.' } as const
  return domains.map((domain) => ({ domain, receipt }))
}

/** The same for a message of the same sender with the same id. */
function outboxId({ from, id = '' }: IntertalkMessage): string {
  const sender = parseUserAddress(from)
  const parts = JSON.stringify([sender ? canonicalAddress(sender) : from, id])
  return createHash('sha256').update(parts).digest('hex')
}

function recipientsAt(domain: string, { to }: IntertalkMessage): readonly string[] {
  return to.filter((text) => parseUserAddress(text)?.domain === domain)
}
