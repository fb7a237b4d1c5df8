import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { open } from 'lmdb'
import { createLmdbStore } from '../../lib/store/lmdb-store.ts'
import { testStore } from './contract.ts'
import { testProcesses } from './processes.ts'

const folder = mkdtempSync(join(tmpdir(), 'private-posts-lmdb-'))
const opened: { close(): Promise<void> }[] = []
after(async () => {
  await Promise.all(opened.map((store) => store.close()))
  rmSync(folder, { recursive: true, force: true })
})
let count = 0
const newFolder = () => join(folder, 'deep', String(count++))

testStore('lmdb store', (now) => {
  const store = createLmdbStore({ folder: newFolder(), now })
  opened.push(store)
  return store
})

testProcesses({
  kind: 'lmdb',
  newPlace: newFolder,
  open: (place) => createLmdbStore({ folder: place, now: () => new Date() }),
  afterKill: () => {},
})

describe('createLmdbStore()', () => {
  it('keeps everything when it is closed and opened again', async () => {
    const place = newFolder()
    const now = () => new Date('2026-11-21T00:00:00Z')
    const first = createLmdbStore({ folder: place, now })
    await first.createIfAbsent('a/b', { c: 1 }, { expires: new Date('2026-11-22T00:00:00Z') })
    const version = (await first.get('a/b'))?.version
    await first.close()
    const second = createLmdbStore({ folder: place, now })
    assert.deepEqual(await second.get('a/b'), { key: 'a/b', value: { c: 1 }, version })
    await second.close()
  })

  it('removes what has expired a few entries at a time, and nothing else', async () => {
    const place = newFolder()
    let time = 0
    const store = createLmdbStore({ folder: place, now: () => new Date(time) })
    const expires = new Date(1000)
    for (let id = 0; id < 50; id++) await store.createIfAbsent(`old/${id}`, id, { expires })
    await store.createIfAbsent('kept/1', 1)
    await store.createIfAbsent('kept/2', 2, { expires })
    const version = (await store.get('kept/2'))?.version ?? ''
    await store.replaceIf('kept/2', 2, version, { expires: new Date(10_000) })
    time = 1000
    const sizes: number[] = []
    for (let id = 0; id < 4; id++) {
      await store.createIfAbsent(`new/${id}`, id)
      sizes.push(sizeOf(place))
    }
    // 52 entries, one more with each write; the first end to come is that of an entry that lives longer.
    assert.equal(sizes[0], 52 + 1 - 19)
    assert.ok(sizes.every((size, index) => size >= (sizes[index - 1] ?? 52) + 1 - 20))
    assert.deepEqual(
      (await store.list('')).map(({ key }) => key),
      ['kept/1', 'kept/2', 'new/0', 'new/1', 'new/2', 'new/3'],
    )
    assert.equal(sizes.at(-1), 6)
    await store.close()
  })
})

/** How many entries there really are, expired or not. */
function sizeOf(place: string): number {
  const root = open({ path: place, maxDbs: 2, overlappingSync: false })
  return root.openDB({ name: 'entries', encoding: 'json' }).getCount()
}
