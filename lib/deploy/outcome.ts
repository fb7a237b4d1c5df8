import type { Progress, Receipt } from '../delivery/delivery.ts'
import type { DeliveryRecord, Ledger } from '../ledger/ledger.ts'
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
  /** Every protocol that was tried, where that is not said by the rest. */
  readonly tried?: DeliveryRecord['tried']
}

export interface AttemptContext {
  readonly now: Date
  readonly policy: string
}

/** What the ledger says of a pair after an attempt. */
export function recordOf(
  { post, recipient, source, target, content }: PlannedDelivery,
  before: DeliveryRecord | undefined,
  { receipt, protocol, endpoint, tried }: Attempt,
  { now, policy }: AttemptContext,
): DeliveryRecord {
  const { attempts, firstTry } = seriesOf(before, content, now)
  const series = { firstTry, lastTry: now.toISOString(), attempts }
  // An endpoint that answered "not now", or not at all, may have kept what it was sent.
  const mayHaveArrived = endpoint !== undefined && receipt.outcome === 'pending'
  const carrier = mayHaveArrived ? protocol : carrierOf(before, content)
  const told = protocol ?? (before?.known ? before.protocol : undefined)

  return {
    post,
    recipient,
    source: source.href,
    target: target.href,
    content,
    ...(told === undefined ? {} : { protocol: told }),
    ...endpointOf(receipt, endpoint, before),
    ...(carrier === undefined || receipt.outcome !== 'pending' ? {} : { carrier }),
    ...(tried === undefined ? {} : { tried }),
    known: before?.known === true || receipt.outcome === 'delivered' || mayHaveArrived,
    ...series,
    ...outcomeOf(receipt, { ...series, now, policy }),
  }
}

/** The protocol by which the content may have arrived already. */
export function carrierOf(before: DeliveryRecord | undefined, content: string): string | undefined {
  return before?.content === content && before.outcome === 'pending' ? before.carrier : undefined
}

/** Whether a delivery that is pending once more is given up. */
export function isLastTry(before: DeliveryRecord | undefined, content: string, now: Date): boolean {
  return isGivenUp(seriesOf(before, content, now), now)
}

interface Series {
  readonly attempts: number
  readonly firstTry: string
}

/** The attempts for the same content so far, with the present one. */
function seriesOf(before: DeliveryRecord | undefined, content: string, now: Date): Series {
  const goesOn =
    before?.content === content && (before.outcome === 'pending' || before.outcome === 'skipped')
  return {
    attempts: (goesOn ? before.attempts : 0) + 1,
    firstTry: (goesOn ? before.firstTry : undefined) ?? now.toISOString(),
  }
}

function isGivenUp({ attempts, firstTry }: Series, now: Date): boolean {
  return attempts >= LEAST_ATTEMPTS && now.getTime() - Date.parse(firstTry) >= PATIENCE
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
  const rejection = { outcome: 'failed', reason: `rejected: ${progress.rejected}` } as const
  const tried = record.tried?.map((entry) =>
    entry.protocol === record.protocol ? { ...entry, ...rejection } : entry,
  )
  return { ...settled, ...rejection, ...(tried && { tried }) }
}

/** Whether a last send has come to its end, so that the pair can be forgotten. */
export function isForgettable({ content, outcome, firstTry = '', lastTry = '' }: DeliveryRecord) {
  if (content !== GONE) return false
  if (outcome === 'delivered' || outcome === 'failed') return true
  return outcome === 'skipped' && Date.parse(lastTry) - Date.parse(firstTry) >= PATIENCE
}

/** Since when (ISO 8601) the last build has had no page at a source, if it says so. */
export function goneSince(source: string, gone: Ledger['gone'] = {}): string | undefined {
  return Object.entries(gone).find(([path]) => source.endsWith(`/${path}`))?.[1]
}

/** 1 minute, doubling up to an hour. */
export function backOff(attempts: number): number {
  return Math.min(FIRST_BACK_OFF * 2 ** (attempts - 1), LONGEST_BACK_OFF)
}

function outcomeOf(
  receipt: Receipt,
  { attempts, firstTry, now, policy }: Series & AttemptContext,
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
      if (isGivenUp({ attempts, firstTry }, now)) {
        return { outcome: 'failed', reason: `given up after ${attempts} attempts: ${reason}` }
      }
      const earliest = now.getTime() + backOff(attempts)
      const nextTry = new Date(Math.max(earliest, receipt.notBefore?.getTime() ?? 0))
      return { outcome, reason, nextTry: nextTry.toISOString() }
    }
    case 'skipped': {
      const nextTry = new Date(now.getTime() + NO_ENDPOINT_LIFETIME)
      return { outcome, reason, nextTry: nextTry.toISOString(), policy }
    }
    case 'refused':
      return { outcome, reason, policy, ...(receipt.remediable && { nextTry: now.toISOString() }) }
    case 'failed':
      return { outcome, reason }
  }
}

/**
 * While the target cannot be asked, and where another endpoint was refused it, where it was sent last: who knows a
 * secret may be told of its end.
 */
function endpointOf(
  { outcome }: Receipt,
  endpoint: URL | undefined,
  before: DeliveryRecord | undefined,
): { endpoint?: string } {
  const isKnownElsewhere = outcome === 'refused' && before?.known === true
  if (endpoint && !(isKnownElsewhere && before.endpoint)) return { endpoint: endpoint.href }
  return outcome === 'skipped' || before?.endpoint === undefined
    ? {}
    : { endpoint: before.endpoint }
}
