import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatLedger, parseLedger, readLedger } from '../../lib/ledger/ledger-text.ts'
import { emptyLedger, type Ledger } from '../../lib/ledger/ledger.ts'
import { SITE_DEFAULTS } from '../../lib/ledger/site-record.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { delivery } from '../cli/command-line.ts'
import { allTokens, BOB, build } from './builds.ts'

const FILE = 'private-posts.ledger.json'
const ledger: Ledger = {
  ...build(emptyLedger(), {
    'private/dinner.md': { audience: [BOB, 'Mum'], title: 'Dinner', expires: '9999-12-31' },
    'private/open.md': { visibility: 'unlisted' },
  }).ledger,
  site: {
    ...SITE_DEFAULTS,
    me: 'https://alice.example/',
    posts: ['private/**'],
    prefix: '/p/',
    pathPrefix: '/',
    input: '.',
    output: '_site',
    tokens: 'derived',
    exposure: 'refuse',
    auditExceptions: [],
  },
  deliveries: [delivery({ target: BOB }), delivery({ target: `${BOB}7` })],
}
const text = formatLedger(ledger)
const [token = ''] = allTokens(ledger)

describe('parseLedger()', () => {
  it('reads what formatLedger() writes', () => {
    assert.deepEqual(parseLedger(text, FILE), ledger)
    assert.deepEqual(parseLedger(formatLedger(emptyLedger()), FILE), emptyLedger())
  })

  it('reads what another program has formatted, and writes it as ever', () => {
    const pretty = JSON.stringify(JSON.parse(text), null, 2)
    assert.notEqual(pretty, text)
    const { ledger: read, known } = readLedger(pretty, FILE)
    assert.deepEqual(read, ledger)
    assert.equal(formatLedger(read, known), text)
  })

  it('writes a comma after each entry, also where one was missing at the end', () => {
    const without = text.replace(/,\n\{"end".*\n/, '\n')
    assert.notEqual(without, text)
    const { ledger: read, known } = readLedger(without, FILE)
    assert.ok(known)
    assert.equal(formatLedger(read, known), text)
  })

  it('takes a site that does not say how it mints for one that mints at random', () => {
    const old = text.replace(/^.*"setting":"tokens".*\n/m, '')
    assert.notEqual(old, text)
    assert.equal(parseLedger(old, FILE).site?.tokens, 'random')
  })

  const conflict = text.replace(/^(.*"token".*)$/m, '<<<<<<< HEAD\n$1\n=======\n$1\n>>>>>>> theirs')
  const lineOf = (part: string) => text.split('\n').findIndex((line) => line.includes(part)) + 1
  const place = `line ${lineOf('{"link"')}: `
  const broken: readonly [name: string, text: string, problem: RegExp][] = [
    ['half a file', text.slice(0, text.length / 2), /, line \d+: it is not JSON/],
    ['an empty file', '', /it is not JSON/],
    ['a merge conflict', conflict, /, line \d+: it holds a merge conflict/],
    ['an empty list', '[]', /version is not as it should be/],
    ['another document', '{"version":1}', /no list of entries/],
    ['null', 'null', /not as it should be/],
    ['another version', text.replace('"version":1', '"version":2'), /version/],
    ['an entry of no kind', text.replace('"delivery"', '"told"'), /does not say what it is about/],
    [
      'a line that is cut',
      text.replace(/("token":"\w+").*/, '$1'),
      new RegExp(`${place}it is not JSON`),
    ],
    [
      'a line with an error',
      text.replace(/"token":("\w)/, '"token"$1'),
      new RegExp(`${place}the line is not JSON`),
    ],
    [
      'a token in capitals',
      text.replace(token, token.toUpperCase()),
      new RegExp(`line ${lineOf(token)}: token of a link`),
    ],
    [
      'a token that is too short',
      text.replace(token, token.slice(1)),
      /token of a link of private/,
    ],
    ['a moment that is none', text.replace(/"issued":"[^"]*"/, '"issued":"soon"'), /issued/],
    [
      'an unknown reason',
      text.replace(
        '"generation":0',
        '"revoked":{"at":"2026-12-01T00:00:00Z","reason":"tired"},"generation":0',
      ),
      /reason/,
    ],
    [
      'a link without its post',
      text.replace(/^.*"id":"private.open.md".*\n/m, ''),
      /links of private\/open\.md, and not the post/,
    ],
    [
      'settings that are none',
      text.replace('"value":"_site"', '"value":1'),
      /output of the settings/,
    ],
  ]
  for (const [name, content, problem] of broken) {
    it(`refuses ${name}, and quotes nothing of it`, () => {
      assert.notEqual(content, text)
      assert.throws(
        () => parseLedger(content, FILE),
        (error: unknown) =>
          error instanceof ConfigurationError &&
          error.message.startsWith(FILE) &&
          problem.test(error.message) &&
          error.message.includes('restore it from your version control') &&
          error.message.includes('private-posts ledger --mend') &&
          !error.message.toLowerCase().includes(token.slice(1)) &&
          error.cause === undefined,
      )
    })
  }

  describe('refuses a ledger in which one address opens two things', () => {
    const DINNER = 'private/dinner.md'
    const OPEN = 'private/open.md'
    const { links = [] } = ledger.posts[DINNER] ?? assert.fail()
    const [first = assert.fail(), second = assert.fail()] = links
    const withLinks = (path: string, changed: typeof links): Ledger => ({
      ...ledger,
      posts: {
        ...ledger.posts,
        [path]: { ...(ledger.posts[path] ?? assert.fail()), links: changed },
      },
    })
    const revoked = { at: '2026-12-01T00:00:00Z', reason: 'revoked' } as const
    const gated = (segment: string): Ledger => ({
      ...ledger,
      posts: Object.fromEntries(
        Object.entries(ledger.posts).map(([id, post], at) => [
          id,
          { ...post, gate: at === 0 ? 'aaaaaaaaaaaa' : segment },
        ]),
      ),
    })
    const rows: readonly [name: string, shared: Ledger, problem: RegExp][] = [
      [
        'of two posts',
        withLinks(OPEN, [{ ...first, recipient: null }]),
        /, lines \d+ and \d+: private\/\w+\.md and private\/\w+\.md have the same token/,
      ],
      [
        'of two posts, one of them revoked',
        withLinks(OPEN, [{ ...first, recipient: null, revoked }]),
        /private\/\w+\.md and private\/\w+\.md have the same token/,
      ],
      [
        'of two recipients',
        withLinks(DINNER, [first, { ...second, token: first.token }]),
        /two links of private\/dinner\.md have the same token/,
      ],
      ['behind the gate', gated('aaaaaaaaaaaa'), /have the same address behind the gate/],
    ]
    for (const [name, shared, problem] of rows) {
      it(`${name}, and names no reader`, () => {
        assert.throws(
          () => parseLedger(formatLedger(shared), FILE),
          (error: unknown) =>
            error instanceof ConfigurationError &&
            problem.test(error.message) &&
            / To do: restore it /.test(error.message) &&
            !error.message.includes(first.token) &&
            !error.message.includes('Mum') &&
            !error.message.includes(BOB),
        )
      })
    }

    it('and none whose addresses differ', () => {
      const apart = gated('bbbbbbbbbbbb')
      assert.deepEqual(parseLedger(formatLedger(apart), FILE), apart)
    })
  })
})
