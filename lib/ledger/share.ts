import { latestOf } from './issue.ts'
import { linkState, type Ledger, type PostRecord } from './ledger.ts'
import { isMember } from './membership.ts'

/**
 * What became of a post that the author gives to a member of one of its groups.
 *
 * - `shared`: the next build makes a page for them · `already shared`: the same, since an earlier time
 * - `has a link`: they had one before
 */
type ShareOutcome = 'shared' | 'already shared' | 'has a link'

/**
 * Why a post cannot be given to somebody.
 *
 * - `public`, `unlisted`: it names nobody · `expired`: its time has passed
 * - `revoked`: the author has taken their link back · `stranger`: they are in no group of its audience
 */
export type ShareRefusal = 'public' | 'unlisted' | 'expired' | 'revoked' | 'stranger'

export type Share =
  | { readonly ledger: Ledger; readonly outcome: ShareOutcome; readonly needsBuild: boolean }
  | { readonly refusal: ShareRefusal }

/** Gives a post to a member of one of its groups who joined later. */
export function sharePost(ledger: Ledger, postId: string, recipient: string, now: Date): Share {
  const record = ledger.posts[postId]
  if (!record) throw new TypeError('"postId" must be one of the ledger')
  const refusal = whyNot(ledger, record, recipient, now)
  if (refusal) return { refusal }
  const link = linkOf(record, recipient)
  if (link && (!link.revoked || link.revoked.reason === 'deleted')) {
    const needsBuild = linkState(link, now, record.absent) !== 'live'
    return { ledger, outcome: 'has a link', needsBuild }
  }
  const { shared = {} } = record
  if (Object.hasOwn(shared, recipient)) {
    return { ledger, outcome: 'already shared', needsBuild: true }
  }
  const next = { ...record, shared: { ...shared, [recipient]: now.toISOString() } }
  const posts = { ...ledger.posts, [postId]: next }
  return { ledger: { ...ledger, posts }, outcome: 'shared', needsBuild: true }
}

/** Everybody who has a link, had one, or is in a group. */
export function knownRecipients({ posts, groups = {} }: Ledger): string[] {
  const linked = Object.values(posts).flatMap(({ links }) =>
    links.flatMap(({ recipient }) => recipient ?? []),
  )
  return [...new Set([...linked, ...Object.values(groups).flatMap(Object.keys)])]
}

/** Posts that were given to anybody since then, oldest first. */
export function postsSince({ posts }: Ledger, since: Date): string[] {
  const first = new Map(
    Object.entries(posts).flatMap(([postId, { links, groups = {} }]) => {
      const moments = [...links.map(({ issued }) => issued), ...Object.values(groups)]
      const times = moments.map((moment) => Date.parse(moment))
      return times.length === 0 ? [] : [[postId, Math.min(...times)] as const]
    }),
  )
  return [...first]
    .filter(([, time]) => time >= since.getTime())
    .toSorted(([, one], [, other]) => one - other)
    .map(([postId]) => postId)
}

function whyNot(
  { groups }: Ledger,
  record: PostRecord,
  recipient: string,
  now: Date,
): ShareRefusal | undefined {
  if (record.visibility !== 'private') return record.visibility
  const link = linkOf(record, recipient)
  if (link?.revoked?.reason === 'revoked') return 'revoked'
  if (hasExpired(record, now)) return 'expired'
  const isReader = link !== undefined && !link.revoked
  return isReader || isMember(record, groups, recipient) ? undefined : 'stranger'
}

function linkOf({ links }: PostRecord, recipient: string) {
  return latestOf(links.filter((link) => link.recipient === recipient))
}

function hasExpired({ links }: PostRecord, now: Date): boolean {
  const open = links.filter(({ revoked }) => !revoked || revoked.reason === 'expired')
  return open.length > 0 && open.every((link) => linkState(link, now) === 'expired')
}
