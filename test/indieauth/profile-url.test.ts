import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseMe, parseProfileUrl } from '../../lib/indieauth/profile-url.ts'
import { parseAudience } from '../../lib/post/audience.ts'
import { typed, typedInDevelopment } from './profile-url-vectors.ts'
import { holds } from '../support/property.ts'

describe('parseProfileUrl()', () => {
  assert.ok(typed.length > 0 && typedInDevelopment.length > 0)
  for (const [text, expected] of typed) {
    it(`${JSON.stringify(text).slice(0, 60)} is ${expected ?? 'no profile URL'}`, () => {
      assert.equal(parseProfileUrl(text)?.href, expected)
    })
  }

  for (const [text, expected] of typedInDevelopment) {
    it(`${JSON.stringify(text)} is ${expected ?? 'no profile URL'} where loopback is allowed`, () => {
      assert.equal(parseProfileUrl(text, { allowLoopback: true })?.href, expected)
    })
  }

  it('makes of any text nothing, or a profile URL that stays what it is (property)', async (t) => {
    const part = fc.constantFrom(
      'https:',
      '//',
      'bob.example',
      ':80',
      '@',
      '/',
      '..',
      '#',
      '?',
      '\\',
    )
    const text = fc.oneof(
      fc.string(),
      fc.webUrl(),
      fc.array(part).map((parts) => parts.join('')),
    )
    await holds(
      t,
      fc.property(text, (value) => {
        const url = parseProfileUrl(value)
        if (!url) return
        assert.match(url.href, /^https?:\/\/[a-z0-9_.-]+\/[^#]*$/)
        assert.equal(url.username + url.password + url.port + url.hash, '')
        assert.equal(parseMe(url.href)?.href, url.href)
      }),
      { numRuns: 2_000 },
    )
  })

  it('writes an address as the audience of a post does, so that the two are found equal', () => {
    for (const text of [
      'https://Bob.Example',
      'https://bob.example./',
      'https://bob.example/?',
      'https://bob.example/About?a=b',
      'https://bücher.example/ü',
    ]) {
      const [recipient] = parseAudience('post.md', [text], {})
      assert.equal(parseProfileUrl(text)?.href, recipient?.id)
    }
  })
})

describe('parseMe()', () => {
  it('wants the whole address, as machines write it', () => {
    assert.equal(parseMe('https://Bob.Example')?.href, 'https://bob.example/')
    for (const text of ['bob.example', '//bob.example/', ' https://bob.example/', '/']) {
      assert.equal(parseMe(text), undefined, text)
    }
  })
})
