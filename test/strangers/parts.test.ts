import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { readSource } from '../../lib/webmention/source-page.ts'

const TARGET = 'https://alice.example/post/'

interface Reading {
  readonly by: string
  readonly text: string | RegExp
  readonly type?: string
  readonly published?: string
  readonly link?: string
}

function read(file: string, source: string) {
  const body = readFileSync(new URL(`pages/parts/${file}.html`, import.meta.url), 'utf8')
  const reading = readSource({
    ...{ type: 'html', body, source, target: TARGET, isHome: false },
    ...{ url: source.replace(/#.*/, ''), me: 'https://alice.example/' },
    now: '2026-12-01T00:00:00Z',
  })
  assert.ok(reading.outcome === 'mentions')
  return reading.entry
}

function reads(file: string, source: string, { by, text, type = 'mention', ...rest }: Reading) {
  it(`${source}: ${by}`, () => {
    const { author, ...entry } = read(file, source)
    assert.deepEqual([author.name, entry.type], [by, type])
    if (typeof text === 'string') assert.equal(entry.text, text)
    else assert.match(entry.text, text)
    if (rest.published !== undefined) assert.equal(entry.published, rest.published)
    if (rest.link !== undefined) assert.equal(author.url, rest.link)
  })
}

describe('comments of WordPress', () => {
  const page = 'https://wim.example/on-bread/'
  const ann = {
    ...{ by: 'Ann', text: 'Rye needs more time.', published: '2026-11-03T08:15:00.000Z' },
    link: 'https://wim.example/visitors/ann',
  }
  const joe = { by: 'Joe', text: 'And warm water.', published: '2026-11-03T09:00:00.000Z' }
  reads('wordpress-comments', `${page}#comment-12`, ann)
  reads('wordpress-comments', `${page}#div-comment-12`, ann)
  reads('wordpress-comments', `${page}#comment-13`, joe)
  reads('wordpress-comments', page, { by: 'wim.example', text: /^/ })
  reads('wordpress-comments', `${page}#comment-14`, { by: 'wim.example', text: /^(?!No link)/ })
})

describe('comments that are h-cites', () => {
  const page = 'https://bob.example/walk'
  const carol = { by: 'Carol', text: 'The same river as here?' }
  reads('cite-thread', `${page}#c1`, { ...carol, link: 'https://bob.example/people/carol' })
  reads('cite-thread', `${page}#c1-text`, carol)
  reads('cite-thread', `${page}#c2`, { by: 'Dan', text: 'I think this one.' })
  reads('cite-thread', `${page}#c3`, { by: 'bob.example', text: 'Nameless, but see that.' })
  reads('cite-thread', `${page}#responses`, carol)
  // Its author links to nothing, so the mention is that of the page.
  reads('cite-thread', `${page}#c4`, carol)
  reads('cite-thread', `${page}#c99`, carol)
  reads('cite-thread', `${page}#:~:text=river`, carol)
  reads('cite-thread', page, carol)

  it('say which of them are parts', () => {
    const isPart = (fragment: string) => read('cite-thread', page + fragment).isPart ?? false
    assert.deepEqual(['#c1', '#c2', '#c4', '#c99', ''].map(isPart), [
      true,
      true,
      false,
      false,
      false,
    ])
  })
})

describe('comments without microformats', () => {
  reads('isso-comments', 'https://garden.example/notes#isso-3', {
    ...{ by: 'garden.example', text: 'Mine climb like this.' },
    published: '2026-11-08T10:00:00.000Z',
  })
  reads('discourse-topic', 'https://forum.example/t/5#post_3', {
    ...{ by: 'jan', text: 'Those that Alice tried.', link: 'https://forum.example/u/jan' },
    published: '2026-10-01T11:00:00.000Z',
  })
  reads('issue-tracker', 'https://code.example/x/issues/5#issuecomment-77', {
    ...{ by: 'lea', text: 'Explained in this post.', link: 'https://code.example/lea' },
    published: '2026-09-02T00:00:00.000Z',
  })
  reads('link-forum', 'https://news.example/item?id=100#101', {
    ...{ by: 'zed', text: 'I read this.\n\nSee https://alice.example/po... for more.' },
    link: 'https://news.example/user?id=zed',
  })
  // Its author is whose link stands beside the words, not whom these speak to.
  reads('lemmy-post', 'https://lake.example/post/1#comment-77', {
    ...{ by: '@lu', text: 'As @mo said:\n\nwhat Alice says.', link: 'https://lake.example/u/lu' },
  })
  reads('lemmy-post', 'https://lake.example/post/1#comment-78', {
    ...{ by: 'lake.example', text: 'As mo knows, Alice has two.' },
  })
  reads('sections', 'https://cleo.example/#friends', {
    by: 'cleo.example',
    text: /I like Alice\.$/,
  })
  const section = read('sections', 'https://cleo.example/#work')
  it('are the page where the part holds no link', () => assert.equal(section.title, 'About Cleo'))
})

describe('a thread', () => {
  reads('mastodon-thread', 'https://toot.example/@nora/102', {
    by: 'Nora',
    text: 'She does: read it',
  })
  reads('mastodon-thread', 'https://toot.example/@olga/101', {
    by: 'Olga',
    text: 'Who writes about clocks?',
  })
  // Pia's words hold no link, so it is the first whose words do.
  reads('mastodon-thread', 'https://toot.example/@pia/103', {
    by: 'Olga',
    text: 'Who writes about clocks?',
  })
})

describe('comments within comments', () => {
  const page = 'https://bob.example/thread'
  reads('thread-in-thread', `${page}#c1`, { by: 'bob.example', text: 'So she said.' })
  reads('thread-in-thread', `${page}#c2`, { by: 'bob.example', text: 'And here, too.' })
  // A citation of the target says nothing about it: there, the page does.
  reads('thread-in-thread', `${page}#c3`, { by: 'bob.example', text: 'All of this.' })
})

describe('a page of several entries', () => {
  for (const address of ['new', 'new/', 'new.html'])
    reads('next-to-older', `https://ned.example/${address}`, {
      by: 'ned.example',
      text: 'Newer: x',
    })
  reads('next-to-older', 'https://ned.example/old', { by: 'ned.example', text: 'Older: x' })
  reads('home-feed', 'https://mia.example/', { by: 'Mia', text: 'A note with a link.' })
  reads('home-feed', 'https://mia.example/n/1', { by: 'Mia', text: 'Sun, as she said.' })
  reads('home-feed', 'https://mia.example/#n2', { by: 'Mia', text: 'A note with a link.' })
  reads('month-archive', 'https://ned.example/2026/11/', { by: 'Pat', text: 'Second, linked.' })
  reads('month-archive', 'https://ned.example/2026/11/#post-32', {
    by: 'Pat',
    text: 'Second, linked.',
  })
  reads('nothing-but-feed', 'https://dee.example/all', { by: 'dee.example', text: /^All notes/ })
  reads('nothing-but-feed', 'https://dee.example/one', { by: 'Dee', text: /^One/ })
  reads('nothing-but-feed', 'https://dee.example/two', { by: 'dee.example', text: /^Two/ })
  reads('nothing-but-feed', 'https://dee.example/', { by: 'dee.example', text: /^All notes/ })
})

describe('a linkblog', () => {
  const day = 'https://rosa.example/2026/11/28'
  reads('linkblog-day', `${day}#link-2`, { by: 'Rosa', text: 'Two clocks.', type: 'bookmark' })
  reads('linkblog-day', `${day}#link-3`, { by: 'Rosa', text: 'Read twice.', type: 'like' })
  reads('linkblog-day', day, { by: 'Rosa', text: 'Two clocks.', type: 'bookmark' })
})

describe('responses that a page shows', () => {
  reads('event-responses', 'https://eva.example/picnic#r1', {
    by: 'Sam',
    text: 'Cake as Alice bakes it?',
  })
  reads('event-responses', 'https://eva.example/picnic', {
    by: 'Sam',
    text: 'Cake as Alice bakes it?',
  })
  reads('bridge-comment', 'https://bridge.example/comment/7', {
    ...{ by: read('bridge-comment', 'https://bridge.example/comment/7').author.name },
    ...{ text: 'Good point.', type: 'reply' },
  })
})

describe('what a post quotes or answers', () => {
  const page = 'https://bob.example/quote'
  for (const fragment of ['', '#content', '#context']) {
    reads('quotation', page + fragment, { by: 'Bob', text: /I agree\.$/, type: 'reply' })
  }
  reads('quotation', `${page}#comment-1`, { by: 'Ben', text: 'I read it too.' })
  reads('quotation', `${page}#comment-2`, { by: 'Bob', text: /I agree\.$/, type: 'reply' })
})

describe('names of parts', () => {
  const page = 'https://guests.example/book'
  for (const [fragment, by, text] of [
    ['g1', 'Uma', 'See one'],
    ['g2', 'Val', 'See two'],
    ['gr%C3%BC%C3%9Fe', 'Wes', 'See three'],
    ['grüße', 'Wes', 'See three'],
    ['a.b:c[1]', 'Xia', 'See four'],
    ['a.b%3Ac%5B1%5D', 'Xia', 'See four'],
    ['twice', 'Yan', 'See five'],
    ['constructor', 'Abe', 'See seven'],
    ['n-1', 'guests.example', /Plain eight/],
    ['n-2', 'guests.example', /Plain nine/],
    ['%', 'Uma', 'See one'],
    ['', 'Uma', 'See one'],
  ] as const) {
    reads('old-anchors', `${page}#${fragment}`, { by, text })
  }
})
