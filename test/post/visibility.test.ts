import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  classify,
  parseAccess,
  type FrontMatter,
  type Visibility,
} from '../../lib/post/visibility.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'

const PATH = 'posts/dinner.md'
const CAPABILITY = 'https://bob.example/p/0123456789abcdefghjkmnpqrs/'
const CAPABILITY_FREE = 'https://bob.example/2026/dinner/'

describe('classify()', () => {
  const rows: readonly [
    name: string,
    data: FrontMatter,
    outside: Visibility,
    inside: Visibility,
  ][] = [
    ['nothing', {}, 'public', 'private'],
    ['visibility: unlisted', { visibility: 'unlisted' }, 'unlisted', 'unlisted'],
    ['visibility: private', { visibility: 'private' }, 'private', 'private'],
    ['visibility in capitals', { visibility: ' Private ' }, 'private', 'private'],
    ['an audience', { audience: 'family' }, 'private', 'private'],
    ['an empty list as audience', { audience: [] }, 'private', 'private'],
    ['an audience left empty', { audience: null }, 'private', 'private'],
    ['private: true', { private: true }, 'private', 'private'],
    ['private: false', { private: false }, 'public', 'private'],
    ['private: false and an audience', { private: false, audience: 'Mum' }, 'private', 'private'],
    ['audience: public', { audience: 'public' }, 'public', 'private'],
    ['audience: [public]', { audience: ['public'] }, 'public', 'private'],
    ['audience: Public', { audience: 'Public' }, 'private', 'private'],
    ['public and somebody', { audience: ['public', 'Mum'] }, 'private', 'private'],
    [
      'visibility: private, audience: public',
      { visibility: 'private', audience: 'public' },
      'private',
      'private',
    ],
    ['a reply to a capability URL', { inReplyTo: CAPABILITY }, 'private', 'private'],
    ['a list with that reply', { inReplyTo: [CAPABILITY] }, 'private', 'private'],
    ['in-reply-to a message', { 'in-reply-to': 'fmtp:1.b@c.example' }, 'private', 'private'],
    ['inreplyTo a message', { inreplyTo: ['pm:1'] }, 'private', 'private'],
    ['in_reply_to a capability URL', { in_reply_to: CAPABILITY }, 'private', 'private'],
    ['a word that is nearly "like of"', { likes: CAPABILITY_FREE }, 'public', 'private'],
    [
      'a reply to a public post',
      { inReplyTo: 'https://bob.example/2026/hello/' },
      'public',
      'private',
    ],
    [
      'an unknown key far from ours',
      { title: 'Hi', tags: ['a'], layout: 'post' },
      'public',
      'private',
    ],
  ]
  for (const [name, data, outside, inside] of rows) {
    it(`${name}: ${outside}`, () => assert.equal(classify(PATH, data, false), outside))
    it(`${name}, under a glob of the options: ${inside}`, () =>
      assert.equal(classify(PATH, data, true), inside))
  }

  it('leaves what others call the page that a post answers', () => {
    assert.equal(classify(PATH, { 'in-reply-to': 'https://bob.example/1' }, false), 'public')
    assert.equal(classify(PATH, { source: 'fmtp:1.b@c.example' }, false), 'public')
    assert.equal(classify(PATH, { access: 'free' }, false), 'public')
    assert.equal(classify(PATH, { access: 'Free', visibility: 'public' }, false), 'public')
  })

  it('visibility: public is public', () => {
    assert.equal(classify(PATH, { visibility: 'public' }, false), 'public')
    assert.equal(classify(PATH, { visibility: 'PUBLIC', audience: 'public' }, false), 'public')
  })

  const refused: readonly [
    name: string,
    data: FrontMatter,
    isNamedPrivate: boolean,
    key: string,
  ][] = [
    ['an unknown word', { visibility: 'friends' }, false, 'visibility'],
    ['an empty visibility', { visibility: null }, false, 'visibility'],
    ['an empty text as visibility', { visibility: '' }, false, 'visibility'],
    ['a list as visibility', { visibility: ['private'] }, false, 'visibility'],
    ['a yes as visibility', { visibility: true }, false, 'visibility'],
    ['public where a glob says private', { visibility: 'public' }, true, 'visibility'],
    ['public with an audience', { visibility: 'public', audience: 'Mum' }, false, 'audience'],
    ['public with an empty audience', { visibility: 'public', audience: [] }, false, 'audience'],
    ['private: true and public', { visibility: 'public', private: true }, false, 'private'],
    ['private: true and Public', { visibility: 'Public', private: true }, false, 'private'],
    ['private: true and audience: public', { private: true, audience: 'public' }, false, 'private'],
    ['private: "yes"', { private: 'yes' }, false, 'private'],
    ['private left empty', { private: null }, false, 'private'],
    ['vissibility', { vissibility: 'private' }, false, 'vissibility'],
    ['visiblity', { visiblity: 'private' }, false, 'visiblity'],
    ['Visibility', { Visibility: 'private' }, false, 'Visibility'],
    ['audiance', { audiance: ['Mum'] }, false, 'audiance'],
    ['audiences', { audiences: ['Mum'] }, false, 'audiences'],
    ['show_audience', { show_audience: true }, false, 'show_audience'],
    ['inReplyTwo a message', { inReplyTwo: 'fmtp:1.b@c.example' }, false, 'inReplyTwo'],
    ['inRepyTo a capability URL', { inRepyTo: CAPABILITY }, false, 'inRepyTo'],
    ['lik-of a capability URL', { 'lik-of': CAPABILITY }, false, 'lik-of'],
  ]
  for (const [name, data, isNamedPrivate, key] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => classify(PATH, data, isNamedPrivate),
        (error: unknown) =>
          error instanceof ConfigurationError &&
          error.message.startsWith(`${PATH}: ${key}: `) &&
          error.message.includes(' To do: ') &&
          !error.message.includes(CAPABILITY),
      )
    })
  }
})

describe('parseAccess()', () => {
  it('is link when the author says nothing', () => {
    assert.equal(parseAccess(PATH, {}), 'link')
    assert.equal(parseAccess(PATH, { access: null }), 'link')
  })

  it('takes link and gate', () => {
    assert.equal(parseAccess(PATH, { access: 'link' }), 'link')
    assert.equal(parseAccess(PATH, { access: 'gate' }), 'gate')
  })

  for (const access of ['Gate', 'door', '', 7, true]) {
    it(`refuses ${JSON.stringify(access)}`, () =>
      assert.throws(() => parseAccess(PATH, { access }), /posts\/dinner\.md: access: /))
  }
})
