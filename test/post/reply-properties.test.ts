import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readPost, type PostRules } from '../../lib/post/post.ts'
import { replyPropertyOf } from '../../lib/post/reply-properties.ts'
import { withMarkedParent } from '../../lib/post/reply-markup.ts'

const SECRET = 'https://bob.example/m/74809250de2401300d0714109feae54c.html'
const OPEN = 'https://bob.example/2026/11/dinner-with-friends.html'
const RULES: PostRules = {
  me: new URL('https://alice.example/'),
  groups: {},
  isNamedPrivate: () => false,
}

const read = (data: Record<string, unknown>, rules = RULES) => readPost('note.md', data, rules)

describe('replyPropertyOf()', () => {
  const rows: readonly [key: string, property: string | undefined][] = [
    ['inReplyTo', 'in-reply-to'],
    ['in-reply-to', 'in-reply-to'],
    ['in_reply_to', 'in-reply-to'],
    ['u-in-reply-to', 'in-reply-to'],
    ['likeOf', 'like-of'],
    ['like_of', 'like-of'],
    ['repost-of', 'repost-of'],
    ['bookmarkof', 'bookmark-of'],
    ['title', undefined],
    ['like', undefined],
  ]
  for (const [key, property] of rows) {
    it(`${key}: ${property}`, () => assert.equal(replyPropertyOf(key), property))
  }
})

describe('a reply to a secret', () => {
  const keys = [
    ...['inReplyTo', 'in-reply-to', 'in_reply_to', 'likeOf', 'like-of', 'repostOf', 'repost_of'],
    ...['bookmarkOf', 'bookmark-of', 'u-bookmark-of'],
  ]
  const shapes: readonly [name: string, shape: (url: string) => unknown][] = [
    ['a text', (url) => url],
    ['a list', (url) => [url]],
    ['a map with "url"', (url) => ({ url, name: 'Dinner' })],
    ['a cited post', (url) => ({ type: ['h-cite'], properties: { url: [url] } })],
  ]
  for (const key of keys) {
    for (const [name, shape] of shapes) {
      it(`is private by ${key}, ${name}, for the author of the parent`, () => {
        const post = read({ [key]: shape(SECRET) })
        assert.deepEqual(
          post?.recipients.map(({ id }) => id),
          ['https://bob.example/'],
        )
        assert.equal(post?.inReplyTo?.href, SECRET)
        assert.equal(post?.replyProperty, replyPropertyOf(key))
        assert.equal(read({ [key]: shape(OPEN) }), undefined)
      })
    }
    it(`stops the build where ${key} stands beside "visibility: public"`, () => {
      assert.throws(
        () => read({ visibility: 'public', [key]: SECRET }),
        ({ message }: Error) =>
          message.startsWith(`note.md: ${key}: "(a capability URL)"`) &&
          message.includes('To do: ') &&
          !message.includes('74809250'),
      )
      assert.equal(read({ visibility: 'public', [key]: OPEN }), undefined)
    })
  }

  const pasted: readonly [name: string, paste: (url: string) => string][] = [
    ['in angle brackets', (url) => `<${url}>`],
    ['in quotation marks', (url) => `“${url}”`],
    ['as a link of Markdown', (url) => `[Dinner](${url})`],
    ['without its scheme', (url) => url.replace('https://', '')],
    ['behind words', (url) => `Bob: ${url}`],
  ]
  for (const [name, paste] of pasted) {
    it(`stops the build where the address is pasted ${name}`, () => {
      assert.throws(
        () => read({ inReplyTo: paste(SECRET) }),
        /inReplyTo: "\(a capability URL\)": this is not the address of a post\. To do: /,
      )
      assert.equal(read({ inReplyTo: paste(OPEN) }), undefined)
    })
  }

  for (const key of ['reply', 'reply-to', 'irt', 'rsvp-to', 'quote', 'quoteOf', 'context']) {
    it(`stops the build under ${key}, which answers nothing`, () => {
      for (const value of [SECRET, [SECRET], { to: SECRET }, { 'in-reply-to': SECRET }]) {
        assert.throws(() => read({ [key]: value }), /this key is not known.* To do: write "/)
      }
      assert.equal(read({ [key]: OPEN }), undefined)
      assert.equal(read({ [key]: { to: OPEN, note: 'Hello.' } }), undefined)
    })
  }

  it('stops the build by "audience: public", too', () => {
    assert.throws(() => read({ audience: 'public', likeOf: SECRET }), /likeOf: .*secret address/)
    assert.equal(read({ audience: 'public', likeOf: OPEN }), undefined)
  })

  it('is found in the properties that a Micropub server writes', () => {
    const post = read({ properties: { 'in-reply-to': [SECRET] } })
    assert.deepEqual(
      post?.recipients.map(({ id }) => id),
      ['https://bob.example/'],
    )
    assert.equal(read({ properties: { 'in-reply-to': [OPEN] } }), undefined)
  })

  it('is for the author of the secret, whatever else it answers', () => {
    const post = read({ inReplyTo: 'https://carol.example/1', likeOf: SECRET })
    assert.equal(post?.inReplyTo?.href, SECRET)
  })

  it('goes by the gate of the site, and by what it knows', () => {
    const gated = 'https://bob.example/geheim/rrdc2x6afd5b/'
    assert.equal(read({ inReplyTo: gated }), undefined)
    const secrets = { gatePrefixes: ['/geheim/'] }
    assert.equal(read({ inReplyTo: gated }, { ...RULES, secrets })?.visibility, 'private')
    const isKnown = ({ href }: URL) => href === OPEN
    const known = { ...RULES, secrets: { isKnown } }
    assert.equal(read({ inReplyTo: OPEN }, known)?.visibility, 'private')
    assert.equal(read({ inReplyTo: `${OPEN}?2` }, known), undefined)
  })

  it('is public where the author says that everybody may know the address', () => {
    const secrets = { isPublic: () => true }
    assert.equal(
      read({ visibility: 'public', inReplyTo: SECRET }, { ...RULES, secrets }),
      undefined,
    )
  })
})

describe('withMarkedParent()', () => {
  const rows: readonly [name: string, source: (url: string) => string][] = [
    ['class before href', (url) => `<a class="u-in-reply-to" href="${url}">this</a>`],
    [
      'class after href',
      (url) => `<a href="${url}" rel=nofollow class="p-x u-in-reply-to">this</a>`,
    ],
    ['without quotes', (url) => `<a class=u-in-reply-to href=${url}>this</a>`],
    ['on several lines', (url) => `<a\n  href="${url}"\n  class="u-in-reply-to"\n>this</a>`],
    ['a data element', (url) => `<data class="u-in-reply-to" value="${url}"></data>`],
    ['the text of an element', (url) => `<span class="u-in-reply-to">${url}</span>`],
    [
      'a cited post with its author',
      (url) =>
        `<div class="u-in-reply-to h-cite"><a class="p-author h-card" href="https://bob.example/">Bob</a> <a class="u-url" href="${url}">said</a></div>`,
    ],
    ['attributes of Markdown', (url) => `[this](${url}){.u-in-reply-to}`],
    ['Pug', (url) => `a.u-in-reply-to(href="${url}") this`],
    [
      'JavaScript',
      (url) => `export default () => h('a', { class: 'u-in-reply-to', href: '${url}' })`,
    ],
  ]
  for (const [name, source] of rows) {
    it(`finds ${name}`, () => {
      assert.deepEqual(withMarkedParent({ title: 'a' }, `Hello.\n${source(SECRET)}\nBye.`), {
        title: 'a',
        'u-in-reply-to': SECRET,
      })
      assert.deepEqual(withMarkedParent({ title: 'a' }, `Hello.\n${source(OPEN)}\nBye.`), {
        title: 'a',
      })
    })
  }

  for (const property of ['like-of', 'repost-of', 'bookmark-of']) {
    it(`knows u-${property}`, () => {
      const source = `<a class="u-${property}" href="${SECRET}">this</a>`
      assert.deepEqual(withMarkedParent({}, source), { [`u-${property}`]: SECRET })
    })
  }

  it('takes no secret beside the reply for its parent', () => {
    const source = `<a class="u-in-reply-to" href="${OPEN}">this</a> and <a href="${SECRET}">that</a>`
    assert.deepEqual(withMarkedParent({}, source), {})
    assert.deepEqual(withMarkedParent({}, `<a href="${SECRET}">that</a>`), {})
  })
})

describe('who may read an answer to a shared file', () => {
  const doc = 'https://docs.google.com/document/d/1U1RGAehQwRypUTovF1KRlpiOFze0b-_2gc6fAH0KY0k/edit'

  it('is nobody but those who are named: the host is not its author', () => {
    const post = read({ inReplyTo: doc, audience: ['https://carol.example/'] })
    assert.deepEqual(
      post?.recipients.map(({ id }) => id),
      ['https://carol.example/'],
    )
    assert.equal(post?.impliedRecipient, undefined)
  })
})
