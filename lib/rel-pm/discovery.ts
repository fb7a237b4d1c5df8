import { withDeadline } from '../web/deadline.ts'
import { FetchError } from '../web/errors.ts'
import type { Fetch, WebOptions } from '../web/fetch.ts'
import { discardBody } from '../web/body.ts'
import { resolveLocation } from '../web/location.ts'
import { discoverRels } from '../web/rel-discovery.ts'
import { timeLimit } from '../web/time-limit.ts'
import { DISCOVERY_TIMEOUT } from './limits.ts'
import { whyNotSafe } from './profile.ts'

const REL = 'pm'
/** As Webmention §4.4 has it for any page. */
const MAX_REDIRECTS = 20
const REDIRECTS = [301, 302, 303, 307, 308]

export interface PmDiscoveryOptions extends WebOptions {
  readonly now: () => Date
  readonly allowLoopback?: boolean
  /** Whether what the page says is taken for the word of its URL, so that it may not come from another host. */
  readonly asSender?: boolean
}

/**
 * Finds the endpoint that a home page names, in its `Link` headers or else in its HTML. The first link
 * decides. It is asked anew each time: what a home page said a moment ago is not what it says.
 *
 * @returns `undefined` for a page that names none.
 * @throws {FetchError} if the page cannot be had; `refused` if it, or what it names, is not safe
 * @see steps 1, 2 and 5
 */
export async function discoverPmEndpoint(
  profile: URL,
  { fetch, signal, now, allowLoopback = false, asSender = false }: PmDiscoveryOptions,
): Promise<URL | undefined> {
  const why = whyNotSafe(profile, allowLoopback)
  if (why !== undefined) throw refusal(`The home page at ${profile.host} ${why}`)
  const discovery = discoverRels(profile, [REL], {
    fetch: followSafely(fetch, { allowLoopback, asSender }),
    signal: timeLimit(DISCOVERY_TIMEOUT, signal),
    now,
  })
  const { found } = await withDeadline(discovery, DISCOVERY_TIMEOUT)
  const endpoint = found.get(REL)
  if (!endpoint) return undefined
  const whyNot = whyNotSafe(endpoint, allowLoopback)
  if (whyNot !== undefined) {
    throw refusal(`${profile.host} names an endpoint for messages that ${whyNot}`)
  }
  return endpoint
}

/** Follows redirects hop by hop, because one that is not encrypted makes all of them worthless. */
function followSafely(
  fetch: Fetch,
  { allowLoopback, asSender }: { readonly allowLoopback: boolean; readonly asSender: boolean },
): Fetch {
  return async (start, init) => {
    let url = start
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await fetch(url, { ...init, redirect: 'manual' })
      const next = REDIRECTS.includes(response.status) ? resolveLocation(response, url) : undefined
      if (!next) return from(url, response)
      await discardBody(response)
      const why = whyNotSafe(next, allowLoopback)
      if (why !== undefined) throw refusal(`${start.host} redirects to a page that ${why}`)
      if (asSender && siteOf(next) !== siteOf(start)) {
        throw refusal(`${start.host} redirects to another site, which cannot speak for it`)
      }
      url = next
    }
    throw refusal(`${start.host} redirects more than ${MAX_REDIRECTS} times`)
  }
}

/** A web that exists only in a test does not say where a response came from. */
function from(url: URL, response: Response): Response {
  return response.url === ''
    ? Object.defineProperty(response, 'url', { value: url.href })
    : response
}

function siteOf({ host }: URL): string {
  return host.replace(/^www\./, '')
}

function refusal(message: string): FetchError {
  return new FetchError(message, { kind: 'refused' })
}
