import * as v from 'valibot'
import { displayedHtml } from '../inbox/displayed-html.ts'
import type { ShownMention } from '../webmention/shown-mentions.ts'
import { pathHash } from '../webmention/targets.ts'
import { ownName } from '../web/author-name.ts'
import { pathIdentity, staticPageIdentity } from '../web/page-identity.ts'
import { parseUrl } from '../web/parse-url.ts'
import { isSameSite } from '../web/same-site.ts'

/** How a mention relates to the page, in the words of webmention.io. */
const PROPERTIES = [
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

/** Longer ones are cut: a page shows what was said, it does not republish it. */
const LONGEST_TEXT = 10_000
const LONGEST_NAME = 200

const Text = v.optional(v.nullable(v.string()))
const Feed = v.looseObject({ children: v.array(v.unknown()) })
const Child = v.looseObject({
  author: v.optional(v.nullable(v.looseObject({ name: Text, url: Text, photo: Text }))),
  url: Text,
  published: Text,
  name: Text,
  content: v.optional(v.nullable(v.looseObject({ text: Text, html: Text }))),
  rsvp: Text,
  visibility: v.optional(v.unknown()),
  'wm-received': Text,
  'wm-source': v.string(),
  'wm-via': Text,
  'wm-target': v.string(),
  'wm-property': v.picklist(PROPERTIES),
  'wm-private': v.optional(v.unknown()),
})

/**
 * Reads a jf2 feed of mentions. Whatever is or may be private is left out, whoever sends it; so is what
 * makes no sense.
 *
 * @throws when it is no feed
 */
export function parseMentions(value: unknown): Mention[] {
  return v.parse(Feed, value).children.flatMap((child) => {
    const result = v.safeParse(Child, child)
    return result.success && isPublic(result.output) ? (toMention(result.output) ?? []) : []
  })
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

function isPublic({ visibility, 'wm-private': mark }: v.InferOutput<typeof Child>): boolean {
  const isMarked = mark !== undefined && mark !== null && mark !== false
  return !isMarked && (visibility === undefined || visibility === 'public')
}

function toMention(child: v.InferOutput<typeof Child>): Mention | undefined {
  const { author, content, url, published, name, rsvp } = child
  const source = webUrl(child['wm-source'])
  const target = webUrl(child['wm-target'])
  if (source === '' || target === '') return undefined
  const photo = webUrl(author?.photo)
  const origin = new URL(source)
  const who = ownName(plain(author?.name, LONGEST_NAME), origin) || origin.host
  const places = [webUrl(author?.url), webUrl(url)]
  // webmention.io does not say whose word an author is.
  const isClaim = who !== origin.host && places.some((place) => isElsewhere(place, origin))
  const via = plain(child['wm-via'], LONGEST_NAME) || (isClaim ? origin.host : '')
  const text = plain(content?.text, LONGEST_TEXT)
  const html = content?.html ? displayedHtml(content.html.slice(0, LONGEST_TEXT)) : ''
  return {
    type: 'entry',
    author: {
      type: 'card',
      name: who,
      url: webUrl(author?.url),
      ...(photo ? { photo } : {}),
    },
    url: webUrl(url) || source,
    published: moment(published),
    ...(name ? { name: plain(name, LONGEST_NAME) } : {}),
    ...(text || html ? { content: { text, ...(html ? { html } : {}) } } : {}),
    ...(rsvp ? { rsvp: plain(rsvp, LONGEST_NAME) } : {}),
    'wm-received': moment(child['wm-received']),
    'wm-source': source,
    ...(via ? { 'wm-via': via } : {}),
    'wm-target': target,
    'wm-property': child['wm-property'],
  }
}

function isElsewhere(place: string, origin: URL): boolean {
  return place !== '' && !isSameSite(new URL(place), origin)
}

/** Some template languages print what they are given: nothing in a plain text may end a quote or open a tag. */
const HARMLESS: Readonly<Record<string, string>> = {
  '<': '‹',
  '>': '›',
  '"': '”',
  "'": '’',
  '`': '’',
}

function plain(text: string | null | undefined, longest: number): string {
  return (text ?? '')
    .replace(/[\p{Cc}\p{Bidi_Control}]+/gu, ' ')
    .replace(/[<>"'`]/g, (letter) => HARMLESS[letter] ?? '')
    .trim()
    .slice(0, longest)
}

function webUrl(text: string | null | undefined): string {
  const url = parseUrl(text ?? '')
  if (!url) return ''
  return /^https?:$/.test(url.protocol) && !url.username && !url.password
    ? url.href.replace(/'/g, '%27')
    : ''
}

function moment(text: string | null | undefined): string | null {
  return text && /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text)) ? text : null
}
