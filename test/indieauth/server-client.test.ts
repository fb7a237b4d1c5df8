import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseClientId, parseRedirectUri } from '../../lib/indieauth/client-id.ts'
import { discoverClient } from '../../lib/indieauth/client-information.ts'
import { FetchError } from '../../lib/web/errors.ts'

const clientId = new URL('https://app.example/client.json')
const JSON_TYPE = { 'content-type': 'application/json' }
const HTML_TYPE = { 'content-type': 'text/html; charset=utf-8' }

const ask = (response: () => Response, id = clientId, allowLoopback = false) =>
  discoverClient(id, { fetch: async () => response(), allowLoopback })
const document = (fields: object = {}) =>
  JSON.stringify({ client_id: clientId.href, client_name: 'The App', ...fields })

describe('parseClientId()', () => {
  for (const text of [
    'https://app.example/',
    'https://app.example',
    'http://app.example/client?x=1',
    'https://app.example:8443/client',
    'http://127.0.0.1:8000/',
    'http://[::1]:8000/',
    'http://localhost/',
    'http://alice.localhost:8380/indieauth/client.json',
  ]) {
    it(`takes ${text}`, () => assert.ok(parseClientId(text)))
  }

  for (const text of [
    '',
    'app.example',
    'ftp://app.example/',
    'javascript:alert(1)',
    'https://app.example/#fragment',
    'https://user@app.example/',
    'https://user:password@app.example/',
    'https://app.example/a/../b',
    'https://app.example/%2e%2e/b',
    'https://app.example/./',
    'https://203.0.113.7/',
    'https://0xcb.0.113.7/',
    'https://[2001:db8::1]/',
    'https://intranet/',
    'https://app.example\\@eve.example/',
    'https://app.exa\nmple/',
    ' https://app.example/',
    'https:app.example/',
    `https://app.example/${'x'.repeat(1100)}`,
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 60))}`, () => {
      assert.equal(parseClientId(text), undefined)
    })
  }
})

describe('parseRedirectUri()', () => {
  for (const text of [
    'https://app.example/callback',
    'https://app.example/callback?page=1',
    'http://127.0.0.1:4567/',
    'example.app:/callback',
    'indigenous://callback',
  ]) {
    it(`takes ${text}`, () => assert.ok(parseRedirectUri(text)))
  }

  for (const text of [
    '',
    '/callback',
    '//app.example/callback',
    'javascript:alert(1)',
    'JavaScript:alert(1)//',
    'java\nscript:alert(1)',
    'data:text/html,hello',
    'vbscript:x',
    'blob:https://app.example/1',
    'file:///etc/passwd',
    'about:blank',
    'view-source:https://app.example/',
    'intent://x#Intent;end',
    'chrome://settings',
    'https:app.example/callback',
    'https://app.example/callback#',
    'https://app.example/callback#access_token=x',
    'https://user@app.example/callback',
    'https://app.example/callback?code=xxxxxxx',
    'https://app.example/callback?state=1&page=1',
    'https://app.example/callback?iss=https://eve.example/',
    'https://app.example\\.eve.example/',
    'https://app.example/ callback',
    `https://app.example/${'x'.repeat(2100)}`,
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 60))}`, () => {
      assert.equal(parseRedirectUri(text), undefined)
    })
  }
})

describe('discoverClient()', () => {
  it('reads a metadata document', async () => {
    const redirect_uris = ['https://app.example/callback']
    const body = document({ client_uri: 'https://app.example/', redirect_uris })
    const client = await ask(() => new Response(body, { headers: JSON_TYPE }))
    assert.equal(client.name, 'The App')
    assert.equal(client.uri?.href, 'https://app.example/')
    assert.deepEqual(client.redirectUris, redirect_uris)
    assert.equal(client.isComplete, true)
    assert.equal(client.known, true)
  })

  for (const [why, body, init] of [
    ['the client_id is another', document({ client_id: 'https://app.example/' }), {}],
    ['the client_id is missing', '{"client_name":"The App"}', {}],
    ['it is no JSON', 'The App', {}],
    ['it is no object', '[]', {}],
    ['it is no list of redirect URIs', document({ redirect_uris: 'https://eve.example/' }), {}],
    ['the status is not 200', document(), { status: 201 }],
    ['the status is 404', document(), { status: 404 }],
    ['the media type is another', document(), { headers: { 'content-type': 'text/plain' } }],
    ['it has more than 5 kB', document({ client_name: 'x'.repeat(5200) }), {}],
  ] as const) {
    it(`takes a metadata document for none when ${why}`, async () => {
      const client = await ask(() => new Response(body, { headers: JSON_TYPE, ...init }))
      assert.deepEqual(client, { known: false, redirectUris: [], isComplete: false })
    })
  }

  it('follows no redirect', async () => {
    let redirect: RequestInit['redirect']
    const headers = { location: 'https://eve.example/' }
    const client = await discoverClient(clientId, {
      fetch: async (_url, init) => {
        redirect = init?.redirect
        return new Response(null, { status: 302, headers })
      },
    })
    assert.equal(client.known, false)
    assert.equal(redirect, 'manual')
  })

  it('does without a client that does not answer', async () => {
    const client = await ask(() => {
      throw new FetchError('no answer')
    })
    assert.equal(client.known, false)
  })

  it("shows no address of the client's that is not its own", async () => {
    for (const client_uri of ['https://eve.example/', 'https://app.example/other', 'nonsense']) {
      const body = document({ client_uri })
      const client = await ask(() => new Response(body, { headers: JSON_TYPE }))
      assert.equal(client.uri, undefined, client_uri)
    }
  })

  it('shows a name on one line, without what turns letters around, and not for ever', async () => {
    const nameOf = async (client_name: string) => {
      const body = document({ client_name })
      return (await ask(() => new Response(body, { headers: JSON_TYPE }))).name
    }
    assert.equal(await nameOf(' The\n\u202eApp\u200b '), 'The App')
    assert.equal(await nameOf('x'.repeat(500)), `${'x'.repeat(60)}…`)
    assert.equal(await nameOf(' \n '), undefined)
  })

  it('reads an older client from its h-app and its redirect_uri links', async () => {
    const page = `<base href="/app/"><link rel="redirect_uri" href="callback"><div class="h-app">
      <a class="u-url p-name" href="/">The Old App</a></div>
      <template><link rel="redirect_uri" href="https://eve.example/"></template>`
    const link = '<https://other.example/cb>; rel="redirect_uri", </x>; rel="other"'
    const client = await ask(() => new Response(page, { headers: { ...HTML_TYPE, link } }))
    assert.equal(client.name, 'The Old App')
    assert.equal(client.uri?.href, 'https://app.example/')
    assert.deepEqual(client.redirectUris, [
      'https://other.example/cb',
      'https://app.example/app/callback',
    ])
    assert.equal(client.isComplete, false)
  })

  it('reads h-x-app, and a page without any', async () => {
    const old = '<p class="h-x-app"><span class="p-name">Older</span></p>'
    assert.equal((await ask(() => new Response(old, { headers: HTML_TYPE }))).name, 'Older')
    const none = await ask(() => new Response('<p>Hello', { headers: HTML_TYPE }))
    assert.deepEqual(none, { known: true, redirectUris: [], isComplete: false })
  })

  it('does not look on our machine for a program on theirs', async () => {
    for (const id of ['http://127.0.0.1:8000/', 'http://localhost/', 'http://[::1]/']) {
      for (const allowLoopback of [false, true]) {
        const answer = () => assert.fail('was fetched')
        assert.equal((await ask(answer, new URL(id), allowLoopback)).known, false)
      }
    }
  })

  it('looks for a site on this machine in development, and only then', async () => {
    const id = new URL('http://bob.localhost:8380/client.json')
    const body = JSON.stringify({ client_id: id.href })
    const answer = () => new Response(body, { headers: JSON_TYPE })
    assert.equal((await ask(answer, id, true)).known, true)
    assert.equal((await ask(answer, id, false)).known, false)
  })
})
