import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { authorName } from '../../lib/web/author-name.ts'

const EVE = new URL('https://eve.example/1')

describe('authorName()', () => {
  for (const text of [
    'Bob, via bob.example',
    'Bob via bob.example.',
    'Bob (via bob.example)',
    'Bob, via bob.example ✓',
    'Bob, via bob.example (she/her)',
    'Bob, via bob.example, really',
    'Bob, via bob.example, via eve.example',
    'Bob (bob.example), via eve.example',
    'Bob (bob.example)\u3164',
    'Bob\u3164(bob.example)',
    'Bob, via bob\u2024example',
    'Bob, via bob\ufe52example',
    'Bob, via bob\ua4f8example',
    'Bob, via bob.\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45',
    'Bob, via b\u043eb.example',
    'Bob, via bob.\u0435xample',
    'Bob, via bob.example:443',
    'Bob, via 127.0.0.1',
    'Bob, via [::1]',
    'Bob, via localhost',
    'Bob, via Mastodon',
    'Bob https://bob.example/',
    'Bob/bob.example',
    'Bob "bob.example"',
    'Bob «bob.example»',
    'Bob 「bob.example」',
    'Bob → bob.example',
    'Bob | bob.example | he/him',
    'Bob, via bob.github.io',
  ]) {
    it(`ends where a name says to come from elsewhere: ${text}`, () => {
      assert.equal(authorName(text, EVE), 'Bob')
    })
  }

  for (const text of ['bob.example', 'bob.example: Bob', 'www.bob.example / Bob']) {
    it(`is none where it begins with another site: ${text}`, () => {
      assert.equal(authorName(text, EVE), '')
    })
  }

  for (const text of [
    'Eve (eve.example)',
    'Eve at www.eve.example',
    'Via Appia',
    'Ana via Roma',
    'Bob Jr.',
    'St. John',
    'J.R.R. Tolkien',
    'Bob. Me',
    '@bob@bob.example',
    'Anna of the North',
    'Gal·la Pla',
    'محمد علی',
    'Nguyễn Thị Ái',
    'ทิพย์',
    '👨\u200d👩\u200d👧',
    '❤\ufe0f Bob',
    '★',
  ]) {
    it(`stays as it is: ${text}`, () => assert.equal(authorName(text, EVE), text))
  }

  for (const text of ['\u3164\u3164', '\u2800', '\u115f', '\ufe0f', '\u0301\u0301', '\u200b']) {
    it(`is none where there is nothing to see: U+${text.codePointAt(0)?.toString(16)}`, () => {
      assert.equal(authorName(text, EVE), '')
    })
  }

  it('covers no other line with its marks', () => {
    assert.equal(authorName(`Bo${'\u0335'.repeat(50)}b`, EVE), `Bo${'\u0335'.repeat(4)}b`)
  })
})
