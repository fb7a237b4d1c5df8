import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Evidence } from '../../lib/leak-audit/evidence.ts'
import type { FindingKind } from '../../lib/leak-audit/finding.ts'
import { groundsOfPage, groundsOfSource } from '../../lib/leak-audit/public-words.ts'
import { Sieve } from '../../lib/leak-audit/sieve.ts'
import { searchText } from '../../lib/leak-audit/text-search.ts'
import { holds } from '../support/property.ts'
import { radixTree, trie } from './formats.ts'
import { PARTY, SENTENCE } from './kinds.ts'

const POSTS = [
  PARTY,
  {
    ...PARTY,
    post: 'private/2026/über-den-see.md',
    title: 'Fünf Ångström über ½ Straße',
    slugs: ['uber-den-see', 'news'],
    naturalPaths: ['private/2026/uber-den-see/index.html'],
    tags: ['Σίσυφος', '秘密の会'],
    text: `# Ein Ausflug\n\nWir fahren über den See, nach Süden und zurück.\n\n- 秘密の会議室で会いましょう明日の夜\n- call 030 7654 329`,
    values: ['mum@post.example', 'Zwölf'],
    attachments: [],
  },
]

const TERMS =
  'behind bring call code door everybodi heron hide island kitchen light neighbour open otter parti passwort piano post sing surpris until wombat zanzibar miller'.split(
    ' ',
  )

/** Whatever may be found. */
const SECRETS = [
  PARTY.title,
  SENTENCE,
  ...PARTY.values,
  'surprise-party',
  '/private/surprise-party/',
  'https://alice.example/private/2026/uber-den-see/?a=1#b',
  '/news/',
  'private/surprise-party.md',
  'conspiracy',
  'Aunt Ottilie',
  'carol.example',
  'mum [at] post [dot] example',
  'elpmaxe.tsop@mum',
  '+49 (30) 7654329',
  '52.520, 13.4049',
  '52°31′12.0″N 13°24′17.8″E',
  'code: 4711',
  'BobsSurpriseParty',
  'Fünf Ångström über ½ Straße',
  'ΣΊΣΥΦΟΣ',
  'Σίσυφος',
  '秘密の会',
  '秘密の会議室で会いましょう明日の夜',
  'Wir fahren über den See, nach Süden und zurück',
  'Ein Ausflug Wir fahren über den See, nach Süden',
  TERMS.join(' '),
  trie(TERMS),
  radixTree(TERMS),
]

type Spelling = (text: string) => string

const each =
  (change: (letter: string, at: number) => string): Spelling =>
  (text) =>
    Array.from(text, change).join('')
const some = (change: (letter: string) => string): Spelling =>
  each((letter, at) => (at % 3 === 1 ? change(letter) : letter))
const code = (letter: string) => letter.codePointAt(0) ?? 0

/** How a text may be written so that somebody, or some program, still reads it. */
const SPELLINGS: Readonly<Record<string, Spelling>> = {
  plain: (text) => text,
  upper: (text) => text.toUpperCase(),
  decimal: some((letter) => `&#${code(letter)};`),
  'decimal, open': some((letter) => `&#${code(letter)}`),
  hexadecimal: some((letter) => `&#x${code(letter).toString(16)};`),
  names: (text) =>
    text.replaceAll('&', '&amp;').replaceAll("'", '&apos;').replaceAll(' ', '&nbsp;'),
  'names twice': (text) => text.replaceAll("'", '&amp;#39;').replaceAll('ü', '&amp;uuml;'),
  accents: (text) => text.replaceAll('ü', '&uuml;').replaceAll('e', '&shy;e'),
  json: some((letter) => `\\u${code(letter).toString(16).padStart(4, '0')}`),
  javascript: some((letter) =>
    code(letter) < 256 ? `\\x${code(letter).toString(16).padStart(2, '0')}` : letter,
  ),
  'line breaks': (text) => text.replaceAll(' ', '\\n'),
  slashes: (text) => text.replaceAll('/', '\\/').replaceAll("'", "\\'"),
  percent: (text) => encodeURIComponent(text),
  'percent twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'tags in words': each((letter, at) => (at % 4 === 2 ? `<b>${letter}</b>` : letter)),
  'tags between words': (text) => text.split(' ').join('</em> <em class="x">'),
  'tags for spaces': (text) => text.split(' ').join('</a><a>'),
  'blocks for spaces': (text) => text.split(' ').join('</p>\n<p>'),
  'lone letters': (text) => [...text].join(' '),
  'letters apart': each((letter, at) => `<tspan x="${at}">${letter}</tspan>`),
  'escaped markup': (text) => `&lt;b&gt;${text.slice(0, 3)}&lt;/b&gt;${text.slice(3)}`,
  'script markup': (text) => `\\u003cb\\u003e${text.slice(0, 3)}\\u003c/b>${text.slice(3)}`,
  soft: each((letter, at) => (at % 5 === 3 ? `\u00ad${letter}` : letter)),
  marks: (text) => text.normalize('NFD'),
  wide: each((letter) =>
    /[a-z0-9]/i.test(letter) ? String.fromCodePoint(code(letter) + 0xfee0) : letter,
  ),
  dashes: (text) => text.replaceAll(' ', '-').replaceAll("'", ''),
  glued: (text) => text.replaceAll(/[^\p{L}\p{N}]/gu, ''),
  base64: (text) => Buffer.from(text).toString('base64'),
  'base64 of latin': (text) => Buffer.from(`Über ${text}`, 'latin1').toString('base64'),
  packed: (text) => `data:;base64,${gzipSync(text).toString('base64')}`,
  hexdump: (text) => Buffer.from(text).toString('hex'),
  quoted: (text) =>
    `Content-Transfer-Encoding: quoted-printable\n\n${text.replace(/[aeiou]/g, (letter) => `=${code(letter).toString(16).toUpperCase()}`)}`,
  folded: (text) => `BEGIN:VCARD\r\n${text.replace(/(.{9})/g, '$1\r\n ')}`,
  style: (text) =>
    `a::after{content:"${text.replace(/[aeiou]/g, (letter) => `\\${code(letter).toString(16).padStart(4, '0')} `)}"}`,
  element: (text) => `<li>${text}</li>`,
  cdata: (text) => `<t><![CDATA[${text}]]></t>`,
  comment: (text) => `<!--${text}-->`,
  'in a comment': (text) => `${text.slice(0, 4)}<!--${text.slice(4)}-->`,
  string: (text) => `{"a": "${text}"}`,
  'escaped string': (text) => `"{\\"a\\": \\"${text}\\"}"`,
  attribute: (text) => `<img alt="${text}">`,
  bare: (text) => `<img alt=${text} >`,
  closing: (text) => `</p ${text}>`,
  path: (text) => `<a href="/x/${text}.html?y=${text}&amp;z">z</a>`,
  'windows path': (text) => `C:\\${text}\\x/y`,
}

const NOISE = [
  ...' \n<>&;\\"\'%#=/.,-\u00ad\u0301½é秘😀',
  ...['&amp;', '&#', '&lt;', '\\u', '\\\\', '%2', '%25', '<b>', '</b>', '<!--', '<![CDATA[', ']]>'],
  ...[
    '</',
    '<a href="',
    '">',
    '&quot;',
    '&#39;',
    '\\n',
    '\\"',
    'x',
    '41',
    'amp;',
    'lt;',
    '3c',
    '7',
  ],
]

const spelled = fc
  .tuple(
    fc.constantFrom(...SECRETS),
    fc.array(fc.constantFrom(...Object.keys(SPELLINGS)), { minLength: 1, maxLength: 3 }),
  )
  .map(([secret, names]) => names.reduce((text, name) => SPELLINGS[name]?.(text) ?? text, secret))
const noise = fc.array(fc.constantFrom(...NOISE), { maxLength: 8 }).map((parts) => parts.join(''))
/** Secrets within noise; and pieces of them with noise in between. */
const text = fc.oneof(
  fc.array(fc.oneof(spelled, noise), { maxLength: 6 }).map((parts) => parts.join('')),
  fc
    .tuple(spelled, fc.array(fc.tuple(fc.nat(400), noise), { maxLength: 5 }))
    .map(([secret, holes]) =>
      holes.reduce((whole, [at, sign]) => {
        const place = at % (whole.length + 1)
        return whole.slice(0, place) + sign + whole.slice(place)
      }, secret),
    ),
)

describe('Sieve', () => {
  const evidence = new Evidence(POSTS)
  const sieve = new Sieve(evidence)
  const kindsIn = (written: string, isData: boolean) => {
    const kinds = new Set<string>()
    searchText(evidence, written, { isData }, ({ kind }) => kinds.add(kind))
    return kinds
  }
  const isFound = (written: string, isData: boolean) => kindsIn(written, isData).size > 0
  /** What the full search finds and the sieve has missed. */
  const missed = (written: string, isData: boolean) => {
    const { strong, isOpaque, isIndex } = sieve.look(written, isData)
    if (isOpaque) return []
    const seen = new Set(
      [...strong].map((trace) => {
        if (typeof trace === 'number') return 'sentence'
        return typeof trace === 'string' ? 'natural-path' : trace.kind
      }),
    )
    if (isIndex) seen.add('terms')
    return [...kindsIn(written, isData)].filter((kind) => !seen.has(kind as FindingKind))
  }

  for (const [name, spell] of Object.entries(SPELLINGS)) {
    it(`suspects whatever the full search finds: ${name}`, () => {
      for (const secret of SECRETS) {
        for (const isData of [false, true]) {
          const written = `<main>\n${spell(secret)}\n</main>`
          assert.deepEqual(missed(written, isData), [], written)
        }
      }
    })
  }

  it('suspects whatever the full search finds (property)', async (t) => {
    await holds(
      t,
      fc.property(text, fc.boolean(), (written, isData) => {
        assert.deepEqual(missed(written, isData), [])
      }),
      { numRuns: 2000 },
    )
  })

  it('sees whatever can explain something (property)', async (t) => {
    await holds(
      t,
      fc.property(text, (written) => {
        const { weak, isOpaque } = sieve.look(written, false)
        const isEmpty = groundsOfPage(evidence, 'a.html', written).isEmpty
        assert.ok(isEmpty || isOpaque || weak.size > 0)
      }),
      { numRuns: 1000 },
    )
  })

  it('explains the words of a source as the full reading does (property)', async (t) => {
    await holds(
      t,
      fc.property(text, (written) => {
        const [one, other] = [new Evidence(POSTS), new Evidence(POSTS)]
        groundsOfSource(one, { text: written })
        if (new Sieve(other).explainTerms(written)) assert.equal(other.terms.size, one.terms.size)
      }),
      { numRuns: 300 },
    )
  })

  it('suspects nothing in what has none of it', () => {
    const page = `<!doctype html><title>Home</title><p class="a b">A walk &amp; a talk, at 20&nbsp;% of &lt;b&gt; the price.
      <a href="/posts/walk/?a=1&amp;b=2">don’t</a> "quoted\\n" 2026-01-02 <span>x</span><span>y</span></p>`
    assert.ok(!isFound(page, true))
    for (const isData of [false, true]) {
      const { strong, weak, isOpaque } = sieve.look(page, isData)
      assert.deepEqual([strong.size, weak.size, isOpaque], [0, 0, false])
    }
  })
})
