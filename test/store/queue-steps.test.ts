import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { createLmdbStore } from '../../lib/store/lmdb-store.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { countedStore } from '../support/mortal-store.ts'
import { openTestQueue, QUEUE_TIME } from '../support/queue-calls.ts'
import { testQueue } from './queue-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'private-posts-queue-'))
const closers: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closers) await close()
  rmSync(folder, { recursive: true, force: true })
})

testQueue('memory', (now) => createMemoryStore({ now }))
let count = 0
testQueue('lmdb', (now) => {
  const store = createLmdbStore({ folder: join(folder, String(count++)), now })
  closers.push(() => store.close())
  return store
})

describe('createWorkQueue()', () => {
  it('does not ask the store whether there is room for each of a thousand', async () => {
    const counted = countedStore(createMemoryStore({ now: () => QUEUE_TIME }))
    const queue = openTestQueue(counted.store)
    for (let n = 0; n < 1_000; n++) {
      assert.equal(await queue.hasRoom('bob.example'), true)
      await queue.add(`n${n}`, 'work', { host: 'bob.example' })
    }
    assert.equal(counted.calls.filter((call) => call === 'listKeys').length, 1)
  })

  it('writes due keys that are missing when it is released', async () => {
    const store = createMemoryStore({ now: () => QUEUE_TIME })
    const queue = openTestQueue(store)
    await queue.add('a', 'work', { host: 'bob.example' })
    for (const key of await store.listKeys('test-queue-due/')) await store.delete(key)
    assert.deepEqual(await queue.due(), [])
    await queue.release()
    assert.deepEqual(await queue.due(), [{ id: 'a', host: 'bob.example' }])
  })

  it('lets what cannot be read stop nothing: it is set aside, and its id can be used again', async () => {
    const said: string[] = []
    const store = {
      ...createMemoryStore({ now: () => QUEUE_TIME }),
      report: (line: string) => void said.push(line),
    }
    const queue = openTestQueue(store)
    await store.createIfAbsent('test-queue/broken', { version: 99 })
    await store.createIfAbsent('test-queue-due/unknown', true)
    assert.equal(await queue.hasRoom('bob.example'), true)
    assert.equal(await queue.add('good', 'work', { host: 'bob.example' }), true)
    assert.equal(await queue.add('broken', 'work', { host: 'bob.example' }), true)
    const ids = (await queue.due()).map(({ id }) => id)
    assert.deepEqual(ids.toSorted(), ['broken', 'good'])
    assert.equal((await store.list('set-aside/')).length, 1)
    assert.equal(said.length, 1)
  })
})
