import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { SITE_DEFAULTS } from '../../lib/ledger/site-record.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { inboxOf } from '../../lib/site/inbox.ts'
import { routesOf } from '../../lib/site/site.ts'
import type { SiteOptions } from '../../lib/site/site-options.ts'
import { openDeployFolder } from '../../lib/store/deploy-files.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { listen } from '../../lib/web/node-server.ts'
import { findRoute } from '../../lib/web/routes.ts'
import { NO_DNS } from '../support/no-dns.ts'
import { createSite, EMPTY_LEDGER, post, type Site } from '../support/site.ts'

/** How senders, browsers and newsletters spell the pages of the site: path and query, below its address. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  '/a/': [
    '/a/',
    '/a',
    '/a.html',
    '/a.htm',
    '/a/index.html',
    '/a/index.htm',
    '/%61/',
    '/b/../a/',
    '/a/#comments',
    '/a?utm_source=newsletter&utm_medium=mail',
    '/a.html?fbclid=x#top',
    '/a/?page=2',
    '/a/?ref=bob.example',
  ],
  '/grüße/': [
    '/grüße/',
    '/gr%C3%BC%C3%9Fe',
    '/gr%c3%bc%c3%9fe/',
    '/gr%c3%bc%C3%9Fe.html',
    '/gru\u0308ße/',
  ],
  '/b.html': ['/b.html', '/b', '/b/', '/b/index.html', '/b.html?gclid=x'],
}
const PAGES = Object.keys(SPELLINGS)

const LIST = `---
permalink: /list.txt
---
${PAGES.map((page) => `{% assign of = "${page}" | mentionsFor %}${page} {{ of.size }};`).join('')}`

let site: Site
let server: Awaited<ReturnType<typeof listen>>
/** Pages of other sites. */
const pages = new Map<string, string>()
let alice: ReturnType<typeof openAlice>

before(async () => {
  server = await listen((request) => ask(request))
  site = createSite({
    ...EMPTY_LEDGER,
    'index.md': post('title: Home'),
    'a.md': post('title: A'),
    'grüße.md': post('title: Grüße'),
    'b.md': post('title: B\npermalink: /b.html'),
    'private/p.md': post('title: P\nvisibility: unlisted'),
    'list.liquid': LIST,
  })
  await build()
  alice = openAlice()
})
after(async () => {
  site.dispose()
  await server.close()
})

async function ask(request: Request): Promise<Response> {
  const { routes, works } = alice
  const route = findRoute(routes, new URL(request.url).pathname)
  const context = { waitUntil: (work: Promise<unknown>) => void works.push(work) }
  return route ? route(request, context) : new Response('', { status: 404 })
}

/** Sends a webmention, and waits for what comes of it. */
async function send(source: string, target: string): Promise<number> {
  const body = new URLSearchParams({ source, target })
  const { status } = await ask(new Request(address('/webmention'), { method: 'POST', body }))
  while (alice.works.length > 0) await alice.works.shift()
  return status
}

function address(path = '/'): string {
  return new URL(path, `http://alice.localhost:${server.port}/`).href
}

function build(mentions = false) {
  return site.build({
    options: { me: address(), ...(mentions && { mentions: { cacheSeconds: 0 } }) },
  })
}

function openAlice() {
  const now = () => new Date('2026-11-21T12:00:00Z')
  const url = new URL(address())
  const store = createMemoryStore({ now })
  const options: SiteOptions = {
    site: url,
    settings: {
      ...SITE_DEFAULTS,
      ...{ me: url.href, posts: [], prefix: '/p/', pathPrefix: '/', input: '.', output: '_site' },
      ...{ exposure: 'refuse', auditExceptions: [], tokens: 'random' },
      policy: { ...SITE_DEFAULTS.policy, otherwise: 'accept' },
    },
    ...{ store, now, resolver: NO_DNS, owner: undefined },
    secrets: createSecrets({ keys: [Buffer.alloc(32, 7)], site: url, store, now }),
    files: openDeployFolder(join(site.folder, '.private-posts/deploy')),
    fetch: async (source) => {
      const html = pages.get(source.href)
      const headers = { 'content-type': 'text/html; charset=utf-8' }
      return new Response(html ?? '', { status: html === undefined ? 404 : 200, headers })
    },
  }
  const works: Promise<unknown>[] = []
  return { options, routes: routesOf(options), works }
}

/** Publishes a page that links to a page of Alice's, and tells her. */
async function mention(source: string, target: string, words = 'Well said.'): Promise<number> {
  pages.set(
    source,
    `<article class="h-entry"><p class="e-content">${words}</p><a class="u-in-reply-to" href="${target}">this</a></article>`,
  )
  return send(source, target)
}

async function shown(...targets: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  const query = new URLSearchParams(
    targets.map((target): [string, string] => ['target', address(target)]),
  )
  const response = await ask(new Request(`${address('/mentions.json')}?${query}`))
  const { children } = (await response.json()) as { children: Record<string, unknown>[] }
  return children
}

const sourceOf = (page: number, spelling: number) => `https://h${page}x${spelling}.example/reply`

describe('a mention of a page, in whichever spelling', () => {
  for (const [number, page] of PAGES.entries()) {
    const spellings = SPELLINGS[page] ?? []
    for (const [index, spelling] of spellings.entries()) {
      it(`is taken: ${spelling}`, async () => {
        assert.equal(await mention(sourceOf(number, index), address(spelling)), 201)
      })
    }
    for (const spelling of spellings) {
      it(`is shown, with all the others, to who asks for ${spelling}`, async () => {
        const found = await shown(spelling)
        assert.equal(found.length, spellings.length)
        assert.ok(found.every((one) => one['wm-property'] === 'in-reply-to'))
      })
    }
  }

  it('is shown once, to who asks for several pages and spellings', async () => {
    const all = PAGES.flatMap((page) => SPELLINGS[page] ?? []).length
    assert.equal((await shown('/a', '/a.html', '/b', '/gr%c3%bc%c3%9fe')).length, all)
    assert.equal((await shown()).length, all)
    assert.equal((await shown('/a', '/b')).length, all - (SPELLINGS['/grüße/']?.length ?? 0))
  })

  it('is one thread for each page in the inbox', async () => {
    const { items } = await inboxOf(alice.options).threads('all', { page: 0, perPage: 50 })
    assert.deepEqual(
      items.map(({ entries }) => entries.length).toSorted(),
      PAGES.map((page) => SPELLINGS[page]?.length ?? 0).toSorted(),
    )
  })

  it('is in the data of the build', async () => {
    const built = await build(true)
    const line = PAGES.map((page) => `${page} ${SPELLINGS[page]?.length};`).join('')
    assert.equal(built.read('list.txt').trim(), line)
  })

  it('is one with an earlier one of the same source: updated, and taken back', async () => {
    const source = sourceOf(0, 0)
    const before = (await shown('/a/')).length
    assert.equal(await mention(source, address('/a.html'), 'On second thoughts.'), 201)
    const found = (await shown('/a/')).filter((one) => one['wm-source'] === source)
    assert.deepEqual(
      found.map(({ content }) => (content as { text: string }).text),
      ['On second thoughts.'],
    )
    // The page has now another spelling than the sender names: it still mentions the page.
    await send(source, address('/a/'))
    assert.equal((await shown('/a/')).length, before)
    pages.set(source, '<p>Nothing any more.</p>')
    await send(source, address('/a/'))
    assert.equal((await shown('/a/')).length, before - 1)
  })
})

describe('what is not that page', () => {
  for (const target of ['/A/', '/ab/', '/a/b/', '/a.php', '/a%2F', '/gru%C3%9Fe/', '/c']) {
    it(`is refused: ${target}`, async () => {
      assert.equal(await mention('https://eve.example/1', address(target)), 400)
    })
  }

  it('must still be what the source links to, exactly', async () => {
    const source = 'https://frank.example/1'
    pages.set(source, `<p class="h-entry"><a href="${address('/a.html')}">this</a></p>`)
    assert.equal(await send(source, address('/a/')), 201)
    assert.ok(!(await shown('/a/')).some((one) => one['wm-source'] === source))
  })
})

describe('a private page', () => {
  it('is private in each spelling: what mentions it is shown to its author alone', async () => {
    const [token = ''] = readdirSync(join(site.folder, '_site/p')).filter(
      (name) => name.length === 26,
    )
    const all = (await shown()).length
    const spellings = ['/', '', '/index.html', '.html', '/?utm_source=x', '/index.htm#x']
    for (const [index, end] of spellings.entries()) {
      const target = address(`/p/${token}${end}`)
      assert.equal(await mention(`https://g${index}.example/1`, target), 201)
      assert.deepEqual(await shown(`/p/${token}${end}`), [])
    }
    assert.equal((await shown()).length, all)
    const { items } = await inboxOf(alice.options).list('private', { page: 0, perPage: 50 })
    assert.equal(items.length, spellings.length)
  })
})
