/**
 * Mentions as webmention.io offers them, so that what reads those can read ours.
 *
 * @see [jf2](https://www.w3.org/TR/jf2/)
 * @see [webmention.io, API](https://github.com/aaronpk/webmention.io#api)
 * @module
 */
import type { MessageType } from '../delivery/message.ts'
import { displayedMarkup } from './displayed-markup.ts'
import { webUrl } from './page-address.ts'
import type { Letter } from './shelf.ts'

type WmProperty =
  'in-reply-to' | 'like-of' | 'repost-of' | 'bookmark-of' | 'follow-of' | 'mention-of' | 'rsvp'

function wmPropertyOf(type: MessageType): WmProperty {
  switch (type) {
    case 'reply':
      return 'in-reply-to'
    case 'like':
      return 'like-of'
    case 'repost':
      return 'repost-of'
    case 'bookmark':
      return 'bookmark-of'
    case 'follow':
      return 'follow-of'
    case 'rsvp':
      return 'rsvp'
    case 'invitation':
    case 'person-tag':
    case 'mention':
    case 'message':
    case 'unopened':
      return 'mention-of'
  }
}

/** Only what everybody may see comes here. */
export async function jf2Feed(letters: readonly Letter[]) {
  const markup = await displayedMarkup(letters)
  const children = letters.map((letter) => jf2Entry(letter, markup.get(letter)))
  return { type: 'feed', name: 'Webmentions', children }
}

function jf2Entry({ entry, content }: Letter, markup: string | undefined) {
  const { id, received, isPrivate, envelope } = entry
  const { author, host, source, url, target, title, published = null, rsvp, type } = envelope
  const { text } = content
  const property = wmPropertyOf(type)
  const hasContent = text !== '' || markup !== undefined
  return {
    type: 'entry',
    author: {
      type: 'card',
      name: author.name || host,
      photo: webUrl(author.photo)?.href ?? '',
      url: webUrl(author.url)?.href ?? '',
    },
    url: (webUrl(url) ?? webUrl(source))?.href ?? '',
    published,
    'wm-received': received,
    'wm-id': numberOf(id),
    'wm-source': source,
    // The author and their page are a claim of this host, which is not theirs.
    ...(author.via !== undefined && { 'wm-via': author.via }),
    'wm-target': target,
    'wm-protocol': 'webmention',
    ...(title !== undefined && { name: title }),
    ...(hasContent && {
      content: { ...(markup !== undefined && { html: markup }), text },
    }),
    ...(property === 'rsvp'
      ? { rsvp: rsvp ?? 'yes', 'in-reply-to': target }
      : { [property]: target }),
    'wm-property': property,
    'wm-private': isPrivate,
  }
}

/** Readers of this format expect a number: 52 bits of the id, which JavaScript can still hold. */
function numberOf(id: string): number {
  return Number.parseInt(id.slice(0, 13), 16)
}
