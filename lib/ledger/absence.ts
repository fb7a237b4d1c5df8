import { revoke, type Absence, type Link, type PostRecord } from './ledger.ts'

/** Longer than a holiday: who has not built with the file for so long has deleted it. */
const LONGEST_ABSENCE = 30 * 24 * 60 * 60 * 1000

/**
 * Records that a build wrote no page of a post. Its links are kept: a stash, another branch, a tool that syncs
 * folders, or an editor that saves must not cost anybody their link.
 */
export function leave(record: PostRecord, why: Absence['why'], now: Date): PostRecord {
  const { absent } = record
  const isSame = absent?.why === why
  const next = { ...record, absent: isSame ? absent : { since: now.toISOString(), why } }
  return isOverdue(next, now) ? countAsDeleted(next, now) : next
}

/** Why a link that nobody has taken back opens nothing, for people to read. */
export function whyNotBuilt(absent: Absence | undefined): string {
  switch (absent?.why) {
    case 'draft':
      return 'draft'
    case 'empty':
      return 'its file is empty'
    case 'gone':
      return 'its file is gone'
    case undefined:
      return 'waits for the next build'
  }
}

/** A draft is no deleted post, and nor is a file that its author has emptied. */
export function isGone({ absent, links }: PostRecord): boolean {
  return absent?.why === 'gone' && links.some((link) => !link.revoked)
}

/** Revokes what is left of a post that is gone, until it comes back. */
export function countAsDeleted(record: PostRecord, now: Date): PostRecord {
  return { ...record, links: record.links.map((link) => revoke(link, 'deleted', now)) }
}

/** Gives back the latest link of each reader, if it was lost only because the post was gone. */
export function restore(links: readonly Link[]): Link[] {
  return links.map((link) => {
    const isLatest = links.every(
      ({ recipient, generation }) => recipient !== link.recipient || generation <= link.generation,
    )
    if (!isLatest || link.revoked?.reason !== 'deleted') return link
    const { revoked: _, ...restored } = link
    return restored
  })
}

function isOverdue(record: PostRecord, now: Date): boolean {
  const { absent } = record
  return (
    isGone(record) &&
    absent !== undefined &&
    now.getTime() - Date.parse(absent.since) >= LONGEST_ABSENCE
  )
}
