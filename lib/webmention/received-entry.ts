import type { Message } from '../delivery/message.ts'
import { toDate } from '../web/date-text.ts'
import { baseUrl } from '../web/html.ts'
import { toParagraphs } from '../web/message-text.ts'
import { fragmentOf } from '../web/page-identity.ts'
import { authorOf, authorOfPage, metaAuthor } from './author.ts'
import type { EntryAuthor } from './author-page.ts'
import { findEntry, type FoundEntry } from './entry-search.ts'
import { isBeginning, MAX_TEXT_LENGTH, otherText, wordsOf } from './entry-words.ts'
import { normalForm } from './equivalence.ts'
import { entryInJson, linesOfEntry } from './json-entry.ts'
import { elementsLinkingTo } from './link-search.ts'
import { parseMicroformats, textOfValue, valuesOf } from './microformats.ts'
import type { Item, Microformats } from './microformats.ts'
import { originalOf } from './original.ts'
import { pageWords, sentenceIn, type PageWords } from './page-words.ts'
import { inReplyToOf, responseType, type ResponseOptions } from './post-type.ts'
import type { SourceContent } from './source-page.ts'
import { findPart } from './source-part.ts'
import { markupIn, type MarkupOfWords } from './word-marks.ts'

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
  if (content.type === 'json') return readJson(content.json, options)
  if (content.type === 'text') {
    return { author, type: 'mention', text: plainWords(content.text, options) }
  }
  const { document } = content
  const base = baseUrl(document, options.url)
  const links = elementsLinkingTo(document, base, normalForm(options.target))
  const page = pageWords(document, links)
  const name = metaAuthor(document)
  const fragment = fragmentOf(options.url) || fragmentOf(options.source)
  const part = findPart(document, fragment, links)
  const microformats = parseMicroformats(document, options.url)
  const found = findEntry(microformats, { ...options, base, links, ...(part && { part }) })
  if (found) return describe(found, microformats, { ...options, page })
  const { title, sentence, description = '' } = page
  const isSaid = sentence === undefined || description.includes(sentence)
  return {
    author: authorOfPage(name, { microformats, url: options.url }),
    type: 'mention',
    ...(title !== undefined && { title }),
    text: [!isSaid && sentence, description].filter(Boolean).join('\n\n'),
  }
}

function readJson(json: unknown, options: ReceivedEntryOptions): ReceivedEntry {
  const target = normalForm(options.target)
  const entry = entryInJson(json, (link) => link === target)
  if (!entry) return { author: { name: options.url.host }, type: 'mention', text: '' }
  const markup = new Map([[entry, linesOfEntry(entry)]])
  const microformats = { items: [entry], relAuthors: [], roots: new Map(), markup }
  return describe({ entry }, microformats, options)
}

function describe(
  { entry, feed, isPart }: FoundEntry,
  microformats: Microformats,
  options: ReceivedEntryOptions & { readonly page?: PageWords },
): ReceivedEntry {
  const markup = markupOf(entry, microformats)
  const { title, text, html } = wordsOf(entry, markup)
  const response = responseType(entry, options)
  const published = toDate(textOfValue(valuesOf(entry, 'published')[0]), options.now)
  const inReplyTo = inReplyToOf(entry, options.target)
  const original = originalOf(entry, options)
  const said = text || besideWords()
  const hasTitle = title !== undefined && said !== '' && !isBeginning(title, said)
  return {
    author: authorOf(entry, feed, { microformats, url: options.url }),
    ...(original !== undefined && { url: original }),
    ...response,
    text: said || (title ?? ''),
    ...(hasTitle && { title }),
    ...(html !== undefined && { html }),
    ...(published !== undefined && { published }),
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(isPart && { isPart }),
  }

  function besideWords(): string {
    if (response.type === 'reply') return otherText(markup)
    // A post that says nothing of itself still stands on a page that says why it mentions the target.
    return (response.type === 'mention' && options.page?.sentence) || ''
  }
}

/** Everything of an entry that is known with its markup. */
function markupOf(entry: Item, { roots, markup }: Microformats): MarkupOfWords {
  const [root] = [...roots].find(([, item]) => item === entry) ?? []
  return new Map([...(root ? markupIn(root) : []), ...(markup.get(entry) ?? [])])
}

/** Of a long text, the words around the link come first: they say why it was sent. */
function plainWords(text: string, { target }: ReceivedEntryOptions): string {
  const index = text.indexOf(target.href)
  if (index < MAX_TEXT_LENGTH / 2) return toParagraphs(text, MAX_TEXT_LENGTH)
  const sentence = sentenceIn(text, index, index + target.href.length)
  return toParagraphs(`${sentence}\n\n${text}`, MAX_TEXT_LENGTH)
}
