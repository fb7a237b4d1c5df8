import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readPublicText } from '../../lib/deploy/public-texts.ts'
import { createWeb } from '../support/web.ts'

const PAGE = new URL('https://bob.example/notes/1')

function read(body: string, headers: Record<string, string> = {}, status = 200, place = PAGE) {
  const type = { 'content-type': 'text/html; charset=utf-8' }
  const web = createWeb({
    [place.origin]: async () => new Response(body, { status, headers: { ...type, ...headers } }),
  })
  return readPublicText(place, web)
}

const hrefs = (urls: readonly URL[]) => urls.map(({ href }) => href)

describe('readPublicText(), the feeds of a page', () => {
  it('takes those of comments first, those of headers too, each once, and no more than six', async () => {
    const feed = (href: string, more = '') =>
      `<link rel="alternate" type="application/rss+xml" href="${href}" ${more}>`
    const { feeds } = await read(
      [
        '<base href="https://bob.example/base/">',
        feed('posts.xml'),
        feed('posts.xml'),
        feed('/talk/', 'title="Comments Feed"'),
        '<a rel="feed" href="/linked.atom">feed</a>',
        feed('https://feeds.example/bob'),
        '<link rel=alternate type="application/feed+json; charset=utf-8" href="/feed.json">',
        feed('/6.xml') + feed('/7.xml'),
        feed('/8.xml').toUpperCase(),
      ].join('\n'),
      { link: '</header.xml>; rel="alternate"; type="application/atom+xml"' },
    )
    assert.deepEqual(hrefs(feeds), [
      'https://bob.example/talk/',
      'https://bob.example/header.xml',
      'https://bob.example/base/posts.xml',
      'https://bob.example/linked.atom',
      'https://feeds.example/bob',
      'https://bob.example/feed.json',
    ])
  })

  it('reads tags however they are written', async () => {
    const { feeds } = await read(
      [
        "<LINK\nHREF='/one/?a=1&#038;b=2'\n TYPE='application/rss+xml' TITLE='Bob > Feed' REL='Alternate'/>",
        '<link rel=alternate type=application/atom+xml href=/two.xml>',
      ].join('\n'),
    )
    assert.deepEqual(hrefs(feeds), [
      'https://bob.example/one/?a=1&b=2',
      'https://bob.example/two.xml',
    ])
  })

  // The text is as long as a page may be: what grows with its square would not end.
  for (const part of [
    '<a ',
    '<link ',
    '<div>',
    '<a rel="next" ',
    '<a "',
    "<a href='",
    'x',
    '<!--',
  ]) {
    it(`comes to an end with a page of ${part}`, async () => {
      const size = 2 * 1024 * 1024
      const page = part.repeat(size / part.length)
      for (const type of ['text/html', 'application/xml']) {
        const { feeds, next } = await read(`<a ${page}`, { 'content-type': type })
        assert.deepEqual([feeds, next], [[], undefined])
      }
    })
  }

  it('takes no translation, no style, no embedding and nothing but the web for a feed', async () => {
    const { feeds } = await read(
      [
        '<link rel="alternate" hreflang="de" href="/de/">',
        '<link rel="alternate stylesheet" href="/dark.css">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed">',
        '<link rel="alternate" type="application/rss+xml" href="mailto:bob@bob.example">',
        '<link rel="stylesheet" type="text/xml" href="/feed.xml">',
        '<!-- <link rel="alternate" type="application/rss+xml" href="/old.xml"> -->',
      ].join('\n'),
    )
    assert.deepEqual(feeds, [])
  })
})

describe('readPublicText(), lists that go on', () => {
  const entries = (count: number) => Array.from({ length: count }, (_, number) => ({ number }))
  const json = { 'content-type': 'application/json' }
  for (const [name, path, body, headers, next] of [
    ['a Link header', '/l', '[]', { ...json, link: '</l?p=2>; rel="next"' }, '/l?p=2'],
    ['a JSON feed', '/f', '{"next_url":"/f?p=2","items":[]}', json, '/f?p=2'],
    [
      'a feed of RFC 5005',
      '/a.xml',
      '<feed><link href="/a.xml?p=2&amp;x=1" rel="next"/></feed>',
      { 'content-type': 'application/atom+xml' },
      '/a.xml?p=2&x=1',
    ],
    [
      'webmention.io, which counts from 0',
      '/m?per-page=100',
      JSON.stringify({ children: entries(20) }),
      json,
      '/m?per-page=100&page=1',
    ],
    [
      'WordPress, which counts from 1',
      '/c?per_page=100&page=2',
      JSON.stringify(entries(100)),
      json,
      '/c?per_page=100&page=3',
    ],
    ['its last page', '/m?per-page=100', JSON.stringify({ links: entries(19) }), json, undefined],
    ['a list without pages', '/m', JSON.stringify(entries(500)), json, undefined],
    ['no JSON at all', '/m?per-page=100', '[', json, undefined],
    ['an ordinary page', '/x', '<link rel="next" href="/2">', {}, undefined],
  ] as const) {
    it(name, async () => {
      const text = await read(body, headers, 200, new URL(path, PAGE))
      assert.equal(text.next?.href, next && new URL(next, PAGE).href)
    })
  }
})

describe('readPublicText(), what goes wrong', () => {
  it('reads what an error page says, and says that it is one', async () => {
    const { text, trouble } = await read('newest comments', {}, 404)
    assert.deepEqual([text, trouble], ['newest comments', 'answered 404'])
  })

  for (const type of [
    'application/octet-stream',
    'application/rss',
    'application/x-ndjson',
    'application/x-javascript',
    'application/x-rss+xml',
    'application/vnd.api+json',
    'image/svg+xml',
    '',
  ]) {
    it(`reads a text that is called ${type === '' ? 'nothing' : type}`, async () => {
      const { text, trouble } = await read('the newest', { 'content-type': type })
      assert.deepEqual([text, trouble], ['the newest', undefined])
    })
  }

  for (const type of [
    'image/png',
    'video/mp4',
    'application/pdf',
    'application/gzip',
    'application/x-7z-compressed',
    'application/vnd.ms-excel',
  ]) {
    it(`does not read what is called ${type}`, async () => {
      const { text, trouble } = await read('x', { 'content-type': type })
      assert.deepEqual([text, trouble], ['', `is ${type}`])
    })
  }

  it('makes no error of a page that does not answer', async () => {
    const { text, trouble } = await readPublicText(PAGE, createWeb({}))
    assert.equal(text, '')
    assert.match(trouble ?? '', /no such site/)
  })

  it('is content with the first two megabytes', async () => {
    const { text } = await read('x'.repeat(3 * 1024 * 1024))
    assert.ok(text.length >= 2 * 1024 * 1024 - 1 && text.length < 3 * 1024 * 1024)
  })

  it('sends no credentials, and no referrer', async () => {
    const web = createWeb({
      [PAGE.origin]: async ({ headers }) => {
        for (const name of ['authorization', 'cookie', 'referer']) assert.ok(!headers.has(name))
        return new Response('x', { headers: { 'content-type': 'text/plain' } })
      },
    })
    assert.equal((await readPublicText(PAGE, web)).text, 'x')
  })
})
