import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { idOf } from '../../lib/inbox/entry.ts'
import { createLmdbStore } from '../../lib/store/lmdb-store.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Store } from '../../lib/store/store.ts'
import { threadId } from '../../lib/inbox/thread.ts'
import { countedStore } from '../support/mortal-store.ts'
import { createBench, message, NOW, POLICY, POST } from './messages.ts'

const OPEN = { ...POLICY, allow: ['bob.example'] }

/** One public mention in fifty moves older ones away, which takes four calls more. */
const MANY = 1_010

/** The store calls of each view, and of what changes something, with so many messages about as many pages. */
async function callsWith(store: Store, count: number): Promise<Record<string, readonly string[]>> {
  const counted = countedStore(store)
  const bench = createBench({ store: counted.store, policy: OPEN })
  for (let i = 0; i < count; i++) {
    const host = i % 2 === 0 ? 'bob.example' : `h${i}.example`
    const source = `https://${host}/${i}`
    await bench.accept({ source, host, target: `https://alice.example/${i}/` })
  }
  const last = message({ source: 'https://bob.example/last', target: POST })
  const done: Record<string, readonly string[]> = {}
  const step = async <Result>(name: string, act: () => Promise<Result>): Promise<Result> => {
    counted.calls.length = 0
    const result = await act()
    done[name] = counted.calls.toSorted()
    return result
  }
  const { inbox } = bench
  const paging = { page: 0, perPage: 4 }
  const shown = { page: 0, perPage: 100 }
  await step('accept', () => inbox.accept(last.source, last))
  const id = idOf(last.source)
  const { items } = await step('threads', () => inbox.threads('all', paging))
  assert.equal(items.length, 4)
  assert.equal((await step('list', () => inbox.list('all', paging))).items.length, 4)
  await step('counts', () => inbox.counts())
  await step('thread', () => inbox.thread(threadId(items[0] ?? { key: '' })))
  await step('letter', () => inbox.letter(id))
  const mentions = await step('mentions', () => inbox.published([new URL(POST)], shown))
  assert.equal(mentions.items.length, 1)
  assert.deepEqual(done['mentions'], ['get'])
  await step('room', async () => inbox.hasRoom?.('bob.example', last.source))
  await step('read', () => inbox.markRead(id, true))
  await step('remove', () => inbox.remove(id))
  return done
}

describe('the inbox takes the same number of store calls with 10 and with many messages', () => {
  it('in memory', async () => {
    const few = await callsWith(createMemoryStore({ now: () => NOW }), 10)
    assert.deepEqual(await callsWith(createMemoryStore({ now: () => NOW }), MANY), few)
  })

  it('in lmdb', async () => {
    const found = []
    for (const count of [10, MANY]) {
      const folder = await mkdtemp(join(tmpdir(), 'inbox-calls-'))
      const store = createLmdbStore({ folder, now: () => NOW })
      found.push(await callsWith(store, count))
      await store.close()
      await rm(folder, { recursive: true })
    }
    assert.deepEqual(found[1], found[0])
  })
})
