import { discardBody, readText } from './body.ts'
import { FetchError } from './errors.ts'
import type { WebOptions } from './fetch.ts'
import { parseLinkHeader } from './link-header.ts'
import { isHtml } from './media-type.ts'
import { parsePage, type PageParser, type PageReading } from './page-parser.ts'
import { parseUrl, parseWebUrl } from './parse-url.ts'
import { isTemporary, parseRetryAfter } from './retry-after.ts'

/** What is linked further down a page than that is hidden rather than advertised. */
const DISCOVERY_BYTES = 1024 * 1024

/**
 * The first link of each rel that there is, by the rel as it was asked for. What is linked is
 * `undefined` where it is nothing that could be visited: the first link decides, whatever it says.
 */
export type FoundRels = ReadonlyMap<string, URL | undefined>

/** A page, and what is looked for in it: rels, on elements of these names. */
export interface RelsPage {
  readonly html: string
  readonly url: string
  readonly rels: readonly string[]
  readonly elements: readonly string[]
}

/** A link without `href` leads to nothing that could be visited. */
export interface RelLink {
  readonly rel: string
  readonly href?: string
}

export const RELS_IN_PAGE: PageReading<RelsPage, readonly RelLink[], 'rels'> = { name: 'rels' }

export interface RelDiscovery {
  /** Where the document came from, after redirects. */
  readonly documentUrl: URL
  readonly status: number
  readonly headers: Headers
  readonly found: FoundRels
}

export interface RelDiscoveryOptions extends WebOptions {
  /** The HTML elements that count. IndieAuth wants `<link>` alone, Webmention takes `<a>` too. */
  readonly elements?: readonly string[]
  /** The rel that makes the others superfluous: once a header has it, the page is not read. */
  readonly settledBy?: string
  /** Rels that are told of where they are met, and looked for nowhere else. */
  readonly alsoRead?: readonly string[]
  readonly now?: () => Date
  readonly parse?: PageParser
}

/**
 * Asks a page for its links of some rels: in its `Link` headers, or else in its HTML, in document order.
 * The status does not matter, because a page that only some may read has endpoints too.
 *
 * Asks once and with GET: an address that works a single time would be used up by a HEAD.
 *
 * @throws {FetchError} if there is none of them in an answer that says to come back later; `refused` if the page
 *   takes longer to read than a page is given
 * @see [RFC 8288](https://www.rfc-editor.org/rfc/rfc8288)
 */
export async function discoverRels(
  url: URL,
  rels: readonly string[],
  {
    fetch,
    signal,
    elements: names = ['link', 'a'],
    settledBy,
    alsoRead = [],
    now = () => new Date(),
    parse = parsePage,
  }: RelDiscoveryOptions,
): Promise<RelDiscovery> {
  const response = await fetch(url, {
    headers: { accept: 'text/html, application/xhtml+xml, */*;q=0.1' },
    signal: signal ?? null,
  })
  // A web that exists only in a test leaves `response.url` empty.
  const documentUrl = new URL(response.url || url.href)
  const { status, headers } = response

  const all = [...rels, ...alsoRead]
  const inHeader = relsInHeader(response, documentUrl, all)
  const isSettled = settledBy !== undefined && inHeader.has(settledBy)
  if (isSettled || rels.every((rel) => inHeader.has(rel))) {
    await discardBody(response)
    return { documentUrl, status, headers, found: inHeader }
  }

  const wanted = { asked: rels, rels: all, elements: names, parse }
  const inPage = await relsInPage(response, documentUrl, wanted)
  const found = new Map([...inPage, ...inHeader])
  if (!rels.some((rel) => found.has(rel)) && isTemporary(status)) {
    const notBefore = parseRetryAfter(headers.get('retry-after'), now())
    throw new FetchError(`The page at ${documentUrl.host} answered ${status}`, { notBefore })
  }
  return { documentUrl, status, headers, found }
}

/** The first link of each rel in the `Link` headers of an answer that came from `url`. */
export function relsInHeader(
  { headers }: Pick<Response, 'headers'>,
  url: URL,
  rels: readonly string[],
): FoundRels {
  const found = new Map<string, URL | undefined>()
  for (const { uri, rel: tokens, anchor } of parseLinkHeader(headers.get('link') ?? '')) {
    if (anchor !== undefined && !isSame(anchor, url)) continue
    for (const rel of rels) {
      if (tokens.includes(rel.toLowerCase()) && !found.has(rel))
        found.set(rel, parseWebUrl(uri, url))
    }
  }
  return found
}

async function relsInPage(
  response: Response,
  url: URL,
  {
    parse,
    asked,
    ...wanted
  }: Pick<RelsPage, 'rels' | 'elements'> & {
    /** Without any of these, the others are of no use. */
    readonly asked: readonly string[]
    readonly parse: PageParser
  },
): Promise<FoundRels> {
  if (!isHtml(response)) {
    await discardBody(response)
    return new Map()
  }
  const html = await readText(response, { maxBytes: DISCOVERY_BYTES, truncate: true })
  if (!mayName(html, asked)) return new Map()
  const links = await parse(RELS_IN_PAGE, { html, url: url.href, ...wanted })
  return new Map(
    links.map(({ rel, href }) => [rel, href === undefined ? undefined : new URL(href)]),
  )
}

/** Most pages need no parser: none of the words is in them, and no character reference could spell one. */
function mayName(html: string, rels: readonly string[]): boolean {
  const text = html.toLowerCase()
  return text.includes('&#') || rels.some((rel) => text.includes(longestWord(rel.toLowerCase())))
}

/** Letters and digits alone: what else a rel has could be written as a reference with a name. */
function longestWord(rel: string): string {
  const words = rel.split(/[^a-z\d]+/)
  return words.toSorted((one, other) => other.length - one.length)[0] ?? ''
}

/** RFC 8288 §3.2: a link with an anchor speaks of another document, unless it names this one. */
function isSame(anchor: string, url: URL): boolean {
  return parseUrl(anchor, url)?.href === url.href
}
