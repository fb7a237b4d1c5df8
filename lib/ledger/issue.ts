import { identify } from './identify.ts'
import type { Ledger, Link, LinkToken, PostRecord, RevocationReason } from './ledger.ts'
import { GATE_NAME_LENGTH } from '../web/token-alphabet.ts'

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
}

/** What a build saw. */
export interface BuildSight {
  readonly privatePosts: readonly SeenPost[]
  /** Public posts by input path, with the URL path they are published under. */
  readonly publicPosts: ReadonlyMap<string, string>
  /** Whether a source file still lies there, although this build did not read it. */
  readonly exists: (path: string) => boolean
  readonly now: Date
  /** Makes the token of a new link. Throws when the build may not mint one. */
  readonly mint: (subject: NewLink) => LinkToken
}

/** What a token is minted for. The name of a gated post is the beginning of one that is nobody's. */
export interface NewLink {
  /** By default the capability URL of one reader. */
  readonly purpose?: 'invitation' | 'gate'
  readonly postId: string
  readonly path: string
  readonly recipient: string | null
  readonly generation: number
}

/** The ledger after a build, the live links by input path, and what the author should know. */
export interface IssuedLinks {
  readonly ledger: Ledger
  /** Of a gated post, the invitations of those who may read it. */
  readonly live: ReadonlyMap<string, readonly Link[]>
  /** Gated posts by input path: their names below the gate's prefix. */
  readonly gates: ReadonlyMap<string, string>
  readonly notes: readonly string[]
}

/**
 * Brings the links in step with the posts: one live link per (post, recipient), the same one at
 * every build; links of whoever may no longer read are revoked and remembered. Behind the gate, the
 * link is an invitation.
 */
export function issueLinks(ledger: Ledger, sight: BuildSight): IssuedLinks {
  const notes: string[] = []
  const identified = identify(ledger, sight, notes)
  const occupied = new Set(sight.privatePosts.map(({ post }) => post.path))
  const mint = mintUnused(ledger, sight.mint)
  const mintGate = mintUnusedGate(ledger, sight.mint)
  const posts: Record<string, PostRecord> = {}
  const live = new Map<string, readonly Link[]>()
  const gates = new Map<string, string>()

  for (const [postId, record] of Object.entries(ledger.posts)) {
    if (!identified.has(postId) && !identified.adopted.has(postId)) {
      posts[postId] = retire(record, sight, occupied, notes)
    }
  }
  for (const [postId, { seen, record }] of identified) {
    const next = bringInStep(postId, seen, record, { now: sight.now, mint, mintGate })
    posts[postId] = next
    if (next.access === 'gate' && next.gate !== undefined) gates.set(seen.post.path, next.gate)
    live.set(
      seen.post.path,
      next.links.filter((link) => !link.revoked),
    )
  }
  return { ledger: { ...ledger, posts }, live, gates, notes }
}

/** Brings one post's links in step with its audience. */
function bringInStep(
  postId: string,
  { post, fingerprint }: SeenPost,
  record: PostRecord | undefined,
  { now, mint, mintGate }: { now: Date; mint: MintLink; mintGate: MintGate },
): PostRecord {
  const links = (record?.links ?? []).map((link) => keepOrRevoke(link, post, now))
  const readers = isExpired(post, now) ? [] : readersOf(post)
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

type MintLink = (subject: Omit<NewLink, 'purpose'>, access: PostRecord['access'], now: Date) => Link

/**
 * Mints links with tokens that the ledger has never seen. A derived token is a function of its subject,
 * and after renames two posts may have had the same name: then the next generation is taken.
 */
export function mintUnused(ledger: Ledger, mint: BuildSight['mint']): MintLink {
  const used = new Set(
    Object.values(ledger.posts).flatMap(({ links }) => links.map(({ token }) => token)),
  )
  return (subject, access, now) => {
    const isInvitation = access === 'gate'
    const last = subject.generation + used.size
    for (let { generation } = subject; generation <= last; generation++) {
      const token = mint({ ...subject, ...(isInvitation && { purpose: 'invitation' }), generation })
      if (used.has(token)) continue
      used.add(token)
      return {
        recipient: subject.recipient,
        token,
        generation,
        ...(isInvitation && { invitation: true }),
        issued: now.toISOString(),
      }
    }
    throw unsteady()
  }
}

type MintGate = (postId: string, path: string) => string

/** Mints names of gated posts, each used once. */
function mintUnusedGate(ledger: Ledger, mint: BuildSight['mint']): MintGate {
  const used = new Set(Object.values(ledger.posts).flatMap(({ gate }) => gate ?? []))
  return (postId, path) => {
    for (let generation = 0; generation <= used.size; generation++) {
      const token = mint({ purpose: 'gate', postId, path, recipient: null, generation })
      const gate = token.slice(0, GATE_NAME_LENGTH)
      if (used.has(gate)) continue
      used.add(gate)
      return gate
    }
    throw unsteady()
  }
}

function unsteady(): TypeError {
  return new TypeError('"mint" must give another token for each generation')
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

/** @internal for revoke.ts */
export function revoke(link: Link, reason: RevocationReason, now: Date): Link {
  return link.revoked ? link : { ...link, revoked: { at: now.toISOString(), reason } }
}

/** A record whose private post was not in this build: published, gone, or only not looked at. */
function retire(
  record: PostRecord,
  sight: BuildSight,
  occupied: ReadonlySet<string>,
  notes: string[],
): PostRecord {
  const publishedAs = sight.publicPosts.get(record.path)
  if (publishedAs !== undefined) {
    return {
      ...record,
      visibility: 'public',
      publishedAs,
      links: record.links.map((link) => revoke(link, 'published', sight.now)),
    }
  }
  // At an occupied path there is a file, but it is the source of another post.
  if (sight.exists(record.path) && !occupied.has(record.path)) return record

  const live = record.links.filter((link) => !link.revoked).length
  if (live > 0) {
    notes.push(
      `${record.path} is gone: ${live === 1 ? 'its link was' : `its ${live} links were`} revoked. If you renamed it and changed its text at once, give the post an "id" in its front matter before the next rename.`,
    )
  }
  return { ...record, links: record.links.map((link) => revoke(link, 'deleted', sight.now)) }
}
