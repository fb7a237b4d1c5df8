import type { ShownMention } from '../webmention/shown-mentions.ts'
import { pathHash } from '../webmention/targets.ts'
import { pathIdentity, staticPageIdentity } from '../web/page-identity.ts'
import { parseUrl } from '../web/parse-url.ts'

/** How a mention relates to the page, in the words of webmention.io. */
export const PROPERTIES = [
  'in-reply-to',
  'like-of',
  'repost-of',
  'bookmark-of',
  'follow-of',
  'mention-of',
  'rsvp',
] as const
type WmProperty = (typeof PROPERTIES)[number]

/** A public mention as layouts see it: the children of a jf2 feed, with nothing in them that acts or loads. */
export interface Mention {
  readonly type: 'entry'
  readonly author: {
    readonly type: 'card'
    readonly name: string
    readonly url: string
    /** Whoever shows it lets its host know of every reader. */
    readonly photo?: string
  }
  /** Where the post stands, as its author says; what was fetched is `wm-source`. */
  readonly url: string
  readonly published: string | null
  readonly name?: string
  /** `html` is sanitised. */
  readonly content?: { readonly text: string; readonly html?: string }
  readonly rsvp?: string
  readonly 'wm-received': string | null
  readonly 'wm-source': string
  /** The host whose claim the author is, where the author's page is on another site. */
  readonly 'wm-via'?: string
  readonly 'wm-target': string
  readonly 'wm-property': WmProperty
}

/** The mentions of a page, by its path or its address. */
export function mentionsOf(
  mentions: readonly Mention[],
  page: unknown,
  pathPrefix: string,
): readonly Mention[] {
  if (typeof page !== 'string' || page === '') return []
  const address = parseUrl(page)
  if (address) {
    const wanted = staticPageIdentity(address)
    return mentions.filter(
      ({ 'wm-target': target }) => staticPageIdentity(new URL(target)) === wanted,
    )
  }
  const path = parseUrl(page, 'https://alice.example')?.pathname ?? page
  const below = `${pathPrefix.replace(/\/$/, '')}${path}`
  const wanted = [pathIdentity(path), pathIdentity(below)]
  return mentions.filter(({ 'wm-target': target }) =>
    wanted.includes(pathIdentity(new URL(target).pathname)),
  )
}

/** The same, by what they are: every property is there, most of them empty. */
export function byProperty(mentions: readonly Mention[]): Record<WmProperty, readonly Mention[]> {
  const of = (property: WmProperty) =>
    mentions.filter((mention) => mention['wm-property'] === property)
  return {
    'in-reply-to': of('in-reply-to'),
    'like-of': of('like-of'),
    'repost-of': of('repost-of'),
    'bookmark-of': of('bookmark-of'),
    'follow-of': of('follow-of'),
    'mention-of': of('mention-of'),
    rsvp: of('rsvp'),
  }
}

/** The same for those who must tell them from the words of the page. */
export function shownMentions(mentions: readonly Mention[]): ShownMention[] {
  return mentions.map(({ url, author, name, content, ...wm }) => ({
    page: pathHash(new URL(wm['wm-target']).pathname),
    urls: [...new Set([url, wm['wm-source']])],
    author,
    ...(name === undefined ? {} : { name }),
    text: content?.text ?? '',
    html: content?.html ?? '',
  }))
}
