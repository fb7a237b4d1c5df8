import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAudience, validateGroups, type Groups } from '../../lib/post/audience.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'

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
    ['a group in capitals', 'Family', /write "family"/],
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
    ['several URLs in one text', 'https://bob.example/,https://eve.example/', /write a list/],
    ['a bare domain', 'bob.example', /write "https:\/\/bob\.example"/],
    ['a bare domain with a path', 'bob.example/me', /write "https:\/\/bob\.example\/me"/],
    ['a bare domain with a port', 'bob.example:8080', /not the address of a website/],
    ['a URL without its scheme', '//bob.example/', /write "https:\/\/bob\.example\/"/],
    ['a handle', '@bob', /without a scheme/],
    ['a bare mail address', 'mum@example.com', /write "mailto:mum@example\.com"/],
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
      family: ['https://bob.example/', 'Mum'],
      'all-of-us': ['family', 'mailto:a@b.example'],
    })
  })

  const rows: readonly [name: string, groups: Groups, message: RegExp][] = [
    ['a name in capitals', { Family: [] }, /"Family" cannot name a group/],
    ['a name with a space', { 'my family': [] }, /"my family" cannot name a group/],
    ['the name "public"', { public: ['Mum'] }, /"public" cannot name a group/],
    ['a bad member', { family: ['bob.example'] }, /Option "groups", family: "bob\.example"/],
    ['an unknown group as member', { family: ['friends'] }, /Option "groups", family: "friends"/],
    ['a circle', { a: ['b'], b: ['a'] }, /contains itself/],
  ]
  for (const [name, groups, message] of rows) {
    it(`refuses ${name}`, () => assert.throws(() => validateGroups(groups), message))
  }
})
