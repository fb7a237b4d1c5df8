import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { isGuessable } from '../../lib/capability-url/secret-strength.ts'
import { parseSecret } from '../../lib/capability-url/secret.ts'
import { secretBytes, secretText } from '../support/secrets.ts'

const isWeak = (text: string) => isGuessable(text, Buffer.from(text, 'base64url'))
const base64url = (text: string) => Buffer.from(text).toString('base64url')
const counted = (step: number) => Array.from({ length: 32 }, (_, at) => (at * step) % 256)
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
    [
      'a sentence with umlauts, encoded',
      base64url('Mein Garten ist schön, die Rosen blühen überall'),
    ],
    ['a sentence in another script, encoded', base64url('мой секрет: я люблю сыр')],
    ['a sentence in hexadecimal', Buffer.from('correct horse battery staple').toString('hex')],
    ['bytes that are counted up', Buffer.from(counted(1)).toString('base64url')],
    ['bytes that are counted down', Buffer.from(counted(255)).toString('base64url')],
    ['bytes that are counted by sevens, in hexadecimal', Buffer.from(counted(7)).toString('hex')],
    ['dates', '2024-01-15-2023-12-24-1987-06-03-2011-09-11-1999'],
    ['dates the other way round, with a letter', '15012024_24122023_03061987_11092011_31121999_a'],
    ['telephone numbers', '0049301234567004989765432100494055512340049221'],
    ['digits of pi', '3-14159265358979323846264338327950288419716939'],
    ['columns of a keyboard', '1qaz2wsx3edc4rfv5tgb-6yhn7ujm-8ik9ol0p_1qaz4rfv'],
    ['columns of a keyboard, up and down', 'zaq12wsxcde34rfvbgt56yhnmju78ik-lo90zaq1xsw2cde3'],
    ['rows in triples', 'abc123def456ghi789jkl012mno345pqr678stu901vwx'],
    ['rows that take turns', 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4'],
    ['pieces of hexadecimal rows', 'deadbeefcafebabe0123456789abcdeffedcba9876543210'],
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
        bytes.toString('base64'),
        bytes.toString('hex'),
        bytes.toString('hex').toUpperCase(),
        bytes.toString('hex').replace(/.{8}/g, '$&-'),
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
    ['signs that no alphabet of base64 has', secretText().replace(/./, '.')],
    ['spaces', `${'a '.repeat(30)}`],
  ]
  for (const [name, value] of refused) {
    it(`refuses ${name}`, () => assert.equal(parseSecret(value), undefined))
  }
})
