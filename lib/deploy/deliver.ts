import type { Receipt, SourceExposure } from '../delivery/delivery.ts'
import type { Letter } from '../delivery/letter.ts'
import type { DeliveryRecord } from '../ledger/ledger.ts'
import type { AgendaItem } from './agenda.ts'
import type { Candidate } from './candidates.ts'
import { GONE } from './content.ts'
import { followUntilSettled, type FollowOptions } from './follow.ts'
import { hostOf } from './host-limit.ts'
import { withWarning, type Hold } from './hold.ts'
import { mailHint, noRoute } from './no-route.ts'
import { carrierOf, isLastTry, receiptOf, recordOf } from './outcome.ts'
import type { PlannedDelivery } from './plan.ts'
import type { Routing } from './route.ts'
import { attemptOf, isPermanent, type Tried } from './tried.ts'
import type { Turns } from './turns.ts'

type SendItem = Extract<AgendaItem, { step: 'send' }>

/** What all deliveries of a run share. */
export interface DeliveryRun extends FollowOptions {
  readonly routing: Routing
  readonly turns: Turns
  readonly letterOf: (delivery: PlannedDelivery) => Promise<Letter | undefined>
  readonly hold: Hold
  readonly now: () => Date
}

/** What became of one candidate: the post is under way, or the next one may be asked. */
type Step =
  | { readonly record: DeliveryRecord }
  | { readonly tried: Tried }
  | { readonly interrupted: true }
  | 'not spoken'

/**
 * Delivers to one target by the first protocol that carries it, and writes down what came of it before the
 * next notification starts. The next protocol is tried only when one has refused for good: what may have
 * arrived is never sent by another.
 *
 * @param tried What has refused for good before.
 * @returns What the ledger says now, or `undefined` if the run was interrupted before anything was sent.
 */
export async function deliverItem(
  item: SendItem,
  run: DeliveryRun,
  tried: readonly Tried[] = [],
): Promise<DeliveryRecord | undefined> {
  const all = [...tried]
  // What the ledger says, and of how many of them.
  let latest = item.record
  let settled = all.length
  for (const candidate of run.routing.candidatesFor(item.delivery, item.record)) {
    if (all.some(({ protocol }) => protocol === candidate.protocol.name)) continue
    const step = await tryCandidate(item, candidate, all, run)
    if (step === 'not spoken') continue
    if ('interrupted' in step) return undefined
    if ('tried' in step) {
      all.push(step.tried)
      continue
    }
    const record = await followUntilSettled(step.record, run)
    const isRejected = step.record.outcome === 'delivered' && record.outcome === 'failed'
    if (!isRejected) return record
    all.push(rejectionOf(record))
    latest = record
    settled = all.length
  }
  if (settled > 0 && settled === all.length) return latest
  return recordTried({ ...item, record: latest }, all, run)
}

/** A receiver that took a post, and then would not have it. */
export function rejectionOf({ protocol = '', endpoint, reason }: DeliveryRecord): Tried {
  const receipt = { outcome: 'failed', reason } as const
  return { protocol, receipt, ...(endpoint !== undefined && { endpoint: new URL(endpoint) }) }
}

async function tryCandidate(
  item: SendItem,
  candidate: Candidate,
  before: readonly Tried[],
  run: DeliveryRun,
): Promise<Step> {
  const { name } = candidate.protocol
  let endpoint: URL | undefined
  try {
    endpoint = await run.routing.discover(candidate)
  } catch (error) {
    if (run.signal.aborted) return { interrupted: true }
    const tried = { protocol: name, receipt: receiptOf(error) }
    if (isPermanent(tried.receipt) || mayGoOn(item, name, run.now())) return { tried }
    return { record: await recordTried(item, [...before, tried], run) }
  }
  if (run.signal.aborted) return { interrupted: true }
  if (!endpoint) return 'not spoken'

  const place = endpoint
  const handOver = () =>
    run.turns(hostOf(place), async (): Promise<Step> => {
      if (run.signal.aborted) return { interrupted: true }
      const receipt = await hand(item, candidate, place, run)
      const tried = { protocol: name, endpoint: place, receipt }
      if (isPermanent(receipt)) return { tried }
      return { record: await recordTried(item, [...before, tried], run, candidate) }
    })
  return run.limit.run(place, handOver, { first: true })
}

/** Whether a protocol that cannot be asked is given up, and nothing can have arrived by it. */
function mayGoOn({ delivery: { content }, record }: SendItem, name: string, now: Date): boolean {
  return isLastTry(record, content, now) && carrierOf(record, content) !== name
}

async function hand(
  { delivery, record }: SendItem,
  { protocol, destination }: Candidate,
  endpoint: URL,
  { fetch, letterOf, hold }: DeliveryRun,
): Promise<Receipt> {
  const { source, target, content, recipient } = delivery
  const held = hold(delivery, endpoint, protocol)
  if (held?.refused !== undefined) {
    return { outcome: 'refused', reason: held.refused, remediable: true }
  }
  // To tell a receiver that what it holds has ended exposes nothing that it does not know.
  const isKnownThere =
    content === GONE && record?.known === true && record.endpoint === endpoint.href
  const isSecret = delivery.exposure === 'capability'
  const exposure: SourceExposure = isKnownThere && isSecret ? 'public' : delivery.exposure
  const letter = () => letterOf(delivery)
  const parcel = { source, target, exposure, recipient, destination, letter }
  try {
    // @NOTE Without the signal: what is under way is finished and recorded, also when interrupted.
    const receipt = await protocol.deliver(parcel, endpoint, { fetch })
    return content === GONE ? asEnd(receipt) : withWarning(receipt, held)
  } catch (error) {
    return receiptOf(error)
  }
}

/** A receiver that takes the news of an end has not removed anything yet: it looks at the source first. */
function asEnd(receipt: Receipt): Receipt {
  if (receipt.outcome !== 'delivered') return receipt
  const reason = `told that the link is gone; the receiver removes what it keeps when it has looked there itself (${receipt.reason})`
  return { ...receipt, reason }
}

/** Writes down what came of everything that was tried, and which candidate has proved to be spoken. */
async function recordTried(
  { delivery, record: before }: SendItem,
  tried: readonly Tried[],
  { journal, routing, now }: DeliveryRun,
  spoken?: Candidate,
): Promise<DeliveryRecord> {
  const attempt = attemptOf(tried, noRoute(delivery, routing.consider(delivery)))
  const { receipt } = attempt
  const isUnanswered = receipt.outcome === 'pending' && attempt.endpoint === undefined
  const hint = isUnanswered ? mailHint(delivery.target) : undefined
  const reason = hint === undefined ? receipt.reason : `${receipt.reason}; ${hint}`
  const policy = routing.policyFor(delivery)
  const record = recordOf(
    delivery,
    before,
    { ...attempt, receipt: { ...receipt, reason } },
    { now: now(), policy },
  )
  const isLearned = spoken !== undefined && record.outcome === 'delivered'
  await journal.write(record, isLearned ? routing.learned(delivery, spoken) : undefined)
  return record
}
