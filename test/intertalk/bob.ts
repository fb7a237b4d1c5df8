import type { JsonWebKey } from 'node:crypto'
import { FetchError } from '../../lib/web/errors.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { createWeb } from '../support/web.ts'
import { createProvider, type Provider, type ProviderOptions } from './provider.ts'
import { BODY, KEYS, MESSAGE, SPILT, tokenOf } from './vectors.ts'

/** Bob's provider as a page of keys, and Alice's, which receives. */
export interface Neighbours {
  readonly alice: Provider
  /** Every request on the way to a provider. */
  readonly log: string[]
  /** What Bob publishes, by kid. */
  readonly published: Map<string, JsonWebKey>
  /** What Bob answers instead, by path. */
  readonly answers: Map<string, () => Response>
  /** What happens to requests to an origin. */
  readonly broken: Map<string, FetchError>
  post(token: string | undefined, options?: PostOptions): Promise<Response>
}

export interface PostOptions {
  readonly body?: Uint8Array
  readonly type?: string
}

type NeighbourOptions = Partial<Omit<ProviderOptions, 'fetch'>> & {
  readonly origins?: readonly string[]
}

export function createNeighbours({
  origins = ['https://bob.example'],
  ...options
}: NeighbourOptions = {}): Neighbours {
  const keys = [...Object.values(KEYS), SPILT]
  const published = new Map(keys.map(({ kid, jwk }) => [kid, jwk]))
  const answers = new Map<string, () => Response>()
  const broken = new Map<string, FetchError>()
  const bob = async ({ url }: Request): Promise<Response> => {
    const { pathname } = new URL(url)
    const answer = answers.get(pathname)
    if (answer) return answer()
    if (pathname === '/keys') return Response.json({ keys: [...published.values()] })
    const jwk = published.get(decodeURIComponent(pathname.replace(/^\/keys\//, '')))
    return jwk ? Response.json(jwk) : new Response('Not found', { status: 404 })
  }
  const web = createWeb(Object.fromEntries(origins.map((origin) => [origin, bob])))
  const fetch: Fetch = async (url, init) => {
    const error = broken.get(url.origin)
    if (error) throw error
    // Another web would follow a redirect, to wherever it leads.
    if (init?.redirect !== 'manual') throw new TypeError('redirects must not be followed')
    return web.fetch(url, init)
  }
  const alice = createProvider({ ...options, fetch })
  return { alice, log: web.log, published, answers, broken, post }

  function post(
    token: string | undefined,
    { body = BODY, type = 'application/json' }: PostOptions = {},
  ): Promise<Response> {
    const headers = new Headers({ 'content-type': type })
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
    const init = { method: 'POST', headers, body: new Uint8Array(body) }
    return alice.endpoint(new Request('https://alice.example/messages', init))
  }
}

/** A message of Bob's that differs from the example in that, with a token for it. */
export function signed(changed: Record<string, unknown>): {
  readonly token: string
  readonly body: Uint8Array
} {
  const body = Buffer.from(JSON.stringify({ ...MESSAGE, ...changed }))
  return { body, token: tokenOf({ payload: { sha256: undefined } }) }
}

/** What a fetch throws where nothing listens at that port, or the like. */
export function networkError(code: string): FetchError {
  const cause = Object.assign(new Error('connect'), { code })
  return new FetchError(`it did not answer (${code})`, { cause: new TypeError('x', { cause }) })
}
