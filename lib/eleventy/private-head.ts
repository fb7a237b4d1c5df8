import { defaultTreeAdapter, html as spec } from 'parse5'
import { recognisePublisher } from '../webmention/publishers.ts'
import {
  attribute,
  elements,
  hasToken,
  isElement,
  removeElement,
  setAttribute,
  type HtmlDocument,
  type HtmlElement,
} from '../web/html.ts'
import { canParseUrl, parseUrl } from '../web/parse-url.ts'
import { contentPolicy } from './content-policy.ts'
import { isForeignHint } from './third-party.ts'

/** Relations that name this page's address to software, or a list that it must not be in. */
const TELLING_RELATIONS = [
  'canonical',
  'alternate',
  'shortlink',
  'amphtml',
  'next',
  'prev',
  'previous',
  'hub',
  'self',
  'EditURI',
]
/** Descriptions made for link previews and search engines. */
const TELLING_META =
  /^(og|twitter|article|fb|al|dc|dcterms|parsely|sailthru):|^twitter:|^description$|^citation_/i

/**
 * Tells software to keep a private page to itself: no indexing, no referrer, nothing from elsewhere.
 *
 * @see [HTML §4.2.5.3 Standard metadata names](https://html.spec.whatwg.org/multipage/semantics.html#standard-metadata-names)
 */
export function markHead(head: HtmlElement): void {
  const metas: Record<string, string>[] = [
    { name: 'robots', content: 'noindex, nofollow, noarchive, nosnippet' },
    { name: 'referrer', content: 'no-referrer' },
    { 'http-equiv': 'Content-Security-Policy', content: contentPolicy() },
  ]
  const first = head.childNodes.find((node) => !isCharset(node))
  for (const attributes of metas) {
    const meta = createElement('meta', attributes)
    if (first) defaultTreeAdapter.insertBefore(head, meta, first)
    else defaultTreeAdapter.appendChild(head, meta)
  }
}

/** Removes what would carry the page's address, or its text, to readers that are not people. */
export function stripTelling(document: HtmlDocument, page: URL, ownPlaceholder: string): void {
  for (const element of [...elements(document)]) {
    if (isTelling(element, page)) removeElement(element)
    else loseOutwardAddress(element, page, ownPlaceholder)
  }
}

function isTelling(element: HtmlElement, page: URL): boolean {
  if (isForeignHint(element, page)) return true
  if (isElement(element, 'link')) {
    const rel = attribute(element, 'rel')
    return TELLING_RELATIONS.some((name) => hasToken(rel, name)) || listsInPublic(element, page)
  }
  if (isElement(element, 'a')) return false
  if (isElement(element, 'meta')) {
    const name = attribute(element, 'property') ?? attribute(element, 'name') ?? ''
    const isOurs = ['robots', 'referrer', 'googlebot'].includes(name.toLowerCase())
    return TELLING_META.test(name) || isOurs
  }
  const type = attribute(element, 'type')?.toLowerCase()
  return isElement(element, 'script') && type === 'application/ld+json'
}

/** A receiver that lists its sources and targets would be told this page's address by each reply. */
function listsInPublic(element: HtmlElement, page: URL): boolean {
  const rel = attribute(element, 'rel')
  if (!hasToken(rel, 'webmention') && !hasToken(rel, 'pingback')) return false
  const href = attribute(element, 'href') ?? ''
  const endpoint = parseUrl(href, page.href)
  return endpoint !== undefined && recognisePublisher({ endpoint }) !== undefined
}

/** Links and forms to other sites lose their address if it quotes the page's own; all keep no referrer. */
function loseOutwardAddress(element: HtmlElement, page: URL, ownPlaceholder: string): void {
  const name = isElement(element, 'a', 'area') ? 'href' : isElement(element, 'form') ? 'action' : ''
  const value = name === '' ? undefined : attribute(element, name)
  if (value === undefined || !canParseUrl(value, page.href)) return
  const url = new URL(value, page)
  if (!/^https?:$/.test(url.protocol) || url.origin === page.origin) return

  if (quotes(element, ownPlaceholder)) {
    element.attrs = element.attrs.filter((attr) => attr.name !== name)
    return
  }
  if (name === 'action') return
  const rel = attribute(element, 'rel') ?? ''
  const missing = ['noreferrer', 'noopener'].filter((token) => !hasToken(rel, token))
  if (missing.length > 0) setAttribute(element, 'rel', [rel, ...missing].join(' ').trim())
}

function quotes(element: HtmlElement, ownPlaceholder: string): boolean {
  const nodes = isElement(element, 'form') ? [element, ...elements(element)] : [element]
  return nodes.some(({ attrs }) => attrs.some(({ value }) => value.includes(ownPlaceholder)))
}

function isCharset(node: unknown): boolean {
  const element = node as HtmlElement
  return 'attrs' in element && attribute(element, 'charset') !== undefined
}

function createElement(name: string, attributes: Readonly<Record<string, string>>): HtmlElement {
  const attrs = Object.entries(attributes).map(([key, value]) => ({ name: key, value }))
  return defaultTreeAdapter.createElement(name, spec.NS.HTML, attrs)
}
