import { createHash } from 'node:crypto'
import { createAuthorizationEndpoint } from '../../lib/indieauth/authorization-endpoint.ts'
import { authorizationCodeGrant } from '../../lib/indieauth/authorization-code-grant.ts'
import {
  createIntrospectionEndpoint,
  createLegacyVerification,
} from '../../lib/indieauth/introspection.ts'
import { createIssuerEndpoint } from '../../lib/indieauth/issuer-page.ts'
import type { OwnerProfile } from '../../lib/indieauth/owner-profile.ts'
import { createOwnerSignIn } from '../../lib/indieauth/owner-sign-in.ts'
import { refreshTokenGrant } from '../../lib/indieauth/refresh-token-grant.ts'
import { createRevocationEndpoint, legacyRevocation } from '../../lib/indieauth/revocation.ts'
import { createMetadataEndpoint } from '../../lib/indieauth/server-metadata.ts'
import type { ClaimsOf } from '../../lib/jwt/kinds.ts'
import { createSecrets, type Secrets } from '../../lib/jwt/secrets.ts'
import { startSession } from '../../lib/jwt/session.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Store } from '../../lib/store/store.ts'
import type { Endpoint, RequestContext } from '../../lib/web/endpoint.ts'
import { createTokenEndpoint } from '../../lib/web/oauth.ts'
import { findRoute } from '../../lib/web/routes.ts'
import { createWeb } from '../support/web.ts'

export const PASSPHRASE = 'correct horse battery staple'
/** The passphrase above, at the least cost that is taken. */
export const OWNER =
  'scrypt:14:8:1:AAECAwQFBgcICQoLDA0ODw:11kKyiyYAc8G7rp3KmncMc44YlkdllIqxOa7pq0fMaU'

export const MIDNIGHT = Date.parse('2026-11-21T00:00:00Z')
export const CODE_VERIFIER = 'v'.repeat(43)
export const CODE_CHALLENGE = createHash('sha256').update(CODE_VERIFIER).digest('base64url')

/** A client that says of itself what clients should. */
export const APP = {
  clientId: 'https://app.example/client.json',
  redirectUri: 'https://app.example/callback',
  metadata: {
    client_id: 'https://app.example/client.json',
    client_uri: 'https://app.example/',
    client_name: 'The App',
    redirect_uris: [
      'https://app.example/callback',
      'https://other.example/callback',
      'example.app:/cb',
    ],
  } as Record<string, unknown>,
}

export interface AliceOptions {
  readonly indieauth?: boolean | string
  readonly owner?: string | undefined
  readonly profile?: OwnerProfile
  readonly store?: Store
  readonly site?: URL
  readonly me?: URL
  readonly allowLoopback?: boolean
  readonly sites?: Record<string, Endpoint>
  /** Seconds since midnight. */
  readonly clock?: { seconds: number }
}

export interface Alice {
  readonly endpoint: Endpoint
  readonly secrets: Secrets
  readonly store: Store
  readonly log: string[]
  readonly issuer: URL
  readonly site: URL
  readonly me: URL
  url(name: string): URL
  get(name: string, init?: RequestInit, context?: RequestContext): Promise<Response>
  post(name: string, form: Fields, init?: RequestInit, context?: RequestContext): Promise<Response>
}

export type Fields = Record<string, string> | [string, string][] | URLSearchParams

/** Alice's site with her IndieAuth server, and the web around it. */
export function createAlice(options: AliceOptions = {}): Alice {
  const { indieauth = true, profile, allowLoopback = false, clock = { seconds: 0 } } = options
  const owner = 'owner' in options ? options.owner : OWNER
  const site = options.site ?? new URL('https://alice.example/')
  const me = options.me ?? site
  const now = () => new Date(MIDNIGHT + clock.seconds * 1000)
  const store = options.store ?? createMemoryStore({ now })
  const secrets = createSecrets({ keys: [Buffer.alloc(32, 1)], site, store, now })
  const { fetch, log } = createWeb({
    'https://app.example': async () =>
      new Response(JSON.stringify(APP.metadata), {
        headers: { 'content-type': 'application/json' },
      }),
    ...options.sites,
  })
  const paths = { indieauth: '/indieauth/' }
  const issuer = new URL('indieauth/', site)
  const server = { site, me, paths, indieauth, owner, secrets, store, fetch, now, allowLoopback }
  const signInOwner = owner === undefined ? undefined : createOwnerSignIn({ ...server, owner })
  const withProfile = profile ? { profile } : {}
  const redeem = createTokenEndpoint([
    authorizationCodeGrant({ me, secrets, ...withProfile }),
    refreshTokenGrant({ secrets }),
    legacyRevocation({ secrets }),
  ])
  const verify = createLegacyVerification({ secrets })
  const token: Endpoint = (request) => (request.method === 'GET' ? verify : redeem)(request)
  const authorization = createAuthorizationEndpoint({
    ...server,
    ...withProfile,
    ...(signInOwner && { signInOwner }),
  })
  const routes = [
    { path: issuer.pathname, endpoint: createIssuerEndpoint(server) },
    { path: new URL('metadata', issuer).pathname, endpoint: createMetadataEndpoint(server) },
    { path: new URL('auth', issuer).pathname, endpoint: authorization },
    { path: new URL('token', issuer).pathname, endpoint: token },
    {
      path: new URL('introspect', issuer).pathname,
      endpoint: createIntrospectionEndpoint({ me, secrets }),
    },
    { path: new URL('revoke', issuer).pathname, endpoint: createRevocationEndpoint({ secrets }) },
  ]
  const endpoint: Endpoint = async (request, context) => {
    const { pathname } = new URL(request.url)
    const found = findRoute(routes, pathname)
    if (found) return found(request, context)
    if (pathname !== me.pathname) return new Response('not found', { status: 404 })
    const link = `<${new URL('metadata', issuer)}>; rel="indieauth-metadata"`
    return new Response('<h1>Alice</h1>', { headers: { 'content-type': 'text/html', link } })
  }
  const url = (name: string) => new URL(name, issuer)
  return {
    endpoint,
    secrets,
    store,
    log,
    issuer,
    site,
    me,
    url,
    get: (name, init, context) => endpoint(new Request(url(name), init), context),
    post: (name, form, init, context) =>
      endpoint(new Request(url(name), { method: 'POST', body: formOf(form), ...init }), context),
  }
}

function formOf(form: Fields): URLSearchParams {
  return form instanceof URLSearchParams ? form : new URLSearchParams(form)
}

/** What a client asks, with some things changed; `undefined` leaves one out. */
export function authorizationRequest(
  changes: Record<string, string | undefined> = {},
): URLSearchParams {
  const request: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: APP.clientId,
    redirect_uri: APP.redirectUri,
    state: 'sssss',
    code_challenge: CODE_CHALLENGE,
    code_challenge_method: 'S256',
    scope: 'profile create',
    me: 'https://alice.example/',
    ...changes,
  }
  return new URLSearchParams(
    Object.entries(request).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
  )
}

/** The fields that a browser would send of the only form on a page. */
export function fieldsOf(page: string): [string, string][] {
  const inputs = page.match(/<input[^>]*>/g) ?? []
  return inputs.flatMap((input): [string, string][] => {
    const name = /name="([^"]*)"/.exec(input)?.[1]
    const isOff = /type="checkbox"/.test(input) && !/checked/.test(input)
    return name === undefined || isOff ? [] : [[name, unescape(/value="([^"]*)"/.exec(input)?.[1])]]
  })
}

function unescape(text = ''): string {
  return text.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}

/** The fields of a consent form, filled in. */
export async function fillIn(
  alice: Alice,
  request: URLSearchParams = authorizationRequest(),
  { cookie, passphrase, decision = 'allow' }: Visitor = {},
): Promise<[string, string][]> {
  const page = await alice.get(`auth?${request}`, cookie ? { headers: { cookie } } : {})
  const fields = fieldsOf(await page.text()).filter(([name]) => name !== 'passphrase')
  return [
    ...fields,
    ['decision', decision],
    ...(passphrase === undefined ? [] : ([['passphrase', passphrase]] as [string, string][])),
  ]
}

interface Visitor {
  readonly cookie?: string
  readonly passphrase?: string
  readonly decision?: string
}

/** The cookie of somebody who is signed in at Alice's site; by default the owner. */
export async function sessionOf(
  { secrets }: Alice,
  claims: ClaimsOf['session'] = { reader: 'https://alice.example/', by: 'passphrase' },
  site = new URL('https://alice.example/'),
): Promise<string> {
  return (await startSession(claims, { secrets, site })).split(';')[0] ?? ''
}

/** Goes through the consent page as the owner does who is signed in. */
export async function consent(
  alice: Alice,
  request: URLSearchParams = authorizationRequest(),
): Promise<URL> {
  const { me, site } = alice
  const cookie = await sessionOf(alice, { reader: me.href, by: 'passphrase' }, site)
  const fields = await fillIn(alice, request, { cookie })
  const answer = await alice.post('auth', fields, { headers: { cookie } })
  return new URL(answer.headers.get('location') ?? `error:${answer.status}`)
}

/** A code for the app, as the owner gives it. */
export async function codeFor(alice: Alice, request?: URLSearchParams): Promise<string> {
  return (await consent(alice, request)).searchParams.get('code') ?? ''
}

/** How the app redeems its code. */
export function redemption(code: string, changes: Record<string, string> = {}) {
  return {
    grant_type: 'authorization_code',
    code,
    client_id: APP.clientId,
    redirect_uri: APP.redirectUri,
    code_verifier: CODE_VERIFIER,
    ...changes,
  }
}

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly scope: string
  readonly me: string
}

/** The tokens that the app gets. */
export async function tokensFor(alice: Alice, request?: URLSearchParams): Promise<Tokens> {
  const response = await alice.post('token', redemption(await codeFor(alice, request)))
  return (await response.json()) as Tokens
}

export const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
