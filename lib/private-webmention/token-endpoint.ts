import { discardBody } from '../web/body.ts'
import type { WebOptions } from '../web/fetch.ts'
import { discoverRels, relsInHeader, type FoundRels } from '../web/rel-discovery.ts'
import { isLoopbackHost } from '../web/address-text.ts'
import { isAsSafeAs } from '../web/endpoint-safety.ts'

/** The second is an older name of the first; some senders have only that. */
const RELS = ['token_endpoint', 'oauth2-token']

/**
 * Finds where codes for `source` are exchanged: in the `Link` headers of a HEAD, or else in those or the
 * `<link>` elements of a GET. What another origin says after a redirect does not count: it is that origin
 * whose pages the token would be good for.
 *
 * @throws {FetchError} if the source cannot be reached
 * @see [Private-Webmention, Receiving](https://indieweb.org/Private-Webmention)
 */
export async function findTokenEndpoint(source: URL, web: WebOptions): Promise<URL | undefined> {
  const { fetch, signal } = web
  const head = await fetch(source, { method: 'HEAD', signal: signal ?? null })
  await discardBody(head)
  const url = new URL(head.url || source.href)
  if (url.origin !== source.origin) return undefined
  return choose(relsInHeader(head, url, RELS), source) ?? (await findInPage(source, web))
}

/**
 * Finds where a seed code for `source` is taken: in the headers of the 401, or else on the sender's home
 * page. On the source's own origin, as the token that we are given there will be shown to that origin; on another
 * one, over HTTPS, only where `mayLeave` says that the source's host is one that the owner trusts.
 *
 * @throws {FetchError} if the home page cannot be reached
 * @see [seed 002, Send the authorization code to Alice's server](https://indieweb.org/private-webmention-brainstorming#Send_the_authorization_code_to_Alice.27s_server)
 */
export async function findSeedTokenEndpoint(
  source: URL,
  unauthorized: Response,
  { mayLeave, ...web }: WebOptions & { readonly mayLeave: (endpoint: URL) => Promise<boolean> },
): Promise<URL | undefined> {
  const inHeader = relsInHeader(unauthorized, new URL(unauthorized.url || source.href), RELS)
  const endpoint = hasAny(inHeader)
    ? choose(inHeader, source)
    : await findInPage(new URL('/', source), web)
  if (!endpoint || endpoint.origin === source.origin) return endpoint
  const isLocal = isLoopbackHost(endpoint.hostname) && isLoopbackHost(source.hostname)
  const isSafe = endpoint.protocol === 'https:' || isLocal
  return isSafe && (await mayLeave(endpoint)) ? endpoint : undefined
}

/** Whether the headers of an answer say that codes are exchanged somewhere. */
export function namesTokenEndpoint(response: Response): boolean {
  return hasAny(relsInHeader(response, new URL(response.url), RELS))
}

async function findInPage(page: URL, web: WebOptions): Promise<URL | undefined> {
  const { documentUrl, found } = await discoverRels(page, RELS, { ...web, elements: ['link'] })
  return documentUrl.origin === page.origin ? choose(found, page) : undefined
}

function hasAny(found: FoundRels): boolean {
  return RELS.some((rel) => found.has(rel))
}

function choose(found: FoundRels, page: URL): URL | undefined {
  const endpoint = RELS.map((rel) => found.get(rel)).find((url) => url !== undefined)
  return endpoint && isAsSafeAs(page, endpoint) ? endpoint : undefined
}
