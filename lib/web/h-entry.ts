import {
  attribute,
  baseUrl,
  elements,
  hasToken,
  isElement,
  selfAndAncestors,
  textOf,
  type HtmlDocument,
  type HtmlElement,
} from './html.ts'
import { ownPageIdentity, pathIdentity } from './page-identity.ts'
import { canParseUrl, parseWebUrl } from './parse-url.ts'

/**
 * The roots of the microformats2 vocabulary. A closed list, unlike the parsing algorithm's `h-*`: a
 * utility class such as `h-full` on the body must not swallow the post.
 */
const ROOTS = [
  'h-adr',
  'h-card',
  'h-cite',
  'h-entry',
  'h-event',
  'h-feed',
  'h-geo',
  'h-item',
  'h-listing',
  'h-product',
  'h-recipe',
  'h-resume',
  'h-review',
  'h-review-aggregate',
]
/** Where the value of a `u-*` property stands, by element. */
const URL_ATTRIBUTES: Readonly<Record<string, string>> = {
  a: 'href',
  area: 'href',
  link: 'href',
  img: 'src',
  audio: 'src',
  video: 'src',
  source: 'src',
  iframe: 'src',
  object: 'data',
  data: 'value',
}

/** What the classic `hentry` calls the properties of an entry. */
const CLASSIC_NAMES: Readonly<Record<string, string>> = {
  'p-name': 'entry-title',
  'e-content': 'entry-content',
  'p-summary': 'entry-summary',
  'dt-published': 'published',
}

/** Whether a page may show a post: most do not, and parsing is what takes the time. */
export function mayShowEntry(html: string): boolean {
  return /h-?entry/i.test(html)
}

/** The post that a page shows, or the entries among which none can be told from the others. */
export type EntrySearch =
  | { readonly entry: HtmlElement }
  | { readonly entry?: never; readonly others: readonly HtmlElement[] }

/**
 * The one post that a page shows: the `h-entry` that says so by its `u-url`, also in a feed; or else the only one
 * that is neither inside a feed nor inside another item; or else the only classic `hentry`. A page with several
 * of them is a listing.
 *
 * @see [h-entry](https://microformats.org/wiki/h-entry)
 */
export function searchEntry(document: HtmlDocument, page: URL): EntrySearch {
  const alone: HtmlElement[] = []
  const listed: HtmlElement[] = []
  const classic: HtmlElement[] = []
  for (const element of elements(document)) {
    const isEntry = hasClass(element, 'h-entry')
    if (!isEntry && !isClassic(element)) continue
    const above = rootAbove(element)
    if (isEntry) {
      if (above === undefined) alone.push(element)
      else if (hasClass(above, 'h-feed')) listed.push(element)
    } else if (above === undefined && !isInClassic(element)) {
      classic.push(element)
    }
  }
  const isModern = alone.length + listed.length > 0
  const entries = isModern ? [...alone, ...listed] : classic
  const says = (entry: HtmlElement) =>
    addressesOf(entry, document, page).some((url) => isOwnAddress(url, page))
  const own = entries.find(says)
  if (own) return { entry: own }
  const [only, ...others] = isModern ? alone : classic
  return only && others.length === 0 ? { entry: only } : { others: entries }
}

/** The first element that has a property of the entry itself, and not of anything in it. */
export function propertyOf(entry: HtmlElement, property: string): HtmlElement | undefined {
  for (const element of elements(entry)) {
    if (hasProperty(element, property, entry) && isOf(element, entry)) return element
  }
  return undefined
}

/** Whether what `element` says is a property of the entry, and not of another item in it. */
export function isOf(element: HtmlElement, entry: HtmlElement): boolean {
  const isBelowClassic = isClassic(entry)
  for (const one of ancestors(element)) {
    if (one === entry) return true
    if (isRoot(one) || (isBelowClassic && isClassic(one))) return false
  }
  return false
}

/** What the entry answers, as it says: by a link, or by an item that has one. */
export function parentOf(
  entry: HtmlElement,
  document: HtmlDocument,
  page: URL,
  property = 'u-in-reply-to',
): URL | undefined {
  const named = propertyOf(entry, property)
  const link = named && isRoot(named) ? (propertyOf(named, 'u-url') ?? named) : named
  return link && parseWebUrl(urlValue(link), baseUrl(document, page))
}

/** Whether `page` is the post's own address: its `u-url` says so, or it names none. */
export function isPermalink(entry: HtmlElement, document: HtmlDocument, page: URL): boolean {
  const urls = addressesOf(entry, document, page)
  return urls.length === 0 || urls.some((url) => isOwnAddress(url, page))
}

/** What the entry says where it stands. */
export function addressesOf(entry: HtmlElement, document: HtmlDocument, page: URL): URL[] {
  const base = baseUrl(document, page)
  const urls: URL[] = []
  for (const element of elements(entry)) {
    if (!hasProperty(element, 'u-url', entry) || isRoot(element) || !isOf(element, entry)) continue
    const url = urlValue(element)
    if (canParseUrl(url, base.href)) urls.push(new URL(url, base))
  }
  return urls
}

/** Where the entry links to on the web, each address once and in order; or the whole document. */
export function linksOf(
  entry: HtmlElement | HtmlDocument,
  document: HtmlDocument,
  page: URL,
): URL[] {
  const base = baseUrl(document, page)
  const links = new Map<string, URL>()
  for (const element of elements(entry)) {
    const href = isElement(element, 'a') ? attribute(element, 'href') : undefined
    if (href === undefined || !canParseUrl(href, base.href)) continue
    const url = new URL(href, base)
    if (url.protocol === 'http:' || url.protocol === 'https:') links.set(url.href, url)
  }
  return [...links.values()]
}

/** Whether it is the page: templates often spell the site otherwise than it is deployed: without the "s", with a "www". */
export function isOwnAddress(url: URL, page: URL): boolean {
  return ownPageIdentity(url) === ownPageIdentity(page)
}

/**
 * Whether `url` is `page` on a site that has moved as a whole: to "www", to https, from a project page
 * to a domain of its own. Such a move says nothing of the single page.
 */
export function isMovedPage(url: URL, page: URL): boolean {
  const [one, other] = [nameOf(url), nameOf(page)]
  const isTail = one !== '' && other !== '' && (one.endsWith(other) || other.endsWith(one))
  return url.origin !== page.origin && (one === other || isTail)
}

function nameOf({ pathname, search }: URL): string {
  return pathIdentity(pathname) + search
}

function urlValue(element: HtmlElement): string {
  const name = URL_ATTRIBUTES[element.tagName]
  return (name === undefined ? undefined : attribute(element, name)) ?? textOf(element).trim()
}

function rootAbove(element: HtmlElement): HtmlElement | undefined {
  for (const one of ancestors(element)) if (isRoot(one)) return one
  return undefined
}

function* ancestors(element: HtmlElement): Generator<HtmlElement> {
  for (const one of selfAndAncestors(element)) if (one !== element) yield one
}

/** Whether the element is an item of microformats2. */
export function isRoot(element: HtmlElement): boolean {
  return ROOTS.some((root) => hasClass(element, root))
}

function isClassic(element: HtmlElement): boolean {
  return hasClass(element, 'hentry') && !hasClass(element, 'h-entry')
}

function isInClassic(element: HtmlElement): boolean {
  for (const one of ancestors(element)) if (isClassic(one)) return true
  return false
}

function hasProperty(element: HtmlElement, property: string, entry: HtmlElement): boolean {
  if (!isClassic(entry)) return hasClass(element, property)
  if (property === 'u-url') return hasToken(attribute(element, 'rel'), 'bookmark')
  return hasClass(element, property) || hasClass(element, CLASSIC_NAMES[property] ?? property)
}

export function hasClass(element: HtmlElement, name: string): boolean {
  return hasToken(attribute(element, 'class'), name)
}
