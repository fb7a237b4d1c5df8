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
    case 'follow':
      return 'follows you'
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

/** The same before the name of the page that it is about; `undefined` of what is about no page. */
export function deedTo({ type, rsvp }: Pick<Envelope, 'type' | 'rsvp'>): string | undefined {
  switch (type) {
    case 'reply':
      return 'replied to'
    case 'like':
      return 'likes'
    case 'repost':
      return 'shared'
    case 'bookmark':
      return 'bookmarked'
    case 'rsvp':
      return `${describeRsvp(rsvp)}:`
    case 'mention':
      return 'mentioned'
    default:
      return undefined
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
