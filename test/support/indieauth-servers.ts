/**
 * The IndieAuth population of protocols.md 3.10, each with the quirks that decide whether a client survives
 * it. Bob always consents: whoever opens the authorization URL is sent back at once.
 *
 * @module
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'

/** Somebody's site with the server that speaks for it. */
export interface FakeIndieAuth {
  /** What Bob types, or would have to. */
  readonly profileUrl: URL
  /** Who the server says he is. */
  readonly me: URL
  /** For `createWeb()`. */
  readonly sites: Readonly<Record<string, Endpoint>>
}

export interface FakeOptions {
  readonly now?: () => Date
  readonly me?: string
  /** The origin of Bob's site. */
  readonly site?: string
}

interface Grant {
  readonly client_id: string
  readonly redirect_uri: string
  readonly code_challenge: string | null
  readonly issued: number
}

const HTML = { 'content-type': 'text/html; charset=utf-8' }

/** Opens the authorization URL as Bob's browser does, and returns where it is sent back to. */
export async function consent(location: URL, { fetch }: { readonly fetch: Fetch }): Promise<URL> {
  const response = await fetch(location, { redirect: 'manual' })
  const back = response.headers.get('location')
  assert.ok(back !== null, `${response.status}: ${await response.text()}`)
  return new URL(back, location)
}

/** indieauth.com: hosted, legacy rels only, no PKCE, no iss, no metadata. */
export function fakeIndieAuthCom({
  now = () => new Date(0),
  site = 'https://bob.example',
  me = `${site}/`,
}: FakeOptions = {}): FakeIndieAuth {
  const codes = createCodes(now)
  const endpoint = 'https://indieauth.example/auth'
  const page = `<link rel="authorization_endpoint" href="${endpoint}"><link rel="token_endpoint" href="https://tokens.example/token"><p>Bob`
  return {
    profileUrl: new URL('/', site),
    me: new URL(me),
    sites: {
      [site]: async () => new Response(page, { headers: HTML }),
      'https://indieauth.example': async (request) => {
        if (request.method === 'GET') return back(request, codes)
        const form = await formOf(request)
        const grant = codes.redeem(form, { lifetime: 60 })
        const accept = request.headers.get('accept') ?? ''
        const wantsJson = accept.includes('json') && !accept.includes('*/*')
        const answer: Record<string, string> = grant ? { me } : { error: 'invalid_request' }
        const status = grant ? 200 : 404
        if (wantsJson) return Response.json(answer, { status })
        return new Response(new URLSearchParams(answer), { status })
      },
    },
  }
}

/** WordPress: metadata and legacy rels, PKCE, iss; posts are written by authors, so `me` is one's page. */
export function fakeWordPress({
  now = () => new Date(0),
  site = 'https://bob.example',
  me = `${site}/author/bob/`,
}: FakeOptions = {}): FakeIndieAuth {
  const codes = createCodes(now)
  const issuer = `${site}/wp-json/indieauth/1.0`
  const link = [
    `<${issuer}/metadata>; rel="indieauth-metadata"`,
    `<${issuer}/auth>; rel="authorization_endpoint"`,
    `<${issuer}/token>; rel="token_endpoint"`,
  ].join(', ')
  return {
    profileUrl: new URL('/', site),
    me: new URL(me),
    sites: {
      [site]: async (request) => {
        const { pathname } = new URL(request.url)
        if (pathname === '/wp-json/indieauth/1.0/metadata') {
          return Response.json({
            issuer,
            authorization_endpoint: `${issuer}/auth`,
            token_endpoint: `${issuer}/token`,
            introspection_endpoint: `${issuer}/introspection`,
            introspection_auth_methods_supported: ['Bearer'],
            scopes_supported: ['create', 'profile', 'read'],
            response_types_supported: ['code'],
            grant_types_supported: ['authorization_code', 'refresh_token'],
            code_challenge_methods_supported: ['S256'],
            authorization_response_iss_parameter_supported: true,
          })
        }
        if (pathname !== '/wp-json/indieauth/1.0/auth') {
          return new Response('<p>Bob', { headers: { ...HTML, link } })
        }
        if (request.method === 'GET') return back(request, codes, { iss: issuer, pkce: true })
        const grant = codes.redeem(await formOf(request), { pkce: true })
        if (!grant) return Response.json({ error: 'invalid_code' }, { status: 401 })
        // A careless profile: it names somebody else.
        return Response.json({ me, profile: { name: 'Alice', url: 'https://alice.example/' } })
      },
    },
  }
}

/** Indiekit: metadata without the iss flag, but iss all the same; wants every parameter of the redemption. */
export function fakeIndiekit({
  now = () => new Date(0),
  site = 'https://bob.example',
  me = `${site}/`,
}: FakeOptions = {}): FakeIndieAuth {
  const codes = createCodes(now)
  const server = 'https://indiekit.example'
  const page = `<link rel="indieauth-metadata" href="${server}/.well-known/oauth-authorization-server"><p>Bob`
  return {
    profileUrl: new URL('/', site),
    me: new URL(me),
    sites: {
      [site]: async () => new Response(page, { headers: HTML }),
      [server]: async (request) => {
        const { pathname } = new URL(request.url)
        if (pathname === '/.well-known/oauth-authorization-server') {
          return Response.json({
            issuer: server,
            authorization_endpoint: `${server}/auth`,
            token_endpoint: `${server}/auth/token`,
            introspection_endpoint: `${server}/auth/introspect`,
            code_challenge_methods_supported: ['S256'],
            response_types_supported: ['code'],
            scopes_supported: ['create', 'profile'],
          })
        }
        if (request.method === 'GET') return back(request, codes, { iss: server, pkce: true })
        const form = await formOf(request)
        const missing = ['client_id', 'code', 'grant_type', 'redirect_uri'].find(
          (name) => !form.get(name),
        )
        const grant = missing === undefined && codes.redeem(form, { pkce: true })
        if (grant) return Response.json({ me })
        const error_description = missing ? `Missing value for ${missing}` : 'Invalid code'
        return Response.json({ error: 'invalid_request', error_description }, { status: 400 })
      },
    },
  }
}

/** indielogin.com: a hosted broker that knows its clients; the endpoint's own query must survive. */
export function fakeIndieLogin({
  now = () => new Date(0),
  site = 'https://bob.example',
  me = `${site}/`,
  clients = ['https://alice.example/indieauth/client.json'],
}: FakeOptions & { readonly clients?: readonly string[] } = {}): FakeIndieAuth {
  const codes = createCodes(now)
  const endpoint = 'https://indielogin.example/authorize?tenant=a%2Fb'
  return {
    profileUrl: new URL('/', site),
    me: new URL(me),
    sites: {
      [site]: async () =>
        new Response('<p>Bob', {
          headers: { ...HTML, link: `<${endpoint}>; rel="authorization_endpoint"` },
        }),
      'https://indielogin.example': async (request) => {
        const url = new URL(request.url)
        if (url.search.split('&')[0] !== '?tenant=a%2Fb') return new Response('?', { status: 404 })
        if (request.method === 'GET') {
          const isKnown = clients.includes(url.searchParams.get('client_id') ?? '')
          if (isKnown) return back(request, codes, { pkce: true })
          return new Response('<p>This client is not registered', { status: 400, headers: HTML })
        }
        const grant = codes.redeem(await formOf(request), { pkce: true })
        if (!grant) return Response.json({ error: 'invalid_grant' }, { status: 400 })
        return Response.json({ me })
      },
    },
  }
}

/** Publ: tokens and tickets, but no authorization endpoint. */
export function fakePubl({ site = 'https://bob.example' }: FakeOptions = {}): FakeIndieAuth {
  const link = '</_tokens>; rel="token_endpoint", </_tickets>; rel="ticket_endpoint"'
  return {
    profileUrl: new URL('/', site),
    me: new URL('/', site),
    sites: { [site]: async () => new Response('<p>Bob', { headers: { ...HTML, link } }) },
  }
}

/**
 * Authl, which is no server but the client that signs people in to Publ: sends PKCE and `scope=profile email`,
 * omits `grant_type`, ignores iss. Returns the `me` it was told, or `undefined`.
 */
export async function signInByAuthl(
  authorizationEndpoint: URL,
  { me, client }: { readonly me: URL; readonly client: URL },
  web: { readonly fetch: Fetch },
  open: (location: URL) => Promise<URL> = (location) => consent(location, web),
): Promise<string | undefined> {
  const code_verifier = 'authl-authl-authl-authl-authl-authl-authl-authl'
  const client_id = client.href
  const redirect_uri = new URL('/cb', client).href
  const location = new URL(authorizationEndpoint)
  const request = {
    redirect_uri,
    client_id,
    state: 'authl-state',
    response_type: 'code',
    code_challenge: sha256(code_verifier),
    code_challenge_method: 'S256',
    scope: 'profile email',
    me: me.href,
  }
  for (const [name, value] of Object.entries(request)) location.searchParams.set(name, value)
  const { searchParams } = await open(location)
  if (searchParams.get('state') !== 'authl-state') return undefined
  const code = searchParams.get('code') ?? ''
  const response = await web.fetch(authorizationEndpoint, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ code, client_id, redirect_uri, code_verifier }),
  })
  if (response.status !== 200) return undefined
  const answer = (await response.json()) as { readonly me?: string }
  return answer.me
}

/** Codes that say which client, redirect and challenge they were made for, and work once. */
function createCodes(now: () => Date) {
  const grants = new Map<string, Grant>()
  return { issue, redeem }

  function issue(params: URLSearchParams): string {
    const code = `code-${grants.size + 1}-xxxxxxx`
    grants.set(code, {
      client_id: params.get('client_id') ?? '',
      redirect_uri: params.get('redirect_uri') ?? '',
      code_challenge: params.get('code_challenge'),
      issued: now().getTime(),
    })
    return code
  }

  function redeem(form: URLSearchParams, { lifetime = 600, pkce = false }): Grant | undefined {
    const grant = grants.get(form.get('code') ?? '')
    if (!grant || now().getTime() - grant.issued > lifetime * 1000) return undefined
    if (grant.client_id !== form.get('client_id')) return undefined
    if (grant.redirect_uri !== form.get('redirect_uri')) return undefined
    if (pkce && sha256(form.get('code_verifier') ?? '') !== grant.code_challenge) return undefined
    grants.delete(form.get('code') ?? '')
    return grant
  }
}

/** Sends Bob back to the client, as if he had said yes. */
function back(
  request: Request,
  codes: ReturnType<typeof createCodes>,
  { iss, pkce = false }: { readonly iss?: string; readonly pkce?: boolean } = {},
): Response {
  const { searchParams } = new URL(request.url)
  const location = new URL(searchParams.get('redirect_uri') ?? '')
  const isSafe = searchParams.get('code_challenge_method') === 'S256'
  if (pkce && !isSafe) location.searchParams.set('error', 'invalid_request')
  else location.searchParams.set('code', codes.issue(searchParams))
  location.searchParams.set('state', searchParams.get('state') ?? '')
  if (iss !== undefined) location.searchParams.set('iss', iss)
  return new Response(null, { status: 302, headers: { location: location.href } })
}

async function formOf(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await request.text())
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
