import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mf2 } from 'microformats-parser'
import { parseLinkHeader } from '../../lib/web/link-header.ts'
import { processClientResponse } from '../../lib/indieauth/client-information.ts'
import { createAlice } from './site.ts'

const JSON_ONLY = { headers: { accept: 'application/json' } }
const CALLBACK = 'https://alice.example/indieauth/callback'

describe('createClientMetadataEndpoint()', () => {
  for (const site of ['https://alice.example/', 'https://pages.example/alice/']) {
    it(`describes the client of ${site}: client_id MUST equal its URL, client_uri MUST be its prefix`, async () => {
      const client = new URL('indieauth/client.json', site)
      const response = await createAlice({ site }).ask(client.pathname, JSON_ONLY)
      assert.equal(response.status, 200)
      const text = await response.text()
      const metadata = JSON.parse(text)
      assert.equal(metadata.client_id, client.href)
      assert.ok(metadata.client_id.startsWith(metadata.client_uri))
      assert.deepEqual(metadata.redirect_uris, [new URL('indieauth/callback', site).href])
      assert.equal(metadata.token_endpoint_auth_method, 'none')
      assert.match(metadata.client_name, /alice/)
      assert.ok(text.length < 5 * 1024)
    })
  }

  it('is application/json to the letter, cacheable, and names the redirect in a header, too', async () => {
    const { headers } = await createAlice().ask('/indieauth/client.json', JSON_ONLY)
    assert.equal(headers.get('content-type'), 'application/json')
    assert.match(headers.get('cache-control') ?? '', /public, max-age=\d+/)
    const [link] = parseLinkHeader(headers.get('link') ?? '')
    assert.deepEqual(
      [link?.uri, link?.rel],
      ['https://alice.example/indieauth/callback', ['redirect_uri']],
    )
  })

  for (const accept of [
    undefined,
    '*/*',
    'text/html',
    'text/html,application/xhtml+xml,*/*;q=0.8',
  ]) {
    it(`is a page with an h-app for who sends ${accept === undefined ? 'no Accept' : accept}`, async () => {
      const init = { headers: new Headers(accept === undefined ? {} : { accept }) }
      const response = await createAlice().ask('/indieauth/client.json', init)
      assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8')
      const text = await response.text()
      assert.match(text, /<title>Private posts of alice\.example<\/title>/)
      const client = 'https://alice.example/indieauth/client.json'
      const { items, rels } = mf2(text, { baseUrl: client })
      const [app] = items
      assert.deepEqual(app?.type, ['h-app'])
      assert.deepEqual(app?.properties['name'], ['Private posts of alice.example'])
      assert.deepEqual(app?.properties['url'], ['https://alice.example/', client])
      assert.deepEqual(app?.properties['logo'], ['https://alice.example/indieauth/logo.svg'])
      assert.deepEqual(rels['redirect_uri'], [CALLBACK])
      assert.equal(parseLinkHeader(response.headers.get('link') ?? '')[0]?.uri, CALLBACK)
    })
  }

  it('says to caches that it depends on Accept, and answers HEAD like GET', async () => {
    for (const accept of ['application/json', 'text/html']) {
      const ask = (method: string) =>
        createAlice().ask('/indieauth/client.json', { method, headers: { accept } })
      const [get, head] = [await ask('GET'), await ask('HEAD')]
      assert.equal(get.headers.get('vary'), 'Accept')
      assert.ok((get.headers.get('content-type') ?? '').startsWith(accept))
      assert.deepEqual([...head.headers], [...get.headers])
      assert.equal(await head.text(), '')
    }
  })

  it('tells a server of ours the same in both forms', async () => {
    const client = new URL('https://alice.example/indieauth/client.json')
    const read = async (accept: string) =>
      processClientResponse(
        await createAlice().ask(client.pathname, { headers: { accept } }),
        client,
      )
    const [json, page] = [await read('application/json'), await read('text/html')]
    assert.deepEqual([json.name, json.uri?.href], [page.name, page.uri?.href])
    assert.deepEqual([...new Set(page.redirectUris)], json.redirectUris)
    assert.deepEqual(json.redirectUris, [CALLBACK])
  })

  it('names a logo that is there', async () => {
    const alice = createAlice()
    const described = await alice.ask('/indieauth/client.json', JSON_ONLY)
    const { logo_uri } = (await described.json()) as { logo_uri: string }
    const logo = await alice.ask(new URL(logo_uri).pathname)
    assert.equal(logo.headers.get('content-type'), 'image/svg+xml')
    assert.match(await logo.text(), /^<svg /)
  })
})
