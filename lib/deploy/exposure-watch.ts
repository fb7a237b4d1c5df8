/**
 * Looks whether a receiver has published a private link that it was told.
 *
 * 1. `watchedLinks`, `dueTargets` (watched-links.ts) – which links, and where it is time to look: right after the
 *    delivery, and for two weeks
 * 2. `lookAt` (public-look.ts) – the target, the feeds that it names, the public listing of its receiver
 * 3. `findTokens` (token-search.ts) – however the link is written there
 * 4. {@link record} – into the ledger: when it was looked, and where a link was found. `onExposure: 'rotate'` gives a
 *    new link for it in the same write
 *
 * What was found is not told to that receiver again (`createHold`, hold.ts).
 *
 * @module
 */
import type { LedgerStore } from '../ledger/ledger-store.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Mint } from '../ledger/mint.ts'
import { rotateLinks } from '../ledger/revoke.ts'
import {
  isRemembered,
  isWatched,
  sortWatches,
  type Exposure,
  type WatchRecord,
} from '../ledger/watch-record.ts'
import { ConfigurationError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'
import { remedyFor, rotatedRemedy, type ExposureRow, type LookRow } from './exposure-report.ts'
import { createPublicReader, lookAt } from './public-look.ts'
import { speakable } from './report.ts'
import { dueTargets, watchedLinks, type WatchedLink, type WatchSite } from './watched-links.ts'

export interface WatchOptions extends WatchSite {
  readonly ledger: LedgerStore
  /** Guarded, and without credentials. */
  readonly fetch: Fetch
  readonly signal?: AbortSignal
  /** Only tells what is known: no request, and nothing written. */
  readonly dryRun?: boolean
  /**
   * For `onExposure: 'rotate'`.
   *
   * @throws {ConfigurationError} where no new link can be made
   */
  readonly openMint: () => Mint
}

export interface WatchReport {
  /** Every open link that everybody can read somewhere, whenever it was found. */
  readonly exposures: readonly ExposureRow[]
  /** What was looked at now. */
  readonly looks: readonly LookRow[]
}

/** What was seen in a run. */
interface Sight {
  /** Targets whose places were all looked at. */
  readonly looked: ReadonlySet<string>
  /** By token: where it was found first. */
  readonly found: ReadonlyMap<string, string>
}

/** Looks for links in public places, and writes down what it found. */
export async function watchExposure(options: WatchOptions): Promise<WatchReport> {
  const { ledger, now, protocols, site, fetch, signal, dryRun = false } = options
  const before = await ledger.read()
  const links = watchedLinks(before, options)
  if (links.length === 0 && !before.watches) return { exposures: [], looks: [] }
  if (dryRun) {
    const exposed = links.filter(({ watch }) => watch.found)
    return { exposures: exposed.map((link) => rowOf(link, { isNew: false })), looks: [] }
  }

  const tokens = [...new Set(links.map(({ watch }) => watch.token))]
  const reader = createPublicReader(tokens, { fetch, ...(signal && { signal }) })
  const looks: LookRow[] = []
  const looked = new Set<string>()
  const found = new Map<string, string>()
  const lookAtTarget = async ({ target, endpoints }: ReturnType<typeof dueTargets>[number]) => {
    const listings = endpoints.flatMap((endpoint) =>
      protocols.flatMap((protocol) => protocol.listings?.(endpoint, target) ?? []),
    )
    for (const { place, trouble, found: here } of await lookAt(target, {
      reader,
      listings,
      site,
    })) {
      const why = trouble === undefined ? null : speakable(trouble)
      looks.push({ target: speakable(target.href), place: speakable(place.href), trouble: why })
      for (const token of here) if (!found.has(token)) found.set(token, place.href)
    }
    if (!signal?.aborted) looked.add(target.href)
  }
  await Promise.all(dueTargets(links, now()).map(lookAtTarget))
  const exposures = await ledger.update(async (current) =>
    record(current, { looked, found }, options),
  )
  return { exposures, looks }
}

/** The ledger with what was seen, and what is to be said of it. */
function record(
  before: Ledger,
  { looked, found }: Sight,
  options: WatchOptions,
): { readonly ledger: Ledger; readonly result: readonly ExposureRow[] } {
  const now = options.now()
  const at = now.toISOString()
  const links = watchedLinks(before, options).map((link) => {
    const { watch } = link
    const place = found.get(watch.token)
    const exposure = watch.found ?? (place === undefined ? undefined : { at, place })
    const seen: WatchRecord = {
      ...watch,
      ...(looked.has(watch.target) && { looked: at }),
      ...(exposure && { found: exposure }),
    }
    return { ...link, watch: seen, isNew: watch.found === undefined && exposure !== undefined }
  })
  const kept = links
    .map(({ watch }) => watch)
    .filter((watch) => watch.found ?? isWatched(watch, now))
  const isOpen = (watch: WatchRecord) =>
    links.some((link) => link.watch.token === watch.token && link.watch.target === watch.target)
  const remembered = (before.watches ?? []).filter(
    (watch) => !isOpen(watch) && isRemembered(watch, now),
  )
  const { watches: _, ...rest } = before
  const watches = sortWatches([...kept, ...remembered])
  let ledger: Ledger = { ...rest, ...(watches.length > 0 && { watches }) }

  // Told to two targets, it is one link.
  const exposed = new Map(
    links.flatMap((link) => (link.watch.found ? [[link.watch.token, link] as const] : [])),
  )
  const result = [...exposed.values()].map((link) => {
    if (before.site?.onExposure !== 'rotate') return rowOf(link, link)
    const rotation = rotate(ledger, link, options)
    if ('ledger' in rotation) ledger = rotation.ledger
    return rowOf(link, { ...link, ...rotation })
  })
  return { ledger, result }
}

/** Gives a new link for one that everybody can read, or says why that cannot be done. */
function rotate(
  before: Ledger,
  { postId, recipient }: WatchedLink,
  { now, openMint }: WatchOptions,
): { readonly ledger: Ledger; readonly rotated: true } | { readonly why?: string } {
  try {
    const { ledger, issued } = rotateLinks(before, { postId, recipient }, now(), openMint())
    return issued.length === 0 ? {} : { ledger, rotated: true }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return { why: `It could not be given a new link: ${error.message}` }
  }
}

function rowOf(
  { post, recipient, watch }: WatchedLink,
  {
    isNew,
    rotated = false,
    why,
  }: { readonly isNew: boolean; readonly rotated?: boolean; readonly why?: string },
): ExposureRow {
  const { at, place }: Exposure = watch.found ?? { at: '', place: '' }
  return {
    post,
    recipient: recipient === null ? null : speakable(recipient),
    place: speakable(place),
    at,
    isNew,
    rotated,
    remedy: speakable(rotated ? rotatedRemedy(post) : remedyFor(post, recipient, why)),
  }
}
