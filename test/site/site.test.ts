import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { hashPassphrase } from '../../lib/indieauth/owner-passphrase.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { SITE_DEFAULTS, type SiteRecord } from '../../lib/ledger/site-record.ts'
import { netlifyFunctions } from '../../lib/eleventy/netlify-functions.ts'
import { createSite, routesOf } from '../../lib/site/site.ts'
import type { SiteOptions } from '../../lib/site/site-options.ts'
import { createLmdbStore } from '../../lib/store/lmdb-store.ts'
import { FetchError } from '../../lib/web/errors.ts'
import { findRoute } from '../../lib/web/routes.ts'
import { NO_DNS } from '../support/no-dns.ts'
import { holds } from '../support/property.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const now = () => NOW
const REDEMPTIONS = 1_000

const settings: SiteRecord = {
  ...SITE_DEFAULTS,
  me: 'https://alice.example/',
  posts: ['private/**'],
  prefix: '/p/',
  pathPrefix: '/',
  input: '.',
  output: '_site',
  tokens: 'random',
  exposure: 'refuse',
  auditExceptions: [],
}

const folder = mkdtempSync(join(tmpdir(), 'private-posts-whole-site-'))
writeFileSync(join(folder, 'index.html'), '<h1>Alice</h1>')
const store = createLmdbStore({ folder: join(folder, '.store'), now })
after(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

async function openSite(address = 'https://alice.example/') {
  const site = new URL(address)
  const secrets = createSecrets({ keys: [new Uint8Array(32).fill(7)], site, store, now })
  const owner = await hashPassphrase('late peas and long trains')
  const options: SiteOptions = {
    ...{ site, settings, store, secrets, owner, now },
    files: async () => undefined,
    resolver: NO_DNS,
    fetch: async (url) => {
      throw new FetchError(`${url.host} did not answer`)
    },
  }
  const { endpoint } = createSite(options, { folder })
  return { secrets, endpoint, site, options }
}

describe('createSite()', () => {
  it('answers with a function where there is one, else with a page', async () => {
    const { endpoint, site } = await openSite()
    for (const [path, status] of [
      ['', 200],
      ['index.html', 200],
      ['nowhere/', 404],
      ['private', 401],
      ['private/x/y.png', 401],
      ['invitation/x', 410],
      ['inbox', 401],
      ['inbox/anything', 401],
      ['webmention', 200],
      ['webmention/anything', 404],
      ['mentions.json', 200],
      ['indieauth/', 200],
      ['indieauth/metadata', 200],
      ['indieauth/client.json', 200],
      ['indieauth/logo.svg', 200],
      ['indieauth/sign-in', 200],
      ['indieauth/nothing', 404],
      ['pm', 200],
      ['pm/anything', 401],
      ['messages', 406],
      ['keys', 200],
      ['keys/anything', 404],
      ['token', 405],
      ['fmtp/key', 200],
      ['fmtp/objects', 200],
      ['fmtp/objects/alice@alice.example', 200],
      ['fmtp/objects/bob@bob.example', 404],
      ['fmtp/nothing', 404],
    ] as const) {
      const response = await endpoint(new Request(new URL(path, site)))
      assert.equal(response.status, status, path)
    }
  })

  it('answers at the same places in one process and on Netlify', async () => {
    const { options } = await openSite()
    const served = routesOf(options).map(({ path }) => path.replace(/\*$/, 'x'))
    const deployed = netlifyFunctions(settings, { hasSecret: true, hasOwner: true })
      .flatMap(({ config }) => ('path' in config ? config.path : []))
      .map((path) => path.replace(/\*$/, 'x'))
    assert.ok(served.length > 10 && deployed.length > 10)
    for (const path of deployed) assert.ok(findRoute(routesOf(options), path), path)
    for (const path of served.filter((each) => each !== '/indieauth/x')) {
      assert.ok(deployed.includes(path), path)
    }
  })

  it('has no endpoint of a protocol that its author does not want to speak', async () => {
    const { options } = await openSite()
    const PLACES = {
      'rel-pm': '/pm',
      intertalk: '/keys',
      fmtp: '/fmtp/key',
      webmention: '/webmention',
    }
    const without = (names: readonly string[]) => {
      const protocols = settings.protocols.filter((name) => !names.includes(name))
      return { ...options, settings: { ...settings, protocols } }
    }
    for (const [name, path] of Object.entries(PLACES)) {
      assert.ok(findRoute(routesOf(options), path), path)
      const names = name === 'webmention' ? ['webmention', 'private-webmention'] : [name]
      const { settings: changed, ...rest } = without(names)
      assert.equal(findRoute(routesOf({ ...rest, settings: changed }), path), undefined, path)
      const deployed = netlifyFunctions(changed, { hasSecret: true, hasOwner: true })
      const paths = deployed.flatMap(({ config }) => ('path' in config ? config.path : []))
      assert.ok(!paths.includes(path), path)
    }
    assert.ok(findRoute(routesOf(without(['webmention'])), '/webmention'))
  })

  it('speaks neither intertalk nor FMTP below a path: both know a site by its host alone', async () => {
    const { options } = await openSite('https://alice.example/blog/')
    const at = (path: string) => findRoute(routesOf(options), `/blog${path}`)
    assert.ok(at('/pm'))
    for (const path of ['/messages', '/keys', '/token', '/fmtp/key']) assert.ok(!at(path), path)
    const below = netlifyFunctions(
      { ...settings, pathPrefix: '/blog/' },
      { hasSecret: true, hasOwner: true },
    ).map(({ name }) => name)
    assert.ok(below.includes('pm'))
    for (const name of ['messages', 'keys', 'messages-token', 'fmtp']) {
      assert.ok(!below.includes(name), name)
    }
  })

  it('lies below a path prefix as a whole', async () => {
    const { endpoint, site } = await openSite('https://alice.example/blog/')
    for (const [path, status] of [
      ['/blog/', 200],
      ['/blog/private/x', 401],
      ['/blog/inbox', 401],
      ['/blog/indieauth/metadata', 200],
      ['/private/x', 404],
      ['/', 404],
    ] as const) {
      const response = await endpoint(new Request(new URL(path, site)))
      assert.equal(response.status, status, path)
    }
  })
})

describe(`${REDEMPTIONS} simultaneous redemptions`, () => {
  for (const [kind, formOf] of [
    ['webmention-code', (code: string) => ({ grant_type: 'authorization_code', code })],
    ['ticket', (ticket: string) => ({ grant_type: 'ticket', ticket })],
  ] as const) {
    it(`of one ${kind}: exactly one token`, async () => {
      const { secrets, endpoint, site } = await openSite()
      const bob = 'https://bob.example/'
      const secret =
        kind === 'ticket'
          ? await secrets.issue('ticket', { subject: bob, resource: `${site.href}private/` })
          : await secrets.issue('webmention-code', { recipient: bob })
      const responses = await Promise.all(
        Array.from({ length: REDEMPTIONS }, () =>
          endpoint(
            new Request(new URL('indieauth/token', site), {
              method: 'POST',
              body: new URLSearchParams(formOf(secret)),
            }),
          ),
        ),
      )
      const statuses = responses.map(({ status }) => status)
      assert.equal(statuses.filter((status) => status === 200).length, 1)
      assert.equal(statuses.filter((status) => status === 400).length, REDEMPTIONS - 1)
    })
  }
})

const PATHS = [
  ...['private', 'private/', 'private/0123456789ab/', 'invitation/', 'invitation/0123456789'],
  ...['webmention', 'webmention/x', 'mentions.json', 'inbox', 'inbox/x', 'inbox/feed/x.xml'],
  ...['', 'auth', 'token', 'metadata', 'client.json', 'introspect', 'revoke', 'ticket'].map(
    (name) => `indieauth/${name}`,
  ),
  ...['indieauth/sign-in', 'indieauth/callback', 'indieauth/sign-out', '', 'x'],
]
const FIELDS = [
  ...['source', 'target', 'code', 'realm', 'vouch', 'me', 'next', 'state', 'iss', 'error'],
  ...['client_id', 'redirect_uri', 'response_type', 'scope', 'code_challenge', 'code_verifier'],
  ...['code_challenge_method', 'grant_type', 'refresh_token', 'token', 'ticket', 'resource'],
  ...['subject', 'action', 'do', 'csrf', 'passphrase', 'decision', 'show', 'page', 'thread', 'as'],
]
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.webUrl(),
  fc.constantFrom(
    ...['authorization_code', 'ticket', 'refresh_token', 'code', 'S256', 'revoke', 'sign-in'],
    ...['https://alice.example/', 'https://bob.example/', 'javascript:alert(1)', '//eve.example'],
  ),
)
const form = fc.array(fc.tuple(fc.constantFrom(...FIELDS), value), { maxLength: 8 })
const header = fc.string({ maxLength: 80 }).filter((text) => /^[\x20-\x7e]*$/.test(text))

describe('every endpoint', () => {
  it('answers whatever it is asked, without an error of its own (property)', async (t) => {
    const { endpoint, site, secrets } = await openSite()
    const good = await secrets.issue('access-token', {
      me: 'https://bob.example/',
      scope: ['read'],
    })
    await holds(
      t,
      fc.asyncProperty(
        fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'DELETE'),
        fc.constantFrom(...PATHS),
        form,
        form,
        fc.constantFrom('application/x-www-form-urlencoded', 'application/json', 'text/plain', ''),
        fc.oneof(header, fc.constant(`Bearer ${good}`), fc.constant('Bearer x.y.z')),
        header,
        header,
        async (method, path, query, fields, type, authorization, cookie, accept) => {
          const url = new URL(path, site)
          url.search = String(new URLSearchParams(query))
          const headers = new Headers({ authorization, cookie, accept })
          if (type !== '') headers.set('content-type', type)
          const body = String(new URLSearchParams(fields))
          const hasBody = method !== 'GET' && method !== 'HEAD'
          const request = new Request(url, { method, headers, ...(hasBody && { body }) })
          const { status } = await endpoint(request, { waitUntil: () => {} })
          assert.ok(status >= 200 && status < 500, `${method} ${path}: ${status}`)
        },
      ),
      { numRuns: 1_500 },
    )
  })
})
