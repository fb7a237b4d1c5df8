import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { createRateLimit } from '../../lib/store/rate-limit.ts'
import { isStoreKey, storeKey, tryUpdate, updateEntry, type Store } from '../../lib/store/store.ts'

const noon = () => new Date('2026-11-21T12:00:00Z')

/** A store in which another writer is always faster. */
function createBusyStore(): Store {
  const store = createMemoryStore({ now: noon })
  return { ...store, createIfAbsent: async () => false, replaceIf: async () => false }
}

describe('storeKey()', () => {
  it('tells apart what would look the same when put together', () => {
    const keys = [
      storeKey('a', 'bc'),
      storeKey('a', 'b', 'c'),
      storeKey('a', 'bc', ''),
      storeKey('a', '', 'bc'),
      storeKey('a', '1:b', 'c'),
      storeKey('ab', 'c'),
    ]
    assert.equal(new Set(keys).size, keys.length)
    assert.equal(storeKey('a', 'b', 'c'), storeKey('a', 'b', 'c'))
  })

  it('shows nothing of what it is made of, and is a key', () => {
    const key = storeKey('spent', 'https://alice.example/p/0123456789abcdefghjkmnpqrs/')
    assert.match(key, /^spent\/[0-9a-f]{64}$/)
    assert.ok(isStoreKey(key))
  })
})

describe('updateEntry()', () => {
  it('gives up after many attempts, and tryUpdate() says so', async () => {
    const store = createBusyStore()
    assert.deepEqual(await tryUpdate(store, 'a/b', () => ({ value: 1 })), { done: false })
    await assert.rejects(
      updateEntry(store, 'a/b', () => ({ value: 1 })),
      /50 attempts/,
    )
  })

  it('keeps the expiry that it is given', async () => {
    let time = 0
    const store = createMemoryStore({ now: () => new Date(time) })
    await updateEntry(store, 'a/b', () => ({ value: 1, expires: new Date(1000) }))
    assert.equal((await store.get('a/b'))?.value, 1)
    time = 1000
    assert.equal(await store.get('a/b'), undefined)
  })
})

describe('createRateLimit()', () => {
  const rate = { name: 'test', limit: 3, seconds: 60 }

  it('allows so many in a window, then says how long to wait', async () => {
    let time = noon().getTime() + 10_000
    const limit = createRateLimit(
      createMemoryStore({ now: () => new Date(time) }),
      () => new Date(time),
    )
    const answers = []
    for (let call = 0; call < 4; call++) answers.push(await limit(rate, 'eve'))
    assert.deepEqual(answers, [undefined, undefined, undefined, 50])
    assert.equal(await limit(rate, 'bob'), undefined)
    assert.equal(await limit({ ...rate, name: 'other' }, 'eve'), undefined)
    time += 49_999
    assert.equal(await limit(rate, 'eve'), 1)
    time += 1
    assert.equal(await limit(rate, 'eve'), undefined)
  })

  it('lets exactly so many of those through who come at once', async () => {
    const limit = createRateLimit(createMemoryStore({ now: noon }), noon)
    const answers = await Promise.all(Array.from({ length: 60 }, () => limit(rate, 'eve')))
    assert.equal(answers.filter((wait) => wait === undefined).length, 3)
  })

  it('asks those to wait who cannot be counted', async () => {
    const limit = createRateLimit(createBusyStore(), noon)
    assert.equal(await limit(rate, 'eve'), 60)
  })

  it('keeps no subject in the clear', async () => {
    const store = createMemoryStore({ now: noon })
    await createRateLimit(store, noon)(rate, '192.0.2.7')
    assert.doesNotMatch(JSON.stringify(await store.list('')), /192/)
    assert.equal((await store.list('rate-test/')).length, 1)
  })
})
