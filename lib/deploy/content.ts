import { createHash } from 'node:crypto'
import {
  attribute,
  baseUrl,
  elements,
  isElement,
  type HtmlDocument,
  type HtmlElement,
  type HtmlNode,
} from '../web/html.ts'
import type { ShownMentions } from '../webmention/shown-mentions.ts'
import { parsePage } from './own-words.ts'
import { canParseUrl } from '../web/parse-url.ts'

/** The content of a post that is no longer there, or no longer links to its target. */
export const GONE = 'gone'

/** Attributes that point somewhere. */
const URL_ATTRIBUTES = ['href', 'src', 'srcset', 'poster', 'data']
/** Attributes that say something a reader or a program gets to know. */
const SPOKEN_ATTRIBUTES = ['alt', 'value', 'datetime']
/** Text in these is for the browser, not for the reader. */
const UNREAD = ['script', 'style', 'template']

/**
 * Tells whether a post says something else than it did: a hash of its text, its links and its media.
 *
 * Only the h-entry counts, and what its author says in it, so that a footer with the time of the build, a new menu
 * or somebody's comment is no change; nor are white space and markup. A page without one counts as a whole.
 */
export function contentHash(html: string, page: URL, shown?: ShownMentions): string {
  const { document, search } = parsePage(html, page, shown)
  return hashOf(search.entry ?? mainOf(document), document, page)
}

/** The same for a page that is parsed already. */
export function hashOf(part: HtmlNode, document: HtmlDocument, page: URL): string {
  const hash = createHash('sha256')
  for (const word of wordsOf(part, baseUrl(document, page), page)) hash.update(word)
  return hash.digest('base64url')
}

/** What a page is about that is no post. */
export function mainOf(document: HtmlDocument): HtmlElement | HtmlDocument {
  for (const element of elements(document)) if (isElement(element, 'main')) return element
  for (const element of elements(document)) if (isElement(element, 'body')) return element
  return document
}

/** What the part says, in document order and without white space. */
function* wordsOf(part: HtmlNode, base: URL, page: URL): Generator<string> {
  const pending: HtmlNode[] = [part]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if ('value' in node) yield node.value.normalize('NFC').replace(/\s+/g, '')
    if ('attrs' in node) {
      if (isElement(node, ...UNREAD)) continue
      yield* attributesOf(node, base, page)
    }
    if ('childNodes' in node) pending.push(...[...node.childNodes].reverse())
  }
}

function* attributesOf(element: HtmlElement, base: URL, page: URL): Generator<string> {
  for (const name of URL_ATTRIBUTES) {
    const value = attribute(element, name)
    if (value === undefined) continue
    yield `\n${relationsOf(element)} ${canParseUrl(value, base.href) ? plain(new URL(value, base), page) : value}\n`
  }
  for (const name of SPOKEN_ATTRIBUTES) {
    const value = attribute(element, name)
    if (value !== undefined) yield `\n${value.trim()}\n`
  }
}

/** A link that becomes a reply or a like is a change, though it points to the same place. */
function relationsOf(element: HtmlElement): string {
  const classes = (attribute(element, 'class') ?? '').split(/\s+/)
  return classes.filter((name) => name.startsWith('u-')).join(' ')
}

/** Hosts that "prettify" rewrite the links to the site's own pages: `/a/index.html` is served as `/a/`. */
function plain(url: URL, page: URL): string {
  if (url.origin !== page.origin) return url.href
  const path = url.pathname.replace(/(^|\/)index\.html?$|\.html?$/, '').replace(/\/$/, '')
  return `${url.origin}${path}${url.search}${url.hash}`
}
