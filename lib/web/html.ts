import { defaultTreeAdapter, html as spec, parse, serialize } from 'parse5'
import type { DefaultTreeAdapterTypes as Tree } from 'parse5'
import { canParseUrl } from './parse-url.ts'

export type HtmlDocument = Tree.Document
export type HtmlElement = Tree.Element
export type HtmlNode = Tree.Node

/** For documents of strangers: more than 1 MB of real markup has, and no more than can be read in a second. */
export const MAX_ELEMENTS = 150_000

/**
 * Parses a document as a browser would.
 *
 * @param options.maxElements Where to stop in a stranger's document: misnested formatting makes a parser
 *   repeat elements, so that 60 KB can become 25 million of them. What was read until then is returned.
 * @param options.onCut Learns that it was stopped there, for whom half a document is worse than none.
 * @param options.scripting `false` reads what stands in `<noscript>` as elements, as software without
 *   scripts does. Keep `true` for a document that will be serialized again: otherwise an image in a
 *   `<noscript>` of the head closes the head.
 */
export function parseHtml(
  html: string,
  {
    scripting = true,
    maxElements = Infinity,
    onCut = () => {},
  }: {
    readonly scripting?: boolean
    readonly maxElements?: number
    readonly onCut?: () => void
  } = {},
): HtmlDocument {
  const document = defaultTreeAdapter.createDocument()
  const enough = new Error(`more than ${maxElements} elements`)
  let left = maxElements
  const treeAdapter: typeof defaultTreeAdapter = {
    ...defaultTreeAdapter,
    createDocument: () => document,
    createElement(...element) {
      if (--left < 0) throw enough
      return defaultTreeAdapter.createElement(...element)
    },
  }
  try {
    return parse(html, { scriptingEnabled: scripting, treeAdapter })
  } catch (error) {
    if (error !== enough) throw error
    onCut()
    return document
  }
}

export function serializeHtml(document: HtmlDocument): string {
  return serialize(document)
}

/** The markup inside of `element`. */
export function innerHtml(element: HtmlElement | HtmlDocument): string {
  return serialize(element)
}

/** Walks the elements below `node` in document order. What stands in a `<template>` is no part of it. */
export function* elements(node: HtmlNode): Generator<HtmlElement> {
  for (const descendant of descendants(node)) {
    if (defaultTreeAdapter.isElementNode(descendant)) yield descendant
  }
}

/** An element and those around it, the nearest first. */
export function* selfAndAncestors(element: HtmlElement): Generator<HtmlElement> {
  let node: HtmlNode | null = element
  while (node && 'attrs' in node) {
    yield node
    node = node.parentNode
  }
}

/** Whether an element is `whole`, or below it. */
export function isWithin(element: HtmlElement, whole: HtmlElement): boolean {
  for (const one of selfAndAncestors(element)) if (one === whole) return true
  return false
}

/** Whether this is the HTML element of that name, not its namesake in SVG or MathML. */
export function isElement(element: HtmlElement, ...names: readonly string[]): boolean {
  return element.namespaceURI === spec.NS.HTML && names.includes(element.tagName)
}

export function attribute(element: HtmlElement, name: string): string | undefined {
  return element.attrs.find((attr) => attr.name === name)?.value
}

export function setAttribute(element: HtmlElement, name: string, value: string): void {
  const existing = element.attrs.find((attr) => attr.name === name)
  if (existing) existing.value = value
  else element.attrs.push({ name, value })
}

export function removeElement(element: HtmlElement): void {
  defaultTreeAdapter.detachNode(element)
}

/** The text below `node`, as the DOM's `textContent`. */
export function textOf(node: HtmlNode): string {
  let text = ''
  for (const descendant of descendants(node)) {
    if (defaultTreeAdapter.isTextNode(descendant)) text += descendant.value
  }
  return text
}

/** Whether a space-separated attribute such as `rel` or `class` contains `token`, in any ASCII case. */
export function hasToken(value: string | undefined, token: string): boolean {
  const tokens = (value ?? '').split(/[\t\n\f\r ]+/)
  return tokens.some((other) => lowerAscii(other) === lowerAscii(token))
}

/**
 * The URL that the document's relative URLs are resolved against; `url` is where it was fetched from.
 *
 * @see [HTML §2.4.3](https://html.spec.whatwg.org/multipage/urls-and-fetching.html#document-base-url)
 */
export function baseUrl(document: HtmlDocument, url: URL): URL {
  for (const element of elements(document)) {
    const href = isElement(element, 'base') ? attribute(element, 'href') : undefined
    if (href === undefined) continue
    const base = canParseUrl(href, url.href) ? new URL(href, url) : url
    return base.protocol === 'data:' || base.protocol === 'javascript:' ? url : base
  }
  return url
}

/** Iterative, because a hostile page may nest deeper than the stack is. */
function* descendants(node: HtmlNode): Generator<HtmlNode> {
  const pending: HtmlNode[] = [node]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next !== node) yield next
    if ('childNodes' in next) {
      for (let i = next.childNodes.length - 1; i >= 0; i--) {
        const child = next.childNodes[i]
        if (child) pending.push(child)
      }
    }
  }
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
