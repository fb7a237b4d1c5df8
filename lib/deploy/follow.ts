import type { DeliveryProtocol, Progress } from '../delivery/delivery.ts'
import type { DeliveryRecord } from '../ledger/ledger.ts'
import { FetchError, ResponseError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { GONE } from './content.ts'
import type { HostLimit } from './host-limit.ts'
import type { Journal } from './journal.ts'
import { recordOfProgress } from './outcome.ts'
import type { Sleep } from './sleep.ts'

/** Ten seconds in all: what takes a receiver longer is asked for in a later run. */
const STATUS_PAUSES = [1_000, 2_000, 3_000, 4_000]

export interface FollowOptions extends Required<WebOptions> {
  readonly protocols: readonly DeliveryProtocol[]
  readonly limit: HostLimit
  readonly journal: Journal
  readonly sleep: Sleep
}

/** Looks once at what became of a delivery of an earlier run. */
export async function followItem(
  record: DeliveryRecord,
  statusUrl: URL,
  options: FollowOptions,
): Promise<DeliveryRecord> {
  const progress = await lookAtStatus(record, statusUrl, options)
  const next = recordOfProgress(record, progress)
  if (progress !== 'processing') await options.journal.write(next)
  return next
}

/** A receiver that has promised an answer is asked a few times; its last word so far is recorded. */
export async function followUntilSettled(
  taken: DeliveryRecord,
  options: FollowOptions,
): Promise<DeliveryRecord> {
  // Of a link that is gone there is nothing left to learn.
  if (taken.content === GONE || taken.statusUrl === undefined) return taken
  const statusUrl = new URL(taken.statusUrl)
  let progress: Progress = 'processing'
  for (const pause of STATUS_PAUSES) {
    await options.sleep(pause, options.signal)
    if (options.signal.aborted) break
    progress = await lookAtStatus(taken, statusUrl, options)
    if (progress !== 'processing') break
  }
  const record = recordOfProgress(taken, progress)
  await options.journal.write(record)
  return record
}

async function lookAtStatus(
  { protocol: name }: DeliveryRecord,
  statusUrl: URL,
  { protocols, limit, fetch, signal }: FollowOptions,
): Promise<Progress> {
  const protocol = protocols.find((candidate) => candidate.name === name)
  if (!protocol?.follow) return 'accepted'
  try {
    const follow = async () => protocol.follow?.(statusUrl, { fetch, signal }) ?? 'accepted'
    return await limit.run(statusUrl, follow, { first: true })
  } catch (error) {
    // The receiver has taken it; a status page in a place that we do not visit tells us no more.
    if (error instanceof FetchError && error.kind === 'refused') return 'accepted'
    if (error instanceof FetchError || error instanceof ResponseError) return 'processing'
    throw error
  }
}
