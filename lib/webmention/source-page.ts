import { attribute, elements, isElement, parseHtml } from '../web/html.ts'
import type { HtmlDocument } from '../web/html.ts'
import { staticPageIdentity } from '../web/page-identity.ts'
import { normalForm } from './equivalence.ts'
import { htmlLinksTo, jsonLinksTo, textLinksTo, type FitsLink } from './link-search.ts'
import { pageSigns } from './page-signs.ts'
import { readEntry } from './received-entry.ts'
import type { SourcePage, SourceReading } from './source-reading.ts'

/** More than long pages have. Misnested tags make 180 KB as many as a parser is allowed. */
const MAX_ELEMENTS = 50_000

export type SourceContent =
  | { readonly type: 'html'; readonly document: HtmlDocument }
  | { readonly type: 'json'; readonly json: unknown }
  | { readonly type: 'text'; readonly text: string }

/**
 * Reads a source: whether it mentions the target, and if so, what it says. For a worker thread.
 *
 * @see [Webmention §3.2.2](https://www.w3.org/TR/webmention/#webmention-verification)
 */
export function readSource(page: SourcePage): SourceReading {
  const content = contentOf(page)
  if (typeof content === 'string') return { outcome: 'failed', status: content }
  if (content.type === 'html' && saysGone(content.document)) {
    return { outcome: 'absent', status: 'gone' }
  }
  const [url, target] = [new URL(page.url), new URL(page.target)]
  const { isLinked, spelling } = findLink(content, url, target)
  if (!isLinked)
    return { outcome: 'absent', status: 'no_link_found', ...(spelling && { spelling }) }
  const [source, me, now] = [new URL(page.source), new URL(page.me), new Date(page.now)]
  // In this order, because reading the entry uses the document up.
  const signs = pageSigns(content)
  const entry = readEntry(content, { url, source, target, me, isHome: page.isHome, now })
  return { outcome: 'mentions', signs, entry }
}

function contentOf({ type, body }: SourcePage): SourceContent | 'too_large' | 'invalid_content' {
  if (type === 'text') return { type, text: body }
  if (type === 'html') {
    let isCut = false
    const onCut = () => void (isCut = true)
    // Without scripts, as most software reads it that looks for links.
    const document = parseHtml(body, { scripting: false, maxElements: MAX_ELEMENTS, onCut })
    return isCut ? 'too_large' : { type, document }
  }
  try {
    return { type, json: JSON.parse(body) }
  } catch {
    // No JSON: it neither mentions anything nor says that it does not.
    return 'invalid_content'
  }
}

function mentions(content: SourceContent, url: URL, fits: FitsLink): boolean {
  if (content.type === 'html') return htmlLinksTo(content.document, url, fits)
  if (content.type === 'json') return jsonLinksTo(content.json, fits)
  return textLinksTo(content.text, fits)
}

/** Whether the source links to exactly the target, or else how it spells a link to the target's page. */
function findLink(content: SourceContent, url: URL, target: URL) {
  const [exact, page] = [normalForm(target), staticPageIdentity(target)]
  const host = target.host.replace(/\.$/, '')
  let spelling: string | undefined
  const isLinked = mentions(content, url, (link) => {
    if (link === exact) return true
    // The host first: a long page has links to other sites by the thousand.
    const isSame = link.includes(host) && staticPageIdentity(new URL(link)) === page
    if (isSame) spelling ??= link
    return false
  })
  return { isLinked, spelling }
}

/** What a page says that a static host cannot answer with 410 (Webmention §3.2.4 and webmention.rocks). */
function saysGone(document: HtmlDocument): boolean {
  for (const element of elements(document)) {
    if (!isElement(element, 'meta')) continue
    const isStatus = attribute(element, 'http-equiv')?.toLowerCase() === 'status'
    if (isStatus && /^\s*410\b/.test(attribute(element, 'content') ?? '')) return true
  }
  return false
}
