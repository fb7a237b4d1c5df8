import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it, mock } from 'node:test'
import { serialize } from 'node:v8'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { FetchError } from '../../lib/web/errors.ts'
import type { FetchInit } from '../../lib/web/fetch.ts'
import type { PageReading } from '../../lib/web/page-parser.ts'
import { createOutboundEndpoint, readOutbound, visitOutbound } from '../../netlify/outbound.ts'
import { SECRET } from './settings.ts'

const VARIABLES = { URL: 'https://alice.example', PRIVATE_POSTS_SECRET: SECRET }
const PAGE = new URL('https://bob.example/page?x=1')
const TWICE: PageReading<{ readonly text: string }, { readonly text: string; readonly at: Date }> =
  {
    name: 'twice',
  }

const now = () => new Date()
const secrets = createSecrets({
  ...{ keys: [Buffer.from(SECRET, 'base64url')], site: new URL(VARIABLES.URL), now },
  store: createMemoryStore({ now }),
})

let visits: { readonly url: string; readonly init: FetchInit }[] = []
let answer: () => Response | Promise<Response>
let outbound: Endpoint
let reach: () => void

before(() => {
  outbound = createOutboundEndpoint({
    secrets,
    async fetch(url, init = {}) {
      visits.push({ url: url.href, init })
      return Object.defineProperty(await answer(), 'url', { value: 'https://bob.example/last' })
    },
    async parse({ name }, input) {
      if (name !== TWICE.name) throw new FetchError('is too long to read', { kind: 'refused' })
      const { text } = input as { readonly text: string }
      return { text: text + text, at: new Date(0) } as never
    },
  })
  mock.method(globalThis, 'fetch', async (url: URL, init: RequestInit) => {
    init.signal?.throwIfAborted()
    reach()
    assert.equal(url.href, 'https://alice.example/.netlify/functions/private-posts-outbound')
    return outbound(new Request(url, init))
  })
})
after(() => mock.restoreAll())
beforeEach(() => {
  visits = []
  answer = () => new Response('page')
  reach = () => {}
})

describe('visitOutbound()', () => {
  const visit = visitOutbound(VARIABLES)

  it('hands on what is asked for, and gives back what was answered', async () => {
    answer = () => new Response('Grüße', { status: 418, headers: { link: '<x>; rel=me' } })
    const response = await visit(PAGE, {
      ...{ method: 'POST', redirect: 'manual', highPorts: true },
      body: new URLSearchParams({ a: 'ü' }),
      headers: { authorization: 'Bearer x' },
    })
    assert.equal(response.status, 418)
    assert.equal(response.url, 'https://bob.example/last')
    assert.equal(response.headers.get('link'), '<x>; rel=me')
    assert.equal(await response.text(), 'Grüße')
    const [{ url, init } = { url: '', init: {} }] = visits
    assert.equal(url, PAGE.href)
    const { method, redirect, highPorts, body } = init
    assert.deepEqual(
      { method, redirect, highPorts, body },
      { method: 'POST', redirect: 'manual', highPorts: true, body: 'a=%C3%BC' },
    )
    assert.deepEqual(new Headers(init.headers).get('authorization'), 'Bearer x')
    assert.match(new Headers(init.headers).get('content-type') ?? '', /^application\/x-www-form/)
  })

  it('sends bytes as they are', async () => {
    await visit(PAGE, { method: 'POST', body: Uint8Array.of(0, 255, 10) })
    assert.deepEqual([...(visits[0]?.init.body as Uint8Array)], [0, 255, 10])
  })

  it('gives back an answer that has no body', async () => {
    answer = () => new Response(null, { status: 204 })
    assert.equal((await visit(PAGE)).status, 204)
  })

  it('fails as the visit has failed', async () => {
    answer = () => {
      throw new FetchError('bob.example is on this machine', { kind: 'refused' })
    }
    await assert.rejects(visit(PAGE), { name: 'FetchError', kind: 'refused', message: /machine/ })
  })

  it('fails like a network where the function cannot be reached, or has trouble of its own', async () => {
    answer = () => {
      throw new TypeError('a fault of ours')
    }
    await assert.rejects(visit(PAGE), { name: 'FetchError', kind: 'failed' })
    reach = () => {
      throw new TypeError('fetch failed')
    }
    await assert.rejects(visit(PAGE), { name: 'FetchError', kind: 'failed' })
  })

  it('stops where its caller stops', async () => {
    await assert.rejects(visit(PAGE, { signal: AbortSignal.abort() }), { name: 'FetchError' })
    assert.equal(visits.length, 0)
  })
})

describe('readOutbound()', () => {
  const read = readOutbound(VARIABLES)

  it('gives back what was read, whatever it is made of', async () => {
    let begun = 0
    const before = async () => void begun++
    const output = await read(TWICE, { text: 'a' }, { before })
    assert.deepEqual([output, begun], [{ text: 'aa', at: new Date(0) }, 1])
  })

  it('fails as the reading has failed', async () => {
    const other: PageReading<string, string> = { name: 'other' }
    await assert.rejects(read(other, 'x'), { name: 'FetchError', kind: 'refused' })
  })
})

describe('createOutboundEndpoint()', () => {
  const ask = async (authorization: string | undefined, body: Uint8Array<ArrayBuffer>) =>
    outbound(
      new Request('https://alice.example/.netlify/functions/private-posts-outbound', {
        ...{ method: 'POST', body },
        ...(authorization !== undefined && { headers: { authorization } }),
      }),
    )
  const CALL = new Uint8Array(serialize({ visit: { url: PAGE.href, headers: [] } }))

  it('visits nothing for a stranger, nor for a call that is for another function', async () => {
    const deliver = `Bearer ${await secrets.issue('call', { purpose: 'deliver' })}`
    const own = `Bearer ${await secrets.issue('call', { purpose: 'outbound' })}`
    const statuses = []
    for (const each of [undefined, 'Bearer x', deliver]) {
      statuses.push((await ask(each, CALL)).status)
    }
    assert.deepEqual(statuses, [401, 401, 401])
    assert.equal(visits.length, 0)
    assert.equal((await ask(own, CALL)).status, 200)
    assert.equal(visits.length, 1)
  })

  it('refuses what is neither a visit nor a reading', async () => {
    const own = `Bearer ${await secrets.issue('call', { purpose: 'outbound' })}`
    const bodies = [new Uint8Array(serialize({ visit: { url: 'x' } })), Uint8Array.of(1, 2, 3)]
    for (const body of bodies) assert.equal((await ask(own, body)).status, 400)
    assert.equal(visits.length, 0)
  })
})
