import type { Message } from '../delivery/message.ts'
import { toDate } from '../web/date-text.ts'
import { baseUrl, elements, isElement, textOf } from '../web/html.ts'
import type { HtmlDocument } from '../web/html.ts'
import { authorOf, authorOfPage, metaAuthor } from './author.ts'
import type { EntryAuthor } from './author-page.ts'
import { findEntry, type FoundEntry } from './entry-search.ts'
import { fragmentOf, normalForm } from './equivalence.ts'
import { elementsLinkingTo } from './link-search.ts'
import { parseMicroformats, textOfValue, valuesOf } from './microformats.ts'
import type { ItemValue, Microformats } from './microformats.ts'
import { toLine } from '../web/message-text.ts'
import { originalOf } from './original.ts'
import { inReplyToOf, responseType, type ResponseOptions } from './post-type.ts'
import { sanitiseHtml } from '../web/sanitise.ts'
import type { SourceContent } from './source-page.ts'
import { findPart } from './source-part.ts'

const MAX_TEXT_LENGTH = 2_000
const MAX_TITLE_LENGTH = 200

/** What a message says of itself: all of it the words of a stranger. */
export interface ReceivedEntry extends Pick<
  Message,
  'url' | 'type' | 'title' | 'text' | 'html' | 'published' | 'rsvp' | 'inReplyTo'
> {
  readonly author: EntryAuthor
  /** It is the part that the fragment of the source names, and not its whole page. */
  readonly isPart?: true
}

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
    return { author, type: 'mention', text: toLine(content.text, MAX_TEXT_LENGTH) }
  }
  const title = titleOf(content.document)
  const name = metaAuthor(content.document)
  const base = baseUrl(content.document, options.url)
  const links = elementsLinkingTo(content.document, base, normalForm(options.target))
  const fragment = fragmentOf(options.url) || fragmentOf(options.source)
  const part = findPart(content.document, fragment, links)
  const microformats = parseMicroformats(content.document, options.url)
  const found = findEntry(microformats, { ...options, base, links, ...(part && { part }) })
  if (found) return describe(found, microformats, options)
  const writer = authorOfPage(name, { microformats, url: options.url })
  return { author: writer, type: 'mention', text: '', ...(title && { title }) }
}

function describe(
  { entry, feed, isPart }: FoundEntry,
  microformats: Microformats,
  options: ReceivedEntryOptions,
): ReceivedEntry {
  const [content] = valuesOf(entry, 'content')
  const name = toLine(textOfValue(valuesOf(entry, 'name')[0]) ?? '', MAX_TITLE_LENGTH)
  const summary = textOfValue(valuesOf(entry, 'summary')[0])
  const text = toLine(textOfValue(content) ?? summary ?? '', MAX_TEXT_LENGTH)
  const html = htmlOf(content)
  const published = toDate(textOfValue(valuesOf(entry, 'published')[0]), options.now)
  const inReplyTo = inReplyToOf(entry, options.target)
  const original = originalOf(entry, options)
  // A note has no name of its own: the parser implies one from its text.
  const isImplied = text !== '' && isBeginning(name, text)
  return {
    author: authorOf(entry, feed, { microformats, url: options.url }),
    ...(original !== undefined && { url: original }),
    ...responseType(entry, options),
    text: text || name,
    ...(name && text && !isImplied && { title: name }),
    ...(html !== undefined && { html }),
    ...(published !== undefined && { published }),
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(isPart && { isPart }),
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

function titleOf(document: HtmlDocument): string | undefined {
  for (const element of elements(document)) {
    if (isElement(element, 'title')) return toLine(textOf(element), MAX_TITLE_LENGTH)
  }
  return undefined
}
