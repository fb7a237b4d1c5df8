import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { discoverIndieAuth } from '../../lib/indieauth/discovery.ts'
import { createWellKnownEndpoint, wellKnownPaths } from '../../lib/indieauth/server-metadata.ts'
import { createWeb } from '../support/web.ts'
import { createAlice, OWNER, PASSPHRASE, type AliceOptions } from './server-alice.ts'

const SEED = { me: 'https://alice.example/', audience: 'https://bob.example/token' }

async function metadataOf(options: AliceOptions = {}): Promise<Record<string, unknown>> {
  const response = await createAlice(options).get('metadata')
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'application/json')
  return (await response.json()) as Record<string, unknown>
}

describe('createWellKnownEndpoint()', () => {
  const server = { paths: { indieauth: '/indieauth/' }, indieauth: true, owner: OWNER }
  const place = '/.well-known/oauth-authorization-server'

  for (const [site, path, issuer] of [
    ['https://alice.example/', place, ''],
    ['https://alice.example/', `${place}/indieauth`, 'indieauth/'],
    ['https://alice.example/', `${place}/indieauth/`, 'indieauth/'],
    ['https://pages.example/alice/', `${place}/alice`, ''],
    ['https://pages.example/alice/', `${place}/alice/`, ''],
    ['https://pages.example/alice/', `${place}/alice/indieauth`, 'indieauth/'],
  ] as const) {
    it(`names the issuer whose path is in ${path} of ${site}, as RFC 8414 §3.3 says it MUST`, async () => {
      const options = { ...server, site: new URL(site) }
      const response = await createWellKnownEndpoint(options)(new Request(new URL(path, site)))
      const metadata = (await response.json()) as Record<string, unknown>
      assert.equal(metadata['issuer'], new URL(issuer, site).href)
      const name = issuer === '' ? 'authorize' : 'auth'
      assert.equal(metadata['authorization_endpoint'], new URL(`indieauth/${name}`, site).href)
      assert.equal(metadata['token_endpoint'], new URL('indieauth/token', site).href)
      assert.ok(Object.values(wellKnownPaths(options)).includes(path.replace(/\/$/, '')))
    })
  }
})

describe('createMetadataEndpoint()', () => {
  it('tells where everything is, all of it below the issuer', async () => {
    const metadata = await metadataOf()
    assert.equal(metadata['issuer'], 'https://alice.example/indieauth/')
    const endpoints = {
      authorization_endpoint: 'auth',
      token_endpoint: 'token',
      introspection_endpoint: 'introspect',
      revocation_endpoint: 'revoke',
      ticket_endpoint: 'ticket',
    }
    for (const [name, path] of Object.entries(endpoints)) {
      assert.equal(metadata[name], `https://alice.example/indieauth/${path}`)
    }
  })

  it('tells what it can do', async () => {
    const metadata = await metadataOf()
    assert.deepEqual(metadata['code_challenge_methods_supported'], ['S256'])
    assert.deepEqual(metadata['response_types_supported'], ['code'])
    assert.deepEqual(metadata['introspection_endpoint_auth_methods_supported'], ['Bearer'])
    assert.deepEqual(metadata['revocation_endpoint_auth_methods_supported'], ['none'])
    assert.deepEqual(metadata['grant_types_supported'], [
      'authorization_code',
      'refresh_token',
      'ticket',
    ])
    assert.equal(metadata['authorization_response_iss_parameter_supported'], true)
    assert.equal(metadata['client_id_metadata_document_supported'], true)
    const scopes = metadata['scopes_supported'] as string[]
    for (const scope of ['profile', 'create', 'update', 'media', 'read']) {
      assert.ok(scopes.includes(scope))
    }
  })

  for (const [why, options] of [
    ['there is no passphrase', { owner: undefined }],
    ['the owner wants no server', { indieauth: false }],
    ['the owner has another server', { indieauth: 'https://indieauth.com/' }],
  ] as const) {
    it(`does not advertise what is off: ${why}`, async () => {
      const metadata = await metadataOf(options)
      for (const name of [
        'authorization_endpoint',
        'code_challenge_methods_supported',
        'response_types_supported',
        'authorization_response_iss_parameter_supported',
        'client_id_metadata_document_supported',
      ]) {
        assert.equal(name in metadata, false, name)
      }
      assert.deepEqual(metadata['scopes_supported'], ['read'])
      assert.equal(metadata['token_endpoint'], 'https://alice.example/indieauth/token')
      assert.ok(metadata['ticket_endpoint'])
    })
  }

  it('may be read by scripts of any site, and changes slowly', async () => {
    const { headers } = await createAlice().get('metadata')
    assert.equal(headers.get('access-control-allow-origin'), '*')
    assert.equal(headers.get('cache-control'), 'public, max-age=300')
  })

  it('answers HEAD like GET, and no other method', async () => {
    const alice = createAlice()
    assert.equal((await alice.get('metadata', { method: 'HEAD' })).status, 200)
    const answer = await alice.post('metadata', {})
    assert.equal(answer.status, 405)
    assert.equal(answer.headers.get('allow'), 'HEAD, GET')
  })
})

describe('createIssuerEndpoint()', () => {
  it('answers 200 with the metadata in a Link header, with GET and HEAD', async () => {
    const alice = createAlice()
    for (const method of ['GET', 'HEAD']) {
      const response = await alice.get('', { method })
      assert.equal(response.status, 200)
      assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
      assert.equal(
        response.headers.get('link'),
        '<https://alice.example/indieauth/metadata>; rel="indieauth-metadata"',
      )
    }
  })

  it('leads software that begins at the issuer to the server', async () => {
    const alice = createAlice()
    const web = createWeb({ 'https://alice.example': alice.endpoint })
    const server = await discoverIndieAuth(alice.issuer, web)
    assert.equal(server?.issuer, alice.issuer.href)
    assert.equal(server?.authorizationEndpoint.href, 'https://alice.example/indieauth/auth')
    assert.equal(server?.requiresIss, true)
  })

  it('tells the owner what their home page needs, if our server is theirs', async () => {
    const line =
      /&lt;link rel=&quot;indieauth-metadata&quot; href=&quot;https:\/\/alice\.example\/indieauth\/metadata&quot;&gt;/
    assert.match(await (await createAlice().get('')).text(), line)
    assert.doesNotMatch(await (await createAlice({ indieauth: false }).get('')).text(), line)
  })
})

describe('an authorization endpoint that is off', () => {
  for (const [why, options] of [
    ['there is no passphrase', { owner: undefined }],
    ['the owner wants no server', { indieauth: false, owner: OWNER }],
    ['the owner has another server', { indieauth: 'https://indieauth.com/', owner: OWNER }],
  ] as const) {
    it(`is not there, and says so: ${why}`, async () => {
      const alice = createAlice(options)
      const page = await alice.get('auth?client_id=https://app.example/')
      assert.equal(page.status, 404)
      assert.match(await page.text(), /Nobody answers here/)
      const form = { decision: 'allow', passphrase: PASSPHRASE }
      assert.equal((await alice.post('auth', form)).status, 404)
      assert.deepEqual(alice.log, [])
    })
  }

  it("names the owner's other server", async () => {
    const page = await createAlice({ indieauth: 'https://indieauth.com/' }).get('auth')
    assert.match(await page.text(), /<a href="https:\/\/indieauth\.com\/">indieauth\.com<\/a>/)
  })

  it("still confirms our own receiver's codes, unless another server is to", async () => {
    const own = createAlice({ owner: undefined })
    const code = await own.secrets.issue('seed-code', SEED)
    assert.equal((await own.post('auth', { code })).status, 200)
    const other = createAlice({ indieauth: 'https://indieauth.com/' })
    const sameCode = await other.secrets.issue('seed-code', SEED)
    assert.equal((await other.post('auth', { code: sameCode })).status, 404)
  })
})
