/**
 * A provider written from the text of intertalk alone, as strictly as the text can be read: it publishes its key at
 * `/{kid}` and nowhere else, and asks for those of others there; its token says what the example in the text says.
 */
import { createPublicKey, generateKeyPairSync, sign, verify, type JsonWebKey } from 'node:crypto'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'

type Json = Readonly<Record<string, unknown>>

export interface StrictProviderOptions {
  readonly domain: string
  readonly fetch: Fetch
  /** What its tokens say besides `aud`, `sub` and `iss`. */
  readonly claims?: Json
}

const KID = 'march'

export function createStrictProvider({ domain, fetch, claims = {} }: StrictProviderOptions) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const received: Json[] = []
  const tokens = new Map<string, string>()
  const endpoint: Endpoint = async (request) => {
    const { pathname } = new URL(request.url)
    if (request.method === 'GET' && pathname === `/${KID}`) {
      return Response.json({ ...publicKey.export({ format: 'jwk' }), kid: KID })
    }
    if (request.method !== 'POST' || pathname !== '/messages') {
      return new Response('Not found', { status: 404 })
    }
    return receive(request)
  }
  return { endpoint, received, send }

  async function receive(request: Request): Promise<Response> {
    const [, token] = /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '') ?? []
    if (token === undefined) return new Response('A token is missing', { status: 401 })
    const message = (await request.json()) as Json
    const [header, said] = token.split('.').slice(0, 2).map(partOf)
    const { aud, iss, sub } = said ?? {}
    const isHis = aud === domain && sub === message['from'] && String(sub).endsWith(`@${iss}`)
    if (!isHis) return new Response('Another token is needed', { status: 403 })
    const key = await fetch(new URL(`https://${iss}/${header?.['kid']}`))
    if (!key.ok) return new Response('There is no such key', { status: 401 })
    if (!isSignature(token, (await key.json()) as JsonWebKey)) {
      return new Response('The signature is wrong', { status: 401 })
    }
    received.push(message)
    return new Response(null, { status: 201 })
  }

  /** Uses one token for each pair of sender and provider, as long as it lasts. */
  async function send(message: Json & { readonly from: string }, to: string): Promise<number> {
    const pair = `${message.from} ${to}`
    const token = tokens.get(pair) ?? issue({ aud: to, sub: message.from, iss: domain, ...claims })
    tokens.set(pair, token)
    const { status } = await fetch(new URL(`https://${to}/messages`), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: new TextEncoder().encode(JSON.stringify(message)),
    })
    return status
  }

  function issue(said: Json): string {
    const input = [{ alg: 'RS512', kid: KID }, said]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    return `${input}.${sign('sha512', Buffer.from(input), privateKey).toString('base64url')}`
  }
}

function partOf(text: string): Json {
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as Json
}

/** Of the signatures that JWTs may have, it knows that of P-256. */
function isSignature(token: string, jwk: JsonWebKey): boolean {
  const end = token.lastIndexOf('.')
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const signature = Buffer.from(token.slice(end + 1), 'base64url')
  const input = Buffer.from(token.slice(0, end))
  return verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature)
}
