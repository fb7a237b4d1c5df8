import * as v from 'valibot'

const Moment = v.pipe(v.string(), v.isoTimestamp())
const DAY = 24 * 60 * 60 * 1000

/** Where a private link was seen by everybody, and when. */
const Exposure = v.object({ at: Moment, place: v.string() })
export type Exposure = v.InferOutput<typeof Exposure>

export const WatchRecord = v.object({
  /** Of the link: its post may be renamed meanwhile. */
  token: v.string(),
  /** The page that was told. */
  target: v.string(),
  /** Where it was told. */
  endpoint: v.optional(v.string()),
  /** When it was told last. */
  delivered: Moment,
  /** When the public places were looked at last. */
  looked: v.optional(Moment),
  found: v.optional(Exposure),
})
/** What is known of a private link that a receiver was told, and may publish. */
export type WatchRecord = v.InferOutput<typeof WatchRecord>

/** A mention that waits for approval longer than that will not be published any more. */
const WATCHED = 14 * DAY
/** Half a year: within that time, a receiver that has published one link is taken to publish the next. */
const REMEMBERED = 180 * DAY

/** Where the link was seen in public, if it was. */
export function exposureOf(
  watches: readonly WatchRecord[] | undefined,
  token: string,
): Exposure | undefined {
  return watches?.find((watch) => watch.token === token && watch.found)?.found
}

/** Whether there is something left to find out. Once found, a link is not looked for any more. */
export function isWatched({ delivered, found }: WatchRecord, now: Date): boolean {
  return found === undefined && now.getTime() - Date.parse(delivered) <= WATCHED
}

/** Whether the receiver counts as one that publishes. */
export function isRemembered({ found }: WatchRecord, now: Date): boolean {
  return found !== undefined && now.getTime() - Date.parse(found.at) <= REMEMBERED
}

/** In an order of their own, so that two branches of a repository add them at the same place. */
export function sortWatches(watches: readonly WatchRecord[]): WatchRecord[] {
  const keyOf = ({ token, target }: WatchRecord) => `${token} ${target}`
  return watches.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
}
