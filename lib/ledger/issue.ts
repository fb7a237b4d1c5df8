import { leave, restore } from './absence.ts'
import { identify } from './identify.ts'
import { revoke, type Ledger, type Link, type PostRecord } from './ledger.ts'
import {
  admit,
  describeGroups,
  followGroups,
  sharingOf,
  type FollowedGroups,
  type GroupedRecipient,
  type Withheld,
} from './membership.ts'
import { mintUnused, mintUnusedGate, type Mint, type MintGate, type MintLink } from './mint.ts'
import { retire } from './retire.ts'

/** What the ledger wants to know of a private post. */
interface LedgerPost {
  readonly path: string
  readonly id?: string
  readonly title?: string
  readonly visibility: 'unlisted' | 'private'
  readonly access: PostRecord['access']
  readonly recipients: readonly GroupedRecipient[]
  readonly impliedRecipient?: { readonly id: string }
  readonly inReplyTo?: URL
  /** It was seen on the page of the post, and not in its source. */
  readonly isMarked?: boolean
  readonly showAudience?: boolean
  readonly expires?: Date
}

/** A private post of this build, with the hash that recognises it when its file is renamed. */
export interface SeenPost {
  readonly post: LedgerPost
  readonly fingerprint: string
  /**
   * What this build made of it.
   *
   * - `written`: a page, for each of its readers · `draft`: none
   * - `unchanged`: nothing, because an incremental build leaves what an earlier one wrote
   */
  readonly page: 'written' | 'draft' | 'unchanged'
}

/** What a build saw. */
export interface BuildSight {
  readonly privatePosts: readonly SeenPost[]
  /** Public posts by input path, with the URL path they are published under. */
  readonly publicPosts: ReadonlyMap<string, string>
  /** What lies at the path of a post that is not among the private ones. */
  readonly sourceAt: (path: string) => 'text' | 'empty' | 'nothing'
  /** The members of each group, those of the groups within it included. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  readonly now: Date
  readonly mint: Mint
}

/** The ledger after a build, the live links by input path, and what the author should know. */
export interface IssuedLinks {
  readonly ledger: Ledger
  /** Of a gated post, the invitations of those who may read it. */
  readonly live: ReadonlyMap<string, readonly Link[]>
  /** Gated posts by input path: their names below the gate's prefix. */
  readonly gates: ReadonlyMap<string, string>
  /** By post id, the links whose pages this build writes: for {@link markBuilt}, when it has. */
  readonly built: ReadonlyMap<string, readonly Link[]>
  readonly notes: readonly string[]
}

/**
 * Brings the links in step with the posts: one live link per (post, recipient), the same one at
 * every build; links of whoever may no longer read are revoked and remembered. Behind the gate, the
 * link is an invitation. A post without a page keeps the links that it had, and gets no others.
 */
export function issueLinks(ledger: Ledger, sight: BuildSight): IssuedLinks {
  const { now } = sight
  const notes: string[] = []
  const withheld: Withheld[] = []
  const identified = identify(ledger, sight, notes)
  const occupied = new Set(sight.privatePosts.map(({ post }) => post.path))
  const followed = followGroups(ledger.groups, sight.groups, now)
  const mint = mintUnused(ledger, sight.mint)
  const mintGate = mintUnusedGate(ledger, sight.mint)
  const step = { now, mint, mintGate, followed, withheld }
  const posts: Record<string, PostRecord> = {}
  const live = new Map<string, readonly Link[]>()
  const gates = new Map<string, string>()
  const built = new Map<string, readonly Link[]>()

  for (const [postId, record] of Object.entries(ledger.posts)) {
    if (identified.has(postId) || identified.adopted.has(postId)) continue
    const retired = retire(postId, record, sight, occupied, notes)
    if (retired.links.length > 0 || retired.absent?.why !== 'gone') posts[postId] = retired
  }
  for (const [postId, { seen: found, record }] of identified) {
    const seen = withKnownAnswer(found, record)
    const { path } = seen.post
    const hasPage =
      seen.page === 'written' || (seen.page === 'unchanged' && record && !record.absent)
    live.set(path, [])
    if (!hasPage && !record && !isMistakable(seen, ledger, sight)) continue
    const next = bringInStep(postId, seen, record, step)
    if (isExpired(seen.post, now)) notes.push(...describeExpiry(record, next))
    if (!hasPage) {
      posts[postId] = leave(next, 'draft', now)
      continue
    }
    const links = next.links.filter((link) => !link.revoked)
    posts[postId] = next
    live.set(path, links)
    if (next.access === 'gate' && next.gate !== undefined) gates.set(path, next.gate)
    if (seen.page === 'written') built.set(postId, links)
  }
  notes.push(...describeGroups(followed, withheld))
  const groups = sight.groups.size > 0 ? { groups: followed.groups } : {}
  const { groups: _, ...rest } = ledger
  return { ledger: { ...rest, ...groups, posts }, live, gates, built, notes }
}

/** What the post was seen to answer when its page was rendered last, where this build has not rendered it. */
function withKnownAnswer(seen: SeenPost, record: PostRecord | undefined): SeenPost {
  const { post, page } = seen
  if (page === 'written' || post.inReplyTo || !record?.marked || record.inReplyTo === undefined) {
    return seen
  }
  const answer = { inReplyTo: new URL(record.inReplyTo), isMarked: true }
  if (record.implied === undefined) return { ...seen, post: { ...post, ...answer } }
  const impliedRecipient = { id: record.implied }
  const recipients = [...post.recipients, impliedRecipient]
  return { ...seen, post: { ...post, ...answer, recipients, impliedRecipient } }
}

/**
 * Whether a later build could take the record of another post for that of a draft. Such a draft gets a record of its
 * own; other drafts are not in the ledger.
 */
function isMistakable(draft: SeenPost, { posts }: Ledger, sight: BuildSight): boolean {
  const { post, fingerprint } = draft
  return (
    Object.values(posts).some(
      (record) => record.path === post.path || record.fingerprint === fingerprint,
    ) || sight.privatePosts.some((other) => other !== draft && other.fingerprint === fingerprint)
  )
}

/** Writes down that the pages of these links were written. Until then, no link of theirs counts as live. */
export function markBuilt(ledger: Ledger, built: IssuedLinks['built']): Ledger {
  const posts = { ...ledger.posts }
  for (const [postId, links] of built) {
    const record = posts[postId]
    if (!record) continue
    const { absent: _, ...present } = record
    const tokens = new Set(links.map(({ token }) => token))
    const mark = ({ unbuilt, ...link }: Link) =>
      unbuilt && !tokens.has(link.token) ? { ...link, unbuilt } : link
    posts[postId] = { ...present, links: record.links.map(mark) }
  }
  return { ...ledger, posts }
}

/** What the posts of a build share. */
interface IssueStep {
  readonly now: Date
  readonly mint: MintLink
  readonly mintGate: MintGate
  readonly followed: FollowedGroups
  readonly withheld: Withheld[]
}

/** Brings one post's links in step with its audience. */
function bringInStep(
  postId: string,
  { post, fingerprint, page }: SeenPost,
  record: PostRecord | undefined,
  { now, mint, mintGate, followed, withheld }: IssueStep,
): PostRecord {
  const restored = restore(record?.links ?? [])
  const links = restored.map((link) => keepOrRevoke(link, post, now))
  const isWritten = page === 'written'
  const sharing = sharingOf(post.recipients, record, isWritten ? followed : undefined)
  const { admitted, others } = admit(post.recipients, restored, sharing, followed)
  if (isWritten) withheld.push(...others)
  const readers = !isWritten || isExpired(post, now) ? [] : readersOf(post, admitted)
  for (const recipient of readers) {
    const earlier = links.filter((link) => link.recipient === recipient)
    const latest = latestOf(earlier)
    const isSettled = latest && (!latest.revoked || latest.revoked.reason === 'revoked')
    if (isSettled) continue
    const generation = (latest?.generation ?? -1) + 1
    links.push(mint({ postId, path: post.path, recipient, generation }, post.access, now))
  }
  const isNewBehindGate = post.access === 'gate' && readers.length > 0
  const gate = record?.gate ?? (isNewBehindGate ? mintGate(postId, post.path) : undefined)
  return {
    path: post.path,
    ...(post.title === undefined ? {} : { title: post.title }),
    visibility: post.visibility,
    access: post.access,
    ...(post.inReplyTo ? { inReplyTo: post.inReplyTo.href } : {}),
    ...(post.impliedRecipient ? { implied: post.impliedRecipient.id } : {}),
    ...(post.isMarked ? { marked: true } : {}),
    ...(post.showAudience ? { showAudience: true } : {}),
    fingerprint,
    ...(gate === undefined ? {} : { gate }),
    ...sharing,
    ...(record?.absent ? { absent: record.absent } : {}),
    links: links.map((link) => (mayBeReplaced(link) ? withExpiry(link, post) : link)),
  }
}

/** The link that was issued last; what became of it counts, not what became of its predecessors. */
export function latestOf(links: readonly Link[]): Link | undefined {
  return links.reduce<Link | undefined>(
    (latest, link) => (latest && latest.generation > link.generation ? latest : link),
    undefined,
  )
}

/** Ids of these recipients, or the one nameless reader of an unlisted post. The gate lets nobody in who has no name. */
function readersOf(post: LedgerPost, recipients = post.recipients): readonly (string | null)[] {
  if (post.visibility === 'private') return recipients.map(({ id }) => id)
  return post.access === 'link' ? [null] : []
}

function keepOrRevoke(link: Link, post: LedgerPost, now: Date): Link {
  if (link.revoked) return link
  const isInvitation = link.invitation === true
  if (post.access === 'gate' && !isInvitation) return revoke(link, 'gated', now)
  if (post.access === 'link' && isInvitation) return revoke(link, 'ungated', now)
  if (isExpired(post, now)) return revoke(link, 'expired', now)
  return readersOf(post).includes(link.recipient) ? link : revoke(link, 'removed', now)
}

/** Whether no link of a post may work any more. */
export function isExpired({ expires }: Pick<LedgerPost, 'expires'>, now: Date): boolean {
  return expires !== undefined && expires <= now
}

/** What the author should know when a post has expired, once: the day may be a slip of the pen. */
function describeExpiry(before: PostRecord | undefined, { path }: PostRecord): string[] {
  const ended = before?.links.filter(({ revoked }) => !revoked).length ?? 0
  if (before && ended === 0) return []
  const some =
    ended === 1 ? 'its link does not work any more' : `its ${ended} links do not work any more`
  return [
    `${path} has expired: ${ended === 0 ? 'it gets no link' : some}. To do: if you did not mean this, change its "expires".`,
  ]
}

/** A live link, or one that was revoked by hand, for which the author may issue another. */
function mayBeReplaced({ revoked }: Link): boolean {
  return revoked === undefined || revoked.reason === 'revoked'
}

function withExpiry({ expires: _, ...link }: Link, post: LedgerPost): Link {
  return post.expires ? { ...link, expires: post.expires.toISOString() } : link
}
