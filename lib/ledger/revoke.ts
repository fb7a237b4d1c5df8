import { latestOf } from './issue.ts'
import { recordAt, revoke, type Ledger, type Link, type PostRecord } from './ledger.ts'
import { mintUnused, type Mint } from './mint.ts'

/** Which links the author means: all of a post, or those of one recipient. */
export interface LinkSelection {
  readonly postId: string
  readonly recipient?: string | null
}

/** Finds the post that the author means: by input path or by id. */
export function findPostId(ledger: Ledger, query: string): string | undefined {
  const byPath = recordAt(ledger, query.replace(/^(\.\/)+/, ''))
  return byPath ?? (Object.hasOwn(ledger.posts, query) ? query : undefined)
}

/**
 * Finds the recipient that the author means among those of a post: `bob.example` will do, unless
 * two of them can be meant by it.
 */
export function findRecipient(
  { links }: Pick<PostRecord, 'links'>,
  query: string,
): string | undefined {
  return matchRecipient(
    links.flatMap(({ recipient }) => recipient ?? []),
    query,
  )
}

/** The same among all of these. */
export function matchRecipient(recipients: readonly string[], query: string): string | undefined {
  const ids = new Set(recipients)
  if (ids.has(query)) return query
  const [only, ...others] = [...ids].filter((id) => simplify(id) === simplify(query))
  return others.length === 0 ? only : undefined
}

function simplify(recipient: string): string {
  return recipient
    .toLowerCase()
    .replace(/^(https?:\/\/|mailto:|acct:)/, '')
    .replace(/\/$/, '')
}

/** Revokes live links for good: the next builds do not give the recipient a new one. */
export function revokeLinks(
  ledger: Ledger,
  selection: LinkSelection,
  now: Date,
): { readonly ledger: Ledger; readonly revoked: readonly Link[] } {
  const revoked: Link[] = []
  const next = changeLinks(ledger, selection, (links) =>
    links.map((link) => {
      if (link.revoked || !isSelected(link, selection)) return link
      const gone = revoke(link, 'revoked', now)
      revoked.push(gone)
      return gone
    }),
  )
  return { ledger: next, revoked }
}

/**
 * Gives new links for old: the old ones stop working with the next deploy. Whoever was revoked by
 * hand gets a new one only when named, because that is how an author changes their mind.
 */
export function rotateLinks(
  ledger: Ledger,
  selection: LinkSelection,
  now: Date,
  mint: Mint,
): { readonly ledger: Ledger; readonly issued: readonly Link[] } {
  const issued: Link[] = []
  const mintNext = mintUnused(ledger, mint)
  const next = changeLinks(ledger, selection, (links, record) => {
    const replaceable = links.filter(
      (link) =>
        isSelected(link, selection) &&
        isLatest(link, links) &&
        isReplaceable(link, record, selection, now),
    )
    for (const { recipient, generation, expires } of replaceable) {
      const { path, access } = record
      const subject = { postId: selection.postId, path, recipient, generation: generation + 1 }
      const link = mintNext(subject, access, now)
      issued.push(expires === undefined ? link : { ...link, expires })
    }
    return [
      ...links.map((link) => (replaceable.includes(link) ? revoke(link, 'rotated', now) : link)),
      ...issued,
    ]
  })
  return { ledger: next, issued }
}

function changeLinks(
  ledger: Ledger,
  { postId }: LinkSelection,
  change: (links: readonly Link[], record: PostRecord) => Link[],
): Ledger {
  const record = Object.hasOwn(ledger.posts, postId) ? ledger.posts[postId] : undefined
  if (!record) return ledger
  const changed = { ...record, links: change(record.links, record) }
  return { ...ledger, posts: { ...ledger.posts, [postId]: changed } }
}

function isSelected(link: Link, { recipient }: LinkSelection): boolean {
  return recipient === undefined || link.recipient === recipient
}

function isLatest(link: Link, links: readonly Link[]): boolean {
  return link === latestOf(links.filter(({ recipient }) => recipient === link.recipient))
}

function isReplaceable(
  { recipient, revoked, expires }: Link,
  { visibility, access, gate, absent }: PostRecord,
  selection: LinkSelection,
  now: Date,
): boolean {
  if (absent?.why === 'gone') return false
  // An unlisted post names nobody, and a private one gives nothing to nobody.
  if (visibility !== (recipient === null ? 'unlisted' : 'private')) return false
  if (access === 'gate' && gate === undefined) return false
  if (expires !== undefined && new Date(expires) <= now) return false
  // The one link of an unlisted post has no name to be called by.
  const isNamed = recipient === null || selection.recipient === recipient
  return revoked === undefined || (revoked.reason === 'revoked' && isNamed)
}
