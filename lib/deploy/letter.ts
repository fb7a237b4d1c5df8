import { letterIdOf, type Letter } from '../delivery/letter.ts'
import {
  attribute,
  baseUrl,
  removeElement,
  textOf,
  type HtmlDocument,
  type HtmlElement,
} from '../web/html.ts'
import { shownText } from '../web/html-text.ts'
import { hasNoindex } from '../webmention/page-signs.ts'
import { hashOf, mainOf } from './content.ts'
import type { ShownMentions } from '../webmention/shown-mentions.ts'
import { isPermalink, mayShowEntry, parentOf, propertyOf } from '../web/h-entry.ts'
import { parsePage } from './own-words.ts'
import { letterHtml } from './letter-html.ts'

/** What a message of 64 KiB has room for beside its markup, even encrypted: some 2,500 words. */
const MAX_TEXT_BYTES = 16 * 1024
/** Markup that is longer is left out: half of it is worse than none. */
const MAX_HTML_BYTES = 24 * 1024
const MAX_TITLE_LENGTH = 300
/** As many as anybody writes by hand. */
const MAX_AUDIENCE = 200

/** What a page does not say of its letter. */
export interface LetterContext {
  /** Recipient ids of everybody whom its recipient may know of. */
  readonly audience: readonly string[]
  /** Where the page names none. */
  readonly title?: string | undefined
  /** What it answers, where this recipient may know; by default what the page says. */
  readonly inReplyTo?: string | undefined
  /** ISO 8601: when the recipient may no longer read it. */
  readonly expires?: string | undefined
}

/**
 * What a built page says, as a letter: the `e-content` of its post, or the post, or what the page is about.
 * Its version is the content hash of the page.
 *
 * @see [h-entry, properties](https://microformats.org/wiki/h-entry#Core_Properties)
 */
export function letterOf(html: string, page: URL, context: LetterContext): Letter {
  const { document, search } = parsePage(html, page)
  return letterFrom({ document, entry: search.entry }, page, context)
}

/**
 * The letter of a page that shows one post, which everybody may see; `undefined` for every other page. What
 * its author keeps out of search engines, or calls anything but public, is put on no list here either.
 */
export function publicLetterOf(html: string, page: URL, shown?: ShownMentions): Letter | undefined {
  // Most pages of a site are not posts, and parsing is what takes the time.
  if (!mayShowEntry(html)) return undefined
  const { document, search } = parsePage(html, page, shown)
  const { entry } = search
  return entry && isPermalink(entry, document, page) && isForEverybody(entry, document)
    ? letterFrom({ document, entry }, page, { audience: [] })
    : undefined
}

function isForEverybody(entry: HtmlElement, document: HtmlDocument): boolean {
  const visibility = propertyOf(entry, 'p-visibility')
  const word = visibility && (attribute(visibility, 'value') ?? textOf(visibility))
  return (word ?? 'public').trim().toLowerCase() === 'public' && !hasNoindex(document)
}

interface Post {
  readonly document: HtmlDocument
  readonly entry: HtmlElement | undefined
}

function letterFrom({ document, entry }: Post, page: URL, context: LetterContext): Letter {
  const whole = entry ?? mainOf(document)
  const version = hashOf(whole, document, page)
  const name = entry && propertyOf(entry, 'p-name')
  const content = entry && propertyOf(entry, 'e-content')
  const published = entry && momentOf(propertyOf(entry, 'dt-published'))
  const parent = entry && parentOf(entry, document, page)
  const inReplyTo = context.inReplyTo ?? parent?.href
  const title = (name && oneLine(textOf(name))) || oneLine(context.title ?? '')

  if (name && !content) removeElement(name)
  const part = content ?? whole
  const html = letterHtml(part, baseUrl(document, page))
  const text = shownText(part, { maxLength: MAX_TEXT_BYTES + 1 })
  // The name of a note is its content: to say it twice is no title.
  const isTitled = title !== '' && title !== oneLine(text)

  return {
    id: letterIdOf(page),
    version,
    url: page.href,
    ...(isTitled && { title }),
    text: cutText(text),
    ...(html !== '' && Buffer.byteLength(html) <= MAX_HTML_BYTES && { html }),
    ...(published !== undefined && { published }),
    ...(inReplyTo !== undefined && { inReplyTo }),
    audience: context.audience.slice(0, MAX_AUDIENCE),
    ...(context.expires !== undefined && { expires: context.expires }),
  }
}

/** ISO 8601 with a time zone. What has none is in UTC, as where Eleventy prints a date. */
function momentOf(element: HtmlElement | undefined): string | undefined {
  if (!element) return undefined
  const written = attribute(element, 'datetime') ?? attribute(element, 'value') ?? textOf(element)
  const [, day, clock, zone = 'Z'] = MOMENT.exec(written.trim()) ?? []
  if (day === undefined) return undefined
  const time = Date.parse(
    `${day}T${clock ?? '00:00'}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`,
  )
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}

const MOMENT =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?([Zz]|[+-]\d{2}:?\d{2})?)?$/

function oneLine(text: string): string {
  return [...text.replace(/[\s\p{Cc}]+/gu, ' ').trim()].slice(0, MAX_TITLE_LENGTH).join('')
}

/** Cut between two words, where it is too long; whoever wants all of it has the address. */
function cutText(text: string): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= MAX_TEXT_BYTES) return text
  const cut = bytes.subarray(0, MAX_TEXT_BYTES - Buffer.byteLength('…')).toString('utf8')
  return `${cut.replace(/\uFFFD$/, '').replace(/\s+\S*$/, '')}…`
}
