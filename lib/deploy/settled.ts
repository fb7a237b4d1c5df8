import type { DeliveryRecord } from '../ledger/ledger.ts'

/** A target that spoke no protocol when it was asked last. It is asked again, since endpoints appear. */
export interface NotSpoken {
  readonly reason: string
  /** ISO 8601. */
  readonly nextTry: string
}

/** What the ledger remembers of a target that could not be told, so that it is not asked in each run. */
export function notSpoken({ outcome, reason, nextTry }: DeliveryRecord): NotSpoken | undefined {
  return outcome === 'skipped' && nextTry !== undefined ? { reason, nextTry } : undefined
}

/** `no webmention endpoint, looked at again after 2026-12-01` */
export function describeNotSpoken({ reason, nextTry }: NotSpoken): string {
  return `${reason}, looked at again after ${nextTry.slice(0, 10)}`
}

/** What a run says of a delivery with which it has nothing to do. */
export function settledReason(record: DeliveryRecord): string {
  const known = notSpoken(record)
  if (known) return describeNotSpoken(known)
  return record.outcome === 'failed' ? `failed before: ${record.reason}` : 'unchanged'
}
