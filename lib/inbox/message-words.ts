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
    case 'unopened':
      return 'has something for you: open it there'
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
