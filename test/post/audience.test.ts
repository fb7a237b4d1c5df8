import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  groupMembers,
  parseAudience,
  validateGroups,
  type Groups,
} from '../../lib/post/audience.ts'
import { asKnown } from '../../lib/post/known-recipients.ts'
import { recipientKind, type Recipient } from '../../lib/post/recipient.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import {
  acctUrl,
  formatUserAddress,
  parseAcctUrl,
  parseUserAddress,
} from '../../lib/web/user-address.ts'
import { holds } from '../support/property.ts'

const PATH = 'private/dinner.md'
const GROUPS: Groups = {
  family: ['https://bob.example/', 'mailto:mum@example.com'],
  friends: ['https://carol.example/', 'family'],
  loop: ['knot'],
  knot: ['loop'],
  selfish: ['selfish'],
}

const ids = (audience: unknown) => parseAudience(PATH, audience, GROUPS).map(({ id }) => id)

describe('parseAudience(): profile URLs', () => {
  const rows: readonly [written: string, id: string, name: string][] = [
    ['https://bob.example/', 'https://bob.example/', 'bob.example'],
    ['https://bob.example', 'https://bob.example/', 'bob.example'],
    ['HTTPS://BOB.EXAMPLE', 'https://bob.example/', 'bob.example'],
    ['  https://bob.example/  ', 'https://bob.example/', 'bob.example'],
    ['https://bob.example:443/', 'https://bob.example/', 'bob.example'],
    ['https://bob.example./', 'https://bob.example/', 'bob.example'],
    ['https://bob.example/?', 'https://bob.example/', 'bob.example'],
    ['http://bob.example/', 'http://bob.example/', 'bob.example'],
    ['http://bob.localhost:8080/', 'http://bob.localhost:8080/', 'bob.localhost:8080'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080/', '127.0.0.1:8080'],
    ['https://example.com/~Bob', 'https://example.com/~Bob', 'example.com/~Bob'],
    ['https://example.com/bob/', 'https://example.com/bob/', 'example.com/bob'],
    ['https://example.com/?user=bob', 'https://example.com/?user=bob', 'example.com'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/', 'xn--bcher-kva.example'],
  ]
  for (const [written, id, name] of rows) {
    it(`reads ${JSON.stringify(written)}`, () => {
      const [recipient, ...others] = parseAudience(PATH, [written], {})
      assert.deepEqual(others, [])
      assert.equal(recipient?.kind, 'profile')
      assert.equal(recipient?.id, id)
      assert.equal(recipient?.url?.href, id)
      assert.equal(recipient?.name, name)
    })
  }
})

describe('parseAudience(): by which groups somebody is a recipient', () => {
  const groups = { ...GROUPS, chat: ['Lost@chat.example'], all: ['family', 'chat'] }
  const via = (audience: unknown) =>
    parseAudience(PATH, audience, groups).map(({ id, via: ways }) => [
      id,
      ways?.map(({ group }) => group),
    ])

  it('says which groups of the audience, and not which are within them', () => {
    assert.deepEqual(via(['friends']), [
      ['https://carol.example/', ['friends']],
      ['https://bob.example/', ['friends']],
      ['mailto:mum@example.com', ['friends']],
    ])
    assert.deepEqual(via(['family', 'all']).slice(0, 1), [
      ['https://bob.example/', ['family', 'all']],
    ])
  })

  it('says none of whom the audience names, before the group or behind it', () => {
    for (const audience of [
      ['https://bob.example', 'family'],
      ['family', 'https://bob.example'],
    ]) {
      assert.deepEqual(via(audience), [
        ['https://bob.example/', undefined],
        ['mailto:mum@example.com', ['family']],
      ])
    }
  })

  it('has the name under which each group knows them', () => {
    const known = { 'lost@chat.example': { profile: 'https://lost.example/' } }
    const two = { chat: ['Lost@chat.example'], web: ['https://lost.example/'] }
    const [lost, ...others] = asKnown(parseAudience(PATH, ['chat', 'web'], two), known)
    assert.deepEqual(others, [])
    assert.deepEqual(lost?.via, [
      { group: 'chat', member: 'lost@chat.example' },
      { group: 'web', member: 'https://lost.example/' },
    ])
    assert.deepEqual(
      groupMembers({ ...two, all: ['chat', 'web', 'chat'] }, known),
      new Map([
        ['chat', ['lost@chat.example']],
        ['web', ['https://lost.example/']],
        ['all', ['lost@chat.example', 'https://lost.example/']],
      ]),
    )
  })
})

describe('parseAudience(): mail addresses and names', () => {
  it('takes an address with mailto:, and folds the case of its domain only', () => {
    const [mum] = parseAudience(PATH, 'MAILTO:Mum@Example.COM', {})
    assert.equal(mum?.id, 'mailto:Mum@example.com')
    assert.equal(mum?.kind, 'mail')
    assert.equal(mum?.name, 'Mum')
    assert.equal(mum?.url?.href, 'mailto:Mum@example.com')
  })

  it('keeps an odd local part out of the query of the mailto: URL', () => {
    const [odd] = parseAudience(PATH, 'mailto:a%3Fb@example.com', {})
    assert.equal(odd?.id, 'mailto:a?b@example.com')
    assert.equal(odd?.url?.search, '')
  })

  for (const name of ['Mum', 'aunt may', 'Mr. Smith', 'J.R.', '妈妈', "o'brien"]) {
    it(`takes ${JSON.stringify(name)} as a person's name`, () => {
      assert.deepEqual(parseAudience(PATH, [name], {}), [{ id: name, kind: 'name', name }])
    })
  }

  it('takes two spellings of the same letters as one name', () => {
    assert.deepEqual(ids(['Zoë  K', 'Zoe\u0308 K']), ['Zoë K'])
  })
})

describe('parseAudience(): addresses', () => {
  const rows: readonly [written: string, id: string][] = [
    ['bob@chat.example', 'bob@chat.example'],
    [' Bob@CHAT.Example ', 'Bob@chat.example'],
    ['bob@chat.example.', 'bob@chat.example'],
    ['bob.smith+news@mail.chat.example', 'bob.smith+news@mail.chat.example'],
    ['bob@bücher.example', 'bob@xn--bcher-kva.example'],
    ['böb@chat.example', 'böb@chat.example'],
    ['bob@bob.localhost:8380', 'bob@bob.localhost:8380'],
    ['bob@localhost', 'bob@localhost'],
  ]
  for (const [written, id] of rows) {
    it(`reads ${JSON.stringify(written)}, who has no page to follow a link to`, () => {
      assert.deepEqual(parseAudience(PATH, [written], {}), [{ id, kind: 'address', name: id }])
      assert.equal(recipientKind(id), 'address')
    })
  }

  it('tells an address from a mail address by the scheme alone', () => {
    const both = parseAudience(PATH, ['mum@example.com', 'mailto:mum@example.com'], {})
    assert.deepEqual(
      both.map(({ id, kind }) => [id, kind]),
      [
        ['mum@example.com', 'address'],
        ['mailto:mum@example.com', 'mail'],
      ],
    )
  })

  it('takes two spellings of an address for one person, and keeps the first', () => {
    const groups = { friends: ['BOB@chat.example', 'carol@chat.example'] }
    const named = parseAudience(PATH, ['Bob@Chat.example', 'friends'], groups)
    assert.deepEqual(
      named.map(({ id }) => id),
      ['Bob@chat.example', 'carol@chat.example'],
    )
  })

  it('reads an id as it was written into the ledger, whatever the address (property)', async (t) => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/)
    const domain = fc
      .tuple(label, fc.constantFrom('example', 'com', 'co.uk'))
      .map((parts) => parts.join('.'))
    await holds(
      t,
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), domain, (local, host) => {
        const written = `${local}@${host}`
        const recipient = readTwice(written)
        if (recipient?.kind !== 'address') return
        const address = parseUserAddress(written)
        assert.ok(address)
        assert.equal(recipient.id, formatUserAddress(address))
        assert.deepEqual(parseAcctUrl(acctUrl(address)), address)
      }),
      // The Greek question mark: one with the semicolon when it is composed.
      { numRuns: 500, examples: [['\u037e', 'a.example']] },
    )
  })
})

/** A refusal that says what to do; or a recipient whose id in the ledger is read as the same one. */
function readTwice(written: string): Recipient | undefined {
  let named: readonly Recipient[] = []
  try {
    named = parseAudience(PATH, [written], {})
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    assert.match(error.message, /^private\/dinner\.md: audience: .*To do: /s)
    return undefined
  }
  const [recipient] = named
  assert.ok(recipient)
  assert.equal(recipient.kind, recipientKind(recipient.id))
  assert.deepEqual(parseAudience(PATH, [recipient.id], {}), named)
  return recipient
}

describe('parseAudience(): whatever is written', () => {
  it('is refused, or read from the ledger as the same recipient (property)', async (t) => {
    const unit = fc.oneof(
      fc.constantFrom(...'aZ09 .,;:@/%?#&<>()', '\u037e', '\u0308', '\u212b', '\u2000', '\t'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    )
    const start = fc.constantFrom('', 'mailto:', 'mailto:mum@', 'https://', 'acct:', 'Mum ')
    await holds(
      t,
      fc.property(
        start,
        fc.string({ unit, maxLength: 12 }),
        fc.boolean(),
        (scheme, text, isMail) => {
          readTwice(`${scheme}${text}${isMail ? '@a.example' : ''}`)
        },
      ),
      {
        numRuns: 1000,
        examples: [
          ['mailto:mum@', '\u0000.\u0000#', false],
          ['', 'Mum\u037e Dad', false],
          ['mailto:', 'mum\u037e', true],
          ['https://', '.:', false],
        ],
      },
    )
  })
})

describe('parseAudience(): groups and lists', () => {
  it('takes one entry without a list', () => {
    assert.deepEqual(ids('https://bob.example/'), ['https://bob.example/'])
  })

  it('expands a group, and a group within it', () => {
    assert.deepEqual(ids('family'), ['https://bob.example/', 'mailto:mum@example.com'])
    assert.deepEqual(ids('friends'), [
      'https://carol.example/',
      'https://bob.example/',
      'mailto:mum@example.com',
    ])
  })

  it('names each recipient once', () => {
    assert.deepEqual(ids(['family', 'HTTPS://bob.example', 'friends', 'mailto:mum@EXAMPLE.com']), [
      'https://bob.example/',
      'mailto:mum@example.com',
      'https://carol.example/',
    ])
  })
})

describe('parseAudience() refuses', () => {
  const rows: readonly [name: string, audience: unknown, message: RegExp][] = [
    ['an unknown group', 'famly', /no group of this name \(known: family, friends/],
    ['an unknown group in a foreign script', 'börse', /no group of this name/],
    ['a group in capitals', 'Family', /write it in small letters/],
    ['a group that contains itself', 'selfish', /contains itself/],
    ['groups that contain each other', 'loop', /contains itself/],
    ['an empty list', [], /needs somebody/],
    ['nothing', undefined, /names nobody/],
    ['an empty value', null, /names nobody/],
    ['an empty text', '  ', /names nobody/],
    ['a number', 7, /names nobody/],
    ['a list within the list', [['Mum']], /names nobody/],
    ['the public', 'public', /cannot have the public/],
    ['the public among others', ['Public', 'Mum'], /cannot have the public/],
    ['several names in one text', 'family, friends', /write a list/],
    ['several names with semicolons', 'Mum; Dad', /write a list/],
    ['several names with Greek question marks', 'Mum\u037e Dad', /write a list/],
    ['an address of a Greek question mark', '\u037e@a.example', /write a list/],
    ['several URLs in one text', 'https://bob.example/,https://eve.example/', /write a list/],
    ['a bare domain', 'bob.example', /write it with "https:\/\/"/],
    ['a bare domain with a path', 'bob.example/me', /write it with "https:\/\/"/],
    ['a bare domain with a port', 'bob.example:8080', /not the address of a website/],
    ['a URL without its scheme', '//bob.example/', /write it with "https:\/\/"/],
    ['a handle', '@bob', /without a scheme/],
    ['an address without a domain', 'mum@', /write "name@example\.com"/],
    ['an address with a domain of one word', 'mum@example', /write "name@example\.com"/],
    ['an address with two domains', 'mum@a.example@b.example', /not an address/],
    ['an address with a space in it', 'mum @a.example', /not an address/],
    ['an address with a number', 'mum@192.0.2.7', /not an address/],
    ['an address with a port', 'mum@example.com:8080', /not an address/],
    ['an address with a path', 'mum@example.com/me', /not an address/],
    ['an address with a name', 'Mum <mum@example.com>', /write "name@example\.com".*"mailto:name@/],
    ['two addresses in one', 'mum@example.com dad@example.com', /not an address/],
    ['several addresses in one text', 'mum@example.com, dad@example.com', /write a list/],
    ['an acct: URL', 'acct:bob@chat.example', /write it without "acct:"/],
    ['a mailto: without an address', 'mailto:mum', /not a mail address/],
    ['a mailto: with two addresses', 'mailto:a@b.example,c@d.example', /not a mail address/],
    ['a mailto: with a subject', 'mailto:mum@example.com?subject=Hi', /not a mail address/],
    ['a mailto: with broken escapes', 'mailto:%ZZ@example.com', /not a mail address/],
    ['a profile URL with a user', 'https://bob@bob.example/', /no password/],
    ['a profile URL with a password', 'https://bob:pw@bob.example/', /no password/],
    ['a profile URL with a fragment', 'https://bob.example/#me', /no fragment/],
    ['a profile URL with an empty fragment', 'https://bob.example/#', /no fragment/],
    ['a profile URL with an IPv4 address', 'https://192.0.2.7/', /not a number/],
    ['an IPv4 address in one number', 'https://3221225991/', /not a number/],
    ['a profile URL with an IPv6 address', 'https://[2001:db8::7]/', /not a number/],
    ['a private address', 'http://10.0.0.1/', /not a number/],
    ['dot segments', 'https://bob.example/a/../b', /no dot segments/],
    ['a space', 'https://bob.example/a b', /no spaces/],
    ['another scheme', 'ftp://bob.example/', /not the address of a website/],
    ['a scheme without an authority', 'https:bob.example', /not the address of a website/],
    ['a host of nothing but dots', 'https://.:', /not the address of a website/],
    ['a script', 'javascript:alert(1)', /not the address of a website/],
  ]
  for (const [name, audience, message] of rows) {
    it(name, () => {
      assert.throws(
        () => parseAudience(PATH, audience, GROUPS),
        (error: unknown) =>
          error instanceof ConfigurationError &&
          error.message.startsWith('private/dinner.md: audience: ') &&
          message.test(error.message),
      )
    })
  }
})

describe('validateGroups()', () => {
  it('takes groups of profiles, addresses, names and groups', () => {
    validateGroups({
      family: ['https://bob.example/', 'Mum', 'carol@chat.example'],
      'all-of-us': ['family', 'mailto:a@b.example'],
    })
  })

  const rows: readonly [name: string, groups: Groups, message: RegExp][] = [
    ['a name in capitals', { Family: [] }, /"Family" cannot name a group/],
    ['a name with a space', { 'my family': [] }, /"my family" cannot name a group/],
    ['the name "public"', { public: ['Mum'] }, /"public" cannot name a group/],
    ['a name of JavaScript', { constructor: ['Mum'] }, /"constructor" cannot name a group/],
    ['a bad member', { family: ['bob.example'] }, /Option "groups", family, entry 1: /],
    ['an unknown group as member', { family: ['friends'] }, /Option "groups", family, entry 1: /],
    ['a circle', { a: ['b'], b: ['a'] }, /contains itself/],
  ]
  for (const [name, groups, message] of rows) {
    it(`refuses ${name}`, () => assert.throws(() => validateGroups(groups), message))
  }
})
