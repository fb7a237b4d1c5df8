import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { storeKey, updateEntry, type Store } from '../../lib/store/store.ts'

export interface ContractOptions {
  /** `false` for the local emulator of Blobs, which lets several of those who race win. */
  readonly atomic?: boolean
}

const MIDNIGHT = Date.parse('2026-11-21T00:00:00Z')
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1.5e300,
  '',
  'ünï 🦄 \u0000 \u2028 "\\',
  [],
  {},
  [[[]], { '': null }],
  { __proto__x: 1, constructor: 'c', 'a.b/c': [1, { deep: { deeper: null } }] },
  'x'.repeat(100_000),
]
/** Nothing can be kept under these. */
const NO_KEYS = [
  ...['', '/', '/a', 'a/', 'a//b', '.', '..', '../a', 'a/../b', 'a/.b', 'https://a.example/?x#y'],
  ...[
    'a b',
    'a\n',
    'a%2Fb',
    'ä',
    'a\\b',
    'a/\u0000',
    `a/${'b'.repeat(201)}`,
    'a/'.repeat(300) + 'a',
  ],
]

/** Every store must pass this; a store's own test file is one call. `createStore` makes an empty one. */
export function testStore(
  name: string,
  createStore: (now: () => Date) => Store | Promise<Store>,
  { atomic = true }: ContractOptions = {},
): void {
  let time = MIDNIGHT
  const open = () => createStore(() => new Date(time))
  const inSeconds = (seconds: number) => ({ expires: new Date(time + seconds * 1000) })

  describe(`${name}: get and createIfAbsent`, () => {
    it('has nothing at first', async () => {
      const store = await open()
      assert.equal(await store.get('a/b'), undefined)
      assert.deepEqual(await store.list(''), [])
    })

    it('keeps the first value, and tells the second writer so', async () => {
      const store = await open()
      assert.equal(await store.createIfAbsent('a/b', 1), true)
      assert.equal(await store.createIfAbsent('a/b', 2), false)
      const stored = await store.get('a/b')
      assert.equal(stored?.key, 'a/b')
      assert.equal(stored?.value, 1)
      assert.equal(typeof stored?.version, 'string')
    })

    it('keeps any JSON as it is', async () => {
      const store = await open()
      for (const [index, value] of VALUES.entries()) {
        assert.equal(await store.createIfAbsent(`value/${index}`, value), true)
        assert.deepEqual((await store.get(`value/${index}`))?.value, value)
      }
    })

    it('refuses what is no JSON', async () => {
      const store = await open()
      await assert.rejects(store.createIfAbsent('a/b', undefined), TypeError)
      await assert.rejects(store.createIfAbsent('a/b', 1n), TypeError)
      assert.equal(await store.get('a/b'), undefined)
    })

    it('gives a copy: changing it changes nothing in the store', async () => {
      const store = await open()
      const value = { list: [1] }
      await store.createIfAbsent('a/b', value)
      value.list.push(2)
      const read = (await store.get('a/b'))?.value as typeof value
      read.list.push(3)
      assert.deepEqual((await store.get('a/b'))?.value, { list: [1] })
    })

    it('takes the keys of storeKey(), of letters and digits, and tells similar ones apart', async () => {
      const store = await open()
      const keys = [
        storeKey('spent', 'https://alice.example/?a=b#c', '\u0000'),
        storeKey('spent', 'https://alice.example/?a=b#', 'c\u0000'),
        ...['Plain', 'plain', 'a/B', 'a/b', 'a-b/c_d.e', `long/${'x'.repeat(200)}`, '-/_'],
      ]
      for (const key of keys) assert.equal(await store.createIfAbsent(key, key), true, key)
      for (const key of keys) assert.equal((await store.get(key))?.value, key)
    })

    for (const key of NO_KEYS) {
      it(`finds nothing under ${JSON.stringify(key).slice(0, 40)}, and keeps nothing there`, async () => {
        const store = await open()
        assert.equal(await store.get(key), undefined)
        await store.delete(key)
        await assert.rejects(store.createIfAbsent(key, 1), TypeError)
        await assert.rejects(store.replaceIf(key, 1, 'x'), TypeError)
        assert.deepEqual(await store.list(''), [])
      })
    }
  })

  describe(`${name}: replaceIf`, () => {
    it('replaces the version that it is shown, and gives the entry another', async () => {
      const store = await open()
      await store.createIfAbsent('a/b', 1)
      const first = await store.get('a/b')
      assert.equal(await store.replaceIf('a/b', 2, first?.version ?? ''), true)
      const second = await store.get('a/b')
      assert.equal(second?.value, 2)
      assert.notEqual(second?.version, first?.version)
    })

    it('leaves a newer version alone', async () => {
      const store = await open()
      await store.createIfAbsent('a/b', 1)
      const stale = (await store.get('a/b'))?.version ?? ''
      await store.replaceIf('a/b', 2, stale)
      assert.equal(await store.replaceIf('a/b', 3, stale), false)
      assert.equal((await store.get('a/b'))?.value, 2)
    })

    it('takes a new version for another even where the value is the same again', async () => {
      const store = await open()
      await store.createIfAbsent('a/b', 1)
      const first = (await store.get('a/b'))?.version ?? ''
      await store.delete('a/b')
      await store.createIfAbsent('a/b', 1)
      assert.equal(await store.replaceIf('a/b', 2, first), false)
      assert.equal((await store.get('a/b'))?.value, 1)
    })

    it('creates nothing', async () => {
      const store = await open()
      for (const version of ['', '1', 'undefined']) {
        assert.equal(await store.replaceIf('a/b', 1, version), false)
      }
      assert.equal(await store.get('a/b'), undefined)
    })

    it('lets updateEntry() count', async () => {
      const store = await open()
      const count = () =>
        updateEntry(store, 'a/b', (value) => ({
          value: (typeof value === 'number' ? value : 0) + 1,
        }))
      for (let round = 1; round <= 3; round++) assert.equal(await count(), round)
      assert.equal(await updateEntry(store, 'a/b', () => undefined), 3)
    })
  })

  describe(`${name}: expiry`, () => {
    it('takes an entry for absent from the moment that it expires', async () => {
      const store = await open()
      await store.createIfAbsent('a/b', 1, inSeconds(60))
      time += 59_999
      assert.equal((await store.get('a/b'))?.value, 1)
      assert.equal((await store.list('a/')).length, 1)
      assert.equal(await store.createIfAbsent('a/b', 2), false)
      time += 1
      assert.equal(await store.get('a/b'), undefined)
      assert.deepEqual(await store.list('a/'), [])
    })

    it('lets an expired entry be created again, but not replaced', async () => {
      const store = await open()
      await store.createIfAbsent('a/b', 1, inSeconds(1))
      const version = (await store.get('a/b'))?.version ?? ''
      time += 1000
      assert.equal(await store.replaceIf('a/b', 2, version), false)
      assert.equal(await store.createIfAbsent('a/b', 3, inSeconds(1)), true)
      assert.equal(await store.createIfAbsent('a/b', 4), false)
      assert.equal((await store.get('a/b'))?.value, 3)
      time += 1000
      assert.equal(await store.get('a/b'), undefined)
    })

    it('gives a replaced entry the new expiry, or none', async () => {
      const store = await open()
      await store.createIfAbsent('a/b', 1, inSeconds(1))
      await store.createIfAbsent('a/c', 1, inSeconds(1))
      await store.replaceIf('a/b', 2, (await store.get('a/b'))?.version ?? '', inSeconds(10))
      await store.replaceIf('a/c', 2, (await store.get('a/c'))?.version ?? '')
      time += 9_999
      await store.createIfAbsent('a/d', 1)
      assert.deepEqual(
        (await store.list('a/')).map(({ key }) => key),
        ['a/b', 'a/c', 'a/d'],
      )
      time += 1
      assert.equal(await store.get('a/b'), undefined)
      assert.equal((await store.get('a/c'))?.value, 2)
    })
  })

  describe(`${name}: delete and list`, () => {
    it('forgets what is deleted, and does not mind if there was nothing', async () => {
      const store = await open()
      await store.delete('a/b')
      await store.createIfAbsent('a/b', 1)
      await store.delete('a/b')
      assert.equal(await store.get('a/b'), undefined)
      assert.equal(await store.createIfAbsent('a/b', 2), true)
      assert.equal((await store.get('a/b'))?.value, 2)
    })

    it('lists what begins with the prefix, in the order of the keys', async () => {
      const store = await open()
      const keys = ['q/10', 'q/9', 'q/a', 'q/B', 'q/a.b', 'q/a-b', 'q2/x', 'r/x', 'p']
      for (const key of keys) await store.createIfAbsent(key, { key })
      const listed = await store.list('q/')
      const expected = keys.filter((key) => key.startsWith('q/')).sort()
      assert.deepEqual(
        listed.map(({ key }) => key),
        expected,
      )
      assert.deepEqual(
        listed.map(({ value }) => value),
        expected.map((key) => ({ key })),
      )
      assert.equal(listed[0]?.version, (await store.get('q/10'))?.version)
      assert.deepEqual(
        (await store.list('q/a')).map(({ key }) => key),
        ['q/a', 'q/a-b', 'q/a.b'],
      )
      assert.equal((await store.list('')).length, keys.length)
      assert.deepEqual(await store.list('nothing/'), [])
    })
  })

  describe(`${name}: lists in part`, () => {
    const KEYS = ['q/1', 'q/2', 'q/3', 'q/4', 'q/5']

    async function filled(): Promise<Store> {
      const store = await open()
      for (const key of [...KEYS].reverse()) await store.createIfAbsent(key, { key })
      for (const key of ['p/9', 'q', 'q2/1', 'r/1']) await store.createIfAbsent(key, { key })
      return store
    }

    for (const { options, expected } of [
      { options: {}, expected: KEYS },
      { options: { limit: 2 }, expected: ['q/1', 'q/2'] },
      { options: { limit: 0 }, expected: [] },
      { options: { limit: 50 }, expected: KEYS },
      { options: { after: 'q/2' }, expected: ['q/3', 'q/4', 'q/5'] },
      { options: { after: 'q/2', limit: 2 }, expected: ['q/3', 'q/4'] },
      { options: { after: 'q/25', limit: 1 }, expected: ['q/3'] },
      { options: { after: 'q/5' }, expected: [] },
      { options: { after: 'a', limit: 1 }, expected: ['q/1'] },
      { options: { after: 'z' }, expected: [] },
      { options: { reverse: true }, expected: [...KEYS].reverse() },
      { options: { reverse: true, limit: 2 }, expected: ['q/5', 'q/4'] },
      { options: { reverse: true, after: 'q/4' }, expected: ['q/3', 'q/2', 'q/1'] },
      { options: { reverse: true, after: 'q/4', limit: 1 }, expected: ['q/3'] },
      { options: { reverse: true, after: 'z', limit: 1 }, expected: ['q/5'] },
      { options: { reverse: true, after: 'a' }, expected: [] },
    ]) {
      it(`lists with ${JSON.stringify(options)}`, async () => {
        const store = await filled()
        const listed = await store.list('q/', options)
        assert.deepEqual(
          listed.map(({ key, value }) => ({ key, value })),
          expected.map((key) => ({ key, value: { key } })),
        )
        assert.deepEqual(await store.listKeys('q/', options), expected)
      })
    }

    it('fills a limited list with what has not expired', async () => {
      const store = await open()
      for (const key of KEYS.slice(0, 3)) await store.createIfAbsent(key, 1, inSeconds(1))
      for (const key of KEYS.slice(3)) await store.createIfAbsent(key, 1)
      time += 1000
      const listed = await store.list('q/', { limit: 2 })
      assert.deepEqual(
        listed.map(({ key }) => key),
        KEYS.slice(3),
      )
    })
  })

  if (!atomic) return
  describe(`${name}: writers who race`, () => {
    it('lets exactly one of 1,000 create an entry, and keeps what that one wrote', async () => {
      const store = await open()
      const racers = Array.from({ length: 1000 }, (_, id) => id)
      const won = await Promise.all(racers.map((id) => store.createIfAbsent('spent/abc', { id })))
      const winners = racers.filter((id) => won[id])
      assert.equal(winners.length, 1)
      assert.deepEqual((await store.get('spent/abc'))?.value, { id: winners[0] })
    })

    it('lets exactly one of 1,000 create an entry again that has expired', async () => {
      const store = await open()
      await store.createIfAbsent('spent/abc', 0, inSeconds(1))
      time += 1000
      const racers = Array.from({ length: 1000 }, () => store.createIfAbsent('spent/abc', 1))
      assert.equal((await Promise.all(racers)).filter(Boolean).length, 1)
    })

    it('lets exactly one of 100 replace a version', async () => {
      const store = await open()
      await store.createIfAbsent('a/b', 0)
      const version = (await store.get('a/b'))?.version ?? ''
      const racers = Array.from({ length: 100 }, (_, id) => store.replaceIf('a/b', id, version))
      assert.equal((await Promise.all(racers)).filter(Boolean).length, 1)
    })

    it('loses no update of many at once', async () => {
      const store = await open()
      const count = () =>
        updateEntry(store, 'a/b', (value) => ({
          value: (typeof value === 'number' ? value : 0) + 1,
        }))
      await Promise.all(Array.from({ length: 40 }, count))
      assert.equal((await store.get('a/b'))?.value, 40)
    })
  })
}
