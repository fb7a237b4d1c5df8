/**
 * Reads the mentions that a server has for the build. Loaded where there are some: it brings the list of public suffixes
 * and the sanitiser along.
 *
 * @module
 */
import * as v from 'valibot'
import { displayedHtml } from '../inbox/displayed-html.ts'
import { ownName } from '../web/author-name.ts'
import { parseUrl } from '../web/parse-url.ts'
import { isSameSite } from '../web/same-site.ts'
import { PROPERTIES, type Mention } from './mention-list.ts'

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
