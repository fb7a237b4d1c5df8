import type { Endpoint } from '../lib/web/endpoint.ts'

/**
 * Keeps an endpoint to the site's own address. Every old deploy, and every preview, has an address of its own
 * for ever, with the readers it was built with: somebody who was a reader then must not come in there.
 */
export function onlyAt(site: URL, endpoint: Endpoint): Endpoint {
  return async (request, context) => {
    const { host, pathname, search } = new URL(request.url)
    if (host === site.host) return endpoint(request, context)
    const headers = { 'cache-control': 'no-store' }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response(null, { status: 421, headers })
    }
    const location = `${site.origin}${pathname}${search}`
    return new Response(null, { status: 307, headers: { ...headers, location } })
  }
}
