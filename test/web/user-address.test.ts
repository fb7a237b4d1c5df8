import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  acctUrl,
  canonicalAddress,
  domainUrl,
  formatUserAddress,
  isSameUser,
  parseAcctUrl,
  parseDomain,
  parseUserAddress,
} from '../../lib/web/user-address.ts'
import { holds } from '../support/property.ts'

/** The first four are those of the reference implementation of intertalk (`MailAddressTest`). */
/** 45 letters in 51. */
const ASCII = new URL(`http://${'ü'.repeat(45)}/`).hostname
const ADDRESSES: readonly (readonly [text: string, expected: string | undefined])[] = [
  ['bob@gmail.com', 'bob@gmail.com'],
  ['@gmail.com', undefined],
  ['jim@', undefined],
  ['bob@bob@bobby.bob', undefined],
  ['bob@Chat.Allsafe.IO', 'bob@chat.allsafe.io'],
  ['Bob@chat.example', 'Bob@chat.example'],
  ['bob+news@chat.example', 'bob+news@chat.example'],
  ['bob@chat.example.', 'bob@chat.example'],
  ['bob@bücher.example', 'bob@xn--bcher-kva.example'],
  ['jürgen@chat.example', 'jürgen@chat.example'],
  ['bob@bob.localhost:8380', 'bob@bob.localhost:8380'],
  ['bob@localhost', 'bob@localhost'],
  ['bob@chat.example:8080', undefined],
  ['bob@127.0.0.1', undefined],
  ['bob@2130706433', undefined],
  ['bob@[::1]', undefined],
  ['bob@chat', undefined],
  ['bob@-', undefined],
  ['bob@chat.example/keys', undefined],
  ['bob@chat.example?x', undefined],
  ['bo b@chat.example', undefined],
  ['b/../ob@chat.example', undefined],
  ['b%6fb@chat.example', undefined],
  [`${'b'.repeat(65)}@chat.example`, undefined],
  [`bob@${'chat.'.repeat(60)}example`, undefined],
  // Composed, it is a semicolon.
  ['\u037e@chat.example', undefined],
  ['zoe\u0308@chat.example', 'zo\u00eb@chat.example'],
  // One letter as it is written, three when it is composed: 60 letters, and 66.
  [
    `\u{1d160}${'b'.repeat(58)}@chat.example`,
    `${'\u{1d160}'.normalize('NFC')}${'b'.repeat(58)}@chat.example`,
  ],
  [`\u{1d160}${'b'.repeat(62)}@chat.example`, undefined],
  // Longer in ASCII than an address may be.
  [`bob@${`${'ü'.repeat(45)}.`.repeat(5)}example`, undefined],
  [`bob@${`${'ü'.repeat(45)}.`.repeat(3)}example`, `bob@${`${ASCII}.`.repeat(3)}example`],
  ['', undefined],
]

describe('parseUserAddress()', () => {
  for (const [text, expected] of ADDRESSES) {
    it(`${JSON.stringify(text.slice(0, 40))} is ${expected ?? 'no address'}`, () => {
      const address = parseUserAddress(text)
      assert.equal(address && formatUserAddress(address), expected)
    })
  }

  it('throws at nothing, and reads what it has written (property)', async (t) => {
    await holds(
      t,
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (local, domain) => {
        const address = parseUserAddress(`${local}@${domain}`)
        if (!address) return
        assert.deepEqual(parseUserAddress(formatUserAddress(address)), address)
        assert.deepEqual(parseAcctUrl(acctUrl(address)), address)
        assert.equal(domainUrl(address.domain).pathname, '/')
      }),
      {
        examples: [
          ['bob', 'chat.example'],
          ['ü', 'bücher.example'],
        ],
      },
    )
  })
})

describe('an address', () => {
  const address = (text: string) => {
    const parsed = parseUserAddress(text)
    assert.ok(parsed, text)
    return parsed
  }

  it('is one person in whatever case', () => {
    assert.ok(isSameUser(address('Bob@chat.example'), address('bob@CHAT.example')))
    assert.equal(canonicalAddress(address('Bob@chat.example')), 'bob@chat.example')
    assert.ok(!isSameUser(address('bob@chat.example'), address('bob@other.example')))
    assert.ok(!isSameUser(address('bob@chat.example'), address('rob@chat.example')))
  })

  it('is an acct: URL, and other URLs are no address', () => {
    assert.equal(acctUrl(address('bob@chat.example')).href, 'acct:bob@chat.example')
    assert.equal(parseAcctUrl(new URL('https://bob.example/')), undefined)
    assert.equal(parseAcctUrl(new URL('mailto:bob@chat.example')), undefined)
  })

  it("has its domain's server at HTTPS, and on this machine at HTTP", () => {
    assert.equal(domainUrl('chat.example').href, 'https://chat.example/')
    assert.equal(domainUrl('bob.localhost:8380').href, 'http://bob.localhost:8380/')
    assert.equal(domainUrl('localhost.example').href, 'https://localhost.example/')
  })
})

describe('parseDomain()', () => {
  it('takes a name, and nothing that leads elsewhere', () => {
    assert.equal(parseDomain('Chat.Example'), 'chat.example')
    for (const text of ['a@chat.example', 'chat.example/a', 'chat.example#a', 'chat.example:443']) {
      assert.equal(parseDomain(text), undefined, text)
    }
  })
})
