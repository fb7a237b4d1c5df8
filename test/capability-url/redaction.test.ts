import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { redactTokens } from '../../lib/capability-url/redaction.ts'
import { holds } from '../support/property.ts'

const TOKEN = '0123456789abcdefghjkmnpqrs'

const surroundings = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('a', '7', 'Z', '/'), maxLength: 60 }),
)

const tokens = fc.stringMatching(/^[0-9a-hjkmnp-tv-z]{26}$/)

describe('redactTokens()', () => {
  const rows: readonly [text: string, redacted: string][] = [
    [`https://alice.example/p/${TOKEN}/`, 'https://alice.example/p/0123…/'],
    [`${TOKEN} and ${TOKEN}`, '0123… and 0123…'],
    [TOKEN.toUpperCase(), '0123…'],
    [`"${TOKEN}",`, '"0123…",'],
    [`${'a'.repeat(25)}${TOKEN}`, 'aaaa…'],
    ['private/dinner.md', 'private/dinner.md'],
    ['https://alice.example/2026/12/24/dinner/', 'https://alice.example/2026/12/24/dinner/'],
    [TOKEN.slice(1), TOKEN.slice(1)],
  ]
  for (const [text, redacted] of rows) {
    it(`makes ${JSON.stringify(redacted)}`, () => assert.equal(redactTokens(text), redacted))
  }

  it('leaves no more than a few letters of any token, whatever stands around it (property)', async (t) => {
    await holds(
      t,
      fc.property(surroundings, tokens, surroundings, (before, token, after) => {
        const redacted = redactTokens(`${before}${token}${after}`).toLowerCase()
        for (let start = 0; start + 13 <= token.length; start++) {
          assert.ok(!redacted.includes(token.slice(start, start + 13)))
        }
      }),
    )
  })
})
