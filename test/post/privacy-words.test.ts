import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { findPrivacyWords, PRIVACY_WORDS } from '../../lib/post/privacy-words.ts'
import { classify, type FrontMatter } from '../../lib/post/visibility.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { REPOSITORY } from '../support/site.ts'

const PATH = 'posts/dinner.md'
const WORDS = { groups: ['crew'] }

/** What happens to a post with this front matter, outside of private folders. */
function fate(data: FrontMatter): string {
  try {
    return classify(PATH, data, false, WORDS)
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    assert.match(error.message, /^posts\/dinner\.md: .* To do: /)
    assert.doesNotMatch(error.message, /bob|carol|hunter2/i, 'no reader and no password is named')
    return 'stopped'
  }
}

/** One for each key of the table: a value that means it, and one that does not. */
const VALUES: Record<string, readonly [meant: unknown, ordinary: unknown]> = {
  any: ['hunter2', ''],
  yes: [true, false],
  no: [false, true],
  'private word': ['private', 'published'],
  'private tag': [
    ['food', 'private'],
    ['food', 'family'],
  ],
  anybody: ['bob', 'everyone'],
  people: ['bob@bob.example', 'taste'],
  contacts: ['https://bob.example/', 'beginners'],
}
const EFFECTS: Record<string, string> = {
  audience: 'private',
  private: 'private',
  stop: 'stopped',
  doubt: 'stopped',
  'if-built': 'public',
  warning: 'public',
}

describe('the table of privacy words', () => {
  it('is the table of docs/front-matter.md', () => {
    const docs = readFileSync(join(REPOSITORY, 'docs/front-matter.md'), 'utf8')
    const table = docs.slice(docs.indexOf('| key '), docs.indexOf('What the values are'))
    const rows = table.split('\n').filter((line) => line.startsWith('| `'))
    const cells = rows.map((row) =>
      row
        .split('|')
        .map((cell) => cell.trim())
        .filter(Boolean),
    )
    assert.deepEqual(
      cells,
      PRIVACY_WORDS.map(({ keys, value, effect }) => [
        keys.map((key) => `\`${key}\``).join(', '),
        value === 'any' ? 'any value' : value,
        effect.replace('-', ' '),
      ]),
    )
  })

  for (const { keys, value, effect } of PRIVACY_WORDS) {
    for (const key of keys) {
      const [meant, ordinary] = VALUES[value] ?? []
      it(`${key}: ${JSON.stringify(meant)} is ${EFFECTS[effect]}`, () => {
        assert.equal(fate({ title: 'Dinner', [key]: meant }), EFFECTS[effect])
      })
      if (effect === 'audience') continue
      it(`${key}: ${JSON.stringify(ordinary)} is public`, () => {
        assert.equal(fate({ title: 'Dinner', [key]: ordinary }), 'public')
      })
      if (effect !== 'doubt' && effect !== 'stop') continue
      it(`${key}: ${JSON.stringify(meant)} in a private post is private`, () => {
        const data = { visibility: 'private', audience: ['Mum'], [key]: meant }
        assert.equal(fate(data), 'private')
      })
      it(`visibility: public beside ${key} ends the doubt, where it is one`, () => {
        const expected = effect === 'doubt' ? 'public' : 'stopped'
        assert.equal(fate({ visibility: 'public', [key]: meant }), expected)
      })
    }
  }
})

describe('words of privacy in other spellings', () => {
  const stopped: readonly FrontMatter[] = [
    ...['sharedWith', 'shared_with', 'Shared-With', 'SHARED WITH', 'shared-wiht', 'sharedwth'].map(
      (key) => ({ [key]: 'bob' }),
    ),
    ...[
      'Visibility',
      'VISIBILITY',
      'vіѕіbility',
      'ｖisibility',
      'visi\u200bbility',
      'vísibility',
    ].map((key) => ({ [key]: 'private' })),
    ...['Recipients', 'RECIPIENTS', 'recipents', 'reciepients', 'Audience', 'audiance'].map(
      (key) => ({ [key]: ['https://bob.example/'] }),
    ),
    ...['Private', 'PRIVATE', 'privat', 'pirvate', 'prviate', 'privаte'].map((key) => ({
      [key]: true,
    })),
    ...['Private.', 'privat', 'prívate', 'privé', 'privado', 'friends', 'only me', ''].map(
      (visibility) => ({ visibility }),
    ),
    ...['yes', 'true', 1, 'ja'].map((value) => ({ private: value })),
    { To: 'bob@bob.example' },
    { to: ['bob', 'carol'] },
    { to: 'Bob' },
    { to: 'Aunt Carol' },
    { to: 'crew' },
    { to: 'family' },
    { to: { name: 'Bob', email: 'bob@bob.example' } },
    { to: 'https://bob.example' },
    { from: 'Alice', to: 'bob@bob.example' },
    { readers: ['https://bob.example/'] },
    { members: true },
    { 'post-status': 'Private' },
    { postStatus: 'private' },
    { status: 'privé' },
    { tags: 'food, private' },
    { Tags: ['Private'] },
    { category: 'private' },
    { visible: 'no' },
    { meta: { visibility: 'private' } },
    { params: { post: { private: true } } },
    { post: { audience: ['https://bob.example/'] } },
    { seo: { status: 'private' } },
    { password: 1234 },
    { visibility: 'public', status: 'private' },
    { visibility: 'public', recipients: ['https://bob.example/'] },
    { visibility: 'private', to: 'https://bob.example/' },
    { private: true, sharedWith: 'bob' },
  ]
  for (const data of stopped) {
    it(`stops at ${JSON.stringify(data)}`, () => assert.equal(fate(data), 'stopped'))
  }

  const left: readonly FrontMatter[] = [
    { to: 'taste' },
    { to: '/new-address/' },
    { to: 12 },
    { from: 'Munich', to: 'Berlin' },
    { from: '/old/', to: 'https://new.example/' },
    { from: new Date(0), to: new Date(1) },
    { to: 'everyone' },
    { readers: 12 },
    { readers: '1,200' },
    { status: 'published' },
    { status: 'draft' },
    { 'post-status': 'published' },
    { published: new Date(0) },
    { privacy: 'public' },
    { privacy: '/privacy/' },
    { tags: ['family', 'privacy', 'secret santa', 'Privat'] },
    { members: [{ name: 'Bob', plays: 'drums' }] },
    { members: ['Bob', 'Carol'] },
    { friends: ['bobs-blog'] },
    { cc: 'CC BY-SA 4.0' },
    { for: 'beginners' },
    { share: false },
    { public: true },
    { visible: true },
    { hidden: false },
    { eleventyNavigation: { hidden: true, status: 'private' } },
    { pkg: { private: true } },
    { schema: { audience: 'Developers' } },
    { author: { status: 'away' } },
    { type: 'note' },
    { recipes: ['soup'] },
    { leaders: ['Bob'] },
    { headers: ['Bob'] },
    { projected: true },
    { audio: 'a.mp3' },
    { video: 'a.mp4' },
    { layout: 'private' },
    { title: 'Private' },
    { description: 'How to keep posts private' },
  ]
  for (const data of left) {
    it(`leaves ${JSON.stringify(data)}`, () => assert.equal(fate(data), 'public'))
  }

  it('reads what Indiekit writes', () => {
    const jf2 = { date: '2026-01-01', category: ['food'], postType: 'note', mpSyndicateTo: ['x'] }
    assert.equal(fate({ ...jf2, visibility: 'private' }), 'private')
    assert.equal(fate({ ...jf2, visibility: 'public' }), 'public')
    assert.equal(fate({ ...jf2, audience: ['https://bob.example/'] }), 'private')
    assert.equal(fate({ ...jf2, draft: true }), 'public')
    assert.equal(fate({ ...jf2, inReplyTo: 'https://bob.example/1' }), 'public')
  })

  it('says which words a draft has, for those who know whether it has a page', () => {
    assert.deepEqual(
      findPrivacyWords({ draft: true, published: false, title: 'x' }).map(({ effect }) => effect),
      ['warning', 'if-built'],
    )
  })

  it('leaves the data of the whole site, save recipients, which would make every post private', () => {
    const isGlobal = () => true
    const data = { members: true, site: { private: true }, status: 'private' }
    assert.equal(classify(PATH, data, false, { isGlobal }), 'public')
    assert.throws(() => classify(PATH, { recipients: ['Mum'] }, false, { isGlobal }), /whole site/)
  })
})
