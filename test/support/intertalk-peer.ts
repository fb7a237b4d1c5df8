/**
 * A provider as somebody writes it who has the document and nothing else: JWTs by hand on `node:crypto`, no
 * `jti`, no body hash, no ids, and of the two key endpoints only the one that they have chosen.
 */
import {
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'

export interface PeerMessage {
  readonly to: readonly string[]
  readonly from: string
  readonly sentAt: string
  readonly message: string
  readonly messageFormatted?: string
  readonly format?: string
}

export interface IntertalkPeer {
  readonly endpoint: Endpoint
  readonly received: PeerMessage[]
  /** One request for each provider. @returns The answers, by domain. */
  send(
    message: Partial<PeerMessage> & { readonly to: readonly string[] },
  ): Promise<Record<string, Response>>
  /** Signs with a new key from now on, and publishes nothing else. */
  rotate(): void
}

export interface PeerOptions {
  readonly domain: string
  /** Which key endpoint it has, and asks others for: `/keys/{kid}`, or the set at `/keys`. */
  readonly publishes: 'each' | 'set'
  readonly fetch: Fetch
  readonly now: () => Date
}

interface Key {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly jwk: JsonWebKey
}

export function createIntertalkPeer({ domain, publishes, fetch, now }: PeerOptions): IntertalkPeer {
  let key = createKey('key 1/a')
  const received: PeerMessage[] = []
  return {
    received,
    send,
    rotate() {
      key = createKey('key 2/b')
    },
    async endpoint(request) {
      const { pathname } = new URL(request.url)
      if (request.method === 'GET') return keyAt(pathname)
      if (pathname !== '/messages') return new Response('Not found', { status: 404 })
      return receive(request)
    },
  }

  function keyAt(pathname: string): Response {
    const published = { ...key.jwk, kid: key.kid }
    if (publishes === 'set' && pathname === '/keys') return Response.json({ keys: [published] })
    const isOurs = decodeURIComponent(pathname) === `/keys/${key.kid}`
    if (publishes === 'each' && isOurs) return Response.json(published)
    return new Response('Not found', { status: 404 })
  }

  async function receive(request: Request): Promise<Response> {
    const token = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
    if (token === undefined) return new Response('No token', { status: 401 })
    const { header, claims } = readJwt(token)
    const message = (await request.json()) as PeerMessage
    const isMeant =
      claims['aud'] === domain &&
      claims['iss'] === String(claims['sub']).split('@')[1] &&
      claims['sub'] === message.from &&
      message.to.includes(message.from) &&
      Number(claims['exp']) * 1000 > now().getTime()
    if (!isMeant) return new Response('Forbidden', { status: 403 })
    const jwk = await keyOf(String(claims['iss']), String(header['kid']))
    if (!jwk || !isSignedWith(token, header['alg'], jwk)) {
      return new Response('Bad token', { status: 401 })
    }
    received.push(message)
    return new Response('Sent', { status: 201 })
  }

  async function keyOf(iss: string, kid: string): Promise<JsonWebKey | undefined> {
    if (publishes === 'each') {
      const answer = await fetch(new URL(`https://${iss}/keys/${encodeURIComponent(kid)}`))
      return answer.ok ? ((await answer.json()) as JsonWebKey) : undefined
    }
    const answer = await fetch(new URL(`https://${iss}/keys`))
    const { keys } = (await answer.json()) as { keys: JsonWebKey[] }
    return keys.find((candidate) => candidate['kid'] === kid)
  }

  async function send(
    given: Partial<PeerMessage> & { readonly to: readonly string[] },
  ): Promise<Record<string, Response>> {
    const from = given.to.find((user) => user.endsWith(`@${domain}`)) ?? `nobody@${domain}`
    const message = { from, sentAt: now().toISOString(), message: 'Where are you?', ...given }
    const domains = new Set(given.to.map((user) => user.split('@')[1] ?? ''))
    domains.delete(domain)
    const answers: Record<string, Response> = {}
    for (const aud of domains) {
      const exp = Math.floor(now().getTime() / 1000) + 300
      const claims = { aud, sub: message.from, iss: domain, exp }
      const token = signJwt({ alg: 'EdDSA', kid: key.kid }, claims, (input) =>
        sign(null, input, key.privateKey),
      )
      answers[aud] = await fetch(new URL(`https://${aud}/messages`), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(message),
      })
    }
    return answers
  }
}

type Part = Readonly<Record<string, unknown>>

/** A compact JWS, whatever it says. */
export function signJwt(header: Part, claims: Part, signer: (input: Buffer) => Uint8Array): string {
  const encode = (part: Part) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${Buffer.from(signer(Buffer.from(input))).toString('base64url')}`
}

function readJwt(token: string): { readonly header: Part; readonly claims: Part } {
  const [header = '', claims = ''] = token.split('.')
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Part
  return { header: decode(header), claims: decode(claims) }
}

/** ES256 and EdDSA: of what others sign with, what it has met. */
function isSignedWith(token: string, alg: unknown, jwk: JsonWebKey): boolean {
  const end = token.lastIndexOf('.')
  const input = Buffer.from(token.slice(0, end))
  const signature = Buffer.from(token.slice(end + 1), 'base64url')
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  if (alg === 'ES256') return verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature)
  return alg === 'EdDSA' && verify(null, input, key, signature)
}

function createKey(kid: string): Key {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { kid, privateKey, jwk: publicKey.export({ format: 'jwk' }) }
}
