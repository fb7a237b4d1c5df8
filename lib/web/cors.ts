import type { Endpoint } from './endpoint.ts'

export interface CorsOptions {
  /** What `OPTIONS` says that may be asked. */
  readonly methods: readonly string[]
}

/** The headers that a page may set, besides those that are always allowed. */
const HEADERS = ['authorization', 'content-type', 'accept', 'last-event-id']
const EXPOSED = ['retry-after', 'www-authenticate']
/** Seconds for which a browser does not ask again. */
const MAX_AGE = 24 * 60 * 60

/**
 * Lets the pages of every origin use an endpoint. Only for those that know their callers by what they bring:
 * no cookies come along.
 *
 * @see [Fetch §3.3, CORS protocol](https://fetch.spec.whatwg.org/#http-cors-protocol)
 */
export function allowEveryOrigin(answer: Endpoint, { methods }: CorsOptions): Endpoint {
  const allowed = [...methods, 'OPTIONS'].join(', ')

  return async (request, context) => {
    if (request.method === 'OPTIONS') return preflight()
    const response = await answer(request, context)
    const headers = new Headers(response.headers)
    headers.set('access-control-allow-origin', '*')
    headers.set('access-control-expose-headers', EXPOSED.join(', '))
    if (response.status === 405) headers.set('allow', allowed)
    return new Response(response.body, { status: response.status, headers })
  }

  function preflight(): Response {
    const headers = {
      allow: allowed,
      'access-control-allow-origin': '*',
      'access-control-allow-methods': allowed,
      'access-control-allow-headers': HEADERS.join(', '),
      'access-control-max-age': String(MAX_AGE),
    }
    return new Response(null, { status: 204, headers })
  }
}
