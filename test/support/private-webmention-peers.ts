/**
 * Other people's software around private webmention, with the quirks that decide whether it works with ours.
 *
 * @see protocols.md 2.2, for where each quirk was seen
 * @module
 */
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { parseLinkHeader } from '../../lib/web/link-header.ts'

export type Received =
  { readonly verified: true; readonly html: string; readonly private: boolean } | string

interface Peer {
  readonly fetch: Fetch
}

const post = (fields: Record<string, string>, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers,
  body: new URLSearchParams(fields),
})

/** The first of `rels` that a `Link` header has, resolved. */
function linked({ headers }: Response, base: URL, ...rels: string[]): URL | undefined {
  const links = parseLinkHeader(headers.get('link') ?? '')
  for (const wanted of rels) {
    const link = links.find(({ rel }) => rel.includes(wanted))
    if (link) return new URL(link.uri, base)
  }
  return undefined
}

/**
 * webmention.io, 2026: HEAD only, `Link` headers only, `token_endpoint` before `oauth2-token`, codes of at
 * most 1024 bytes, a token in JSON only, `realm` ignored, nothing kept for the next time.
 */
export function createWebmentionIo({ fetch }: Peer) {
  const received: Received[] = []
  const endpoint: Endpoint = async (request) => {
    const form = new URLSearchParams(await request.text())
    received.push(await receive(form))
    return new Response(null, { status: 201, headers: { location: '/status/1' } })
  }
  return { endpoint, received }

  async function receive(form: URLSearchParams): Promise<Received> {
    const source = new URL(form.get('source') ?? '')
    const target = form.get('target') ?? ''
    const code = form.get('code')
    if (source.href.length > 512) return 'invalid_source'
    if (code === null) return verify(await fetch(source), target, false)
    if (Buffer.byteLength(code) > 1024) return 'invalid_code'

    const head = await fetch(source, { method: 'HEAD' })
    const tokenEndpoint = linked(head, source, 'token_endpoint', 'oauth2-token')
    if (!tokenEndpoint || !/^https?:$/.test(tokenEndpoint.protocol)) return 'no_token_endpoint'
    const fields = { grant_type: 'authorization_code', code }
    const response = await fetch(tokenEndpoint, post(fields, { accept: 'application/json' }))
    const token = (await response.json()) as { access_token?: unknown }
    if (typeof token.access_token !== 'string') return 'access_token_error'
    const authorization = `Bearer ${token.access_token}`
    return verify(await fetch(source, { headers: { authorization } }), target, true)
  }
}

/**
 * indieweb-utils, 2026: finds `token_endpoint` by GET, in headers or HTML, expects exactly 200 from it,
 * says nothing of what it accepts, and asks once more without a token afterwards.
 */
export function createIndiewebUtilsReceiver({ fetch }: Peer) {
  const received: Received[] = []
  const endpoint: Endpoint = async (request) => {
    received.push(await receive(new URLSearchParams(await request.text())))
    return new Response(null, { status: 202 })
  }
  return { endpoint, received }

  async function receive(form: URLSearchParams): Promise<Received> {
    const source = new URL(form.get('source') ?? '')
    const code = form.get('code')
    if (code === null) return 'not private'
    const page = await fetch(source)
    const html = /rel="?token_endpoint"? href="([^"]+)"/.exec(await page.text())?.[1]
    const tokenEndpoint = linked(page, source, 'token_endpoint') ?? (html && new URL(html, source))
    if (!tokenEndpoint) return 'no_token_endpoint'
    const response = await fetch(tokenEndpoint, post({ grant_type: 'authorization_code', code }))
    if (response.status !== 200) return 'access_token_error'
    const { access_token } = (await response.json()) as { access_token: string }
    const authorization = `Bearer ${access_token}`
    const shown = await verify(
      await fetch(source, { headers: { authorization } }),
      form.get('target') ?? '',
      true,
    )
    const head = await fetch(source, { method: 'HEAD' })
    return head.status === 200 ? shown : `verified, then HEAD said ${head.status}`
  }
}

async function verify(response: Response, target: string, isPrivate: boolean): Promise<Received> {
  if (response.status !== 200) return `source said ${response.status}`
  const html = await response.text()
  return html.includes(target) ? { verified: true, html, private: isPrivate } : 'no_link_found'
}

/** Telegraph: sends what it is told, `code` and `realm` alike, with the token endpoint of its user. */
export function sendWithTelegraph(
  endpoint: URL,
  fields: { source: string; target: string; code?: string; realm?: string; vouch?: string },
  { fetch }: Peer,
): Promise<Response> {
  return fetch(endpoint, post(fields, { 'user-agent': 'Telegraph' }))
}

/** indieweb-utils: adds `code` and `realm` only if there are both. */
export function sendWithIndiewebUtils(
  endpoint: URL,
  {
    source,
    target,
    code,
    realm,
  }: { source: string; target: string; code?: string; realm?: string },
  { fetch }: Peer,
): Promise<Response> {
  const both = code !== undefined && realm !== undefined ? { code, realm } : {}
  return fetch(endpoint, post({ source, target, ...both }))
}

export interface PrivateSiteOptions {
  /** By token, what its holder is shown at `/message/1`. */
  readonly pages: Readonly<Record<string, string>>
  /** Good once. By code, the token for it. */
  readonly codes?: Record<string, string>
  /** Headers of the 401. */
  readonly headers?: Record<string, string>
  readonly tokenAnswer?: (token: string) => Response
}

/** A sender in the manner of p3k and seblog: 401 with Bearer and a relative token endpoint, codes good once. */
export function createPrivateSite({
  pages,
  codes = {},
  headers = {
    'www-authenticate': 'Bearer',
    link: '</token>; rel="token_endpoint"',
  },
  tokenAnswer = (access_token) =>
    Response.json({ access_token, token_type: 'bearer', expires_in: 3600 }),
}: PrivateSiteOptions): Endpoint {
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/token') {
      const form = new URLSearchParams(await request.text())
      const code = form.get('code') ?? ''
      const token = form.get('grant_type') === 'authorization_code' ? codes[code] : undefined
      delete codes[code]
      return token ? tokenAnswer(token) : Response.json({ error: 'invalid_grant' }, { status: 400 })
    }
    const token = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ?? ''
    const page = Object.hasOwn(pages, token) ? pages[token] : undefined
    return page === undefined
      ? new Response('sign in', {
          status: 401,
          headers: { 'content-type': 'text/html', ...headers },
        })
      : new Response(page, { headers: { 'content-type': 'text/html' } })
  }
}

/**
 * Alice, written from the text of seed 002 and from nothing else: 401 with one challenge, the token endpoint
 * on her home page, answers in form encoding.
 */
export function createSeedAlice({
  fetch,
  page,
  for: reader,
}: Peer & { page: string; for: string }): Endpoint {
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/') {
      return new Response('<link rel="token_endpoint" href="/token"><h1>Alice</h1>', {
        headers: { 'content-type': 'text/html' },
      })
    }
    if (pathname === '/token') {
      const form = new URLSearchParams(await request.text())
      const me = new URL(form.get('me') ?? '')
      const home = await (await fetch(me)).text()
      const href = /rel="?authorization_endpoint"? href="([^"]+)"/.exec(home)?.[1] ?? ''
      const answer = await fetch(new URL(href, me), post({ code: form.get('code') ?? '' }))
      const confirmed = answer.status === 200 ? (await answer.text()).trim() : ''
      if (confirmed !== `me=${me.href}` || me.href !== reader)
        return new Response(null, { status: 403 })
      return new Response('access_token=yyyyyyyyyy')
    }
    if (request.headers.get('authorization') === 'Bearer yyyyyyyyyy') {
      return new Response(page, { headers: { 'content-type': 'text/html' } })
    }
    return new Response('sign in', { status: 401, headers: { 'www-authenticate': 'IndieAuth' } })
  }
}

/**
 * Bob, written from the text of seed 002 and from nothing else: his code is `xxxxxxx`, good once, his
 * answers are in form encoding. `verify` is what his receiver does with a webmention.
 */
export function createSeedBob({ fetch, me }: Peer & { me: URL }) {
  const codes = new Set<string>()
  const endpoint: Endpoint = async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/auth') {
      const code = new URLSearchParams(await request.text()).get('code') ?? ''
      return codes.delete(code)
        ? new Response(`me=${me.href}`)
        : new Response('unknown code', { status: 400 })
    }
    if (pathname === '/webmention') return new Response(null, { status: 202 })
    return new Response(
      '<link rel="authorization_endpoint" href="/auth"><link rel="webmention" href="/webmention">',
      { headers: { 'content-type': 'text/html' } },
    )
  }
  return { endpoint, verify }

  async function verify(source: URL, tokenEndpoint: URL): Promise<string> {
    const first = await fetch(source)
    if (first.status !== 401) return first.text()
    if (!/IndieAuth/.test(first.headers.get('www-authenticate') ?? '')) return 'no challenge'
    codes.add('xxxxxxx')
    const answer = await fetch(tokenEndpoint, post({ code: 'xxxxxxx', me: me.href }))
    const token = /^access_token=([\w.-]+)$/.exec((await answer.text()).trim())?.[1]
    if (token === undefined) return `no token: ${answer.status}`
    const again = await fetch(source, { headers: { authorization: `Bearer ${token}` } })
    return again.text()
  }
}
