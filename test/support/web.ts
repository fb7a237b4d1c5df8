import type { Endpoint } from '../../lib/web/endpoint.ts'
import { FetchError } from '../../lib/web/errors.ts'
import type { Fetch } from '../../lib/web/fetch.ts'

/**
 * A web of sites in one process: requests are routed by origin, and nothing else exists. It follows no
 * redirects and leaves `response.url` empty.
 */
export function createWeb(sites: Record<string, Endpoint>): { fetch: Fetch; log: string[] } {
  const log: string[] = []
  return {
    log,
    async fetch(url, init) {
      const request = new Request(url, init)
      log.push(`${request.method} ${url.href}`)
      const site = sites[url.origin]
      if (!site) throw new FetchError(`no such site: ${url.origin}`)
      return site(request)
    },
  }
}
