import { capabilityUrl } from '../capability-url/capability-url.ts'
import type { DeliveryProtocol } from '../delivery/delivery.ts'
import { linkState, type DeliveryRecord, type Ledger } from '../ledger/ledger.ts'
import { isWatched, type WatchRecord } from '../ledger/watch-record.ts'
import { GONE } from './content.ts'

const MINUTE = 60 * 1000
const HOUR = 60 * MINUTE

/** Receivers verify what they were told within minutes; after that, it is a person who approves. */
const FIRST_PAUSE = 10 * MINUTE
const FIRST_TIME = HOUR
/** Four times a day, however often the site is deployed. */
const PAUSE = 6 * HOUR
/** Targets of one run; the others follow in the next. */
const MOST_TARGETS = 100

/** An open link that a receiver was told, and may publish. */
export interface WatchedLink {
  readonly watch: WatchRecord
  readonly postId: string
  readonly post: string
  readonly recipient: string | null
}

export interface WatchSite {
  /** Where the build is deployed, with a trailing slash. */
  readonly site: URL
  readonly protocols: readonly DeliveryProtocol[]
  readonly now: () => Date
}

/**
 * The open links that went by a protocol whose receivers may publish them, each with its target and with what is
 * known of it. It is the deliveries that tell, so that none is forgotten when a run is killed.
 */
export function watchedLinks(
  { posts, deliveries, watches = [], site: settings }: Ledger,
  { site, protocols, now }: WatchSite,
): WatchedLink[] {
  if (!settings) return []
  const publishing = protocols.filter(({ listings }) => listings).map(({ name }) => name)
  const known = new Map(watches.map((watch) => [`${watch.token} ${watch.target}`, watch]))
  const open = new Map<string, Omit<WatchedLink, 'watch'> & { readonly token: string }>()
  for (const [postId, record] of Object.entries(posts)) {
    for (const link of record.links) {
      const { token, recipient } = link
      const isOpen = ['live', 'not-built'].includes(linkState(link, now(), record.absent))
      if (!isOpen || link.invitation) continue
      const { href } = capabilityUrl(site, settings.prefix, token)
      open.set(href, { postId, post: record.path, recipient, token })
    }
  }
  return deliveries.flatMap((record) => {
    const place = open.get(record.source)
    const { protocol = publishing[0], target, endpoint } = record
    if (!place || !wasTold(record) || !publishing.includes(protocol ?? '')) return []
    const { token, ...rest } = place
    const before = known.get(`${token} ${target}`)
    const delivered = toldAt(record, before) ?? now().toISOString()
    const watch = { ...before, token, target, ...(endpoint && { endpoint }), delivered }
    return [{ ...rest, watch }]
  })
}

/** What a receiver may have taken, though it did not say so, it may publish. */
function wasTold({ known, content }: DeliveryRecord): boolean {
  return known && content !== GONE
}

/** A later try that came to nothing does not prolong the watch. */
function toldAt(
  { outcome, lastTry }: DeliveryRecord,
  before: WatchRecord | undefined,
): string | undefined {
  return outcome === 'delivered' ? lastTry : (before?.delivered ?? lastTry)
}

/** A page whose public places have to be looked at now, and where it was told. */
export interface DueTarget {
  readonly target: URL
  readonly endpoints: readonly URL[]
}

/** Each once, however many links it was told. Those that were looked at longest ago come first. */
export function dueTargets(links: readonly WatchedLink[], now: Date): DueTarget[] {
  const byTarget = new Map<string, WatchRecord[]>()
  for (const { watch } of links) {
    byTarget.set(watch.target, [...(byTarget.get(watch.target) ?? []), watch])
  }
  const lastLook = (watches: readonly WatchRecord[]) =>
    Math.min(...watches.map(({ looked = '' }) => Date.parse(looked) || 0))
  return [...byTarget]
    .filter(([, watches]) => watches.some((watch) => isDue(watch, now)))
    .toSorted(([, one], [, other]) => lastLook(one) - lastLook(other))
    .slice(0, MOST_TARGETS)
    .map(([target, watches]) => {
      const endpoints = new Set(watches.flatMap(({ endpoint }) => endpoint ?? []))
      return { target: new URL(target), endpoints: [...endpoints].map((href) => new URL(href)) }
    })
}

/** Right after it was told, then within the first hour, then four times a day until two weeks are over. */
function isDue(watch: WatchRecord, now: Date): boolean {
  if (!isWatched(watch, now)) return false
  const { looked = '', delivered } = watch
  const [last, told] = [Date.parse(looked), Date.parse(delivered)]
  // A look in the future was written down by a clock that was wrong.
  if (!(last >= told) || last > now.getTime()) return true
  const pause = now.getTime() - told <= FIRST_TIME ? FIRST_PAUSE : PAUSE
  return now.getTime() - last >= pause
}
