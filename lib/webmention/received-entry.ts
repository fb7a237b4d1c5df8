import type { Message } from '../delivery/message.ts'
import { elements, isElement, MAX_ELEMENTS, parseHtml, textOf } from '../web/html.ts'
import type { HtmlDocument } from '../web/html.ts'
import { authorOf } from './author.ts'
import { normalForm, normalFormOf } from './equivalence.ts'
import { linksBelow } from './link-search.ts'
import {
  isItem,
  linksToTarget,
  parseMicroformats,
  textOfValue,
  urlsOfValue,
  valuesOf,
} from './microformats.ts'
import type { Item, ItemValue, Microformats } from './microformats.ts'
import { plainText } from './plain-text.ts'
import { inReplyToOf, responseType, type ResponseOptions } from './post-type.ts'
import { sanitiseHtml } from '../web/sanitise.ts'
import type { SourceContent } from './source-page.ts'

const MAX_TEXT_LENGTH = 2_000
const MAX_TITLE_LENGTH = 200
/** What may be a post; anything else on a page is part of one, or decoration. */
const ENTRY_TYPES = [
  'h-entry',
  'h-event',
  'h-review',
  'h-recipe',
  'h-product',
  'h-listing',
  'h-cite',
]
/** A page of posts has some dozen of them, seldom in feeds within feeds. */
const MAX_CANDIDATES = 100
const MAX_FEED_DEPTH = 3
const DAY = 24 * 60 * 60 * 1000
/** ISO 8601 as microformats write it, with a space or without a zone as well. */
const DATE_TIME =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|[+-]\d\d:?\d\d)?)?$/i

/** What a message says of itself: all of it the words of a stranger. */
export type ReceivedEntry = Pick<
  Message,
  'author' | 'type' | 'title' | 'text' | 'html' | 'published' | 'rsvp' | 'inReplyTo'
>

export interface ReceivedEntryOptions extends ResponseOptions {
  /** Where the page really came from. */
  readonly url: URL
  readonly source: URL
  readonly now: Date
}

/**
 * Reads what a verified source says: its entry, if that mentions the target, or else as much as a page
 * says without microformats. An HTML document is used up.
 *
 * @see [h-entry](https://microformats.org/wiki/h-entry)
 */
export function readEntry(content: SourceContent, options: ReceivedEntryOptions): ReceivedEntry {
  const author = { name: options.url.host }
  if (content.type === 'json') return { author, type: 'mention', text: '' }
  if (content.type === 'text') {
    return { author, type: 'mention', text: plainText(content.text, MAX_TEXT_LENGTH) }
  }
  const title = titleOf(content.document)
  const microformats = parseMicroformats(content.document, options.url, normalForm(options.target))
  const found = findEntry(microformats, options)
  if (found) return describe(found, microformats, options)
  return { author, type: 'mention', text: '', ...(title && { title }) }
}

/** A candidate for the entry, with the feed that it stands in. */
interface Candidate {
  readonly entry: Item
  readonly feed?: Item
}

/** Of the entries that mention the target, the one that the page is about: with its URL, or the first. */
function findEntry(
  { items }: Microformats,
  { target, url, source }: ReceivedEntryOptions,
): Candidate | undefined {
  const own = [normalForm(url), normalForm(source)]
  const isOwn = ({ entry }: Candidate) =>
    valuesOf(entry, 'url')
      .flatMap(urlsOfValue)
      .some((link) => own.includes(normalFormOf(link) ?? ''))
  const candidates = candidatesIn(items).slice(0, MAX_CANDIDATES)
  const sorted = [...candidates.filter(isOwn), ...candidates.filter((one) => !isOwn(one))]
  return sorted.find(({ entry }) => mentions(entry, normalForm(target), url))
}

function candidatesIn(items: readonly Item[], feed?: Item, depth = 0): Candidate[] {
  return items.flatMap((item) => {
    const types = item.type ?? []
    if (types.some((type) => ENTRY_TYPES.includes(type)))
      return [{ entry: item, ...(feed && { feed }) }]
    if (!types.includes('h-feed') || depth >= MAX_FEED_DEPTH) return []
    return candidatesIn(item.children ?? [], item, depth + 1)
  })
}

/** Whether the target is anywhere in the entry: a URL of its own, or linked to in its content. */
function mentions(item: Item, target: string, url: URL): boolean {
  const inValue = (value: ItemValue): boolean => {
    if (typeof value === 'string') return normalFormOf(value) === target
    if (isItem(value) && mentions(value, target, url)) return true
    if (urlsOfValue(value).some((own) => normalFormOf(own) === target)) return true
    return 'html' in value && linksInHtml(value.html, target, url)
  }
  const children = item.children ?? []
  return (
    linksToTarget(item) ||
    Object.values(item.properties).flat().some(inValue) ||
    children.some((child) => mentions(child, target, url))
  )
}

function linksInHtml(html: unknown, target: string, url: URL): boolean {
  if (typeof html !== 'string') return false
  const document = parseHtml(html, { scripting: false, maxElements: MAX_ELEMENTS })
  return linksBelow(document, url, (link) => link === target)
}

function describe(
  { entry, feed }: Candidate,
  microformats: Microformats,
  options: ReceivedEntryOptions,
): ReceivedEntry {
  const [content] = valuesOf(entry, 'content')
  const name = plainText(textOfValue(valuesOf(entry, 'name')[0]) ?? '', MAX_TITLE_LENGTH)
  const summary = textOfValue(valuesOf(entry, 'summary')[0])
  const text = plainText(textOfValue(content) ?? summary ?? '', MAX_TEXT_LENGTH)
  const html = htmlOf(content)
  const published = publishedAt(textOfValue(valuesOf(entry, 'published')[0]), options.now)
  const inReplyTo = inReplyToOf(entry, options.target)
  // A note has no name of its own: the parser implies one from its text.
  const isImplied = text !== '' && isBeginning(name, text)
  return {
    author: authorOf(entry, feed, { microformats, url: options.url }),
    ...responseType(entry, options),
    text: text || name,
    ...(name && text && !isImplied && { title: name }),
    ...(html !== undefined && { html }),
    ...(published !== undefined && { published }),
    ...(inReplyTo !== undefined && { inReplyTo }),
  }
}

function htmlOf(content: ItemValue | undefined): string | undefined {
  if (typeof content !== 'object' || !('html' in content)) return undefined
  return typeof content.html === 'string' ? sanitiseHtml(content.html) : undefined
}

function isBeginning(name: string, text: string): boolean {
  const beginning = name.replace(/…$/, '').slice(0, 60)
  return text.startsWith(beginning) || beginning.startsWith(text.slice(0, 60))
}

/** ISO 8601 in UTC. What lies ahead or before the web was is no date of a post. */
export function publishedAt(value: string | undefined, now: Date): string | undefined {
  const [, date, time = '00:00', zone = 'Z'] = DATE_TIME.exec(value?.trim() ?? '') ?? []
  const published = Date.parse(`${date}T${time.slice(0, 12)}${zone.toUpperCase()}`)
  const isBelievable = published > Date.UTC(1990) && published < now.getTime() + DAY
  return isBelievable ? new Date(published).toISOString() : undefined
}

function titleOf(document: HtmlDocument): string | undefined {
  for (const element of elements(document)) {
    if (isElement(element, 'title')) return plainText(textOf(element), MAX_TITLE_LENGTH)
  }
  return undefined
}
