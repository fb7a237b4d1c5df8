import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createPrivateWebmentionDelivery } from '../../lib/private-webmention/delivery.ts'
import { createSeedCodeMint } from '../../lib/private-webmention/seed-code.ts'
import { seedCodeGrant } from '../../lib/private-webmention/seed-code-grant.ts'
import {
  createSourceAccess,
  type SourceAccessOptions,
} from '../../lib/private-webmention/source-access.ts'
import { webmentionCodeGrant } from '../../lib/private-webmention/webmention-code-grant.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { bearerToken, createTokenEndpoint } from '../../lib/web/oauth.ts'

export const ALICE = 'https://alice.example/'
export const BOB = 'https://bob.example/'
export const SOURCE = new URL('https://alice.example/private/4x7k2m9qwert/')
export const TARGET = new URL(BOB)
export const START = new Date('2026-11-21T12:00:00Z')

/** A clock that tests can turn. */
export function createClock() {
  let time = START.getTime()
  return {
    now: () => new Date(time),
    wait(seconds: number) {
      time += seconds * 1000
    },
  }
}

export interface TestSiteOptions {
  readonly fetch: Fetch
  readonly now: () => Date
  /** By reader, what they are shown at {@link SOURCE}'s path. */
  readonly pages?: Readonly<Record<string, string>>
  readonly access?: Partial<SourceAccessOptions>
  /** Headers of the home page. */
  readonly home?: Record<string, string>
}

/**
 * A site of ours as far as these rooms go: gate and authorization endpoint are reduced to what private
 * webmention sees of them.
 */
export function createTestSite(address: string, options: TestSiteOptions) {
  const { fetch, now, pages = {} } = options
  const site = new URL(address)
  const store = createMemoryStore({ now })
  const keys = [new TextEncoder().encode(address.padEnd(32, '.'))] as const
  const secrets = createSecrets({ keys, site, store, now })
  const tokenEndpoint = new URL('indieauth/token', site)
  const authorization = new URL('indieauth/auth', site)
  const token = createTokenEndpoint([
    webmentionCodeGrant({ secrets }),
    seedCodeGrant({ fetch, secrets, store, now, tokenEndpoint }),
  ])
  const access = createSourceAccess({
    ...{ fetch, store, secrets, now, me: site },
    mintSeedCode: createSeedCodeMint({ secrets, me: site }),
    ...options.access,
  })

  const endpoint: Endpoint = async (request, context) => {
    const { href, pathname } = new URL(request.url)
    if (href === tokenEndpoint.href) return token(request, context)
    if (href === authorization.href) return authorize(request)
    if (pathname.startsWith('/private/')) return gate(request)
    const home = options.home ?? { link: `<${authorization.href}>; rel="authorization_endpoint"` }
    return new Response(null, { headers: home })
  }
  return { endpoint, store, secrets, access, token, tokenEndpoint, delivery: delivery() }

  function delivery() {
    return createPrivateWebmentionDelivery({ secrets, now })
  }

  async function authorize(request: Request): Promise<Response> {
    const code = new URLSearchParams(await request.text()).get('code') ?? ''
    const opened = await secrets.redeem('seed-code', code)
    if (!opened.valid) return Response.json({ error: 'invalid_grant' }, { status: 400 })
    const { me, audience } = opened.claims
    if (request.headers.get('accept')?.includes('application/json')) {
      return Response.json({ me, aud: audience })
    }
    return new Response(`me=${me}`)
  }

  async function gate(request: Request): Promise<Response> {
    const opened = await secrets.open('access-token', bearerToken(request) ?? '')
    const page = opened.valid ? pages[opened.claims.me] : undefined
    if (page !== undefined) {
      return new Response(page, { headers: { 'content-type': 'text/html' } })
    }
    const headers = {
      'www-authenticate': 'Bearer realm="private", IndieAuth',
      link: `<${tokenEndpoint.href}>; rel="token_endpoint", <${tokenEndpoint.href}>; rel="oauth2-token"`,
    }
    return opened.valid
      ? new Response('not for you', { status: 403 })
      : new Response('sign in', { status: 401, headers })
  }
}

/** A form as a client without manners sends it. */
export function form(fields: Record<string, string>, headers: Record<string, string> = {}) {
  return { method: 'POST', body: new URLSearchParams(fields), headers }
}
