import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { findPrivacyWords, PRIVACY_WORDS } from '../../lib/post/privacy-words.ts'
import { PostError } from '../../lib/post/post-error.ts'
import { readPost } from '../../lib/post/post.ts'
import { classify, parseAccess, type FrontMatter } from '../../lib/post/visibility.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { REPOSITORY } from '../support/site.ts'

const PATH = 'posts/dinner.md'
const WORDS = { known: ['crew', 'Zoe'] }

const RULES = { me: new URL('https://alice.example/'), groups: {}, isNamedPrivate: () => false }

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
  'yes or one': [1, 0],
  'no or nothing': [0, 1],
  'private alone': ['private', 'published'],
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
    { tags: 'food private' },
    { tags: 'private food' },
    { tags: '#food #private' },
    { tags: ['privat'] },
    { tags: ['privé'] },
    { tags: ['status/private'] },
    { tags: ['visibility/friends'] },
    { tags: ['#private'] },
    { tags: 'status:private' },
    { keywords: ['food', 'private'] },
    { labels: 'private' },
    { public: 0 },
    { public: '' },
    { public: null },
    { public: 'private' },
    { hidden: 1 },
    { hidden: '1' },
    { 'only-me': 1 },
    { visible: 'none' },
    { visible: 'me' },
    { visible: ['Mum'] },
    { visible: 'Bob' },
    { visible: 0 },
    { secret: 'Mum' },
    { secret: ['Bob'] },
    { privacy: 'Mum' },
    { privacy: ['bob'] },
    { for: ['Mum', 'Dad'] },
    { for: 'Aunt May' },
    { for: 'Zoe' },
    { allow: 'Zoe' },
    { allow: ['https://bob.example/'] },
    { viewer: 'Mum' },
    { viewers: ['Carol'] },
    { shared: 'Mum' },
    { shared: 'private' },
    { only: 'me' },
    { only: ['Bob', 'Carol'] },
    { invited: ['Bob'] },
    { 'send-to': 'bob' },
    { sendTo: 'bob@bob.example' },
    { draft: 'private' },
    { hide: true },
    { internal: true },
    { personal: 'yes' },
    { locked: true },
    { limited: true },
    { 'privacy-level': 'friends' },
    { acl: ['bob'] },
    { acl: 'private' },
    { confidentiality: 'confidential' },
    { mode: 'private' },
    { view: 'friends' },
    { level: 'private' },
    { 'private-to': 'bob' },
    { 'audience-list': ['bob'] },
    { sichtbarkeit: 'privat' },
    { Sichtbarkeit: 'Privat' },
    { visibilidad: 'privada' },
    { visibilité: 'privé' },
    { post_kind: 'private' },
    { flags: ['featured', 'private'] },
    { mood: 'secret' },
    { zugriff: 'privat' },
    { who: 'friends-only' },
    { 'x-mode': 'Private' },
    { 'post.visibility': 'private' },
    { 'meta.private': true },
    { meta: { hidden: true } },
    { meta: { public: false } },
    { meta: { 'shared-with': 'bob' } },
    { meta: [{ name: 'visibility', content: 'private' }] },
    { extra: { tags: ['private'] } },
    { params: { mode: 'private' } },
    { post: { privacy: 'friends' } },
    { eleventy: { visibility: 'private' } },
    { eleventyNavigation: { visibility: 'private' } },
    { page: { private: true } },
    { card: { body: { visibility: 'private' } } },
    { to: ['Sydney', 'Bob'] },
    { 'post-recipients': ['https://bob.example/'] },
    { audience_names: 'Mum' },
    { myReaders: ['Zoe'] },
    { visibilityLevel: 'friends' },
    { 'hidden-from': 'Bob' },
    { to: 'Sydney' },
    { readers: ['Beginners', 'Bob'] },
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
    { allow: ['comments'] },
    { 'target-audience': 'Developers' },
    { targetAudience: ['Bob', 'Carol'] },
    { 'reader-level': 'beginner' },
    { privacyPolicy: '/privacy/' },
    { visibilityLevel: 'high' },
    { allow: ['comments', 'webmentions'] },
    { allow: 'GET' },
    { viewers: ['Chrome'] },
    { viewers: ['Chrome', 'Firefox'] },
    { viewer: 'pdf' },
    { readers: 'Beginners' },
    { readers: ['Beginners', 'Students'] },
    { readers: 'Web developers' },
    { to: ['Berlin', 'Paris'] },
    { to: ['Munich', 'Sydney'] },
    { to: 'Italy' },
    { to: 'New York' },
    { to: ['twitter', 'Mastodon'] },
    { shared: ['Mastodon'] },
    { shared: true },
    { shared: false },
    { visible: 'Yes' },
    { visible: 'always' },
    { secret: 1 },
    { secret: false },
    { privacy: 'Public' },
    { for: ['Beginners', 'Experts'] },
    { for: 'Windows' },
    { tags: 'private equity' },
    { tags: ['private equity', 'private keys'] },
    { category: 'Private Life' },
    { tags: ['secret', 'geheim', 'Privat'] },
    { keywords: ['privacy', 'private keys'] },
    { draft: false },
    { public: 1 },
    { public: 'yes' },
    { hidden: 0 },
    { members: 12 },
    { subscribers: 1 },
    { mode: 'dark' },
    { view: 'list' },
    { level: 'beginner' },
    { kinds: ['public', 'private'] },
    { book: 'Secret' },
    { song: 'private' },
    { author: 'Private' },
    { bodyClass: 'private' },
    { theme: 'secret' },
    { layout: 'private.njk' },
    { answer: 'private' },
    { menu: { hidden: true } },
    { comments: { hidden: true, visible: false } },
    { hero: { mode: 'dark', style: 'secret' } },
    { meta: { description: 'private', robots: 'noindex' } },
    { meta: [{ name: 'description', content: 'private' }] },
    { seo: { keywords: ['private'] } },
    { schema: { audience: { type: 'Developers' } } },
    { repositories: [{ name: 'x', private: true }] },
  ]
  for (const data of left) {
    it(`leaves ${JSON.stringify(data)}`, () => assert.equal(fate(data), 'public'))
  }

  const messageOf = (data: FrontMatter): string => {
    try {
      classify(PATH, data, false, WORDS)
    } catch (error) {
      assert.ok(error instanceof PostError)
      return error.messageFor(
        Object.keys(data)
          .map((key) => `${key}: x`)
          .join('\n'),
      )
    }
    return assert.fail('nothing was said')
  }

  it('says all of them at once, each with its line', () => {
    const message = messageOf({ title: 'x', status: 'private', tags: ['private'], hidden: true })
    assert.match(message, /^posts\/dinner\.md, line 2: status: .* To do: .*\./)
    assert.match(message, / The same is true of "tags" \(line 3\), "hidden" \(line 4\)\.$/)
    assert.doesNotMatch(messageOf({ status: 'private' }), /The same/)
    const slips = messageOf({ visiblity: 'private', title: 'x', audiance: ['Bob'] })
    assert.match(slips, /line 1: visiblity: .* The same is true of "audiance" \(line 3\)\.$/)
  })

  it('shows no name that somebody wrote where a word of ours belongs', () => {
    for (const data of [
      { private: 'Mum' },
      { private: ['Mum'] },
      { access: ['Mum'] },
      { visibility: 'Mum' },
      { visibility: ['Mum'] },
      { visibility: 'private', showAudience: 'Mum' },
    ]) {
      assert.throws(
        () => {
          classify(PATH, data, false)
          parseAccess(PATH, data)
          readPost(PATH, { ...data, audience: 'Bob' }, RULES)
        },
        (error: Error) => !error.message.includes('Mum') && error.message.includes('To do'),
      )
    }
    assert.throws(() => classify(PATH, { private: 'yes' }, false), /"yes"/)
  })

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
