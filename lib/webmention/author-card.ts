import type { MessageAuthor } from '../delivery/message.ts'
import { attribute, elements, hasToken, MAX_ELEMENTS, parseHtml } from '../web/html.ts'
import type { HtmlDocument } from '../web/html.ts'
import { ownPageIdentity } from '../web/page-identity.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import { authorName } from '../web/author-name.ts'
import type { AuthorCard, AuthorPage } from './author-page.ts'
import { allItems, parseMicroformats, textOfValue, urlsOfValue, valuesOf } from './microformats.ts'
import type { Item, ItemValue } from './microformats.ts'

const MAX_URL = 2048

/**
 * The card of the person whose page this is: the one that names the page as its `url` and `uid`, or one whose URL
 * is a `rel=me` link of the page, or the only one with the URL of the page. For a worker thread.
 *
 * @see [representative h-card](https://microformats.org/wiki/representative-h-card-parsing)
 * @see [authorship, step 7](https://indieweb.org/authorship-spec#Algorithm)
 */
export function readAuthorPage({ html, url, page }: AuthorPage): AuthorCard | undefined {
  const document = parseHtml(html, { scripting: false, maxElements: MAX_ELEMENTS })
  const place = new URL(url)
  const profiles = relMeKeys(document, place)
  const cards = cardsIn(parseMicroformats(document, place).items)
  const keys = [place, new URL(page)].map(ownPageIdentity)
  const isAbout = (values: readonly ItemValue[]) =>
    webUrlsOf(values).some((one) => keys.includes(ownPageIdentity(one)))
  const withUrl = cards.filter((card) => isAbout(valuesOf(card, 'url')))
  const card =
    withUrl.find((one) => isAbout(valuesOf(one, 'uid'))) ??
    cards.find((one) =>
      webUrlsOf(valuesOf(one, 'url')).some((own) => profiles.has(ownPageIdentity(own))),
    ) ??
    onlyOne(withUrl)
  if (!card) return undefined
  const name = authorName(textOfValue(card) ?? '', place)
  const photo = photoOf(card)
  return name === '' ? undefined : { name, ...(photo !== undefined && { photo }) }
}

/** The card among these with a URL, and with a name for the person. */
export function cardWithUrl(items: readonly Item[], url: URL): Item | undefined {
  const isAbout = (card: Item) =>
    webUrlsOf([card]).some((own) => ownPageIdentity(own) === ownPageIdentity(url))
  return cardsIn(items).find((card) => isAbout(card) && textOfValue(card)?.trim())
}

/** The URLs of the web among values, each without a user name that would make it look like another host. */
export function webUrlsOf(values: readonly ItemValue[]): URL[] {
  return values.flatMap(urlsOfValue).flatMap((text) => {
    const url = text.length <= MAX_URL ? parseWebUrl(text) : undefined
    return url && url.username === '' && url.password === '' ? [url] : []
  })
}

export function photoOf(card: Item): MessageAuthor['photo'] {
  return webUrlsOf(valuesOf(card, 'photo'))[0]?.href
}

function cardsIn(items: readonly Item[]): Item[] {
  return [...allItems(items)].filter(({ type }) => type?.includes('h-card'))
}

/** Pages of posts show the same card with each of them. */
function onlyOne(cards: readonly Item[]): Item | undefined {
  const names = new Set(cards.map((card) => textOfValue(card)?.trim()))
  return names.size === 1 ? cards[0] : undefined
}

function relMeKeys(document: HtmlDocument, base: URL): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const element of elements(document)) {
    if (!hasToken(attribute(element, 'rel'), 'me')) continue
    const profile = parseWebUrl(attribute(element, 'href') ?? '', base)
    if (profile) keys.add(ownPageIdentity(profile))
  }
  return keys
}
