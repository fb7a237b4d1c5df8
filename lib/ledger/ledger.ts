/**
 * The ledger: who was given which capability URL, what was sent, what was revoked.
 *
 * 1. {@link emptyLedger} – the document and its shape; `parseLedger`, `formatLedger` (ledger-text.ts) – as text, one
 *    line an entry, so that git merges what two machines have added; `mendLedger` (mend.ts) – where that fails
 * 2. `issueLinks` (issue.ts) – brings the links in step with the posts of a build; `markBuilt` says that their
 *    pages are written
 * 3. `leave`, `countAsDeleted`, `restore` (absence.ts) – posts that a build does not see, and their return
 * 4. `revokeLinks`, `rotateLinks` (revoke.ts) – by the author's hand
 * 5. `openLedgerFile` (ledger-file.ts) – the document in a file, safe against two writers
 *
 * The steps are pure: document in, document out. It holds every secret of the site, so it belongs
 * beside the private sources and never into the output folder.
 *
 * @module
 */
import * as v from 'valibot'
import type { SiteRecord } from './site-record.ts'
import type { WatchRecord } from './watch-record.ts'

export const Moment = v.pipe(v.string(), v.isoTimestamp())

/**
 * Why a link no longer works.
 *
 * - `removed`: the recipient is no longer in the audience
 * - `deleted`: the post is gone, and so it was in a deploy, or for a month; undone when it comes back
 * - `expired`: its date has passed · `published`: the post is public now
 * - `gated`: the post moved behind the gate · `ungated`: it came back, and has links again
 * - `revoked`, `rotated`: by the author's hand
 */
const RevocationReason = v.picklist([
  'removed',
  'deleted',
  'expired',
  'published',
  'gated',
  'ungated',
  'revoked',
  'rotated',
])
type RevocationReason = v.InferOutput<typeof RevocationReason>

/**
 * The unguessable part of a capability URL, under the brand that its own room gives it. Rooms of one
 * floor do not know each other: the ledger keeps what it is given, and checks only its outline.
 */
export type LinkToken = string & { readonly __brand: 'CapabilityToken' }
const LINK_TOKEN = /^[0-9a-z]{26}$/

export const Link = v.object({
  /** Recipient id, or `null` for the one link of an unlisted post. */
  recipient: v.nullable(v.string()),
  token: v.custom<LinkToken>((value) => typeof value === 'string' && LINK_TOKEN.test(value)),
  generation: v.pipe(v.number(), v.integer()),
  /** It leads through the gate: the token is that of an invitation, not of a page. */
  invitation: v.optional(v.literal(true)),
  issued: Moment,
  expires: v.optional(Moment),
  revoked: v.optional(v.object({ at: Moment, reason: RevocationReason })),
  /** It was issued, but no build has written its page yet. */
  unbuilt: v.optional(v.literal(true)),
})
/**
 * One capability URL, or one invitation through the gate, that was given out. A revoked one is kept, so
 * that it is never given out again.
 */
export type Link = v.InferOutput<typeof Link>

/**
 * Why the last build wrote no page of a post, and since when that is so. Its links are kept meanwhile.
 *
 * - `gone`: its file is not there · `empty`: nothing is left in its file
 * - `draft`: the file is there, but it made no page
 */
const Absence = v.object({ since: Moment, why: v.picklist(['gone', 'empty', 'draft']) })
export type Absence = v.InferOutput<typeof Absence>

/** `exposed`: everybody could read it somewhere, and it still works. */
export type LinkState = 'live' | 'not-built' | 'revoked' | 'expired' | 'exposed'

/**
 * What a link is to whoever opens it, even if no build has run since it expired.
 *
 * @param absent Of its post.
 */
export function linkState(
  { revoked, expires, unbuilt }: Link,
  now: Date,
  absent?: Absence,
): LinkState {
  if (revoked) return revoked.reason === 'expired' ? 'expired' : 'revoked'
  if (expires !== undefined && new Date(expires) <= now) return 'expired'
  return absent || unbuilt ? 'not-built' : 'live'
}

/** Takes a link back. What was taken back before keeps its reason. */
export function revoke(link: Link, reason: RevocationReason, now: Date): Link {
  return link.revoked ? link : { ...link, revoked: { at: now.toISOString(), reason } }
}

/** Twelve letters: no secret, but they say nothing and are met by no accident. */
const GATE_SEGMENT = /^[0-9a-z]{12}$/

/** What is known of a post, besides its links. */
export const PostFields = v.object({
  /** Where its source lies now, or lay last. */
  path: v.string(),
  title: v.optional(v.string()),
  visibility: v.picklist(['public', 'unlisted', 'private']),
  access: v.picklist(['link', 'gate']),
  inReplyTo: v.optional(v.string()),
  /** Recipient who is in the audience only because the post replies to them. */
  implied: v.optional(v.string()),
  /** What it replies to was seen on its page: a build that does not render the page cannot know. */
  marked: v.optional(v.literal(true)),
  /** Whether each recipient may know of the others. */
  showAudience: v.optional(v.literal(true)),
  /** SHA-256 of the body: tells a renamed file from a new one. */
  fingerprint: v.string(),
  /** What the post is called below the gate's prefix: for all its readers, and for ever. */
  gate: v.optional(v.pipe(v.string(), v.regex(GATE_SEGMENT))),
  /** By group of its audience: when it was first shared with that group. */
  groups: v.optional(v.record(v.string(), Moment)),
  /** By recipient or member of a group: when the author shared it with them, although they had joined later. */
  shared: v.optional(v.record(v.string(), Moment)),
  /** URL path of the public page, once the post is public. */
  publishedAs: v.optional(v.string()),
  /** The last build wrote no page of it. */
  absent: v.optional(Absence),
})
export const PostRecord = v.object({ ...PostFields.entries, links: v.array(Link) })
export type PostRecord = v.InferOutput<typeof PostRecord>

const Outcome = v.picklist(['delivered', 'pending', 'refused', 'failed', 'skipped'])

export const DeliveryRecord = v.object({
  post: v.string(),
  recipient: v.nullable(v.string()),
  source: v.string(),
  target: v.string(),
  /** Hash of the content that this record is about; `gone` for the last send after a removal. */
  content: v.string(),
  protocol: v.optional(v.string()),
  endpoint: v.optional(v.string()),
  /** The protocol by which this content may have arrived, though nobody said so: it is asked before all others. */
  carrier: v.optional(v.string()),
  /** Every protocol that was tried for this content, in that order, where it was not only the one above. */
  tried: v.optional(
    v.array(v.object({ protocol: v.string(), outcome: Outcome, reason: v.string() })),
  ),
  outcome: Outcome,
  reason: v.string(),
  /** Whether the receiver has, or may have, taken this source, and so must be told when it goes. */
  known: v.boolean(),
  /** What was allowed, and possible, when it was not sent; under another policy it is looked at again. */
  policy: v.optional(v.string()),
  attempts: v.number(),
  firstTry: v.optional(Moment),
  lastTry: v.optional(Moment),
  nextTry: v.optional(Moment),
  statusUrl: v.optional(v.string()),
  /** It was being sent when the run stopped: whether it arrived is not known. */
  inFlight: v.optional(v.literal(true)),
})
/** What is known of one (source, target) pair. */
export type DeliveryRecord = v.InferOutput<typeof DeliveryRecord>

export const RouteRecord = v.object({
  /** Recipient id, or the page. */
  to: v.string(),
  exposure: v.picklist(['public', 'capability', 'gated']),
  /** What there was to choose from, and what was allowed: where that has changed, it is chosen anew. */
  choice: v.string(),
  protocol: v.string(),
  expires: Moment,
})
/** The protocol that somebody turned out to speak. */
export type RouteRecord = v.InferOutput<typeof RouteRecord>

export interface Ledger {
  version: 1
  site?: SiteRecord | undefined
  /** By post id: the `id` of the front matter, or the path under which the post was first seen. */
  posts: Record<string, PostRecord>
  /** By group and member: since when they are in it, as far as builds have seen. */
  groups?: Record<string, Record<string, string>> | undefined
  deliveries: DeliveryRecord[]
  /** Pages that others were told of and that are gone, by their URL path below the site: since when. */
  gone?: Record<string, string> | undefined
  routes: RouteRecord[]
  /** Private links that a receiver was told, by link and target. */
  watches?: WatchRecord[] | undefined
}

function lastIssued(record: PostRecord | undefined): string {
  return (record?.links ?? []).reduce((last, { issued }) => (issued > last ? issued : last), '')
}

export function emptyLedger(): Ledger {
  return { version: 1, posts: {}, deliveries: [], routes: [] }
}

/**
 * The post whose source lies at `path`. Several may have lain there: those that the last build saw come first,
 * and among these, those with links that were not revoked; else the one that got a link last.
 */
export function recordAt({ posts }: Ledger, path: string): string | undefined {
  const ids = Object.keys(posts).filter((id) => posts[id]?.path === path)
  const hasLinks = (id: string) => posts[id]?.links.some((link) => !link.revoked)
  const present = ids.filter((id) => posts[id]?.absent?.why !== 'gone')
  const latest = (some: readonly string[]) => some.toSorted(byLastLink).at(-1)
  return present.find(hasLinks) ?? latest(present) ?? ids.find(hasLinks) ?? latest(ids)

  function byLastLink(one: string, other: string): number {
    return lastIssued(posts[one]) < lastIssued(posts[other]) ? -1 : 1
  }
}
