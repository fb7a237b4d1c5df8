import { capabilityUrl } from '../capability-url/capability-url.ts'
import { isGone, whyNotBuilt } from '../ledger/absence.ts'
import type { DeliveryRecord, Ledger, PostRecord } from '../ledger/ledger.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { gatedUrl } from './copies.ts'
import type { Journal } from './journal.ts'
import type { Liveness } from './live.ts'

/** A post that the last build had no page of, although nobody has taken its links back. */
export interface Absentee {
  readonly postId: string
  /** Whether its file is gone: once a deploy without it was seen, its links count as deleted. */
  readonly isGone: boolean
  readonly reason: string
}

/** Where it can be seen that a deploy is without a post. */
export interface Departure {
  readonly postId: string
  readonly source: URL
  readonly isGated: boolean
}

/**
 * Finds the post that a source belongs to, if the last build had no page of it: such a source is not taken back
 * before the post counts as deleted.
 */
export function findAbsentee(
  { posts }: Pick<Ledger, 'posts'>,
  settings: SiteRecord,
  site: URL,
): (record: DeliveryRecord) => Absentee | undefined {
  const absentees = new Map<string, Absentee>()
  for (const [postId, record] of Object.entries(posts)) {
    if (!record.absent) continue
    const reason = `not built: ${whyNotBuilt(record.absent)}`
    for (const [source, recipient] of sourcesOf(record, settings, site)) {
      absentees.set(keyOf(source.href, recipient), { postId, isGone: isGone(record), reason })
    }
  }
  return ({ source, recipient }) => absentees.get(keyOf(source, recipient))
}

/** Posts whose files are gone, each with one of its addresses. */
export function findDepartures(
  { posts }: Pick<Ledger, 'posts'>,
  settings: SiteRecord,
  site: URL,
): Departure[] {
  return Object.entries(posts).flatMap(([postId, record]) => {
    const [first] = isGone(record) ? sourcesOf(record, settings, site) : []
    return first ? [{ postId, source: first[0], isGated: record.access === 'gate' }] : []
  })
}

/** Counts a post as deleted as soon as the site is seen to be without it. Each is looked at once. */
export function createDepartures(
  departures: readonly Departure[],
  isLive: (source: URL) => Promise<Liveness>,
  { journal, now }: { readonly journal: Pick<Journal, 'countAsDeleted'>; readonly now: () => Date },
): (postId: string) => Promise<Liveness> {
  const answers = new Map<string, Promise<Liveness>>()
  const sources = new Map(departures.map(({ postId, source }) => [postId, source]))
  return (postId) => {
    const answer = answers.get(postId) ?? count(postId)
    answers.set(postId, answer)
    return answer
  }

  async function count(postId: string): Promise<Liveness> {
    const source = sources.get(postId)
    if (!source) throw new TypeError('"postId" must be one of the departures')
    const liveness = await isLive(source)
    if (liveness.live) await journal.countAsDeleted(postId, now())
    return liveness
  }
}

/** The posts of a build as it left them, save those that were seen to be gone since. */
export function withDeletions(
  posts: Ledger['posts'],
  known: Ledger['posts'],
): Record<string, PostRecord> {
  const entries = Object.entries(posts).map(([postId, record]) => {
    const before = Object.hasOwn(known, postId) ? known[postId] : undefined
    const isSeen = before !== undefined && isGone(record) && !isGone(before)
    return [postId, isSeen && before.absent?.since === record.absent?.since ? before : record]
  })
  return Object.fromEntries(entries)
}

/** Where the links lead that nobody has taken back; an invitation, to the post behind the gate. */
function sourcesOf(
  { access, gate, links }: PostRecord,
  settings: SiteRecord,
  site: URL,
): [source: URL, recipient: string | null][] {
  const kept = links.filter(({ revoked }) => !revoked)
  if (access === 'link') {
    return kept.map(({ token, recipient }) => [
      capabilityUrl(site, settings.prefix, token),
      recipient,
    ])
  }
  if (gate === undefined) return []
  return kept.map(({ recipient }) => [gatedUrl(site, settings, gate), recipient])
}

function keyOf(source: string, recipient: string | null): string {
  return `${source} ${recipient ?? ''}`
}
