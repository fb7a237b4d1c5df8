import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { attribute, elements, isElement, parseHtml } from '../../lib/web/html.ts'
import { listen } from '../../lib/web/node-server.ts'
import { openRunningSite, PASSPHRASE, type RunningSiteOptions } from './running-site.ts'

const WELL_KNOWN = '/.well-known/oauth-authorization-server'

/** The names by which a client may know the server. */
const ISSUERS = ['', 'indieauth/'] as const

async function openAlice(t: TestContext, options: Partial<RunningSiteOptions> = {}) {
  const { url } = await openRunningSite(t, { host: 'localhost', ...options })
  const apps = await listen(async (request) => {
    const client_id = new URL('/client.json', request.url).href
    return Response.json({ client_id, redirect_uris: [new URL('/callback', request.url).href] })
  })
  t.after(() => apps.close())
  const app = new URL(`http://app.localhost:${apps.port}/`)
  return {
    url,
    clientId: new URL('client.json', app).href,
    redirectUri: new URL('callback', app).href,
  }
}

/** What the owner does in a browser: opens the page, types the passphrase, presses "Allow". */
async function consent(authorizationUrl: URL): Promise<URL> {
  const page = await fetch(authorizationUrl)
  assert.equal(page.status, 200)
  const body = new URLSearchParams({ passphrase: PASSPHRASE, decision: 'allow' })
  let action: string | undefined
  for (const element of elements(parseHtml(await page.text()))) {
    if (isElement(element, 'form')) action = attribute(element, 'action')
    const name = attribute(element, 'name')
    const type = attribute(element, 'type')
    if (!isElement(element, 'input') || name === undefined || type === 'password') continue
    body.append(name, attribute(element, 'value') ?? '')
  }
  const answer = await fetch(new URL(action ?? '', authorizationUrl), {
    ...{ method: 'POST', body, redirect: 'manual' },
  })
  assert.equal(answer.status, 303)
  return new URL(answer.headers.get('location') ?? '')
}

/** Our introspection wants the token that it is about, or another one of the same client. */
function bearer(token: string): oauth.ClientAuth {
  return (_as, _client, _body, headers) => headers.set('authorization', `Bearer ${token}`)
}

for (const name of ISSUERS) {
  describe(`a client that knows the issuer /${name}`, () => {
    it('oauth4webapi goes the whole way', async (t) => {
      const { url, clientId, redirectUri } = await openAlice(t)
      const options = { [oauth.allowInsecureRequests]: true }
      const issuer = new URL(name, url)
      const as = await oauth.processDiscoveryResponse(
        issuer,
        await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' }),
      )
      const client: oauth.Client = { client_id: clientId }
      const verifier = oauth.generateRandomCodeVerifier()
      const state = oauth.generateRandomState()
      const authorizationUrl = new URL(as.authorization_endpoint ?? '')
      authorizationUrl.search = String(
        new URLSearchParams({
          ...{ client_id: clientId, redirect_uri: redirectUri, response_type: 'code', state },
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          scope: 'profile create',
        }),
      )
      const params = oauth.validateAuthResponse(as, client, await consent(authorizationUrl), state)
      assert.equal(params.get('iss'), issuer.href)
      const none = oauth.None()
      const first = await oauth.processAuthorizationCodeResponse(
        as,
        client,
        await oauth.authorizationCodeGrantRequest(
          ...([as, client, none, params, redirectUri, verifier, options] as const),
        ),
      )
      assert.equal(first.scope, 'profile create')
      assert.equal(first['me'], url.href)

      const isActive = async (token: string) => {
        const { active } = await oauth.processIntrospectionResponse(
          as,
          client,
          await oauth.introspectionRequest(as, client, bearer(token), token, options),
        )
        return active
      }
      assert.equal(await isActive(first.access_token), true)

      const second = await oauth.processRefreshTokenResponse(
        as,
        client,
        await oauth.refreshTokenGrantRequest(
          ...([as, client, none, first.refresh_token ?? '', options] as const),
        ),
      )
      assert.notEqual(second.access_token, first.access_token)
      assert.equal(await isActive(second.access_token), true)

      const revoked = await oauth.revocationRequest(
        ...([as, client, none, second.access_token, options] as const),
      )
      assert.equal(await oauth.processRevocationResponse(revoked), undefined)
      await assert.rejects(isActive(second.access_token), oauth.WWWAuthenticateChallengeError)
    })

    it('openid-client goes the whole way', async (t) => {
      const { url, clientId, redirectUri } = await openAlice(t)
      const config = await openid.discovery(
        ...([new URL(name, url), clientId, undefined, openid.None()] as const),
        { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] },
      )
      const pkceCodeVerifier = openid.randomPKCECodeVerifier()
      assert.equal(config.serverMetadata().supportsPKCE(), true, 'so that it needs no state')
      const authorizationUrl = openid.buildAuthorizationUrl(config, {
        ...{ redirect_uri: redirectUri, scope: 'create' },
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      })
      const callback = await consent(authorizationUrl)
      const first = await openid.authorizationCodeGrant(config, callback, { pkceCodeVerifier })
      assert.equal(first.scope, 'create')
      const { refresh_token = '' } = first
      const second = await openid.refreshTokenGrant(config, refresh_token)

      const asking = (token: string) => {
        const other = new openid.Configuration(
          ...([config.serverMetadata(), clientId, undefined, bearer(token)] as const),
        )
        openid.allowInsecureRequests(other)
        return openid.tokenIntrospection(other, token)
      }
      assert.equal((await asking(second.access_token)).active, true)
      await openid.tokenRevocation(config, second.access_token)
      await assert.rejects(asking(second.access_token))
    })
  })
}

describe('metadata where OAuth clients look', () => {
  const ask = (url: URL, path: string) => fetch(new URL(path, url))

  it('is nowhere on a site that does not answer for its owner', async (t) => {
    const twin = await openAlice(t)
    const off = [
      await openAlice(t, { owner: undefined }),
      await openAlice(t, { settings: { indieauth: false } }),
      await openAlice(t, { settings: { indieauth: 'https://login.example/' } }),
    ]
    for (const path of ['', '/', '/indieauth', '/indieauth/']) {
      assert.equal((await ask(twin.url, WELL_KNOWN + path)).status, 200, path)
      for (const { url } of off) assert.equal((await ask(url, WELL_KNOWN + path)).status, 404)
    }
    assert.equal((await ask(twin.url, `${WELL_KNOWN}/nothing`)).status, 404)
  })

  it("is the author's own document where there is one", async (t) => {
    const theirs = '{"issuer":"https://login.example/"}'
    const { url } = await openAlice(t, { pages: () => ({ [WELL_KNOWN.slice(1)]: theirs }) })
    assert.equal(await (await ask(url, WELL_KNOWN)).text(), theirs)
    const ours = (await (await ask(url, `${WELL_KNOWN}/indieauth`)).json()) as { issuer: string }
    assert.equal(ours.issuer, new URL('indieauth/', url).href)
  })

  it('is for the pages of every origin, and the same for HEAD', async (t) => {
    const { url } = await openAlice(t)
    const get = await ask(url, WELL_KNOWN)
    assert.equal(get.headers.get('content-type'), 'application/json')
    assert.equal(get.headers.get('access-control-allow-origin'), '*')
    const head = await fetch(new URL(WELL_KNOWN, url), { method: 'HEAD' })
    assert.deepEqual([head.status, await head.text()], [200, ''])
  })
})
