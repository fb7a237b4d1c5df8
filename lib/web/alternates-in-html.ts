import type { AlternateLink } from './alternate-links.ts'
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

/** Translations of a page are alternates of it, too; no page has so many. */
const MOST = 500

/** The links to other forms of a page that came from `url`, in document order. */
export function alternatesInHtml({
  html,
  url,
}: {
  readonly html: string
  readonly url: string
}): readonly AlternateLink[] {
  const found: AlternateLink[] = []
  const document = parseHtml(html, { scripting: false, maxElements: MAX_ELEMENTS })
  const base = baseUrl(document, new URL(url))
  for (const element of elements(document)) {
    if (found.length === MOST) break
    if (!isElement(element, 'link', 'a')) continue
    const rel = attribute(element, 'rel')
    const reference = attribute(element, 'href')
    if (reference === undefined || !(hasToken(rel, 'alternate') || hasToken(rel, 'feed'))) continue
    const link = parseWebUrl(reference, base)
    if (!link) continue
    const type = attribute(element, 'type')
    const title = attribute(element, 'title')
    found.push({
      ...{ href: link.href, reference },
      ...(type !== undefined && { type }),
      ...(title !== undefined && { title }),
    })
  }
  return found
}
