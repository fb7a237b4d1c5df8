import { leave, restore } from './absence.ts'
import type { BuildSight } from './issue.ts'
import { revoke, type Absence, type Link, type PostRecord } from './ledger.ts'

/** A record whose private post was not in this build: published, gone, or only not looked at. */
export function retire(
  postId: string,
  record: PostRecord,
  { publicPosts, sourceAt, now }: BuildSight,
  occupied: ReadonlySet<string>,
  notes: string[],
): PostRecord {
  // At an occupied path there is a file, but it is the source of another post.
  const source = occupied.has(record.path) ? 'nothing' : sourceAt(record.path)
  const publishedAs = publicPosts.get(record.path)
  if (publishedAs !== undefined && source !== 'empty') {
    if (record.visibility !== 'public') notes.push(describePublication(record))
    return publish(record, publishedAs, now)
  }
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

/** The line `visibility: private` is soon deleted by mistake, and this build is the last moment to notice. */
function describePublication({ path, visibility, links }: PostRecord): string {
  const open = links.filter(({ revoked, invitation }) => !revoked && !invitation).length
  const lead = open === 1 ? ', and its link leads there' : `, and its ${open} links lead there`
  return `${path} was ${visibility} and is public now: everybody can read it${open === 0 ? '' : lead}. To do: if you did not mean this, do not deploy; write "visibility: ${visibility}" into its front matter and build again (its readers get new links then).`
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
