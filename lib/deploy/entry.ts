import {
  attribute,
  baseUrl,
  elements,
  hasToken,
  isElement,
  textOf,
  type HtmlDocument,
  type HtmlElement,
} from '../web/html.ts'
import { isSamePage, pathIdentity } from '../web/page-identity.ts'
import { canParseUrl, parseWebUrl } from '../web/parse-url.ts'

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

/**
 * The one post that a page shows: its only `h-entry` that is neither inside a feed nor inside another
 * item. A page with several of them is a listing.
 *
 * @see [h-entry](https://microformats.org/wiki/h-entry)
 */
export function findEntry(document: HtmlDocument): HtmlElement | undefined {
  const entries: HtmlElement[] = []
  for (const element of elements(document)) {
    if (hasClass(element, 'h-entry') && rootAbove(element) === undefined) entries.push(element)
  }
  return entries.length === 1 ? entries[0] : undefined
}

/** The first element that has a property of the entry itself, and not of anything in it. */
export function propertyOf(entry: HtmlElement, property: string): HtmlElement | undefined {
  for (const element of elements(entry)) {
    if (hasClass(element, property) && rootAbove(element) === entry) return element
  }
  return undefined
}

/** What the entry answers, as it says: by a link, or by an item that has one. */
export function parentOf(entry: HtmlElement, document: HtmlDocument, page: URL): URL | undefined {
  const named = propertyOf(entry, 'u-in-reply-to')
  const link = named && isRoot(named) ? propertyOf(named, 'u-url') : named
  return link && parseWebUrl(urlValue(link), baseUrl(document, page))
}

/** Whether `page` is the post's own address: its `u-url` says so, or it names none. */
export function isPermalink(entry: HtmlElement, document: HtmlDocument, page: URL): boolean {
  const base = baseUrl(document, page)
  const urls: string[] = []
  for (const element of elements(entry)) {
    const isOwn = hasClass(element, 'u-url') && !isRoot(element) && rootAbove(element) === entry
    if (isOwn) urls.push(urlValue(element))
  }
  return (
    urls.length === 0 ||
    urls.some((url) => canParseUrl(url, base.href) && isOwnAddress(new URL(url, base), page))
  )
}

/** Where the entry links to on the web, each address once and in order. */
export function linksOf(entry: HtmlElement, document: HtmlDocument, page: URL): URL[] {
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

/** Templates often spell the site otherwise than it is deployed: without the "s", with a "www". */
function isOwnAddress(url: URL, page: URL): boolean {
  return isSamePage(withoutWww(url), withoutWww(page))
}

function withoutWww(page: URL): URL {
  const url = new URL(page)
  url.hostname = url.hostname.replace(/^www\./, '')
  return url
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
  let node: unknown = element.parentNode
  while (isParent(node)) {
    if (isRoot(node)) return node
    node = node.parentNode
  }
  return undefined
}

function isParent(node: unknown): node is HtmlElement {
  return typeof node === 'object' && node !== null && 'attrs' in node
}

function isRoot(element: HtmlElement): boolean {
  return ROOTS.some((root) => hasClass(element, root))
}

function hasClass(element: HtmlElement, name: string): boolean {
  return hasToken(attribute(element, 'class'), name)
}
