import {
  attribute,
  baseUrl,
  elements,
  hasToken,
  isElement,
  MAX_ELEMENTS,
  parseHtml,
} from './html.ts'
import { parseWebUrl } from './parse-url.ts'
import type { RelLink, RelsPage } from './rel-discovery.ts'

/**
 * The first link of each rel in a page: in document order, on the elements of these names. Without an address
 * where it is nothing that could be visited.
 */
export function relsInHtml({ html, url, rels, elements: names }: RelsPage): readonly RelLink[] {
  const found = new Map<string, RelLink>()
  const document = parseHtml(html, { scripting: false, maxElements: MAX_ELEMENTS })
  const base = baseUrl(document, new URL(url))
  for (const element of elements(document)) {
    // Without "href" it is no link at all; with an empty one it is a link to the page itself.
    const href = isElement(element, ...names) ? attribute(element, 'href') : undefined
    if (href === undefined) continue
    for (const rel of rels) {
      if (found.has(rel) || !hasToken(attribute(element, 'rel'), rel)) continue
      const link = parseWebUrl(href, base)
      found.set(rel, { rel, ...(link && { href: link.href }) })
    }
    if (found.size === rels.length) break
  }
  return [...found.values()]
}
