import { linkState, type Link, type LinkState, type PostRecord } from './ledger.ts'
import type { SiteRecord } from './site-record.ts'
import { exposureOf, type WatchRecord } from './watch-record.ts'

const DAY = 24 * 60 * 60 * 1000

/**
 * When a link ceases to work: with its post, or, if it is an invitation of somebody who has no other way
 * in, when its days are over. A profile signs in all the same.
 */
export function linkEnd(
  { recipient, invitation, issued, expires }: Link,
  invitations: SiteRecord['invitations'],
): Date | undefined {
  const ends = expires === undefined ? [] : [Date.parse(expires)]
  const isOnlyWay = invitation && !/^https?:/i.test(recipient ?? '')
  if (isOnlyWay && invitations !== 'once') ends.push(Date.parse(issued) + invitations * DAY)
  return ends.length === 0 ? undefined : new Date(Math.min(...ends))
}

/** What the state of a link depends on, besides the link. */
export interface LinkSurroundings {
  readonly invitations: SiteRecord['invitations']
  readonly watches: readonly WatchRecord[] | undefined
  readonly now: Date
}

/** {@link linkState}, with the site's rule for invitations, and with what was found in public. */
export function readerState(
  { absent }: Pick<PostRecord, 'absent'>,
  link: Link,
  { invitations, watches, now }: LinkSurroundings,
): LinkState {
  const state = linkState(link, now, absent)
  if (state !== 'live' && state !== 'not-built') return state
  const end = linkEnd(link, invitations)
  if (end && end <= now) return 'expired'
  return exposureOf(watches, link.token) ? 'exposed' : state
}
