import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asksFor, preferredType } from '../../lib/web/accept.ts'

describe('preferredType()', () => {
  for (const [accept, expected] of [
    [undefined, 'text/plain'],
    ['', 'text/plain'],
    ['*/*', 'text/plain'],
    ['application/json', 'application/json'],
    ['APPLICATION/JSON', 'application/json'],
    ['application/*', 'application/json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html'],
    ['application/json, text/plain;q=0.8, */*;q=0.1', 'application/json'],
    ['application/json;q=0.2, text/html;q=0.9', 'text/html'],
    ['text/plain;q=0, */*', 'application/json'],
    ['image/png', 'text/plain'],
    [';q=x,,;', 'text/plain'],
  ] as const) {
    it(`${accept}: ${expected}`, () => {
      const headers = new Headers(accept === undefined ? {} : { accept })
      const offers = ['text/plain', 'application/json', 'text/html'] as const
      assert.equal(preferredType({ headers }, [...offers]), expected)
    })
  }
})

describe('asksFor()', () => {
  for (const [accept, expected] of [
    [undefined, false],
    ['', false],
    ['*/*', false],
    ['text/html', false],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', false],
    ['application/json;q=0', false],
    ['application/json;q=0.5, text/html', false],
    ['application/json;q=0.5, */*', false],
    ['application/jsonp', false],
    ['application/ld+json;q=0.5, text/html', false],
    ['application/atom+xml', false],
    ['application/cimd+json', true],
    ['text/html, application/oauth-client+json', true],
    ['application/json', true],
    ['Application/JSON; charset=utf-8', true],
    ['application/*', true],
    ['application/json, text/plain, */*', true],
    ['application/json, text/html;q=0.9', true],
    ['text/html, application/json', true],
  ] as const) {
    it(`${accept}: ${expected}`, () => {
      const headers = new Headers(accept === undefined ? {} : { accept })
      assert.equal(asksFor({ headers }, 'application/json', { other: 'text/html' }), expected)
    })
  }
})
