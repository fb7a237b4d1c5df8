import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { FetchError } from '../../lib/web/errors.ts'
import { createGuardedFetch } from '../../lib/web/guarded-fetch.ts'
import { createWebmentionDelivery } from '../../lib/webmention/delivery.ts'
import { discoverWebmentionEndpoint } from '../../lib/webmention/discovery.ts'
import { createParcel } from '../support/parcel.ts'
import { startServer } from '../support/web-server.ts'
import { createWeb } from '../support/web.ts'
import { createRocks, fill, pathOf } from './rocks.ts'
import { uncovered } from './uncovered-vectors.ts'
import { rocks } from './vectors.ts'

const now = () => new Date('2026-11-21T12:00:00Z')
const source = new URL('https://alice.example/notes/1')
const page = new URL('https://bob.example/page')
const site = (respond: () => Response) =>
  createWeb({ 'https://bob.example': async () => respond() })
const html = (body: string, init: ResponseInit = {}) =>
  new Response(body, { ...init, headers: { 'content-type': 'text/html', ...init.headers } })

async function start(t: TestContext) {
  const log: string[] = []
  const server = await startServer(t, createRocks(log))
  const { fetch, close } = createGuardedFetch({ allowLoopback: true })
  t.after(close)
  return { log, server, base: server.origin, options: { fetch } }
}

describe('discoverWebmentionEndpoint() and deliver() against webmention.rocks', () => {
  assert.equal(rocks.length, 22)
  const delivery = createWebmentionDelivery({ exposure: 'refuse', now })

  for (const vector of rocks) {
    it(`#${vector.id} ${vector.name}`, async (t) => {
      const { log, server, base, options } = await start(t)
      const target = new URL(pathOf(vector), server)
      const endpoint = await delivery.discover(target, options)
      assert.equal(endpoint?.href, new URL(fill(vector.endpoint ?? '', vector, base), target).href)

      const receipt = await delivery.deliver(
        createParcel({ source, target, exposure: 'public', recipient: null }),
        endpoint,
        options,
      )
      assert.equal(receipt.outcome, 'delivered')
      assert.deepEqual(log, [
        `GET ${pathOf(vector)}`,
        `POST ${endpoint.pathname}${endpoint.search} source target`,
      ])
    })
  }

  it('#23 Webmention target is a redirect and the endpoint is relative', async (t) => {
    const { log, server, options } = await start(t)
    const target = new URL('/test/23/page', server)
    // Twice, because every key works once: an update has to discover again.
    for (const _ of [1, 2]) {
      const endpoint = await delivery.discover(target, options)
      assert.ok(endpoint)
      const receipt = await delivery.deliver(
        createParcel({ source, target, exposure: 'public', recipient: null }),
        endpoint,
        options,
      )
      assert.equal(receipt.outcome, 'delivered')
      assert.deepEqual(log.splice(0), [
        'GET /test/23/page',
        'GET /test/23/page/{key}',
        'POST /test/23/page/webmention-endpoint/{key} source target',
      ])
    }
  })

  for (const [id, path] of [
    ['11', '/test/11/webmention/error'],
    ['20', '/test/20'],
    ['21', '/test/21/webmention'],
    ['23', '/test/23/page/webmention-endpoint/used-up'],
  ] as const) {
    it(`#${id} would have failed at ${path}`, async (t) => {
      const { server, options } = await start(t)
      const target = new URL(`/test/${id}`, server)
      const parcel = createParcel({ source, target, exposure: 'public', recipient: null })
      const receipt = await delivery.deliver(parcel, new URL(path, server), options)
      assert.equal(receipt.outcome, 'failed')
    })
  }
})

describe('discoverWebmentionEndpoint() beyond webmention.rocks', () => {
  assert.ok(uncovered.length > 0)
  for (const vector of uncovered) {
    it(`${vector.id}: ${vector.name}`, async (t) => {
      const { log, server, base, options } = await start(t)
      const target = new URL(pathOf(vector), server)
      const endpoint = await discoverWebmentionEndpoint(target, options)
      const expected =
        vector.endpoint === undefined
          ? undefined
          : new URL(fill(vector.endpoint, vector, base), target).href
      assert.equal(endpoint?.href, expected)
      assert.deepEqual(log, [`GET ${pathOf(vector)}`])
    })
  }

  it('MUST follow redirects, and resolves <base> and headers against where they lead', async (t) => {
    const server = await startServer(t, (request, response) => {
      if (request.url === '/old')
        return void response.writeHead(301, { location: '/new/page' }).end()
      response.setHeader('content-type', 'text/html')
      response.end('<base href="sub/"><a rel=webmention href=wm>')
    })
    const { fetch, close } = createGuardedFetch({ allowLoopback: true })
    t.after(close)
    const endpoint = await discoverWebmentionEndpoint(new URL('/old#fragment', server), { fetch })
    assert.equal(endpoint?.href, new URL('/new/sub/wm', server).href)
  })

  it('MUST give the header precedence over the HTML, even for another host', async () => {
    const web = site(() =>
      html('<link rel=webmention href=/no>', {
        headers: { link: '<https://c.example/wm>; rel=webmention' },
      }),
    )
    const endpoint = await discoverWebmentionEndpoint(page, web)
    assert.equal(endpoint?.href, 'https://c.example/wm')
  })

  it('finds an endpoint in the first megabyte of a page without end, and none behind it', async (t) => {
    const filler = `<p>${'x'.repeat(1021)}`
    const server = await startServer(t, (request, response) => {
      response.setHeader('content-type', 'text/html')
      const before = request.url === '/early' ? 100 : 1100
      for (let i = 0; i < before; i++) response.write(filler)
      response.write('<link rel=webmention href=/wm>')
      for (let i = 0; i < 10_000; i++) response.write(filler)
    })
    const { fetch, close } = createGuardedFetch({ allowLoopback: true })
    t.after(close)
    const early = await discoverWebmentionEndpoint(new URL('/early', server), { fetch })
    assert.equal(early?.pathname, '/wm')
    assert.equal(await discoverWebmentionEndpoint(new URL('/late', server), { fetch }), undefined)
  })

  it('throws what the fetch throws', async () => {
    const web = createWeb({})
    await assert.rejects(discoverWebmentionEndpoint(page, web), FetchError)
  })
})

describe('discoverWebmentionEndpoint() of a target that says to come back later', () => {
  for (const status of [408, 425, 429, 500, 502, 503]) {
    it(`throws on ${status}, with the time that it names`, async () => {
      const web = site(() => html('<p>busy', { status, headers: { 'retry-after': '120' } }))
      await assert.rejects(discoverWebmentionEndpoint(page, { ...web, now }), (error) => {
        assert.ok(error instanceof FetchError)
        assert.equal(error.kind, 'failed')
        assert.equal(error.notBefore?.toISOString(), '2026-11-21T12:02:00.000Z')
        return true
      })
    })

    it(`does not throw on ${status} if the endpoint is there all the same`, async () => {
      const web = site(() => html('<link rel=webmention href=/wm>', { status }))
      assert.equal((await discoverWebmentionEndpoint(page, web))?.pathname, '/wm')
    })
  }

  it('names no time if the target names none', async () => {
    const web = site(
      () => new Response('busy', { status: 503, headers: { 'retry-after': 'soon' } }),
    )
    await assert.rejects(discoverWebmentionEndpoint(page, web), { notBefore: undefined })
  })
})
