import type { DeliveryRecord, Link, PostRecord } from './ledger.ts'
import type { WatchRecord } from './watch-record.ts'

/** Two states of one post, as a merge leaves them: what gives less away. */
export function mergePosts(one: PostRecord, other: PostRecord): PostRecord {
  const strictest = ['public', 'unlisted', 'private'] as const
  const groups = { ...one.groups, ...other.groups }
  for (const [name, since] of Object.entries(one.groups ?? {})) {
    groups[name] = earliest(since, groups[name] ?? since)
  }
  const gate = [one.gate, other.gate].filter((name) => name !== undefined).sort()[0]
  return {
    ...other,
    visibility:
      strictest.indexOf(one.visibility) > strictest.indexOf(other.visibility)
        ? one.visibility
        : other.visibility,
    ...(gate !== undefined && { gate }),
    ...((one.groups ?? other.groups) && { groups }),
    ...((one.shared ?? other.shared) && { shared: { ...one.shared, ...other.shared } }),
  }
}

/** A link that was taken back stays so; a page that one of them has written is there. */
export function mergeLinks(one: Link, other: Link): Link {
  const { unbuilt, revoked, expires, ...link } = { ...one, ...other }
  const ends = [one.expires, other.expires].filter((end) => end !== undefined)
  const back = one.revoked ?? other.revoked
  return {
    ...link,
    ...(ends.length > 0 && { expires: ends.reduce(earliest) }),
    ...(back && { revoked: back }),
    ...(one.unbuilt && other.unbuilt && { unbuilt }),
  }
}

/** What came of the later try; and what either of them has told, somebody knows. */
export function mergeDeliveries(one: DeliveryRecord, other: DeliveryRecord): DeliveryRecord {
  const isLater = (one.lastTry ?? '') > (other.lastTry ?? '')
  return { ...(isLater ? one : other), known: one.known || other.known }
}

export function mergeWatches(one: WatchRecord, other: WatchRecord): WatchRecord {
  const later = one.delivered > other.delivered ? one : other
  const found = one.found ?? other.found
  return { ...later, ...(found && { found }) }
}

function earliest(one: string, other: string): string {
  return one < other ? one : other
}
