import { attribute, elements, hasToken, isElement } from '../web/html.ts'
import type { HtmlDocument, HtmlElement, HtmlNode } from '../web/html.ts'
import { jsonValues } from './link-search.ts'
import { isNoindexRule } from './robots.ts'
import type { SourceContent } from './source-page.ts'
import type { PageSigns } from './source-reading.ts'

/** A long feed has some hundred entries. */
const MAX_VISIBILITIES = 1_000
/** It is one word, with little around it. */
const MAX_NODES = 50
const MAX_TEXT = 500
/** `<meta>` names that speak to every robot, or to the one that most pages address. */
const ROBOTS = ['robots', 'googlebot']

/**
 * What a page says of who may read it.
 *
 * @see [Denoting Privacy](https://indieweb.org/private-webmention-brainstorming#Denoting_Privacy)
 */
export function pageSigns(content: SourceContent): PageSigns {
  return {
    visibilities: visibilitiesOf(content),
    isNoindex: content.type === 'html' && hasNoindex(content.document),
  }
}

/** Every visibility that the page names, of whatever part of it; of JSON, as Micropub writes it. */
function visibilitiesOf(content: SourceContent): string[] {
  const found: string[] = []
  if (content.type === 'html') {
    for (const element of elements(content.document)) {
      if (!hasToken(attribute(element, 'class'), 'p-visibility')) continue
      // No page has so many, and what it hides is private.
      found.push(found.length < MAX_VISIBILITIES ? valueOf(element) : 'unknown')
      if (found.length > MAX_VISIBILITIES) break
    }
  }
  if (content.type === 'json') {
    for (const value of jsonValues(content.json)) {
      if (typeof value !== 'object' || value === null || !('visibility' in value)) continue
      const values = Array.isArray(value.visibility) ? value.visibility : [value.visibility]
      found.push(...values.slice(0, 10).map((one) => (typeof one === 'string' ? one : 'unknown')))
    }
  }
  return found.map((visibility) => visibility.trim().toLowerCase())
}

/** The value of a `p-*` property (microformats2 parsing, "parsing a p- property"). */
function valueOf(element: HtmlElement): string {
  const from = isElement(element, 'data', 'input')
    ? attribute(element, 'value')
    : isElement(element, 'abbr', 'link')
      ? attribute(element, 'title')
      : isElement(element, 'meta')
        ? attribute(element, 'content')
        : undefined
  return from ?? wordIn(element)
}

/** Its text, if that can be one word. Elements within each other would have the rest read once for each of them. */
function wordIn(element: HtmlElement): string {
  const pending: HtmlNode[] = [element]
  let [text, count] = ['', 0]
  for (let node = pending.pop(); node; node = pending.pop()) {
    count += 1
    if ('value' in node) text += node.value
    const children = 'childNodes' in node ? node.childNodes : []
    if (count + pending.length + children.length > MAX_NODES || text.length > MAX_TEXT)
      return 'unknown'
    pending.push(...children.toReversed())
  }
  return text
}

/** Whether a page keeps itself out of search engines. */
export function hasNoindex(document: HtmlDocument): boolean {
  for (const element of elements(document)) {
    const isRobots =
      isElement(element, 'meta') && ROBOTS.includes(attribute(element, 'name')?.toLowerCase() ?? '')
    if (isRobots && isNoindexRule(attribute(element, 'content') ?? '')) return true
  }
  return false
}
