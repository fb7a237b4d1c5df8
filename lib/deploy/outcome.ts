import type { Progress, Receipt } from '../delivery/delivery.ts'
import type { DeliveryRecord } from '../ledger/ledger.ts'
import { FetchError, ResponseError } from '../web/errors.ts'
import { GONE } from './content.ts'
import type { PlannedDelivery } from './plan.ts'

const MINUTE = 60 * 1000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Past the half minute within which the largest receiver takes no pair twice. */
const FIRST_BACK_OFF = MINUTE
/** As the largest sender does: somebody who deploys in the evening should still get through. */
const LONGEST_BACK_OFF = HOUR
/** A weekend: a small site's owner may not see before Monday that it is down. */
const PATIENCE = 3 * DAY
/** A site that deploys once a week must not give up after its second try. */
const LEAST_ATTEMPTS = 5
/** Somebody who sets up webmentions today is found tomorrow. */
const NO_ENDPOINT_LIFETIME = DAY

/** One try to deliver: by which route, and what came of it. */
export interface Attempt {
  readonly receipt: Receipt
  readonly protocol?: string
  readonly endpoint?: URL
}

export interface AttemptContext {
  readonly now: Date
  readonly policy: string
}

/** What the ledger says of a pair after an attempt. */
export function recordOf(
  { post, recipient, source, target, content }: PlannedDelivery,
  before: DeliveryRecord | undefined,
  { receipt, protocol, endpoint }: Attempt,
  { now, policy }: AttemptContext,
): DeliveryRecord {
  const goesOn =
    before?.content === content && (before.outcome === 'pending' || before.outcome === 'skipped')
  const attempts = (goesOn ? before.attempts : 0) + 1
  const firstTry = (goesOn ? before.firstTry : undefined) ?? now.toISOString()
  const tried = { firstTry, lastTry: now.toISOString(), attempts }
  // An endpoint that answered "not now", or not at all, may have kept what it was sent.
  const isSent =
    receipt.outcome === 'delivered' || (endpoint !== undefined && receipt.outcome === 'pending')

  return {
    post,
    recipient,
    source: source.href,
    target: target.href,
    content,
    ...(protocol === undefined ? {} : { protocol }),
    ...endpointOf(receipt, endpoint, before),
    known: before?.known === true || isSent,
    ...tried,
    ...outcomeOf(receipt, { ...tried, now, policy }),
  }
}

/** What an error of the network or of the peer means for the delivery. Everything else is ours, and thrown. */
export function receiptOf(error: unknown): Receipt {
  if (error instanceof FetchError) {
    const { kind, message: reason, notBefore } = error
    if (kind === 'refused') return { outcome: 'refused', reason }
    return { outcome: 'pending', reason, ...(notBefore && { notBefore }) }
  }
  if (error instanceof ResponseError) return { outcome: 'pending', reason: error.message }
  throw error
}

/** What the ledger says after the receiver was asked what became of it. */
export function recordOfProgress(record: DeliveryRecord, progress: Progress): DeliveryRecord {
  if (progress === 'processing') return { ...record, reason: 'accepted, still processing' }
  const { statusUrl: _, ...settled } = record
  if (progress === 'accepted') return { ...settled, reason: 'accepted' }
  return { ...settled, outcome: 'failed', reason: `rejected: ${progress.rejected}` }
}

/** Whether a last send has come to its end, so that the pair can be forgotten. */
export function isForgettable({ content, outcome, firstTry = '', lastTry = '' }: DeliveryRecord) {
  if (content !== GONE) return false
  if (outcome === 'delivered' || outcome === 'failed') return true
  return outcome === 'skipped' && Date.parse(lastTry) - Date.parse(firstTry) >= PATIENCE
}

/** 1 minute, doubling up to an hour. */
export function backOff(attempts: number): number {
  return Math.min(FIRST_BACK_OFF * 2 ** (attempts - 1), LONGEST_BACK_OFF)
}

interface Series extends AttemptContext {
  readonly attempts: number
  readonly firstTry: string
}

function outcomeOf(
  receipt: Receipt,
  { attempts, firstTry, now, policy }: Series,
): Pick<DeliveryRecord, 'outcome' | 'reason' | 'nextTry' | 'statusUrl' | 'policy'> {
  const { outcome, reason } = receipt
  switch (outcome) {
    case 'delivered':
      return {
        outcome,
        reason,
        ...(receipt.statusUrl && { statusUrl: receipt.statusUrl.href }),
      }
    case 'pending': {
      const isLate = now.getTime() - Date.parse(firstTry) >= PATIENCE
      if (isLate && attempts >= LEAST_ATTEMPTS) {
        return { outcome: 'failed', reason: `given up after ${attempts} attempts: ${reason}` }
      }
      const earliest = now.getTime() + backOff(attempts)
      const nextTry = new Date(Math.max(earliest, receipt.notBefore?.getTime() ?? 0))
      return { outcome, reason, nextTry: nextTry.toISOString() }
    }
    case 'skipped': {
      const nextTry = new Date(now.getTime() + NO_ENDPOINT_LIFETIME)
      return { outcome, reason, nextTry: nextTry.toISOString() }
    }
    case 'refused':
      return { outcome, reason, policy }
    case 'failed':
      return { outcome, reason }
  }
}

/** While the target cannot be asked, where it was sent last: who knows a secret may be told of its end. */
function endpointOf(
  { outcome }: Receipt,
  endpoint: URL | undefined,
  before: DeliveryRecord | undefined,
): { endpoint?: string } {
  if (endpoint) return { endpoint: endpoint.href }
  return outcome === 'skipped' || before?.endpoint === undefined
    ? {}
    : { endpoint: before.endpoint }
}
