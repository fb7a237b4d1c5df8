import { linkState, type Link, type LinkState, type PostRecord } from './ledger.ts'
import type { SiteRecord } from './site-record.ts'

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

/** {@link linkState}, as far as the site's rule for invitations has a say in it. */
export function readerState(
  { absent }: Pick<PostRecord, 'absent'>,
  link: Link,
  invitations: SiteRecord['invitations'],
  now: Date,
): LinkState {
  const state = linkState(link, now, absent)
  const isOpen = state === 'live' || state === 'not-built'
  const end = isOpen ? linkEnd(link, invitations) : undefined
  return end && end <= now ? 'expired' : state
}
