import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { processClientResponse } from '../../lib/indieauth/client-information.ts'
import { parseClientId, parseRedirectUri } from '../../lib/indieauth/client-id.ts'
import {
  APP,
  authorizationRequest,
  codeFor,
  createAlice,
  fillIn,
  redemption,
  sessionOf,
} from './server-alice.ts'
import { holds } from '../support/property.ts'

const NAMES = [
  ...authorizationRequest().keys(),
  ...Object.keys(redemption('')),
  ...['token', 'action', 'decision', 'csrf', 'granted', 'passphrase', 'refresh_token', 'resource'],
]
const VALUES = [
  ...authorizationRequest().values(),
  ...['', 'authorization_code', 'refresh_token', 'revoke', 'allow', 'deny', 'javascript:alert(1)'],
  ...['https://', 'http://[', 'https://app.example/%', 'a.b.c', '\u0000', '\ud800', '__proto__'],
]
const value = fc.oneof(
  fc.constantFrom(...VALUES),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
)
const fields = fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 20 })
const headers = fc.record(
  {
    authorization: fc.oneof(
      fc.constantFrom('Bearer', 'Bearer x', 'bearer a.b.c', 'Basic eA=='),
      fc.string({ maxLength: 60 }),
    ),
    cookie: fc.string({ maxLength: 60 }),
    accept: fc.string({ maxLength: 60 }),
    'content-type': fc.constantFrom(
      ...['application/x-www-form-urlencoded', 'application/json', 'text/plain; charset="', ''],
    ),
  },
  { requiredKeys: [] },
)
const ENDPOINTS = ['', 'metadata', 'auth', 'token', 'introspect', 'revoke']
const RUNS = { numRuns: 300 }

/** What a header cannot hold never reaches a server. */
function headersOf(record: Record<string, string | undefined>): Headers {
  const headers = new Headers()
  for (const [name, text] of Object.entries(record)) {
    if (text !== undefined && /^[\x20-\x7e]*$/.test(text)) headers.set(name, text)
  }
  return headers
}

describe('every endpoint of the server', () => {
  for (const name of ENDPOINTS) {
    it(`answers any query at /indieauth/${name} without a fault of its own (property)`, async (t) => {
      const ask = async (query: [string, string][], extra: Record<string, string>) => {
        const alice = createAlice()
        const init = { headers: headersOf(extra) }
        const { status } = await alice.get(`${name}?${new URLSearchParams(query)}`, init)
        assert.ok(status < 500, String(status))
      }
      await holds(t, fc.asyncProperty(fields, headers, ask), RUNS)
    })

    it(`answers any form at /indieauth/${name} without a fault of its own (property)`, async (t) => {
      const send = async (form: [string, string][], extra: Record<string, string>) => {
        const { status } = await createAlice().post(name, form, { headers: headersOf(extra) })
        assert.ok(status < 500, String(status))
      }
      await holds(t, fc.asyncProperty(fields, headers, send), RUNS)
    })

    it(`answers any bytes at /indieauth/${name} without a fault of its own (property)`, async (t) => {
      const send = async (body: Uint8Array) => {
        const type = { 'content-type': 'application/x-www-form-urlencoded' }
        const { status } = await createAlice().post(name, {}, { body, headers: type })
        assert.ok(status < 500, String(status))
      }
      await holds(t, fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), send), RUNS)
    })
  }
})

describe('whatever is changed in a good request', () => {
  it('nobody is sent anywhere but to the client (property)', async (t) => {
    const ask = async (name: string, text: string) => {
      const alice = createAlice()
      const response = await alice.get(`auth?${authorizationRequest({ [name]: text })}`)
      const location = response.headers.get('location')
      const allowed = APP.metadata['redirect_uris'] as string[]
      assert.ok(
        location === null || allowed.some((uri) => location.startsWith(`${uri}?`)),
        location ?? '',
      )
    }
    await holds(t, fc.asyncProperty(fc.constantFrom(...NAMES), value, ask), RUNS)
  })

  it('a consent form without its proof gives no code (property)', async (t) => {
    const alice = createAlice()
    const cookie = await sessionOf(alice)
    const form = await fillIn(alice, authorizationRequest(), { cookie })
    const send = async (csrf: string) => {
      const changed = form.map(([name, old]): [string, string] => [
        name,
        name === 'csrf' ? csrf : old,
      ])
      const context = { clientAddress: '', waitUntil: () => {} }
      const answer = await alice.post('auth', changed, { headers: { cookie } }, context)
      assert.ok([403, 429].includes(answer.status))
    }
    await holds(t, fc.asyncProperty(value, send), RUNS)
  })

  it('a code is not redeemed (property)', async (t) => {
    const alice = createAlice()
    const good = redemption(await codeFor(alice))
    const send = async (name: keyof typeof good, text: string) => {
      fc.pre(good[name] !== text)
      for (const endpoint of ['auth', 'token']) {
        const { status } = await alice.post(endpoint, { ...good, [name]: text })
        assert.equal(status, 400)
      }
    }
    const names = fc.constantFrom('code' as const, 'client_id', 'redirect_uri', 'code_verifier')
    const other = fc.string({ unit: 'binary', maxLength: 100 })
    await holds(t, fc.asyncProperty(names, other, send), RUNS)
    assert.equal((await alice.post('token', good)).status, 200, 'its twin')
  })
})

describe('what a client says of itself', () => {
  it('never breaks the reading of it (property)', async (t) => {
    const clientId = new URL(APP.clientId)
    const types = fc.constantFrom('application/json', 'text/html', 'text/html; charset=x', '')
    const bodies = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 2000 }),
      fc.json(),
      fc
        .record({ client_id: fc.constant(APP.clientId), client_name: fc.jsonValue() })
        .map((document) => JSON.stringify(document)),
      fc.string().map((text) => `<link rel=redirect_uri href="${text}"><p class=h-app>${text}`),
    )
    const links = fc.string({ maxLength: 100 })
    const read = async (body: string, type: string, link: string) => {
      const response = new Response(body, { headers: headersOf({ 'content-type': type, link }) })
      const { name = '', redirectUris } = await processClientResponse(response, clientId)
      assert.ok(name.length <= 200 && redirectUris.length <= 50)
    }
    await holds(t, fc.asyncProperty(bodies, types, links, read), RUNS)
  })

  it('an address that is taken is one that a browser may be sent to (property)', async (t) => {
    await holds(
      t,
      fc.property(value, (text) => {
        const url = parseRedirectUri(text)
        assert.ok(!url || (!/^(javascript|data):/.test(url.protocol) && url.hash === ''))
        const id = parseClientId(text)
        assert.ok(!id || (/^https?:$/.test(id.protocol) && id.username === '' && id.hash === ''))
      }),
      { numRuns: 2000 },
    )
  })
})
