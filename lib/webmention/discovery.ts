import { discardBody, readText } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import {
  attribute,
  baseUrl,
  elements,
  hasToken,
  isElement,
  MAX_ELEMENTS,
  parseHtml,
} from '../web/html.ts'
import { parseLinkHeader } from '../web/link-header.ts'
import { isHtml } from '../web/media-type.ts'
import { isTemporary, parseRetryAfter } from '../web/retry-after.ts'

const REL = ['webmention']
/** From before the rel was registered. Known, a publishing system, still sends it. */
const LEGACY_REL = ['http://webmention.org/', 'http://webmention.org']
/** The example of §4.4. An endpoint further down a page than that is hidden rather than advertised. */
const DISCOVERY_BYTES = 1024 * 1024

export interface WebmentionOptions extends WebOptions {
  readonly now?: () => Date
}

/** A link of the target, before it is known whether its rel is the one. */
interface Candidate {
  readonly href: string
  readonly base: URL
  hasRel(token: string): boolean
}

/**
 * Finds where `target` accepts webmentions: in its `Link` headers, or else in the first `<link>` or `<a>`
 * of its HTML. The status does not matter, because a page that only some may read has an endpoint too.
 *
 * Asks once and with GET: an address that works a single time would be used up by a HEAD.
 *
 * @throws {FetchError} if there is no endpoint in an answer that says to come back later
 * @see [Webmention §3.1.2](https://www.w3.org/TR/webmention/#sender-discovers-receiver-webmention-endpoint)
 * @see [Private-Webmention](https://indieweb.org/Private-Webmention), for targets that answer 401
 */
export async function discoverWebmentionEndpoint(
  target: URL,
  { fetch, signal, now = () => new Date() }: WebmentionOptions,
): Promise<URL | undefined> {
  const response = await fetch(target, {
    headers: { accept: 'text/html, application/xhtml+xml, */*;q=0.1' },
    signal: signal ?? null,
  })
  // A web that exists only in a test leaves `response.url` empty.
  const url = new URL(response.url || target.href)

  const inHeader = candidatesInHeader(response, url)
  const first = choose(inHeader, REL)
  if (first) {
    await discardBody(response)
    return endpointUrl(first)
  }

  const all = [...inHeader, ...(await candidatesInHtml(response, url))]
  const chosen = choose(all, REL) ?? choose(all, LEGACY_REL)
  if (chosen) return endpointUrl(chosen)
  if (!isTemporary(response.status)) return undefined

  const notBefore = parseRetryAfter(response.headers.get('retry-after'), now())
  throw new FetchError(`The target at ${url.host} answered ${response.status}`, { notBefore })
}

function candidatesInHeader(response: Response, url: URL): Candidate[] {
  return parseLinkHeader(response.headers.get('link') ?? '')
    .filter(({ anchor }) => anchor === undefined || isSame(anchor, url))
    .map(({ uri, rel }) => ({ href: uri, base: url, hasRel: (token) => rel.includes(token) }))
}

async function candidatesInHtml(response: Response, url: URL): Promise<Candidate[]> {
  if (!isHtml(response)) {
    await discardBody(response)
    return []
  }
  const html = await readText(response, { maxBytes: DISCOVERY_BYTES, truncate: true })
  const document = parseHtml(html, { scripting: false, maxElements: MAX_ELEMENTS })
  const base = baseUrl(document, url)
  const candidates: Candidate[] = []
  for (const element of elements(document)) {
    // Without "href" it is no link at all; with an empty one it is a link to the page itself.
    const href = isElement(element, 'link', 'a') ? attribute(element, 'href') : undefined
    if (href === undefined) continue
    candidates.push({ href, base, hasRel: (token) => hasToken(attribute(element, 'rel'), token) })
  }
  return candidates
}

function choose(candidates: readonly Candidate[], rel: readonly string[]): Candidate | undefined {
  return candidates.find(({ hasRel }) => rel.some((token) => hasRel(token)))
}

/** The first link decides; if nothing can be posted to it, the target accepts no webmentions. */
function endpointUrl({ href, base }: Candidate): URL | undefined {
  if (!URL.canParse(href, base.href)) return undefined
  const endpoint = new URL(href, base)
  return endpoint.protocol === 'http:' || endpoint.protocol === 'https:' ? endpoint : undefined
}

/** RFC 8288 §3.2: a link with an anchor speaks of another document, unless it names this one. */
function isSame(anchor: string, url: URL): boolean {
  return URL.canParse(anchor, url.href) && new URL(anchor, url).href === url.href
}
