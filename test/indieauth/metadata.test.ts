import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isIssuer } from '../../lib/indieauth/metadata.ts'

describe('isIssuer()', () => {
  for (const [issuer, metadataUrl, expected] of [
    // IndieAuth §3.1, its two examples
    ['https://example.com/', 'https://example.com/.well-known/oauth-authorization-server', true],
    [
      'https://example.com/wp-json/indieauth/1.0',
      'https://example.com/wp-json/indieauth/1.0/metadata',
      true,
    ],
    ['https://example.com', 'https://example.com/metadata', true],
    ['https://EXAMPLE.com/', 'https://example.com/metadata', true],
    ['https://example.com/', 'https://example.com/?rest_route=/indieauth/1.0/metadata', true],
    ['https://example.com/bob/', 'https://example.com/bob', true],
    ['https://example.com/@bob', 'https://example.com/@bob/metadata', true],
    ['http://example.com/', 'http://example.com/metadata', false],
    ['https://example.com/?', 'https://example.com/metadata', false],
    ['https://example.com/#', 'https://example.com/metadata', false],
    ['https://example.com/?a', 'https://example.com/?a', false],
    ['https://bob@example.com/', 'https://example.com/metadata', false],
    ['https://example.com', 'https://example.com.eve.example/metadata', false],
    ['https://example.com/bob', 'https://example.com/bobby/metadata', false],
    ['https://example.com/eve/../bob', 'https://example.com/eve/metadata', false],
    ['https://example.com:8443/', 'https://example.com/metadata', false],
    ['https://eve.example/', 'https://example.com/metadata', false],
    [' https://example.com/', 'https://example.com/metadata', false],
    ['example.com', 'https://example.com/metadata', false],
    ['', 'https://example.com/metadata', false],
  ] as const) {
    it(`${JSON.stringify(issuer)} ${expected ? 'may' : 'MUST NOT'} have its metadata at ${metadataUrl}`, () => {
      assert.equal(isIssuer(issuer, new URL(metadataUrl)), expected)
    })
  }
})
