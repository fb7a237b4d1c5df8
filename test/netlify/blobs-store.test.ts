import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { getStore } from '@netlify/blobs'
import { UNREADABLE } from '../../lib/store/store.ts'
import { createBlobsFetch } from '../../netlify/blobs-fetch.ts'
import { createBlobsStore, type BlobsStore } from '../../netlify/blobs-store.ts'
import { testStore } from '../store/contract.ts'
import { startBlobs, type LocalBlobs } from './blobs-server.ts'

let blobs: LocalBlobs
let count = 0
before(async () => {
  blobs = await startBlobs()
})
after(() => blobs.stop())

testStore(
  'Netlify Blobs store',
  (now) => createBlobsStore({ store: blobs.open(`store-${count++}`), now }),
  { atomic: false },
)

const noon = () => new Date('2026-11-21T12:00:00Z')
const noPause = async () => {}

/**
 * How a fake of the service answers: the status of a request, or `undefined` to do as it should. `AFTER`
 * is a write that was done, and whose answer may still be lost.
 */
type Behaviour = (method: string, headers: Headers, key: string) => number | undefined

interface FakeBlobs {
  readonly store: BlobsStore
  readonly log: string[]
  readonly entries: Map<string, { text: string; etag: string }>
}

/** The service as it is in production: etags with every answer, and lists in pages of two. */
function createFakeBlobs(behaves: Behaviour = () => undefined): FakeBlobs {
  const entries: FakeBlobs['entries'] = new Map()
  const log: string[] = []
  let writes = 0
  const serve = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    const key = url.pathname.split('/').slice(3).join('/')
    log.push(`${request.method} ${key || '(list)'}`)
    const status = behaves(request.method, request.headers, key)
    if (status !== undefined) return new Response(null, { status })
    if (request.method === 'GET' && key === '') return listPage(entries, url)
    const body = await request.text()
    const entry = entries.get(key)
    if (request.method === 'DELETE') {
      entries.delete(key)
      return new Response(null, { status: 204 })
    }
    if (request.method === 'GET') {
      if (!entry) return new Response(null, { status: 404 })
      return new Response(entry.text, { headers: { etag: entry.etag } })
    }
    const { headers } = request
    const isRefused = headers.has('if-none-match')
      ? entry !== undefined
      : entry?.etag !== headers.get('if-match')
    if (isRefused) return new Response(null, { status: 412 })
    const etag = `"${++writes}"`
    entries.set(key, { text: body, etag })
    return behaves('AFTER', headers, key) === undefined
      ? new Response(null, { headers: { etag } })
      : new Response(null, { status: 502 })
  }
  const url = 'https://blobs.example'
  const store = getStore({
    ...{ name: 'fake', siteID: 'site', token: 'xxxxxxx', consistency: 'strong' },
    ...{ edgeURL: 'https://cached.example', uncachedEdgeURL: url },
    fetch: createBlobsFetch(serve, noPause),
  })
  return { store: createBlobsStore({ store, now: noon }), log, entries }
}

function listPage(entries: FakeBlobs['entries'], url: URL): Response {
  const prefix = url.searchParams.get('prefix') ?? ''
  const start = Number(url.searchParams.get('cursor') ?? 0)
  const all = [...entries].filter(([key]) => key.startsWith(prefix)).toReversed()
  const page = all.slice(start, start + 2).map(([key, { etag }]) => ({ key, etag }))
  const next = start + 2 < all.length ? { next_cursor: String(start + 2) } : {}
  return Response.json({ blobs: page, ...next })
}

describe('createBlobsStore() against the service', () => {
  it('reads and writes with strong consistency', async () => {
    const { store } = createFakeBlobs()
    assert.equal(await store.createIfAbsent('a/b', 1), true)
    const stored = await store.get('a/b')
    assert.equal(stored?.value, 1)
    assert.equal(await store.replaceIf('a/b', 2, stored?.version ?? ''), true)
    assert.equal((await store.get('a/b'))?.value, 2)
  })

  it('lets one of many racing writers create an entry', async () => {
    const { store } = createFakeBlobs()
    const won = await Promise.all(
      Array.from({ length: 50 }, (_, id) => store.createIfAbsent('a/b', id)),
    )
    assert.equal(won.filter(Boolean).length, 1)
    assert.equal((await store.get('a/b'))?.value, won.indexOf(true))
  })

  it('lets one of many racing writers replace an entry', async () => {
    const { store } = createFakeBlobs()
    await store.createIfAbsent('a/b', 'old')
    const version = (await store.get('a/b'))?.version ?? ''
    const racers = Array.from({ length: 50 }, (_, id) => store.replaceIf('a/b', id, version))
    assert.equal((await Promise.all(racers)).filter(Boolean).length, 1)
  })

  it('lists more than one page, in order', async () => {
    const { store } = createFakeBlobs()
    const keys = ['q/1', 'q/2', 'q/3', 'q/4', 'q/5']
    for (const key of keys) await store.createIfAbsent(key, key)
    assert.deepEqual(
      (await store.list('q/')).map(({ value }) => value),
      keys,
    )
  })

  for (const status of [400, 401, 403, 404, 409, 429, 500, 503]) {
    it(`does not take ${status} to a conditional write for success`, async () => {
      const { store, entries } = createFakeBlobs((method) =>
        method === 'PUT' ? status : undefined,
      )
      await assert.rejects(store.createIfAbsent('a/b', 1), /refused a write/)
      const id = { created: 'x', written: 'x', value: 'old' }
      entries.set('a/b', { text: JSON.stringify(id), etag: '"7"' })
      const version = (await store.get('a/b'))?.version ?? ''
      await assert.rejects(store.replaceIf('a/b', 1, version), /refused a write/)
      assert.equal((await store.get('a/b'))?.value, 'old')
    })

    it(`does not take ${status} to a read for absence, unless it is 404`, async () => {
      const { store } = createFakeBlobs((method) => (method === 'GET' ? status : undefined))
      if (status === 404) assert.equal(await store.get('a/b'), undefined)
      else await assert.rejects(store.get('a/b'))
    })
  }

  it('does not win with a write that it cannot find again', async () => {
    const { store, entries } = createFakeBlobs((method, _, key) => {
      if (method === 'GET') entries.delete(key)
      return undefined
    })
    assert.equal(await store.createIfAbsent('a/b', 1), false)
  })

  it('wins where only the answer to its write was lost', async () => {
    const { store, entries } = createFakeBlobs((method) => (method === 'AFTER' ? 502 : undefined))
    assert.equal(await store.createIfAbsent('a/b', 1), true)
    assert.equal(await store.createIfAbsent('a/b', 2), false)
    const version = (await store.get('a/b'))?.version ?? ''
    assert.equal(await store.replaceIf('a/b', 3, version), true)
    assert.equal(await store.replaceIf('a/b', 4, version), false)
    assert.equal(entries.size, 1)
    assert.equal((await store.get('a/b'))?.value, 3)
  })

  it('counts an entry that is not ours as there, and tells nothing of it', async () => {
    const { store, entries } = createFakeBlobs()
    entries.set('a/b', { text: '{"s3cret', etag: '"1"' })
    const stored = await store.get('a/b')
    assert.equal(stored?.value, UNREADABLE)
    assert.equal(await store.createIfAbsent('a/b', 1), false)
    assert.deepEqual((await store.list('a/')).length, 1)
    assert.equal(await store.replaceIf('a/b', 1, stored?.version ?? ''), true)
    assert.equal((await store.get('a/b'))?.value, 1)
  })

  it('asks the service nothing about what cannot be a key', async () => {
    const { store, log } = createFakeBlobs()
    await store.get('https://alice.example/?x')
    await store.delete('../a')
    assert.deepEqual(log, [])
  })
})

describe('createBlobsStore().sweep()', () => {
  const ids = { created: 'x', written: 'x', value: 1 }
  const old = JSON.stringify({ ...ids, expires: '2026-11-20T11:59:59.000Z' })
  const recent = JSON.stringify({ ...ids, expires: '2026-11-20T12:00:01.000Z' })

  it('deletes what expired a day ago, and nothing else', async () => {
    const { store, entries } = createFakeBlobs()
    entries.set('a/1', { text: old, etag: '"1"' })
    entries.set('a/2', { text: recent, etag: '"2"' })
    entries.set('a/3', { text: JSON.stringify(ids), etag: '"3"' })
    entries.set('a/4', { text: old, etag: '"4"' })
    await store.sweep(100)
    assert.deepEqual([...entries.keys()], ['a/2', 'a/3'])
  })

  it('looks at no more than it was told to', async () => {
    const { store, entries } = createFakeBlobs()
    for (let id = 0; id < 10; id++) entries.set(`a/${id}`, { text: old, etag: `"${id}"` })
    await store.sweep(3)
    assert.equal(entries.size, 7)
  })
})

describe('createBlobsFetch()', () => {
  it('tries again soon, and then gives up in a way that the client understands', async () => {
    const pauses: number[] = []
    let calls = 0
    const fetch = createBlobsFetch(
      async () => {
        calls += 1
        if (calls === 2) throw new TypeError('no connection')
        return new Response('busy', { status: 503 })
      },
      async (pause) => pauses.push(pause),
    )
    assert.equal((await fetch('https://blobs.example/')).status, 424)
    assert.deepEqual(pauses, [200, 800])
    assert.equal(calls, 3)
  })

  it('passes on what the second attempt brought', async () => {
    let calls = 0
    const answer = async () => new Response('fine', { status: ++calls === 1 ? 500 : 200 })
    const response = await createBlobsFetch(answer, noPause)('https://blobs.example/')
    assert.equal(await response.text(), 'fine')
  })
})
