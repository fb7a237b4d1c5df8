import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseHtml } from '../../lib/web/html.ts'
import { readEntry } from '../../lib/webmention/received-entry.ts'
import { typeVectors } from './receiver-vectors.ts'
import { NOW, POST, SITE, SOURCE } from './receiving.ts'

const LINK = `<a href="${POST}">x</a>`

function read(html: string, { target = POST, isHome = false, url = SOURCE } = {}) {
  return readEntry(
    { type: 'html', document: parseHtml(html, { scripting: false }) },
    {
      url: new URL(url),
      source: new URL(SOURCE),
      target: new URL(target),
      me: SITE,
      isHome,
      now: NOW,
    },
  )
}
const post = (inside: string) => read(`<div class="h-entry">${inside}</div>`)

describe('readEntry(): type', () => {
  assert.ok(typeVectors.length >= 15)
  for (const { id, entry, type, rsvp } of typeVectors) {
    it(`${id}: ${type}`, () => {
      const found = post(entry)
      assert.deepEqual([found.type, found.rsvp], [type, rsvp])
    })
  }

  const home = (inside: string) =>
    read(`<div class="h-entry">${inside}</div>`, { target: SITE.href, isHome: true }).type

  it('takes what goes to the home page for a mention of its owner', () => {
    assert.equal(home(`<a class="u-in-reply-to" href="${SITE.href}">x</a>`), 'mention')
    assert.equal(home(`<a class="u-like-of" href="${SITE.href}">x</a>`), 'mention')
    assert.equal(home(`<a class="u-category h-card" href="${SITE.href}">A</a>`), 'person-tag')
    assert.equal(
      home(
        `<a class="u-in-reply-to" href="https://carol.example/event">x</a><a class="u-invitee h-card" href="${SITE.href}">A</a>`,
      ),
      'invitation',
    )
  })

  it('remembers what it answers', () => {
    const carol = '<a class="u-in-reply-to" href="https://carol.example/">x</a>'
    assert.equal(post(`${carol}<a class="u-in-reply-to" href="${POST}">x</a>`).inReplyTo, POST)
    assert.equal(post(carol + LINK).inReplyTo, 'https://carol.example/')
    assert.equal(post(LINK).inReplyTo, undefined)
    assert.equal(
      post(`<a class="u-in-reply-to" href="javascript:alert(1)">x</a>${LINK}`).inReplyTo,
      undefined,
    )
  })
})

describe('readEntry(): which entry', () => {
  it('is the one with the address of the page, of those that mention the target', () => {
    const one = (url: string, text: string, link = LINK) =>
      `<div class="h-entry"><a class="u-url" href="${url}"></a><div class="e-content">${text} ${link}</div></div>`
    assert.match(read(one('/other', 'first') + one('/reply', 'second')).text, /^second/)
    assert.match(read(one('/other', 'first') + one('/another', 'second')).text, /^first/)
    assert.match(read(one('/other', 'first') + one('/reply', 'second', '')).text, /^first/)
  })

  it('may stand in a feed, an event or a review', () => {
    for (const type of ['h-event', 'h-review', 'h-recipe']) {
      const html = `<div class="${type}"><span class="p-name">Party</span> ${LINK}<a class="u-url" href="/x">y</a><div class="e-content">Come! ${LINK}</div></div>`
      assert.deepEqual([read(html).title, read(html).text], ['Party', 'Come! x'])
    }
    const feed = `<div class="h-feed"><a class="p-author h-card" href="/">Bob</a><div class="h-entry"><div class="e-content">In a feed ${LINK}</div></div></div>`
    assert.deepEqual([read(feed).text, read(feed).author.name], ['In a feed x', 'Bob'])
  })

  it('is none where the link stands beside it: then the page speaks by its title', () => {
    const html = `<title> A  blog </title>${LINK}<div class="h-entry"><div class="e-content">Something else</div><a class="u-in-reply-to" href="https://carol.example/">x</a></div>`
    assert.deepEqual(read(html), {
      author: { name: 'bob.example' },
      type: 'mention',
      text: 'x',
      title: 'A blog',
    })
  })
})

describe('readEntry(): author', () => {
  const author = (html: string, url = SOURCE) => read(html, { url }).author
  const by = (card: string) =>
    author(`<div class="h-entry">${card}<p class="e-content">${LINK}</div>`)

  it('is the p-author of the entry', () => {
    assert.deepEqual(by('<a class="p-author h-card" href="/"> Bob <b>Brown</b></a>'), {
      name: 'Bob Brown',
      url: 'https://bob.example/',
    })
    assert.deepEqual(by('<span class="p-author">Bob</span>'), { name: 'Bob' })
  })

  it('is the card that its u-author points to', () => {
    const html = `<a class="u-author" href="/"></a>`
    const card = '<p class="h-card"><a class="u-url p-name" href="/">Bob Brown</a></p>'
    const all = author(`<div class="h-entry">${html}<p class="e-content">${LINK}</div>${card}`)
    assert.deepEqual(all, { name: 'Bob Brown', url: 'https://bob.example/' })
  })

  it('is the card that rel=author points to, or the only one of the page', () => {
    const rest = `<div class="h-entry"><p class="e-content">${LINK}</div>`
    const card = '<p class="h-card"><a class="u-url p-name" href="/">Bob</a></p>'
    const other = '<p class="h-card"><a class="u-url p-name" href="/c">Carol</a></p>'
    const bob = { name: 'Bob', url: 'https://bob.example/' }
    assert.deepEqual(author(`<a rel="author" href="/">me</a>${rest}${other}${card}`), bob)
    assert.deepEqual(author(rest + card), bob)
    assert.deepEqual(author(rest + card + other), { name: 'bob.example' })
  })

  it('is whoever the page says, with their page of its own site before all others', () => {
    const alice = '<a class="p-author h-card" href="https://alice.example/">Alice</a>'
    assert.deepEqual(by(alice), { name: 'Alice', url: 'https://alice.example/' })
    const http = '<a class="p-author h-card" href="http://bob.example/">Bob</a>'
    assert.deepEqual(by(http), { name: 'Bob', url: 'http://bob.example/' })
    const both = `<span class="p-author h-card"><a class="u-url" href="https://toot.example/@bob">Bob</a><a class="u-url" href="https://www.bob.example/"></a></span>`
    assert.equal(by(both).url, 'https://www.bob.example/')
    const other =
      '<p class="p-author h-card"><a class="u-url p-name" href="https://a@b.example/">Bob</a></p>'
    assert.deepEqual(by(other), { name: 'Bob' })
  })

  it('is the first of several that says anything', () => {
    const empty = '<a class="p-author"></a>'
    const bob = '<a class="p-author h-card" href="/">Bob</a>'
    const carol = '<a class="p-author h-card" href="https://carol.example/">Carol</a>'
    assert.equal(by(empty + bob + carol).name, 'Bob')
    assert.equal(by(empty).name, 'bob.example')
  })

  it('is named by a page of its own, which has to be fetched', () => {
    const page = (url: string, isSameSite: boolean) => ({ page: { url, isSameSite } })
    const own = 'https://bob.example/about'
    const other = 'https://toot.example/@bob'
    const link = (url: string) => `<a class="u-author" href="${url}"></a>`
    assert.deepEqual(by(link(own)), { name: 'bob.example', url: own, ...page(own, true) })
    assert.deepEqual(by(link(other)), {
      name: 'toot.example/@bob',
      url: other,
      ...page(other, false),
    })
    assert.deepEqual(by(link(SOURCE)), { name: 'bob.example', url: SOURCE })
    assert.deepEqual(by(link('javascript:alert(1)')), { name: 'bob.example' })
    assert.deepEqual(by('<a class="p-author h-card" href="/about"><img src="x" alt=""></a>'), {
      ...{ name: 'bob.example', url: own },
      ...page(own, true),
    })
  })

  it('is text, of a length that can be shown', () => {
    const name = (text: string) => by(`<span class="p-author">${text}</span>`).name
    assert.equal(name('&lt;script>alert(1)&lt;/script>'), '<script>alert(1)</script>')
    assert.equal(name('Bob\u202e\u0000 elpmaxe.ecila'), 'Bob elpmaxe.ecila')
    assert.equal(name('B'.repeat(500)).length, 100)
    assert.equal(name('👩‍💻 Bob'), '👩‍💻 Bob')
    assert.equal(name(' '), 'bob.example')
  })

  it('has no address that could do anything but be visited', () => {
    assert.deepEqual(by('<a class="p-author h-card" href="javascript:alert(1)">Bob</a>'), {
      name: 'Bob',
    })
  })

  it('has a picture, where that is a file of the web', () => {
    const photo = (src: string) =>
      by(
        `<span class="p-author h-card"><img class="u-photo" src="${src}" alt=""><a class="u-url p-name" href="/">Bob</a></span>`,
      ).photo
    assert.equal(photo('/me.png'), 'https://bob.example/me.png')
    assert.equal(photo('https://eve.example/me.png'), 'https://eve.example/me.png')
    assert.equal(photo('data:image/png;base64,AAAA'), undefined)
    assert.equal(photo('javascript:alert(1)'), undefined)
  })

  it('cannot say in its name that it comes from somewhere else', () => {
    const name = (text: string) => by(`<span class="p-author">${text}</span>`).name
    for (const text of [
      'Alice (alice.example)',
      'Alice, via alice.example',
      'Alice (bridge.example), via alice.example',
      'Alice — via alice.example',
      'Alice [at alice.com]',
      'Alice （alice.example）',
      ...[
        'Alice alice.example',
        'Alice – alice.example',
        'Alice | alice.example',
        'Alice @alice.com',
      ],
      ...['Alice (she/her, alice.example)', 'Alice ‹alice.example›', 'Alice (alice.example/about)'],
      ...['Alice (alice．example)', 'Alice (alice.\u200dexample)', 'Alice ((alice.example))'],
    ]) {
      assert.equal(name(text), 'Alice', text)
    }
    for (const text of ['alice.example', 'via alice.example', 'mailto:alice@alice.example']) {
      assert.equal(name(text), 'bob.example', text)
    }
    for (const text of [
      ...['Bob (bob.example)', 'Bob (he/him)', 'J.R.R.Tolkien', 'Node.js', 'Bob @bob@toot.example'],
      ...['Anna of the North', 'bob.example', 'Dr. No (retired)', 'Bob (www.bob.example)'],
      ...['Bob, Ph.D.', 'bob@toot.example', 'नमस्\u200dते', '👩\u200d💻 Bob'],
    ]) {
      assert.equal(name(text), text)
    }
  })
})

describe('readEntry(): original', () => {
  const original = (urls: string) =>
    post(`${urls}<a class="u-in-reply-to" href="${POST}"></a><p class="e-content">x</p>`).url

  it('is the permalink of the entry, where that is another page than the source', () => {
    const toot = 'https://toot.example/@nora/5'
    assert.equal(original(`<a class="u-url" href="${toot}">x</a>`), toot)
    assert.equal(
      original('<a class="u-url" href="/2026/reply">x</a>'),
      'https://bob.example/2026/reply',
    )
    assert.equal(
      original(`<a class="u-url" href="${POST}"></a><a class="u-url" href="${toot}"></a>`),
      toot,
    )
  })

  it('is none where the source is the permalink, nor where the link could do anything but be visited', () => {
    for (const url of [
      SOURCE,
      `${SOURCE}/`,
      `${SOURCE}#c1`,
      SOURCE.replace('https:', 'http:'),
      POST,
    ]) {
      assert.equal(original(`<a class="u-url" href="${url}">x</a>`), undefined, url)
    }
    for (const url of [
      'javascript:alert(1)',
      'data:text/html,x',
      'https://toot.example@eve.example/',
    ]) {
      assert.equal(original(`<a class="u-url" href="${url}">x</a>`), undefined, url)
    }
    const both = `<a class="u-url" href="https://toot.example/5">x</a><a class="u-url" href="${SOURCE}">x</a>`
    assert.equal(original(both), undefined)
  })
})

describe('readEntry(): words', () => {
  it('gives a title only to what has one', () => {
    const titled = post(`<h1 class="p-name">On x</h1><div class="e-content">Words ${LINK}</div>`)
    assert.deepEqual([titled.title, titled.text], ['On x', 'Words x'])
    const note = post(`<div class="p-name e-content">Words ${LINK}</div>`)
    assert.deepEqual([note.title, note.text], [undefined, 'Words x'])
  })

  it('cuts the text to 2,000 characters, without breaking one', () => {
    const { text } = post(`<div class="e-content">${'😀'.repeat(3000)} ${LINK}</div>`)
    assert.equal([...text].length, 2000)
    assert.ok(text.endsWith('😀…'))
  })

  it('collapses white space', () => {
    assert.equal(post(`<div class="e-content">a\n\n  b\t${LINK}</div>`).text, 'a b x')
  })

  it('takes a summary where there is no content', () => {
    assert.equal(post(`<p class="p-summary">Short ${LINK}</p>`).text, 'Short x')
  })

  it('hands on what plain text says', () => {
    const text = `See ${POST}`
    const options = { url: new URL(SOURCE), source: new URL(SOURCE), target: new URL(POST) }
    const found = readEntry(
      { type: 'text', text },
      { ...options, me: SITE, isHome: false, now: NOW },
    )
    assert.deepEqual(found, { author: { name: 'bob.example' }, type: 'mention', text })
  })
})
