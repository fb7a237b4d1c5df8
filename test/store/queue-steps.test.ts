import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { createLmdbStore } from '../../lib/store/lmdb-store.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Store } from '../../lib/store/store.ts'
import { sweepQueue } from '../../lib/store/sweep-queue.ts'
import { countedStore, mortalStore } from '../support/mortal-store.ts'
import { callsOfQueue, openTestQueue, QUEUE_TIME, waitingEntries } from '../support/queue-calls.ts'

const folder = mkdtempSync(join(tmpdir(), 'private-posts-queue-'))
const closers: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closers) await close()
  rmSync(folder, { recursive: true, force: true })
})

const STORES: Readonly<Record<string, (count: number) => Store>> = {
  memory: () => createMemoryStore({ now: () => QUEUE_TIME }),
  lmdb(count) {
    const store = createLmdbStore({ folder: join(folder, String(count)), now: () => QUEUE_TIME })
    closers.push(() => store.close())
    return store
  },
}

describe('a work queue takes the same number of store calls, however much waits', () => {
  for (const [name, open] of Object.entries(STORES)) {
    it(`with 10 and with 10,000 pieces in ${name}`, async () => {
      const calls = []
      for (const count of [10, 10_000]) {
        const store = open(count)
        await Promise.all(
          waitingEntries(count).map(([key, value]) => store.createIfAbsent(key, value)),
        )
        calls.push(await callsOfQueue(store))
      }
      const [few, many] = calls
      assert.deepEqual(many, few)
      assert.deepEqual(few, {
        sweep: ['listKeys'],
        room: ['listKeys'],
        'room again': [],
        add: ['get', 'createIfAbsent', 'createIfAbsent'],
        'add again': ['get', 'createIfAbsent', 'createIfAbsent', 'delete', 'get'],
        look: ['listKeys'],
        claim: ['get', 'replaceIf'],
        retry: ['get', 'createIfAbsent', 'replaceIf', 'delete', 'listKeys'],
        settle: ['get', 'replaceIf', 'delete', 'delete'],
      })
    })
  }

  it('does not ask the store whether there is room for each of a thousand', async () => {
    const counted = countedStore(createMemoryStore({ now: () => QUEUE_TIME }))
    const queue = openTestQueue(counted.store)
    for (let n = 0; n < 1_000; n++) {
      assert.equal(await queue.hasRoom('bob.example'), true)
      await queue.add(`n${n}`, 'work', { host: 'bob.example' })
    }
    assert.equal(counted.calls.filter((call) => call === 'listKeys').length, 1)
  })
})

describe('kill -9 between any two store calls of a queue', () => {
  const MINUTE = 60_000

  /** Everything that a queue does with a piece, until the process is killed; `added` is what was promised. */
  async function live(store: Store, now: () => Date, added: string[], done: string[]) {
    const queue = openTestQueue(store, now)
    const later = new Date(now().getTime() + MINUTE)
    for (const id of ['a', 'b']) {
      if (await queue.add(id, 'work', { host: 'bob.example' })) added.push(id)
    }
    const first = await queue.claim('a')
    if (first) await queue.retry(first, later)
    await queue.add('a', 'more work', { host: 'bob.example', renews: true })
    const second = await queue.claim('a')
    if (second) {
      done.push('a')
      await queue.settle(second)
    }
    const third = await queue.claim('b')
    if (third) await queue.retry(third, later)
  }

  for (const after of [false, true]) {
    it(`loses nothing that was added, and leaves nothing behind (${after ? 'after' : 'before'})`, async () => {
      let killed = 0
      for (let step = 1; step <= 45; step++) {
        let time = QUEUE_TIME.getTime()
        const now = () => new Date(time)
        const store = createMemoryStore({ now })
        const [added, done]: [string[], string[]] = [[], []]
        await live(mortalStore(store, step, after), now, added, done).catch(() => (killed += 1))

        const heir = openTestQueue(store, now)
        const process = async (id: string) => {
          const claim = await heir.claim(id)
          if (!claim) return false
          done.push(id)
          await heir.settle(claim)
          return true
        }
        for (const pause of [2 * MINUTE, 2 * 60 * MINUTE]) {
          time += pause
          await sweepQueue(heir, process, { now })
        }
        for (const id of added) assert.ok(done.includes(id), `${id} is lost at step ${step}`)
        assert.deepEqual(await store.listKeys('test-queue'), [], `step ${step}`)
      }
      assert.ok(killed > 20 && killed < 45, `${killed} killed`)
    })
  }

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
