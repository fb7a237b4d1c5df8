import type { MessageAuthor } from '../delivery/message.ts'
import { normalFormOf } from './equivalence.ts'
import { allItems, textOfValue, urlsOfValue, valuesOf } from './microformats.ts'
import type { Item, ItemValue, Microformats } from './microformats.ts'
import { plainText } from './plain-text.ts'

const MAX_NAME_LENGTH = 100

export interface AuthorOptions {
  readonly microformats: Microformats
  /** Where the page really came from. */
  readonly url: URL
}

/**
 * Who wrote an entry, by the authorship algorithm as far as the page itself goes.
 *
 * Name and URL are the page's to choose, so they count only where they claim no other origin than that
 * of the page; otherwise its host is all that is known.
 *
 * @see [authorship](https://indieweb.org/authorship-spec)
 */
export function authorOf(
  entry: Item | undefined,
  feed: Item | undefined,
  options: AuthorOptions,
): MessageAuthor {
  const author = named(entry) ?? named(feed) ?? relAuthor(options) ?? onlyCard(options)
  const unknown = { name: options.url.host }
  if (author === undefined) return unknown

  const card = typeof author === 'string' ? cardWithUrl(author, options) : undefined
  const urls = urlsOfValue(card ?? author).filter((url) => normalFormOf(url) !== undefined)
  const own = urls.map((url) => new URL(url)).find(({ origin }) => origin === options.url.origin)
  if (urls.length > 0 && !own) return unknown

  const text = textOfValue(card ?? author) ?? ''
  const name = plainText(normalFormOf(text) === undefined ? text : '', MAX_NAME_LENGTH)
  return { name: name || options.url.host, ...(own && { url: own.href }) }
}

function named(item: Item | undefined): ItemValue | undefined {
  return item && valuesOf(item, 'author')[0]
}

function relAuthor({ microformats }: AuthorOptions): string | undefined {
  return microformats.relAuthors[0]?.href
}

/** The card of a page that shows one only, unless it is of somebody else. */
function onlyCard({ microformats }: AuthorOptions): Item | undefined {
  const cards = microformats.items.filter(({ type }) => type?.includes('h-card'))
  return cards.length === 1 ? cards[0] : undefined
}

function cardWithUrl(url: string, { microformats }: AuthorOptions): Item | undefined {
  const wanted = normalFormOf(url)
  if (wanted === undefined) return undefined
  for (const item of allItems(microformats.items)) {
    if (!item.type?.includes('h-card')) continue
    if (urlsOfValue(item).some((other) => normalFormOf(other) === wanted)) return item
  }
  return undefined
}
