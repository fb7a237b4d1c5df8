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

/**
 * The first link of each rel in a page that came from `url`: in document order, on the elements of these
 * names. `undefined` where it is nothing that could be visited.
 */
export function relsInHtml(
  html: string,
  url: URL,
  rels: readonly string[],
  names: readonly string[],
): Map<string, URL | undefined> {
  const found = new Map<string, URL | undefined>()
  const document = parseHtml(html, { scripting: false, maxElements: MAX_ELEMENTS })
  const base = baseUrl(document, url)
  for (const element of elements(document)) {
    // Without "href" it is no link at all; with an empty one it is a link to the page itself.
    const href = isElement(element, ...names) ? attribute(element, 'href') : undefined
    if (href === undefined) continue
    for (const rel of rels) {
      if (found.has(rel) || !hasToken(attribute(element, 'rel'), rel)) continue
      found.set(rel, parseWebUrl(href, base))
    }
  }
  return found
}
