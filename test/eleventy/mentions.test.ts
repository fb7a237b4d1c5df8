import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it, type TestContext } from 'node:test'
import { parseMentions } from '../../lib/eleventy/mention-feed.ts'
import { byProperty, mentionsOf } from '../../lib/eleventy/mention-list.ts'
import { listen } from '../../lib/web/node-server.ts'
import { createSite, listFiles, type BuildOptions, type Site } from '../support/site.ts'

let site: Site | undefined
afterEach(() => site?.dispose())

const LIST = `---
permalink: /list.html
---
{% for m in mentions %}[{{ m.author.name }} {{ m["wm-property"] }}]{% endfor %}
{% assign hello = "/posts/hello/" | mentionsFor %}hello {{ hello.size }}
{% assign kinds = "/posts/hello/" | mentionsByProperty %}likes {{ kinds["like-of"].size }} replies {{ kinds["in-reply-to"].size }}`

function mention(more: Readonly<Record<string, unknown>> = {}) {
  return {
    type: 'entry',
    author: {
      type: 'card',
      name: 'Bob',
      photo: 'https://bob.example/me.jpg',
      url: 'https://bob.example/',
    },
    url: 'https://bob.example/1',
    published: '2026-11-01T10:00:00Z',
    'wm-received': '2026-11-01T10:01:00Z',
    'wm-source': 'https://bob.example/1',
    'wm-target': 'https://alice.example/posts/hello/',
    'wm-property': 'in-reply-to',
    'wm-private': false,
    content: { text: 'Well said', html: '<p>Well said<script>alert(1)</script></p>' },
    ...more,
  }
}

/** A server of mentions that tells what it was asked. */
async function serve(t: Pick<TestContext, 'after'>, answer: (url: URL) => Response) {
  const log: string[] = []
  const server = await listen(async (request) => {
    const url = new URL(request.url)
    log.push(url.pathname + url.search)
    return answer(url)
  })
  t.after(() => server.close())
  return { log, me: `http://alice.localhost:${server.port}/` }
}

function feed(...children: readonly unknown[]): Response {
  return Response.json({ type: 'feed', children })
}

function build(me: string, mentions: unknown, more: Partial<BuildOptions> = {}) {
  const options = { me, mentions, ...more.options } as BuildOptions['options']
  return (site ?? assert.fail()).build({ ...more, ...(options && { options }) })
}

describe('mentions at build time', () => {
  it('are data, and can be had by page and by what they are', async (t) => {
    site = createSite({ 'list.liquid': LIST })
    const { me, log } = await serve(t, () =>
      feed(
        mention(),
        mention({
          'wm-source': 'https://carol.example/2',
          'wm-property': 'like-of',
          content: null,
        }),
        mention({ 'wm-target': 'https://alice.example/other' }),
      ),
    )
    const built = await build(me, true)
    const list = built.read('list.html')
    assert.match(list, /\[Bob in-reply-to\]\[Bob like-of\]\[Bob in-reply-to\]/)
    assert.match(list, /hello 2/)
    assert.match(list, /likes 1 replies 1/)
    assert.deepEqual(log, ['/mentions.json?per-page=500&page=0'])
  })

  it('are not asked for unless the author wants them', async (t) => {
    site = createSite({ 'list.liquid': '---\npermalink: /list.html\n---\n{{ mentions.size }}' })
    const { me, log } = await serve(t, () => feed(mention()))
    await build(me, undefined)
    await build(me, false)
    assert.deepEqual(log, [])
  })

  it('are asked for page by page', async (t) => {
    site = createSite({ 'list.liquid': '---\npermalink: /list.html\n---\n{{ mentions.size }}' })
    const many = Array.from({ length: 500 }, (_, id) =>
      mention({ 'wm-source': `https://bob.example/${id}` }),
    )
    const { me, log } = await serve(t, ({ searchParams }) =>
      searchParams.get('page') === '0'
        ? feed(...many)
        : feed(mention({ 'wm-source': 'https://x.example/' })),
    )
    const built = await build(me, true)
    assert.equal(built.read('list.html').trim(), '501')
    assert.equal(log.length, 2)
  })

  it('come from the cache while it is fresh, and when the remote fails', async (t) => {
    site = createSite({ 'list.liquid': LIST })
    let isUp = true
    const { me, log } = await serve(t, () =>
      isUp ? feed(mention()) : new Response('down', { status: 503 }),
    )
    await build(me, true)
    await build(me, true)
    assert.equal(log.length, 1)

    isUp = false
    const later = { now: new Date('2026-11-21T13:00:00Z') }
    const stale = await build(me, true, later)
    assert.match(stale.read('list.html'), /\[Bob/)
    const warnings = stale.printed.filter((line) => /Mentions:/.test(line))
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] ?? '', /answered 503; those of 2026-11-21T12:00 are shown/)

    rmSync(join(site.folder, '.cache'), { recursive: true })
    const empty = await build(me, true, later)
    assert.doesNotMatch(empty.read('list.html'), /\[Bob/)
    assert.match(empty.printed.join('\n'), /none are shown/)
  })

  for (const [what, answer] of Object.entries({
    'no JSON': () => new Response('<html>'),
    'no feed': () => Response.json({ error: 'no' }),
    'a redirect to nowhere': () =>
      new Response(null, { status: 302, headers: { location: 'ftp://x' } }),
  })) {
    it(`never fail the build: ${what}`, async (t) => {
      site = createSite({ 'list.liquid': LIST })
      const { me } = await serve(t, answer)
      const built = await build(me, true)
      assert.match(built.read('list.html'), /hello 0/)
      assert.equal(built.printed.filter((line) => /Mentions:/.test(line)).length, 1)
    })
  }

  it('ask webmention.io with a token of the environment, which is told nobody', async (t) => {
    site = createSite({ 'list.liquid': LIST })
    const io = { webmentionIo: { domain: 'alice.example' } }
    const without = await build('https://alice.example/', io)
    assert.match(without.printed.join('\n'), /WEBMENTION_IO_TOKEN is not set/)
    const { me, log } = await serve(t, () => feed(mention()))
    await build(me, { ...io, url: new URL('/feed.jf2', me).href })
    assert.deepEqual(log, ['/feed.jf2?per-page=500&page=0'])
  })

  it('keep no private mention, not even in the cache', async (t) => {
    site = createSite({ 'list.liquid': LIST })
    const { me } = await serve(t, () =>
      feed(mention({ 'wm-private': true, content: { text: 'quokka' } }), mention()),
    )
    await build(me, true)
    const cache = join(site.folder, '.cache/eleventy-plugin-private-posts')
    assert.ok(existsSync(cache))
    const texts = listFiles(cache).map((name) => readFileSync(join(cache, name), 'utf8'))
    assert.match(texts.join(), /Well said/)
    assert.doesNotMatch(texts.join(), /quokka|script/)
  })
})

describe('parseMentions()', () => {
  it('leaves out whatever is or may be private', () => {
    const kept = (more: object) => parseMentions({ children: [mention({ ...more })] }).length
    for (const mark of [true, 'true', 1, 'false', 0]) assert.equal(kept({ 'wm-private': mark }), 0)
    assert.equal(kept({ visibility: 'private' }), 0)
    assert.equal(kept({ visibility: 'public' }), 1)
    assert.equal(kept({ 'wm-private': undefined }), 1)
  })

  it('passes on nothing that acts, loads, or breaks out of a template', () => {
    const [only] = parseMentions({
      children: [
        mention({
          author: {
            name: '"><img src=x onerror=alert(1)>',
            url: 'javascript:alert(1)',
            photo: 'javascript:alert(1)',
          },
          content: { text: '</p><script>', html: '<img src=x onerror=alert(1)><b>hi</b>' },
          'wm-source': "https://eve.example/'onclick='",
        }),
      ],
    })
    assert.ok(only)
    assert.doesNotMatch(
      JSON.stringify({ ...only, content: { text: only.content?.text } }),
      /[<>']|\\"/,
    )
    assert.equal(only.author.url, '')
    assert.equal(only.content?.html, '<b>hi</b>')
    assert.ok(!JSON.stringify(only).includes('photo'))
    assert.equal(
      parseMentions({ children: [mention()] })[0]?.author.photo,
      'https://bob.example/me.jpg',
    )
  })

  it('says whose claim an author is, and where the original stands', () => {
    const bridge = 'https://bridge.example/comment/5'
    const [own, claim] = parseMentions({
      children: [
        mention(),
        mention({
          'wm-source': bridge,
          'wm-via': 'bridge.example"<',
          url: 'https://toot.example/5',
        }),
      ],
    })
    assert.ok(own && !('wm-via' in own))
    assert.equal(claim?.['wm-via'], 'bridge.example”‹')
    assert.deepEqual([claim?.url, claim?.['wm-source']], ['https://toot.example/5', bridge])
  })

  it('says so itself, too, of what webmention.io has', () => {
    const read = (fields: Record<string, unknown>) => {
      const [one] = parseMentions({ children: [mention(fields)] })
      return [one?.author.name, one?.['wm-via']]
    }
    const source = { 'wm-source': 'https://eve.example/1' }
    const author = (name: string, url: string) => ({ ...source, url: '', author: { name, url } })
    assert.deepEqual(read(author('Bob', 'https://bob.example/')), ['Bob', 'eve.example'])
    assert.deepEqual(read(author('Bob, via bob.example', '')), ['Bob', undefined])
    assert.deepEqual(read(author('Eve', 'http://www.eve.example/')), ['Eve', undefined])
    assert.deepEqual(read({ ...author('Bob', ''), url: 'https://bob.example/1' }), [
      'Bob',
      'eve.example',
    ])
  })

  it('leaves out what makes no sense', () => {
    const odd = [
      null,
      7,
      {},
      mention({ 'wm-source': 'javascript:x' }),
      mention({ 'wm-property': 'x' }),
    ]
    assert.deepEqual(parseMentions({ children: odd }), [])
    assert.throws(() => parseMentions({ children: 'x' }))
  })
})

describe('mentionsOf()', () => {
  const [only] = parseMentions({
    children: [mention({ 'wm-target': 'https://alice.example/blog/a' })],
  })
  const all = only ? [only] : assert.fail()

  it('knows a page by its path, below the prefix of the site, or by its address', () => {
    for (const [page, prefix, isFound] of [
      ['/blog/a/', '/', true],
      ['/a/', '/blog/', true],
      ['/a/index.html', '/blog/', true],
      ['/a/', '/', false],
      ['https://alice.example/blog/a.html', '/', true],
      ['https://eve.example/blog/a', '/', false],
      ['', '/', false],
      [undefined, '/', false],
    ] as const) {
      assert.equal(mentionsOf(all, page, prefix).length, Number(isFound), String(page))
    }
  })

  it('has every property, be it empty', () => {
    assert.deepEqual(Object.values(byProperty([])), [[], [], [], [], [], [], []])
  })
})
