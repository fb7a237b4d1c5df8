/**
 * What happens after a deploy: everybody whom a post concerns is told of it, once.
 *
 * 1. `planDeliveries` (plan.ts) – who is to be told of what, from the build alone; plan-file.ts carries
 *    the plan to where there is no output folder
 * 2. `compareWithLedger` (agenda.ts) – what of that is still to be done
 * 3. `waitUntilLive` (live.ts) – nobody is sent to a page that is not there yet
 * 4. `createRouting` (route.ts) – by which protocol
 * 5. `deliverItem` (deliver.ts) – discover, hand over, record, follow
 * 6. `rowOf`, `formatReport` (report.ts) – what came of it
 *
 * @see [Webmention §3.1](https://www.w3.org/TR/webmention/#sending-webmentions)
 * @module
 */
import { setMaxListeners } from 'node:events'
import type { DeliveryProtocol } from '../delivery/delivery.ts'
import type { JournaledLedger } from '../ledger/journaled-ledger.ts'
import type { DeliveryRecord, Ledger } from '../ledger/ledger.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import { readShownMentions } from '../webmention/shown-mentions.ts'
import { ConfigurationError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'
import { compareWithLedger, type AgendaItem } from './agenda.ts'
import { openBuiltSite, type PageContents } from './built-site.ts'
import { deliverItem, rejectionOf, type DeliveryRun } from './deliver.ts'
import { createDepartures, findAbsentee, findDepartures, withDeletions } from './departures.ts'
import { followItem } from './follow.ts'
import { openGatedCopies } from './gated-copy.ts'
import type { Parallelism } from './host-limit.ts'
import { createRun } from './delivery-run.ts'
import { intention } from './intention.ts'
import { surveySite, type Survey } from './left-out.ts'
import { openLetters } from './letters.ts'
import { openPageReader } from './page-facts.ts'
import { createLiveness } from './liveness.ts'
import { resolvePlan, type PlanFile } from './plan-file.ts'
import { planDeliveries, type Plan } from './plan.ts'
import { handoverRow, rowOf, untriedRow, type DeliveryRow } from './report.ts'
import type { Sleep } from './sleep.ts'

interface DeliveryOptions {
  /** Where the build is deployed, with a trailing slash. */
  readonly site: URL
  readonly ledger: JournaledLedger
  /** In the author's order of preference. */
  readonly protocols: readonly DeliveryProtocol[]
  /** Guarded: every address that it is given comes from a stranger. */
  readonly fetch: Fetch
  readonly now: () => Date
  readonly sleep?: Sleep
  /** Names what `fetch` and `protocols` allow: what was refused under another name is tried again. */
  readonly policy: string
  /** How long to wait for the deploy, in milliseconds; 0 looks once. */
  readonly wait: number
  /** How many requests are under way at once. */
  readonly parallelism?: Parallelism
  /** Sends everything again, whatever the ledger says. */
  readonly force?: boolean
  /** Only tells what would be done: no request, and nothing written. */
  readonly dryRun?: boolean
  /** Stops the run; what is under way is finished and recorded. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: SendProgress) => void
  /** What the build made for its functions; without it, no gated post is told of, and nobody gets a letter. */
  readonly files?: DeployFiles
}

export interface SendOptions extends DeliveryOptions {
  readonly output: string
  /** Where is kept what was read of the pages; without it, it is not. */
  readonly cache?: string
  /** Learns which pages are left out, and why. Without it, nobody looks. */
  readonly onSurvey?: (survey: Survey) => void
}

export interface SendPlannedOptions extends DeliveryOptions {
  readonly plan: PlanFile
}

export type SendProgress =
  | { readonly step: 'planned'; readonly total: number }
  | { readonly step: 'waiting'; readonly source: URL }
  | { readonly step: 'settled'; readonly row: DeliveryRow }

/**
 * Delivers what the build wants told and nobody was told yet.
 *
 * @returns What came of each delivery, also of those with which nothing had to be done.
 * @throws {ConfigurationError} if no build has left its settings in the ledger, or there is no output
 */
export async function sendDeliveries({
  output,
  cache,
  onSurvey,
  ...options
}: SendOptions): Promise<readonly DeliveryRow[]> {
  const ledger = await options.ledger.read()
  const settings = settingsOf(ledger)
  const reader = openPageReader(cache)
  const site = await openBuiltSite(output, options.site, options.files, reader)
  const plan = await planDeliveries(ledger, settings, site, await openGatedCopies(options.files))
  if (!options.dryRun) await reader.save()
  onSurvey?.(await surveySite(site, ledger, settings, plan))
  const letterOf = openLetters({ files: options.files, site, ledger, now: options.now })
  return deliverPlan({ plan, settings, contents: site, letterOf }, options)
}

/**
 * Delivers what was planned at build time, where there is no output folder any more. The ledger learns of
 * the build's posts and settings, so that it says the same as the author's.
 */
export async function sendPlanned({
  plan: file,
  ...options
}: SendPlannedOptions): Promise<readonly DeliveryRow[]> {
  const { settings, posts, gone } = file
  if (!options.dryRun) {
    await options.ledger.update(async ({ gone: _, ...before }) => ({
      ledger: {
        ...before,
        site: settings,
        posts: withDeletions(posts, before.posts),
        ...(gone && { gone }),
      },
      result: undefined,
    }))
  }
  const plan = resolvePlan(file, options.site)
  const letterOf = openLetters({ files: options.files, now: options.now })
  const contents = { contentAt: NO_CONTENT, shown: await readShownMentions(options.files) }
  return deliverPlan({ plan, settings, contents, letterOf }, options)
}

/** Of pages from which nobody is told of anything, a plan knows nothing. */
const NO_CONTENT: PageContents['contentAt'] = async () => undefined

interface ToDeliver {
  readonly plan: Plan
  readonly settings: SiteRecord
  readonly contents: PageContents
  readonly letterOf: DeliveryRun['letterOf']
}

async function deliverPlan(
  { contents, ...build }: ToDeliver,
  options: DeliveryOptions,
): Promise<readonly DeliveryRow[]> {
  const { dryRun = false, onProgress = () => {}, force = false, protocols } = options
  const { plan, settings } = build
  // What an earlier run has left in its journal, when it was stopped.
  if (!dryRun) await options.ledger.fold()
  const before = await options.ledger.read()
  const { deliveries, posts, gone } = before
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])])
  // Every wait and every request of a run listens to it; that is no leak.
  setMaxListeners(0, signal)
  const run = createRun({ ...build, before }, { ...options, signal }, () => stop.abort())
  const { policyFor } = run.routing
  const absenteeOf = findAbsentee({ posts }, settings, options.site)
  const rules = {
    ...{ settings, site: options.site, now: options.now(), protocols },
    ...{ policyFor, absenteeOf, force, gone },
  }
  const agenda = compareWithLedger(plan, deliveries, rules)
  const handovers = plan.handovers.map(handoverRow)
  if (dryRun) {
    const known = { ...run, deliveries, exposure: settings.exposure }
    return [...agenda.items.map((item) => intention(item, known)), ...handovers]
  }

  await run.journal.forget(agenda.obsolete)
  const departures = findDepartures({ posts }, settings, options.site)
  const isLive = createLiveness(agenda.items, contents, {
    ...run,
    fetch: options.fetch,
    deadline: new Date(options.now().getTime() + options.wait),
    onWaiting: (source) => onProgress({ step: 'waiting', source }),
    departures,
  })
  const countAsDeleted = createDepartures(departures, isLive, run)

  onProgress({ step: 'planned', total: agenda.items.filter(({ step }) => step !== 'rest').length })
  const counted = Promise.allSettled(departures.map(({ postId }) => countAsDeleted(postId)))
  const settled = await Promise.allSettled(
    agenda.items.map(async (item) => {
      try {
        const row = await settle(item, { isLive, countAsDeleted }, run)
        if (item.step !== 'rest') onProgress({ step: 'settled', row })
        return row
      } catch (error) {
        // A fault of ours: go no further, but finish what is under way.
        stop.abort()
        throw error
      }
    }),
  )
  const ends = [
    ...(await counted),
    ...settled,
    ...(await Promise.allSettled([run.journal.close()])),
  ]
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  const rows = settled.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  return [...rows, ...handovers]
}

/**
 * What the last build was told.
 *
 * @throws {ConfigurationError} if there was none
 */
export function settingsOf({ site }: Ledger): SiteRecord {
  if (site) return site
  throw new ConfigurationError(
    'The ledger has no settings of a site yet. To do: build the site with the plugin, or name its ledger with --ledger. A build writes its settings into the ledger if there is a private post or a ledger file; where no post is private, create the file first with "private-posts ledger --create" (or "private-posts init …"), then build.',
  )
}

/** What is seen of the deployed site. */
interface Looks {
  readonly isLive: ReturnType<typeof createLiveness>
  readonly countAsDeleted: ReturnType<typeof createDepartures>
}

async function settle(
  item: AgendaItem,
  { isLive, countAsDeleted }: Looks,
  run: DeliveryRun,
): Promise<DeliveryRow> {
  if (item.step === 'rest') return rowOf(item.record, item)
  if (item.step === 'follow') return rowOf(await settleTaken(item, run))

  const { delivery, record: before } = item
  const seen = await isLive(delivery.source)
  const isDeparture = seen.live && item.departure !== undefined
  const liveness = isDeparture ? await countAsDeleted(item.departure) : seen
  if (!liveness.live && !run.signal.aborted) return untriedRow(delivery, before, liveness)
  const record = liveness.live ? await deliverItem(item, run) : undefined
  if (record) return rowOf(record)
  return untriedRow(delivery, before, { outcome: 'pending', reason: 'interrupted: send again' })
}

/** What a receiver would not have after all goes by the next protocol. */
async function settleTaken(
  { record, statusUrl, delivery }: Extract<AgendaItem, { step: 'follow' }>,
  run: DeliveryRun,
): Promise<DeliveryRecord> {
  const settled = await followItem(record, statusUrl, run)
  if (settled.outcome !== 'failed' || !delivery) return settled
  const item = { step: 'send', delivery, record: settled, why: 'due again' } as const
  return (await deliverItem(item, run, [rejectionOf(settled)])) ?? settled
}
