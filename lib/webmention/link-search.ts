import {
  attribute,
  baseUrl,
  elements,
  isElement,
  MAX_ELEMENTS,
  parseHtml,
  type HtmlDocument,
  type HtmlElement,
  type HtmlNode,
} from '../web/html.ts'
import { normalFormOf } from './equivalence.ts'
import type { VouchPage } from './vouch.ts'

/** Where an element points to. `<data>`, `cite` and plain text are no links that a reader could follow. */
const LINK_ATTRIBUTES: Readonly<Record<string, string>> = {
  a: 'href',
  link: 'href',
  area: 'href',
  img: 'src',
  video: 'src',
  audio: 'src',
  source: 'src',
  iframe: 'src',
}
/** What a sentence may put behind an address. */
const PUNCTUATION = /[.,;:!?'")\]}*_~>]$/
const MAX_PUNCTUATION = 8
const MAX_URL_LENGTH = 4096

/** Whether a link is one that is looked for. It is given in its normal form. */
export type FitsLink = (link: string) => boolean

/**
 * Whether an HTML document has a link that fits.
 *
 * @see [Webmention §3.2.2](https://www.w3.org/TR/webmention/#webmention-verification)
 */
export function htmlLinksTo(document: HtmlDocument, url: URL, fits: FitsLink): boolean {
  return linksBelow(document, baseUrl(document, url), fits)
}

/** Whether a page links to any page of a host. */
export function linksToHost({ html, url, hostname }: VouchPage): boolean {
  const document = parseHtml(html, { scripting: false, maxElements: MAX_ELEMENTS })
  const base = baseUrl(document, new URL(url))
  return linksBelow(document, base, (link) => new URL(link).hostname === hostname)
}

/** Whether any link below `node` fits. */
function linksBelow(node: HtmlNode, base: URL, fits: FitsLink): boolean {
  for (const element of elements(node)) {
    const link = linkOf(element, base)
    if (link !== undefined && fits(link)) return true
  }
  return false
}

/** The elements that link to the target, given in its normal form. */
export function elementsLinkingTo(node: HtmlNode, base: URL, target: string): HtmlElement[] {
  return [...elements(node)].filter((element) => linkOf(element, base) === target)
}

/** Where an element links to, in normal form; `undefined` if it is no link to the web. */
function linkOf(element: HtmlElement, base: URL): string | undefined {
  const name = LINK_ATTRIBUTES[element.tagName]
  if (name === undefined || !isElement(element, element.tagName)) return undefined
  const reference = attribute(element, name)
  return reference === undefined ? undefined : normalFormOf(reference, base)
}

/** Whether a value somewhere in the JSON is a link that fits. */
export function jsonLinksTo(json: unknown, fits: FitsLink): boolean {
  for (const value of jsonValues(json)) {
    if (typeof value === 'string' && isUrl(value, fits)) return true
  }
  return false
}

/** Every value of a JSON document, containers before what is in them; iterative, however deep it nests. */
export function* jsonValues(json: unknown): Generator<unknown> {
  const pending = [json]
  while (pending.length > 0) {
    const value = pending.pop()
    yield value
    // One by one: a call takes only so many arguments.
    if (typeof value === 'object' && value !== null) {
      for (const child of childrenOf(value)) pending.push(child)
    }
  }
}

/** Whether a link that fits stands in the text as an address of its own, not as the beginning of another. */
export function textLinksTo(text: string, fits: FitsLink): boolean {
  for (const [match] of text.matchAll(/https?:\/\/[^\s<>"`|\\^]+/gi)) {
    if (match.length > MAX_URL_LENGTH) continue
    let candidate = match
    for (let cut = 0; cut <= MAX_PUNCTUATION; cut++) {
      if (isUrl(candidate, fits)) return true
      if (!PUNCTUATION.test(candidate)) break
      candidate = candidate.slice(0, -1)
    }
  }
  return false
}

function isUrl(text: string, fits: FitsLink): boolean {
  if (!/^https?:/i.test(text) || text.length > MAX_URL_LENGTH) return false
  const link = normalFormOf(text)
  return link !== undefined && fits(link)
}

function childrenOf(value: object): unknown[] {
  return Array.isArray(value) ? value : Object.values(value)
}
