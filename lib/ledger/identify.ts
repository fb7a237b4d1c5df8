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

/**
 * Finds for each post the record that it had before: by id, else by path, else by its text. No
 * record goes to two posts, so the surer ways of finding come first, for all posts.
 *
 * @throws {ConfigurationError} when two posts have the same id.
 */
export function identify(ledger: Ledger, sight: BuildSight, notes: string[]): IdentifiedPosts {
  const identified = new IdentifiedPosts()
  const paths = new Set(sight.privatePosts.map(({ post }) => post.path))
  const isTaken = (id: string) => identified.has(id) || identified.adopted.has(id)
  refuseSharedIds(sight.privatePosts, paths)

  const finders: readonly ((seen: SeenPost) => string | undefined)[] = [
    ({ post }) =>
      post.id !== undefined && Object.hasOwn(ledger.posts, post.id) ? post.id : undefined,
    ({ post }) => recordAt(ledger, post.path),
    (seen) => renamed(seen, ledger, paths, sight, isTaken, notes),
  ]
  let unknown = sight.privatePosts
  for (const find of finders) {
    unknown = unknown.filter((seen) => {
      const known = find(seen)
      if (known === undefined || isTaken(known)) return true
      const postId = seen.post.id ?? known
      if (postId !== known) identified.adopted.add(known)
      identified.set(postId, { seen, record: ledger.posts[known] })
      return false
    })
  }
  // Ids of the author's first: a path can step aside, an id cannot.
  const hasId = ({ post }: SeenPost) => Number(post.id !== undefined)
  for (const seen of unknown.toSorted((one, other) => hasId(other) - hasId(one))) {
    const postId = seen.post.id ?? unusedId(seen.post.path, ledger, identified)
    identified.set(postId, { seen, record: undefined })
  }
  return identified
}

/** Posts without an id are called by their path, so that a path is no id for another post. */
function refuseSharedIds(posts: readonly SeenPost[], paths: ReadonlySet<string>): void {
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

function renamed(
  { post, fingerprint }: SeenPost,
  ledger: Ledger,
  paths: ReadonlySet<string>,
  sight: BuildSight,
  isTaken: (id: string) => boolean,
  notes: string[],
): string | undefined {
  const candidates = Object.entries(ledger.posts).filter(
    ([id, record]) =>
      record.fingerprint === fingerprint &&
      record.links.some(isWorthKeeping) &&
      !isTaken(id) &&
      !paths.has(record.path) &&
      !sight.publicPosts.has(record.path) &&
      !sight.exists(record.path),
  )
  const [only] = candidates
  if (candidates.length !== 1 || !only) return undefined
  notes.push(`${only[1].path} is now ${post.path}: it keeps its links.`)
  return only[0]
}

/** A live link, or one that was revoked by hand: its recipient must not get another by a rename. */
function isWorthKeeping({ revoked }: Link): boolean {
  return revoked === undefined || revoked.reason === 'revoked'
}

function unusedId(path: string, ledger: Ledger, identified: IdentifiedPosts): string {
  const isUsed = (id: string) => Object.hasOwn(ledger.posts, id) || identified.has(id)
  for (let number = 1; ; number++) {
    const id = number === 1 ? path : `${path}#${number}`
    if (!isUsed(id)) return id
  }
}
