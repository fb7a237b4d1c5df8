import type { Receipt, SourceExposure } from '../delivery/delivery.ts'
import type { Letter } from '../delivery/letter.ts'
import type { DeliveryRecord } from '../ledger/ledger.ts'
import type { AgendaItem } from './agenda.ts'
import { createRetries, watchAnswers, type PutOff } from './again-soon.ts'
import type { Candidate } from './candidates.ts'
import { GONE } from './content.ts'
import { followUntilSettled, type FollowOptions } from './follow.ts'
import { withWarning, type Hold } from './hold.ts'
import { mailHint, noRoute } from './no-route.ts'
import { carrierOf, isLastTry, receiptOf, recordOf } from './outcome.ts'
import type { PlannedDelivery } from './plan.ts'
import type { Routing } from './route.ts'
import { attemptOf, isPermanent, type Tried } from './tried.ts'

type SendItem = Extract<AgendaItem, { step: 'send' }>

const IN_FLIGHT = 'was in flight when the last run was stopped'
const SENT_AGAIN = `${IN_FLIGHT}; sent again`

/** What all deliveries of a run share. */
export interface DeliveryRun extends FollowOptions {
  readonly routing: Routing
  readonly letterOf: (delivery: PlannedDelivery) => Promise<Letter | undefined>
  readonly hold: Hold
  readonly now: () => Date
}

/** What became of one candidate: the post is under way, or the next one may be asked. */
type Step =
  | { readonly record: DeliveryRecord; readonly putOff: PutOff }
  | { readonly tried: Tried; readonly record?: DeliveryRecord | undefined }
  | { readonly interrupted: true }
  | 'not spoken'

/**
 * Delivers to one target by the first protocol that carries it, and writes down what came of it. The next protocol is tried only when one has refused for good: what may have
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
    const step = await tryPatiently({ ...item, record: latest }, candidate, all, run)
    if (step === 'not spoken') continue
    if ('interrupted' in step) {
      if (all.slice(tried.length).some(isSent)) await run.journal.undo(item.delivery, latest)
      return undefined
    }
    if ('tried' in step) {
      all.push(step.tried)
      latest = step.record ?? latest
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

/** Tries a candidate; and again in this run, if what hinders it may soon be over. */
async function tryPatiently(
  item: SendItem,
  candidate: Candidate,
  before: readonly Tried[],
  run: DeliveryRun,
): Promise<Step> {
  const pauseFor = createRetries(run.now)
  let { record } = item
  let failed: unknown
  for (;;) {
    const step = await tryCandidate({ ...item, record }, candidate, before, run, failed)
    if (step === 'not spoken') return step
    if ('interrupted' in step) return step
    if ('tried' in step) return { ...step, record }
    const pause = step.record.outcome === 'pending' ? pauseFor(step.putOff) : undefined
    if (pause === undefined || run.signal.aborted) return step
    await run.sleep(pause, run.signal)
    if (run.signal.aborted) return step
    // What is tried again in a run is one attempt of it: the next run waits no longer for that.
    record = { ...step.record, attempts: step.record.attempts - 1 }
    failed = step.putOff.error
  }
}

async function tryCandidate(
  item: SendItem,
  candidate: Candidate,
  before: readonly Tried[],
  run: DeliveryRun,
  failed: unknown,
): Promise<Step> {
  const { name } = candidate.protocol
  let endpoint: URL | undefined
  try {
    endpoint = await run.routing.discover(candidate, failed)
  } catch (error) {
    if (run.signal.aborted) return { interrupted: true }
    const tried = { protocol: name, receipt: receiptOf(error) }
    if (isPermanent(tried.receipt) || mayGoOn(item, name, run.now())) return { tried }
    const record = await recordTried(item, [...before, tried], run)
    const isBrief = run.routing.isBrief(error)
    return { record, putOff: { receipt: tried.receipt, isBrief, error } }
  }
  if (run.signal.aborted) return { interrupted: true }
  if (!endpoint) return 'not spoken'

  const place = endpoint
  const handOver = () => hand(item, candidate, place, before, run)
  const handed = await run.limit.run(place, handOver, { first: true })
  if ('interrupted' in handed) return handed
  const tried = { protocol: name, endpoint: place, receipt: handed.receipt }
  if (isPermanent(handed.receipt)) return { tried }
  const record = await recordTried(item, [...before, tried], run, candidate)
  return { record, putOff: handed }
}

/** Whether a protocol that cannot be asked is given up, and nothing can have arrived by it. */
function mayGoOn({ delivery: { content }, record }: SendItem, name: string, now: Date): boolean {
  return isLastTry(record, content, now) && carrierOf(record, content) !== name
}

/** Hands a post over, after it is written down that this was begun. */
async function hand(
  item: SendItem,
  candidate: Candidate,
  endpoint: URL,
  before: readonly Tried[],
  run: DeliveryRun,
): Promise<PutOff | { readonly interrupted: true }> {
  if (run.signal.aborted) return { interrupted: true }
  const { delivery, record } = item
  const { protocol, destination } = candidate
  const { source, target, content, recipient } = delivery
  const held = run.hold(delivery, endpoint, protocol)
  if (held?.refused !== undefined) {
    const receipt = { outcome: 'refused', reason: held.refused, remediable: true } as const
    return { receipt, isBrief: false }
  }
  const begun: Receipt = { outcome: 'pending', reason: IN_FLIGHT }
  const begunBy = { protocol: protocol.name, endpoint, receipt: begun }
  await run.journal.intend(assumedOf(item, [...before, begunBy], run))

  // To tell a receiver that what it holds has ended exposes nothing that it does not know.
  const isKnownThere =
    content === GONE && record?.known === true && record.endpoint === endpoint.href
  const isSecret = delivery.exposure === 'capability'
  const exposure: SourceExposure = isKnownThere && isSecret ? 'public' : delivery.exposure
  const letter = () => run.letterOf(delivery)
  const parcel = { source, target, exposure, recipient, destination, letter }
  const answers = watchAnswers(run.fetch)
  try {
    // @NOTE Without the signal: what is under way is finished and recorded, also when interrupted.
    const receipt = await protocol.deliver(parcel, endpoint, { fetch: answers.fetch })
    const said = content === GONE ? asEnd(receipt) : withWarning(receipt, held)
    return { receipt: said, isBrief: answers.isBrief() }
  } catch (error) {
    return { receipt: receiptOf(error), isBrief: answers.isBrief() }
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
  item: SendItem,
  tried: readonly Tried[],
  run: DeliveryRun,
  spoken?: Candidate,
): Promise<DeliveryRecord> {
  const record = recordFor(item, tried, run)
  const isLearned = spoken !== undefined && record.outcome === 'delivered'
  await run.journal.write(
    record,
    isLearned ? run.routing.learned(item.delivery, spoken) : undefined,
  )
  return record
}

function recordFor(
  { delivery, record: before, why }: SendItem,
  tried: readonly Tried[],
  { routing, now }: DeliveryRun,
): DeliveryRecord {
  const attempt = attemptOf(tried, noRoute(delivery, routing.consider(delivery)))
  const { receipt } = attempt
  const isUnanswered = receipt.outcome === 'pending' && attempt.endpoint === undefined
  const hint = isUnanswered ? mailHint(delivery.target) : undefined
  const wasInFlight = why === 'in flight' || before?.inFlight === true
  const remarks = [receipt.reason, hint, wasInFlight && tried.some(isSent) ? SENT_AGAIN : undefined]
  const reason = remarks.filter((remark) => remark !== undefined).join('; ')
  const policy = routing.policyFor(delivery)
  const said = { ...attempt, receipt: { ...receipt, reason } }
  return recordOf(delivery, before, said, { now: now(), policy })
}

/** What the ledger says if the run stops before the receiver has answered: it is due at once, by the same protocol. */
function assumedOf(item: SendItem, tried: readonly Tried[], run: DeliveryRun): DeliveryRecord {
  const { nextTry: _, ...record } = recordFor({ ...item, why: 'new' }, tried, run)
  return { ...record, outcome: 'pending', reason: IN_FLIGHT, inFlight: true }
}

function isSent({ endpoint }: Tried): boolean {
  return endpoint !== undefined
}
