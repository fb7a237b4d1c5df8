import type { WebOptions } from '../web/fetch.ts'
import { discoverRels } from '../web/rel-discovery.ts'
import { PINGBACK_REL, WORDPRESS_REL, type Receiver } from './publishers.ts'

const REL = 'webmention'
/** From before the rel was registered, only where there is no other. Known, a publishing system, still sends it. */
const LEGACY_RELS = ['http://webmention.org/', 'http://webmention.org']
/** Links that tell what the receiver is. They are read on the way; nothing more is fetched for them. */
const TELLING_RELS = [WORDPRESS_REL, PINGBACK_REL]

export interface WebmentionOptions extends WebOptions {
  readonly now?: () => Date
}

/**
 * Finds where `target` accepts webmentions: in its `Link` headers, or else in the first `<link>` or `<a>`
 * of its HTML. The first link decides; if nothing can be posted to it, the target accepts no webmentions.
 *
 * @throws {FetchError} if there is no endpoint in an answer that says to come back later
 * @see [Webmention §3.1.2](https://www.w3.org/TR/webmention/#sender-discovers-receiver-webmention-endpoint)
 * @see [Private-Webmention](https://indieweb.org/Private-Webmention), for targets that answer 401
 */
export async function discoverWebmentionEndpoint(
  target: URL,
  options: WebmentionOptions,
): Promise<URL | undefined> {
  return (await discoverReceiver(target, options))?.endpoint
}

/** The same, with what the answer tells of the receiver's software. */
export async function discoverReceiver(
  target: URL,
  options: WebmentionOptions,
): Promise<Required<Receiver> | undefined> {
  const rels = [REL, ...LEGACY_RELS]
  const { found, documentUrl, headers } = await discoverRels(target, rels, {
    ...options,
    settledBy: REL,
    alsoRead: TELLING_RELS,
  })
  const first = rels.find((rel) => found.has(rel))
  const endpoint = first === undefined ? undefined : found.get(first)
  return endpoint && { endpoint, headers, rels: found, page: documentUrl }
}
