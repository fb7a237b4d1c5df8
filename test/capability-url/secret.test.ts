import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { isGuessable } from '../../lib/capability-url/secret-strength.ts'
import { parseSecret } from '../../lib/capability-url/secret.ts'
import { secretBytes, secretText } from '../support/secrets.ts'

const isWeak = (text: string) => isGuessable(text, Buffer.from(text, 'base64url'))
/** Letters of an alphabet that has as many as a byte has values, or a power of two fewer. */
const spell = (alphabet: string, length: number, number: number) =>
  Array.from({ length }, (_, at) => {
    const [byte = 0] = createHash('sha256').update(`${number} ${at}`).digest()
    return alphabet[byte % alphabet.length]
  }).join('')

describe('isGuessable()', () => {
  for (const [what, text] of [
    ['one letter', 'a'.repeat(43)],
    ['one byte', Buffer.alloc(32, 7).toString('base64url')],
    ['a short piece, again and again', 'aB3xY9'.repeat(8)],
    ['two halves that are the same', `${secretBytes().toString('hex').slice(0, 32)}`.repeat(2)],
    ['a good beginning that was filled up', `xK9fQ2${'m'.repeat(37)}`],
    ['the hexadecimal joke', 'deadbeef'.repeat(8)],
    ['the alphabet', 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'],
    ['counted digits', '0123456789'.repeat(5)],
    ['counted pairs of digits', '11112222333344445555666677778888999900001111'],
    ['rows of a keyboard', 'qwertyuiopasdfghjklzxcvbnmQWERTYUIOPASDFGHJK'],
    ['words with hyphens', 'correct-horse-battery-staple-and-some-more-words'],
    ['words with every letter', 'the-quick-brown-fox-jumps-over-the-lazy-dog-0'],
    ['words with underscores and a year', 'this_is_my_very_secret_passphrase_for_my_blog_2024'],
    ['words with capitals', 'SuperSecretKeyThatNobodyWillEverGuess123456'],
    ['words without anything between', 'thisisa32byteslongsecretforprivatepostsxx'],
    ['German words', 'meinGeheimesPasswortFuerDenGarten2024istlang'],
    ['French words', 'monMotDePasseTresSecretPourLeJardinDeMamie'],
    ['Spanish words', 'miContrasenaMuySecretaParaElJardinDeLaAbuela'],
    [
      'an encoded sentence',
      Buffer.from('my secret is that I like cheese a lot!').toString('base64url'),
    ],
    ['an example out of documentation', 'your-256-bit-secret-your-256-bit-secret-xxx'],
  ] as const) {
    it(`refuses ${what}`, () => assert.equal(isWeak(text), true))
  }

  it('takes what random generators print, in every usual spelling', () => {
    const base32 = '0123456789abcdefghjkmnpqrstvwxyz'
    const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (let number = 0; number < 2000; number++) {
      const bytes = secretBytes(number)
      for (const text of [
        bytes.toString('base64url'),
        bytes.toString('hex'),
        spell(base32, 52, number),
        spell(base64, 43, number),
      ]) {
        assert.equal(isWeak(text), false, text)
      }
    }
  })
})

describe('parseSecret()', () => {
  it('reads base64url of 32 bytes or more, with padding or without', () => {
    assert.deepEqual(parseSecret(secretText()), secretBytes())
    assert.deepEqual(parseSecret(`${secretText()}=`), secretBytes())
    const longer = Buffer.concat([secretBytes(1), secretBytes(2)])
    assert.deepEqual(parseSecret(longer.toString('base64url')), longer)
  })

  const refused: readonly [name: string, value: string][] = [
    ['31 bytes', secretBytes().subarray(0, 31).toString('base64url')],
    ['nothing', ''],
    ['a word', 'password'],
    ['ordinary base64', secretText().replace(/./, '+')],
    ['spaces', `${'a '.repeat(30)}`],
  ]
  for (const [name, value] of refused) {
    it(`refuses ${name}`, () => assert.equal(parseSecret(value), undefined))
  }
})
