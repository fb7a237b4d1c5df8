import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { redactSecrets } from '../../lib/web/redaction.ts'
import { holds } from '../support/property.ts'

const TOKEN = '0123456789abcdefghjkmnpqrs'

const surroundings = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('a', '7', 'Z', '/'), maxLength: 60 }),
)

const tokens = fc.stringMatching(/^[0-9a-hjkmnp-tv-z]{26}$/)

describe('redactSecrets()', () => {
  const rows: readonly [text: string, redacted: string][] = [
    [`https://alice.example/p/${TOKEN}/`, 'https://alice.example/p/0123…/'],
    [`${TOKEN} and ${TOKEN}`, '0123… and 0123…'],
    [TOKEN.toUpperCase(), '0123…'],
    [`"${TOKEN}",`, '"0123…",'],
    [`${'a'.repeat(25)}${TOKEN}`, 'aaaa…'],
    ['private/dinner.md', 'private/dinner.md'],
    ['https://alice.example/2026/12/24/dinner/', 'https://alice.example/2026/12/24/dinner/'],
    [TOKEN.slice(1), TOKEN.slice(1)],
    [
      'see https://bob.example/m/74809250de2401300d0714109feae54c.html.',
      'see https://bob.example/m/7480….',
    ],
    ['https://bob.example/m?key=73ZE9ngcTj4LUCUUjQQ8j8&a=1', 'https://bob.example/m?key=73ZE…&a=1'],
    ['(https://bob.example/private/rrdc2x6afd5b/)', '(https://bob.example/private/rrdc…/)'],
    ['HTTPS://74809250DE2401300d0714109feae54c.Bob.Example/', 'HTTPS://7480….Bob.Example/'],
    ['https://bob:V1StGXR8_Z5jd@bob.example/', 'https://bob:V1St…@bob.example/'],
    ['/private/rrdc2x6afd5b/ is gone', '/private/rrdc…/ is gone'],
    ['/private/departements/', '/private/departements/'],
    ['"https:\\/\\/bob.example\\/V1StGXR8_Z5jdHi6B-myT"', '"https:\\/\\/bob.example\\/V1St…"'],
    ['//bob.example/V1StGXR8_Z5jdHi6B-myT', '//bob.example/V1St…'],
    [
      'https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC',
      'https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC',
    ],
  ]
  for (const [text, redacted] of rows) {
    it(`makes ${JSON.stringify(redacted)}`, () => assert.equal(redactSecrets(text), redacted))
  }

  it('leaves no more than a few letters of any token, whatever stands around it (property)', async (t) => {
    await holds(
      t,
      fc.property(surroundings, tokens, surroundings, (before, token, after) => {
        const redacted = redactSecrets(`${before}${token}${after}`).toLowerCase()
        for (let start = 0; start + 13 <= token.length; start++) {
          assert.ok(!redacted.includes(token.slice(start, start + 13)))
        }
      }),
    )
  })
})
