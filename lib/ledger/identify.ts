import { ConfigurationError } from '../web/errors.ts'
import type { BuildSight, SeenPost } from './issue.ts'
import { recordAt, type Ledger, type Link, type PostRecord } from './ledger.ts'

interface Identified {
  readonly seen: SeenPost
  readonly record: PostRecord | undefined
}

/** Post ids with their post, and the ids of records that live on under another id. */
class IdentifiedPosts extends Map<string, Identified> {
  readonly adopted = new Set<string>()
}

/** Finds the id of the record that a post had before, if there is one. */
type Finder = (seen: SeenPost) => string | undefined

/**
 * Finds for each post the record that it had before: by id, by path and text, by its text at another path, by
 * path alone. No record goes to two posts, so the surer ways of finding come first, for all posts.
 *
 * @throws {ConfigurationError} when two posts have the same id.
 */
export function identify(ledger: Ledger, sight: BuildSight, notes: string[]): IdentifiedPosts {
  const identified = new IdentifiedPosts()
  const isTaken = (id: string) => identified.has(id) || identified.adopted.has(id)
  refuseSharedIds(sight.privatePosts)
  let unknown = sight.privatePosts
  const take = (find: Finder) => {
    unknown = unknown.filter((seen) => {
      const known = find(seen)
      if (known === undefined || isTaken(known)) return true
      const postId = seen.post.id ?? known
      if (postId !== known) identified.adopted.add(known)
      identified.set(postId, { seen, record: ledger.posts[known] })
      return false
    })
  }

  take(({ post }) =>
    post.id !== undefined && Object.hasOwn(ledger.posts, post.id) ? post.id : undefined,
  )
  take((seen) => {
    const known = recordAt(ledger, seen.post.path)
    return known !== undefined && hasText(ledger.posts[known], seen) ? known : undefined
  })
  const moved = movedPosts(ledger, unknown, sight, isTaken)
  take((seen) => {
    const known = moved.get(seen)
    const record = known !== undefined && !isTaken(known) ? ledger.posts[known] : undefined
    if (record) notes.push(`${record.path} is now ${seen.post.path}: it keeps its links.`)
    return known
  })
  take(({ post }) => {
    const known = recordAt(ledger, post.path)
    const isAnother = known !== undefined && post.id !== undefined && isAuthorsId(ledger, known)
    return isAnother && ledger.posts[known]?.absent ? undefined : known
  })

  // Ids of the author's first: a path can step aside, an id cannot.
  const hasId = ({ post }: SeenPost) => Number(post.id !== undefined)
  for (const seen of unknown.toSorted((one, other) => hasId(other) - hasId(one))) {
    const postId = seen.post.id ?? unusedId(seen.post.path, ledger, identified)
    identified.set(postId, { seen, record: undefined })
  }
  return identified
}

/** Posts without an id are called by their path, so that a path is no id for another post. */
function refuseSharedIds(posts: readonly SeenPost[]): void {
  const paths = new Set(posts.map(({ post }) => post.path))
  const owners = new Map<string, string>()
  for (const { id, path } of posts.map(({ post }) => post)) {
    if (id === undefined) continue
    const owner = owners.get(id) ?? (paths.has(id) && id !== path ? id : undefined)
    if (owner !== undefined) {
      throw new ConfigurationError(
        `${path}: id: ${JSON.stringify(id)}: ${owner} has the same id. To do: give each post its own.`,
      )
    }
    owners.set(id, path)
  }
}

/**
 * Posts that are known by their text at another path. Where a record's own path holds another text now, it is the
 * path that counts, since the text may be a copy; unless what lies there has moved there itself, as when two files
 * exchange their names, or the last build had no file there.
 */
function movedPosts(
  ledger: Ledger,
  unknown: readonly SeenPost[],
  sight: BuildSight,
  isTaken: (id: string) => boolean,
): ReadonlyMap<SeenPost, string> {
  const byPath = new Map(sight.privatePosts.map((seen) => [seen.post.path, seen]))
  const moved = new Map<SeenPost, string>()
  for (const seen of unknown) {
    const own = ledger.posts[recordAt(ledger, seen.post.path) ?? '']
    const wasHere = own !== undefined && !own.absent
    const known = recordOfText(ledger, seen, {
      isTaken,
      isOccupied: ({ path, absent }) => byPath.has(path) && !absent,
      mayHaveMoved: ({ path, absent }) =>
        wasHere && absent ? false : byPath.has(path) || isFree(path, sight),
    })
    if (known !== undefined) moved.set(seen, known)
  }
  const isBlocked = (id: string) => {
    const { path = '', absent } = ledger.posts[id] ?? {}
    const occupant = byPath.get(path)
    return occupant && unknown.includes(occupant) && !moved.has(occupant) && !absent
  }
  for (let before = -1; before !== moved.size;) {
    before = moved.size
    for (const [seen, id] of [...moved]) {
      if (isBlocked(id)) moved.delete(seen)
    }
  }
  return moved
}

interface MovingRules {
  readonly isTaken: (id: string) => boolean
  /** Whether another file lies at the path of this record now. */
  readonly isOccupied: (record: PostRecord) => boolean
  readonly mayHaveMoved: (record: PostRecord) => boolean
}

/**
 * The only record with that text. Of several, the only one that does not count as deleted; of several such, the
 * only one at whose path no other file lies.
 */
function recordOfText(
  ledger: Ledger,
  seen: SeenPost,
  { isTaken, isOccupied, mayHaveMoved }: MovingRules,
): string | undefined {
  const candidates = Object.entries(ledger.posts).filter(
    ([id, record]) =>
      hasText(record, seen) &&
      record.path !== seen.post.path &&
      record.links.some(isWorthKeeping) &&
      !isTaken(id) &&
      mayHaveMoved(record),
  )
  const kept = candidates.filter(([, { links }]) => links.some((link) => !link.revoked))
  const best = kept.length > 0 ? kept : candidates
  const [only, ...others] =
    best.length > 1 ? best.filter(([, record]) => !isOccupied(record)) : best
  return others.length === 0 ? only?.[0] : undefined
}

function hasText(record: PostRecord | undefined, { fingerprint }: SeenPost): boolean {
  return record?.fingerprint === fingerprint
}

/** Whether no file lies there any more; else, what lies elsewhere is a copy. */
function isFree(path: string, { publicPosts, sourceAt }: BuildSight): boolean {
  return !publicPosts.has(path) && sourceAt(path) === 'nothing'
}

/** A link that its reader keeps or gets again, or one that was revoked by hand: a rename must not bring another. */
function isWorthKeeping({ revoked }: Link): boolean {
  return revoked === undefined || revoked.reason === 'revoked' || revoked.reason === 'deleted'
}

/** Posts to which the author has given no id are called by the path where they were first seen. */
function isAuthorsId({ posts }: Ledger, id: string): boolean {
  return posts[id]?.path !== id
}

function unusedId(path: string, ledger: Ledger, identified: IdentifiedPosts): string {
  const isUsed = (id: string) => Object.hasOwn(ledger.posts, id) || identified.has(id)
  for (let number = 1; ; number++) {
    const id = number === 1 ? path : `${path}#${number}`
    if (!isUsed(id)) return id
  }
}
