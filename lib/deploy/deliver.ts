import type { DeliveryProtocol, Progress, SourceExposure } from '../delivery/delivery.ts'
import type { DeliveryRecord } from '../ledger/ledger.ts'
import { FetchError, ResponseError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import type { AgendaItem } from './agenda.ts'
import { GONE } from './content.ts'
import type { HostLimit } from './host-limit.ts'
import type { Journal } from './journal.ts'
import { receiptOf, recordOf, recordOfProgress, type Attempt } from './outcome.ts'
import { protocolsFor, type Route, type RouteFinder } from './route.ts'
import type { Sleep } from './sleep.ts'
import type { Turns } from './turns.ts'

/** Ten seconds in all: what takes a receiver longer is asked for in a later run. */
const STATUS_PAUSES = [1_000, 2_000, 3_000, 4_000]

type SendItem = Extract<AgendaItem, { step: 'send' }>

/** What all deliveries of a run share. */
export interface DeliveryRun extends Required<WebOptions> {
  readonly protocols: readonly DeliveryProtocol[]
  readonly findRoute: RouteFinder
  readonly limit: HostLimit
  readonly turns: Turns
  readonly journal: Journal
  readonly policy: string
  readonly now: () => Date
  readonly sleep: Sleep
}

/**
 * Delivers to one target, and writes down what came of it before the next notification starts.
 *
 * @returns What the ledger says now, or `undefined` if the run was interrupted before anything was sent.
 */
export async function deliverItem(
  item: SendItem,
  run: DeliveryRun,
): Promise<DeliveryRecord | undefined> {
  const { delivery } = item
  let route: Route | undefined
  try {
    route = await run.findRoute(delivery.target, delivery.exposure)
  } catch (error) {
    return run.signal.aborted ? undefined : record(item, { receipt: receiptOf(error) }, run)
  }
  if (run.signal.aborted) return undefined
  if (!route) {
    const protocols = protocolsFor(run.protocols, delivery.exposure)
    return record(item, { receipt: noRoute(protocols) }, run)
  }

  const { protocol, endpoint } = route
  const notify = () =>
    run.turns(endpoint.host, async () => {
      if (run.signal.aborted) return undefined
      const receipt = await handOver(item, { protocol, endpoint }, run)
      return record(item, { receipt, protocol: protocol.name, endpoint }, run)
    })
  const taken = await run.limit.run(endpoint, notify, { first: true })
  return taken?.statusUrl === undefined ? taken : await followUntilSettled(taken, run)
}

/** Looks once at what became of a delivery of an earlier run. */
export async function followItem(
  record: DeliveryRecord,
  statusUrl: URL,
  run: DeliveryRun,
): Promise<DeliveryRecord> {
  const progress = await lookAtStatus(record, statusUrl, run)
  const next = recordOfProgress(record, progress)
  if (progress !== 'processing') await run.journal.write(next)
  return next
}

async function handOver(
  { delivery, record }: SendItem,
  { protocol, endpoint }: Route,
  { fetch }: DeliveryRun,
) {
  const { source, target, content, recipient } = delivery
  // To tell a receiver that what it holds has ended exposes nothing that it does not know.
  const isKnownThere =
    content === GONE && record?.outcome !== 'refused' && record?.endpoint === endpoint.href
  const exposure: SourceExposure = isKnownThere ? 'public' : delivery.exposure
  try {
    // @NOTE Without the signal: what is under way is finished and recorded, also when interrupted.
    const parcel = { source, target, exposure, recipient, destination: target }
    const letter = async () => undefined
    return await protocol.deliver({ ...parcel, letter }, endpoint, { fetch })
  } catch (error) {
    return receiptOf(error)
  }
}

async function record(
  { delivery, record: before }: SendItem,
  attempt: Attempt,
  { journal, now, policy }: DeliveryRun,
): Promise<DeliveryRecord> {
  const record = recordOf(delivery, before, attempt, { now: now(), policy })
  await journal.write(record)
  return record
}

/** A receiver that has promised an answer is asked a few times; its last word so far is recorded. */
async function followUntilSettled(
  taken: DeliveryRecord,
  run: DeliveryRun,
): Promise<DeliveryRecord> {
  // Of a link that is gone there is nothing left to learn.
  if (taken.content === GONE || taken.statusUrl === undefined) return taken
  const statusUrl = new URL(taken.statusUrl)
  let progress: Progress = 'processing'
  for (const pause of STATUS_PAUSES) {
    await run.sleep(pause, run.signal)
    if (run.signal.aborted) break
    progress = await lookAtStatus(taken, statusUrl, run)
    if (progress !== 'processing') break
  }
  const record = recordOfProgress(taken, progress)
  await run.journal.write(record)
  return record
}

async function lookAtStatus(
  { protocol: name }: DeliveryRecord,
  statusUrl: URL,
  { protocols, limit, fetch, signal }: DeliveryRun,
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

function noRoute(protocols: readonly DeliveryProtocol[]): Attempt['receipt'] {
  const names = protocols.map(({ name }) => name).join(' or ')
  return { outcome: 'skipped', reason: `no ${names} endpoint` }
}
