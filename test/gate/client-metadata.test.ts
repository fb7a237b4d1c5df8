import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseLinkHeader } from '../../lib/web/link-header.ts'
import { createAlice } from './site.ts'

describe('createClientMetadataEndpoint()', () => {
  for (const site of ['https://alice.example/', 'https://pages.example/alice/']) {
    it(`describes the client of ${site}: client_id MUST equal its URL, client_uri MUST be its prefix`, async () => {
      const client = new URL('indieauth/client.json', site)
      const response = await createAlice({ site }).ask(client.pathname)
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
    const { headers } = await createAlice().ask('/indieauth/client.json')
    assert.equal(headers.get('content-type'), 'application/json')
    assert.match(headers.get('cache-control') ?? '', /public, max-age=\d+/)
    const [link] = parseLinkHeader(headers.get('link') ?? '')
    assert.deepEqual(
      [link?.uri, link?.rel],
      ['https://alice.example/indieauth/callback', ['redirect_uri']],
    )
  })
})
