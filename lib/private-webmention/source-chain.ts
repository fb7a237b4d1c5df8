import { discardBody } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { resolveLocation } from '../web/location.ts'

/** A source that is further away than that is not worth finding. */
const MAX_REDIRECTS = 8
const REDIRECTS = [301, 302, 303, 307, 308]
const ACCEPT =
  'text/html, application/xhtml+xml, application/json;q=0.9, text/plain;q=0.8, */*;q=0.1'

/** An answer, and how we got to it. */
export interface ChainEnd {
  /** `url` is set to where it came from. */
  readonly response: Response
  /** Every URL on the way, the first is where it began. */
  readonly chain: readonly URL[]
}

/**
 * Fetches a source and follows its redirects, one by one, so that all of them are known. The token is shown
 * to the source's own origin, and after the first step off it to nobody.
 *
 * @throws {FetchError} for a redirect to nowhere, or one too many
 */
export async function fetchChain(
  source: URL,
  token: string | undefined,
  { fetch, signal }: WebOptions,
): Promise<ChainEnd> {
  const chain = [source]
  let url = source
  for (;;) {
    const isAtHome = chain.every(({ origin }) => origin === source.origin)
    const authorization = token !== undefined && isAtHome ? `Bearer ${token}` : undefined
    const response = await fetch(url, {
      headers: { accept: ACCEPT, ...(authorization && { authorization }) },
      redirect: 'manual',
      signal: signal ?? null,
    })
    if (!REDIRECTS.includes(response.status) || !response.headers.has('location')) {
      return { response: comingFrom(url, response), chain }
    }
    await discardBody(response)
    if (chain.length > MAX_REDIRECTS) {
      throw new FetchError(`${source.host} redirects more than ${MAX_REDIRECTS} times`, {
        kind: 'refused',
      })
    }
    const next = resolveLocation(response, url)
    if (!next) throw new FetchError(`${url.host} redirects to something that is no URL`)
    url = next
    chain.push(url)
  }
}

/** A web that exists only in a test leaves `url` empty. */
function comingFrom(url: URL, response: Response): Response {
  return response.url === ''
    ? Object.defineProperty(response, 'url', { value: url.href })
    : response
}
