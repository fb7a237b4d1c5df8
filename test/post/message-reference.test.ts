import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  formatMessageReference,
  namesMessage,
  parseMessageReference,
} from '../../lib/post/message-reference.ts'
import { formatUserAddress } from '../../lib/web/user-address.ts'
import { holds } from '../support/property.ts'

describe('parseMessageReference()', () => {
  it('takes the first dot of an FMTP id for the end of its nonce', () => {
    const { author } = parseMessageReference('fmtp:1.2.bob@mail.example') ?? {}
    assert.equal(author && formatUserAddress(author), '2.bob@mail.example')
  })

  it('gives back what the inbox wrote, letters outside of ASCII too', () => {
    for (const text of [
      'fmtp:1.böb@mail.example',
      'intertalk:妈妈@chat.example/é',
      'pm:abc.d%20e',
      'pm:%FF',
    ]) {
      const reference = parseMessageReference(text)
      assert.ok(reference, text)
      assert.equal(formatMessageReference(reference.url), text)
      assert.equal(formatMessageReference(new URL(reference.url.href)), text)
    }
  })

  it('never throws, and names a message only where it can read one (property)', async (t) => {
    const scheme = fc.constantFrom('fmtp:', 'intertalk:', 'pm:', 'FMTP:', '', 'https://')
    await holds(
      t,
      fc.property(scheme, fc.string({ unit: 'binary', maxLength: 60 }), (start, rest) => {
        const reference = parseMessageReference(start + rest)
        assert.ok(reference === undefined || namesMessage(start + rest))
        if (reference) assert.match(reference.url.protocol, /^(fmtp|intertalk|pm):$/)
      }),
      { numRuns: 1000 },
    )
  })
})
