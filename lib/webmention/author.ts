import { attribute, elements, isElement } from '../web/html.ts'
import type { HtmlDocument } from '../web/html.ts'
import { redactSecrets } from '../web/redaction.ts'
import { isSameSite } from '../web/same-site.ts'
import { ownPageIdentity } from '../web/page-identity.ts'
import { cardWithUrl, photoOf, webUrlsOf } from './author-card.ts'
import { authorName } from '../web/author-name.ts'
import type { EntryAuthor } from './author-page.ts'
import { isItem, textOfValue, valuesOf } from './microformats.ts'
import type { Item, ItemValue, Microformats } from './microformats.ts'

export interface AuthorOptions {
  readonly microformats: Microformats
  /** Where the page really came from. */
  readonly url: URL
}

/**
 * Who wrote an entry, by the authorship algorithm:
 *
 * 1. the author of the entry, or else of its feed: a card, a name, or the address of the author's page
 * 2. or else the author's page by `rel=author`
 * 3. of an author's page: the card on this very page that has its address, or else the page itself, which is fetched
 *    elsewhere ({@link completeAuthor})
 * 4. or else the only card of the page, if that is of its own site
 *
 * All of it is the page's own word. Whose page the author says to have is compared with where this one came from
 * when the message reaches the inbox. A name without any address stands for the site that gives it.
 *
 * @see [authorship](https://indieweb.org/authorship-spec#Algorithm)
 */
export function authorOf(
  entry: Item | undefined,
  feed: Item | undefined,
  options: AuthorOptions,
): EntryAuthor {
  const given = authorIn(entry) ?? authorIn(feed)
  if (given !== undefined) return authorOfValue(given, options)
  const [page] = options.microformats.relAuthors.flatMap(({ href }) => webUrlsOf([href]))
  if (page) return authorAt(page, options)
  const card = onlyCard(options)
  return card ? authorOfCard(card, options) : unknownAuthor(options)
}

/** The first of several that says anything. */
function authorIn(item: Item | undefined): ItemValue | undefined {
  const values = item ? valuesOf(item, 'author') : []
  return values.find((value) => textOfValue(value)?.trim() || webUrlsOf([value]).length > 0)
}

function authorOfValue(value: ItemValue, options: AuthorOptions): EntryAuthor {
  if (isItem(value)) return authorOfCard(value, options)
  const text = textOfValue(value) ?? ''
  const [page] = webUrlsOf([text.trim()])
  return page ? authorAt(page, options) : named(authorName(text, options.url), options)
}

function authorOfCard(card: Item, options: AuthorOptions): EntryAuthor {
  const name = authorName(textOfValue(card) ?? '', options.url)
  const url = ownFirst(webUrlsOf([card]), options)
  if (name === '') return url ? authorAt(url, options) : unknownAuthor(options)
  const photo = photoOf(card)
  return { name, ...(url && { url: url.href }), ...(photo !== undefined && { photo }) }
}

/** Whoever has this page: by a card of theirs here, or else for the page itself to say. */
function authorAt(page: URL, options: AuthorOptions): EntryAuthor {
  const card = cardWithUrl(options.microformats.items, page)
  const name = card ? authorName(textOfValue(card) ?? '', options.url) : ''
  if (card && name !== '') {
    const photo = photoOf(card)
    return { name, url: page.href, ...(photo !== undefined && { photo }) }
  }
  const isOwn = isSameSite(page, options.url)
  return {
    name: isOwn ? options.url.host : redactSecrets(page.host + page.pathname.replace(/\/$/, '')),
    url: page.href,
    ...(ownPageIdentity(page) !== ownPageIdentity(options.url) && {
      page: { url: page.href, isSameSite: isOwn },
    }),
  }
}

/** Who wrote a page without microformats: by `<meta name="author">`, with the address of `rel=author`. */
export function authorOfPage(name: string, options: AuthorOptions): EntryAuthor {
  const known = named(authorName(name, options.url), options)
  const [url] = options.microformats.relAuthors.flatMap(({ href }) => webUrlsOf([href]))
  return known.name === options.url.host || !url ? known : { ...known, url: url.href }
}

/** What `<meta name="author">` says. */
export function metaAuthor(document: HtmlDocument): string {
  for (const element of elements(document)) {
    const isAuthor =
      isElement(element, 'meta') && attribute(element, 'name')?.toLowerCase() === 'author'
    if (isAuthor) return attribute(element, 'content') ?? ''
  }
  return ''
}

/** Who has several pages is shown with the one that is on the site of this page. */
function ownFirst(urls: readonly URL[], { url }: AuthorOptions): URL | undefined {
  return urls.find((one) => isSameSite(one, url)) ?? urls[0]
}

/** The card of a page that shows one only, unless it is of somebody else. */
function onlyCard({ microformats, url }: AuthorOptions): Item | undefined {
  const cards = microformats.items.filter(({ type }) => type?.includes('h-card'))
  const [card] = cards
  if (!card || cards.length > 1) return undefined
  const urls = webUrlsOf([card])
  return urls.length === 0 || urls.some((one) => isSameSite(one, url)) ? card : undefined
}

function named(name: string, options: AuthorOptions): EntryAuthor {
  return name === '' ? unknownAuthor(options) : { name }
}

function unknownAuthor({ url }: AuthorOptions): EntryAuthor {
  return { name: url.host }
}
