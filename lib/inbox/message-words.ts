import type { Envelope } from './entry.ts'

/** What somebody did, behind their name. */
export function describeMessage({ type, rsvp }: Pick<Envelope, 'type' | 'rsvp'>): string {
  switch (type) {
    case 'reply':
      return 'replied'
    case 'like':
      return 'likes this'
    case 'repost':
      return 'shared this'
    case 'bookmark':
      return 'bookmarked this'
    case 'rsvp':
      return describeRsvp(rsvp)
    case 'invitation':
      return 'invites you'
    case 'person-tag':
      return 'tagged you'
    case 'mention':
      return 'mentioned this'
    case 'message':
      return 'wrote to you'
  }
}

function describeRsvp(rsvp: string | undefined): string {
  switch (rsvp?.toLowerCase()) {
    case 'yes':
      return 'is coming'
    case 'no':
      return 'cannot come'
    case 'maybe':
      return 'may come'
    case 'interested':
      return 'is interested'
    default:
      return 'answered the invitation'
  }
}

const DAY = 24 * 60 * 60 * 1000

/** When something was, the shorter the nearer it is. In UTC, as a server knows no other time. */
export function describeTime(time: string, now: Date): string {
  const date = new Date(time)
  const age = now.getTime() - date.getTime()
  if (age < 60_000) return 'just now'
  if (age < 60 * 60_000) return `${Math.floor(age / 60_000)} min ago`
  if (age < DAY) return `${Math.floor(age / (60 * 60_000))} h ago`
  if (age < 2 * DAY) return 'yesterday'
  if (age < 7 * DAY) return `${Math.floor(age / DAY)} days ago`
  const isThisYear = date.getUTCFullYear() === now.getUTCFullYear()
  return date.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(!isThisYear && { year: 'numeric' }),
    timeZone: 'UTC',
  })
}
