import type { Secrets } from '../jwt/secrets.ts'
import { endpoint, type Endpoint } from '../web/endpoint.ts'
import { intertalkErrorResponse, KEY_NAME_PREFIX } from './intertalk.ts'
import { keySetOf, providerKeys } from './keys.ts'

export interface KeysEndpointOptions {
  readonly secrets: Pick<Secrets, 'seeds'>
  readonly paths: { readonly keys: string }
  readonly site: URL
}

/** Seconds. While a secret is replaced, both keys are there; a provider that missed the new one asks again. */
const LIFETIME = 300

/**
 * Publishes the keys that our tokens are signed with.
 *
 * @see intertalk, "`GET /keys`", "`GET /keys{/kid}`", and `{iss}{/kid}` in "Client Authentication"
 * @see [RFC 7517 §8.5](https://www.rfc-editor.org/rfc/rfc7517#section-8.5), the media types
 */
export function createKeysEndpoint({ secrets, paths, site }: KeysEndpointOptions): Endpoint {
  const { pathname: root } = new URL(paths.keys.replace(/^\//, ''), site)
  const alone = new URL(KEY_NAME_PREFIX, site).pathname
  return endpoint({ GET: publish }, intertalkErrorResponse)

  async function publish({ url }: Request): Promise<Response> {
    const keys = await providerKeys(secrets)
    const kid = kidIn(new URL(url).pathname)
    if (kid === '') return answer(keySetOf(keys), 'application/jwk-set+json')
    const key = keys.find((other) => other.kid === kid)
    return key ? answer(key.publicJwk, 'application/jwk+json') : notFound()
  }

  /** `''` for the set itself. */
  function kidIn(pathname: string): string | undefined {
    if (pathname.startsWith(alone)) return pathname.slice(alone.length - KEY_NAME_PREFIX.length)
    const rest = pathname.startsWith(root) ? pathname.slice(root.length) : '/'
    try {
      return decodeURIComponent(rest.replace(/^\//, ''))
    } catch {
      // What cannot be decoded is the name of no key.
      return undefined
    }
  }
}

function answer(value: object, type: string): Response {
  const headers = {
    'content-type': type,
    'cache-control': `public, max-age=${LIFETIME}`,
    'access-control-allow-origin': '*',
    'x-content-type-options': 'nosniff',
  }
  return new Response(JSON.stringify(value), { headers })
}

/** Not to be kept by a cache: the key may be there after the next deploy. */
function notFound(): Response {
  const headers = { 'cache-control': 'no-store' }
  return Response.json({ error: 'not_found' }, { status: 404, headers })
}
