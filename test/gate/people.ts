import { createHash } from 'node:crypto'
import type { Endpoint } from '../../lib/web/endpoint.ts'

export interface BobOptions {
  readonly address?: string
  /** Whom it confirms; by default whose site it is. */
  readonly me?: string
  readonly denies?: boolean
}

/** Somebody's site with a small IndieAuth server that always says yes, to the letter of the spec. */
export function createBob({
  address = 'https://bob.example/',
  me = address,
  denies = false,
}: BobOptions = {}): Endpoint {
  const issuer = new URL('/auth/', address).href
  const endpoint = new URL('/auth/authorize', address)
  const codes = new Map<string, { challenge: string; client: string; redirect: string }>()

  return async (request) => {
    const { pathname, searchParams: query } = new URL(request.url)
    if (pathname === '/auth/metadata') {
      return Response.json({
        issuer,
        authorization_endpoint: endpoint.href,
        token_endpoint: new URL('/auth/token', address).href,
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
      })
    }
    if (pathname !== endpoint.pathname) {
      const headers = {
        link: '</auth/metadata>; rel="indieauth-metadata"',
        'content-type': 'text/html',
      }
      return new Response('<title>Bob</title>', { headers })
    }
    if (request.method === 'GET') {
      const redirect = new URL(query.get('redirect_uri') ?? '')
      redirect.searchParams.set('state', query.get('state') ?? '')
      redirect.searchParams.set('iss', issuer)
      if (denies) redirect.searchParams.set('error', 'access_denied')
      else redirect.searchParams.set('code', `code-${codes.size}`)
      codes.set(`code-${codes.size}`, {
        challenge: query.get('code_challenge') ?? '',
        client: query.get('client_id') ?? '',
        redirect: query.get('redirect_uri') ?? '',
      })
      return new Response(null, { status: 302, headers: { location: redirect.href } })
    }
    const form = new URLSearchParams(await request.text())
    const code = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '')
    const isGood =
      code?.challenge === challenge.digest('base64url') &&
      code.client === form.get('client_id') &&
      code.redirect === form.get('redirect_uri')
    return isGood
      ? Response.json({ me })
      : Response.json({ error: 'invalid_grant' }, { status: 400 })
  }
}

/** A browser as far as it matters here: it keeps cookies, and goes where it is sent. */
export function createVisitor(web: Record<string, Endpoint>) {
  const jars = new Map<string, Map<string, string>>()
  const visited: string[] = []
  return {
    visited,
    cookies: (origin: string) => [...(jars.get(origin)?.keys() ?? [])],
    /** Asks once. */
    ask,
    /** Asks, and follows every redirect, or as many as there are `hops`. */
    async go(url: string | URL, init?: RequestInit, hops = 10): Promise<Response> {
      let [at, how, response] = [new URL(url), init, await ask(url, init)]
      for (let hop = 0; hop < hops && response.headers.has('location'); hop++) {
        at = new URL(response.headers.get('location') ?? '', at)
        // With 307 the same request is sent again, form and all.
        if (response.status !== 307) how = undefined
        response = await ask(at, how)
      }
      return response
    },
  }

  async function ask(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const { origin, href } = new URL(url)
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    const headers = new Headers(init.headers)
    if (jar.size > 0) {
      headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    }
    visited.push(`${init.method ?? 'GET'} ${href.replace(/\?.*/, '?…')}`)
    const site = web[origin]
    if (!site) throw new TypeError(`no such site: ${origin}`)
    const response = await site(new Request(href, { ...init, headers }))
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (/; Max-Age=0(;|$)/.test(cookie)) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
}
