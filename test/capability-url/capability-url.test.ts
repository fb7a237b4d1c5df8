import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  capabilityUrl,
  deriveCapabilityToken,
  isCapabilityToken,
  issueCapabilityToken,
} from '../../lib/capability-url/capability-url.ts'
import { holds } from '../support/property.ts'

const SECRET = Buffer.alloc(32, 7)
const OTHER_SECRET = Buffer.alloc(32, 8)
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

const subject = fc.record({
  postId: fc.string(),
  recipient: fc.string(),
  generation: fc.nat(),
})

describe('issueCapabilityToken()', () => {
  const tokens = Array.from({ length: 5_000 }, issueCapabilityToken)

  it('is 26 letters of lower-case Crockford base32', () => {
    for (const token of tokens) assert.match(token, /^[0-9a-hjkmnp-tv-z]{26}$/)
    assert.ok(tokens.every(isCapabilityToken))
  })

  it('is as long when it is used as a callback', () => {
    assert.ok([1, 2, 3].map(issueCapabilityToken).every(isCapabilityToken))
  })

  it('gives no token twice', () => assert.equal(new Set(tokens).size, tokens.length))

  it('uses every letter in every place', () => {
    for (let place = 0; place < 26; place++) {
      const letters = new Set(tokens.map((token) => token[place]))
      assert.equal([...letters].sort().join(''), ALPHABET)
    }
  })
})

describe('deriveCapabilityToken()', () => {
  it('gives a token (property)', async (t) => {
    await holds(
      t,
      fc.property(subject, (of) => isCapabilityToken(deriveCapabilityToken(SECRET, of))),
    )
  })

  it('gives the same token for the same subject (property)', async (t) => {
    await holds(
      t,
      fc.property(subject, (of) => {
        assert.equal(deriveCapabilityToken(SECRET, of), deriveCapabilityToken(SECRET, { ...of }))
      }),
    )
  })

  it('gives the token that was given out before: a change here kills every link', () => {
    const of = { postId: 'private/dinner.md', recipient: 'https://bob.example/', generation: 0 }
    assert.equal(deriveCapabilityToken(SECRET, of), 'bwzgs5fbqvwy1z73p1wx0y35jw')
  })

  it('gives another token for another subject (property)', async (t) => {
    await holds(
      t,
      fc.property(subject, subject, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other)
        const tokens = [one, other].map((of) => deriveCapabilityToken(SECRET, of))
        assert.equal(tokens[0] === tokens[1], isSame)
      }),
    )
  })

  it('tells subjects apart whose fields give the same text when joined', () => {
    const subjects = [
      { postId: 'ab', recipient: 'c', generation: 1 },
      { postId: 'a', recipient: 'bc', generation: 1 },
      { postId: 'abc', recipient: '', generation: 1 },
      { postId: '', recipient: 'abc', generation: 1 },
      { postId: 'ab', recipient: 'c1:1', generation: 1 },
      { postId: 'ab1:c', recipient: '', generation: 1 },
      { postId: 'ab', recipient: 'c', generation: 11 },
    ]
    const tokens = subjects.map((of) => deriveCapabilityToken(SECRET, of))
    assert.equal(new Set(tokens).size, subjects.length)
  })

  it('gives another token under another secret (property)', async (t) => {
    await holds(
      t,
      fc.property(subject, (of) => {
        assert.notEqual(deriveCapabilityToken(SECRET, of), deriveCapabilityToken(OTHER_SECRET, of))
      }),
    )
  })
})

describe('isCapabilityToken()', () => {
  const good = '0123456789abcdefghjkmnpqrs'
  it('takes 26 letters of the alphabet', () => assert.equal(isCapabilityToken(good), true))

  const bad = [good.slice(1), `${good}t`, good.toUpperCase(), `${good}\n`, ` ${good.slice(1)}`, '']
  for (const letter of 'ilou-_./%é') bad.push(`${letter}${good.slice(1)}`)
  for (const value of bad) {
    it(`refuses ${JSON.stringify(value)}`, () => assert.equal(isCapabilityToken(value), false))
  }
})

describe('capabilityUrl()', () => {
  const token = deriveCapabilityToken(SECRET, { postId: 'a', recipient: 'b', generation: 0 })

  it('stands below the prefix', () => {
    const url = capabilityUrl(new URL('https://alice.example/'), '/p/', token)
    assert.equal(url.href, `https://alice.example/p/${token}/`)
  })

  it("stands below the site's own path prefix", () => {
    const url = capabilityUrl(new URL('https://alice.example/blog/'), '/p/', token)
    assert.equal(url.href, `https://alice.example/blog/p/${token}/`)
  })
})
