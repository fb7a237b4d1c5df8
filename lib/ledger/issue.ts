import { leave, restore } from './absence.ts'
import { identify } from './identify.ts'
import { revoke, type Absence, type Ledger, type Link, type PostRecord } from './ledger.ts'
import { mintUnused, mintUnusedGate, type Mint, type MintGate, type MintLink } from './mint.ts'

/** What the ledger wants to know of a private post. */
interface LedgerPost {
  readonly path: string
  readonly id?: string
  readonly title?: string
  readonly visibility: 'unlisted' | 'private'
  readonly access: PostRecord['access']
  readonly recipients: readonly { readonly id: string }[]
  readonly impliedRecipient?: { readonly id: string }
  readonly inReplyTo?: URL
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
  const identified = identify(ledger, sight, notes)
  const occupied = new Set(sight.privatePosts.map(({ post }) => post.path))
  const mint = mintUnused(ledger, sight.mint)
  const mintGate = mintUnusedGate(ledger, sight.mint)
  const posts: Record<string, PostRecord> = {}
  const live = new Map<string, readonly Link[]>()
  const gates = new Map<string, string>()
  const built = new Map<string, readonly Link[]>()

  for (const [postId, record] of Object.entries(ledger.posts)) {
    if (!identified.has(postId) && !identified.adopted.has(postId)) {
      posts[postId] = retire(postId, record, sight, occupied, notes)
    }
  }
  for (const [postId, { seen, record }] of identified) {
    const { path } = seen.post
    const hasPage =
      seen.page === 'written' || (seen.page === 'unchanged' && record && !record.absent)
    live.set(path, [])
    if (!hasPage && !record) continue
    const next = bringInStep(postId, seen, record, { now, mint, mintGate })
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
  return { ledger: { ...ledger, posts }, live, gates, built, notes }
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

/** Brings one post's links in step with its audience. */
function bringInStep(
  postId: string,
  { post, fingerprint, page }: SeenPost,
  record: PostRecord | undefined,
  { now, mint, mintGate }: { now: Date; mint: MintLink; mintGate: MintGate },
): PostRecord {
  const links = restore(record?.links ?? []).map((link) => keepOrRevoke(link, post, now))
  const readers = isExpired(post, now) || page !== 'written' ? [] : readersOf(post)
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
    ...(post.showAudience ? { showAudience: true } : {}),
    fingerprint,
    ...(gate === undefined ? {} : { gate }),
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

/** Recipient ids, or the one nameless reader of an unlisted post. The gate lets nobody in who has no name. */
function readersOf(post: LedgerPost): readonly (string | null)[] {
  if (post.visibility === 'private') return post.recipients.map(({ id }) => id)
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

function isExpired({ expires }: LedgerPost, now: Date): boolean {
  return expires !== undefined && expires <= now
}

/** A live link, or one that was revoked by hand, for which the author may issue another. */
function mayBeReplaced({ revoked }: Link): boolean {
  return revoked === undefined || revoked.reason === 'revoked'
}

function withExpiry({ expires: _, ...link }: Link, post: LedgerPost): Link {
  return post.expires ? { ...link, expires: post.expires.toISOString() } : link
}

/** A record whose private post was not in this build: published, gone, or only not looked at. */
function retire(
  postId: string,
  record: PostRecord,
  { publicPosts, sourceAt, now }: BuildSight,
  occupied: ReadonlySet<string>,
  notes: string[],
): PostRecord {
  // At an occupied path there is a file, but it is the source of another post.
  const source = occupied.has(record.path) ? 'nothing' : sourceAt(record.path)
  const publishedAs = publicPosts.get(record.path)
  if (publishedAs !== undefined && source !== 'empty') return publish(record, publishedAs, now)
  if (record.visibility === 'public') return record
  const next = leave(record, ABSENCES[source], now)
  if (next.absent?.why === 'gone') notes.push(...describeLoss(postId, record, next))
  return next
}

const ABSENCES = { text: 'draft', empty: 'empty', nothing: 'gone' } as const satisfies Record<
  string,
  Absence['why']
>

function publish({ absent: _, ...record }: PostRecord, publishedAs: string, now: Date): PostRecord {
  const links = restore(record.links).map((link) => revoke(link, 'published', now))
  return { ...record, visibility: 'public', publishedAs, links }
}

/** What the author should know when a file is gone, once each time. */
function describeLoss(postId: string, before: PostRecord, { path, links }: PostRecord): string[] {
  const countOf = (some: readonly Link[]) => some.filter((link) => !link.revoked).length
  const [had, has] = [countOf(before.links), countOf(links)]
  if (had > has) {
    const count = had === 1 ? 'its link counts' : `its ${had} links count`
    return [`${path} has been gone for 30 days: ${count} as deleted.`]
  }
  if (has === 0 || before.absent?.why === 'gone') return []
  const work = has === 1 ? 'its link does not work' : `its ${has} links do not work`
  return [
    `${path} is gone: ${work} until it is back, with the same id, path or text. To do: if you renamed it and changed its text at once, write "id: ${postId}" into the front matter of the new file.`,
  ]
}
