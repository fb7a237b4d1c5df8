import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openLedgerRecord } from '../../lib/ledger/ledger-record.ts'
import { emptyLedger } from '../../lib/ledger/ledger.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Store } from '../../lib/store/store.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { build } from './builds.ts'

const KEY = 'ledger/site'
const newStore = () => createMemoryStore({ now: () => new Date('2026-11-21T12:00:00Z') })

/** One more post, with one link. */
function addPost(store: Store, path: string): Promise<string> {
  return openLedgerRecord(store, KEY).update(async (before) => {
    const { ledger } = build(before, { [path]: { audience: 'Mum' } }, { sourceAt: () => 'text' })
    return { ledger, result: path }
  })
}

async function pathsOf(store: Store): Promise<string[]> {
  const { posts } = await openLedgerRecord(store, KEY).read()
  return Object.keys(posts).sort()
}

describe('openLedgerRecord()', () => {
  it('takes a missing entry for an empty ledger, and makes none by reading', async () => {
    const store = newStore()
    assert.deepEqual(await openLedgerRecord(store, KEY).read(), emptyLedger())
    assert.deepEqual(await store.list(''), [])
  })

  it('keeps what an update returns, and gives its result', async () => {
    const store = newStore()
    assert.equal(await addPost(store, 'private/a.md'), 'private/a.md')
    assert.equal(await addPost(store, 'private/b.md'), 'private/b.md')
    assert.deepEqual(await pathsOf(store), ['private/a.md', 'private/b.md'])
  })

  it('does not touch the entry when nothing has changed', async () => {
    const store = newStore()
    await addPost(store, 'private/a.md')
    const before = await store.get(KEY)
    const ledger = openLedgerRecord(store, KEY)
    await ledger.update(async (same) => ({ ledger: structuredClone(same), result: undefined }))
    assert.equal((await store.get(KEY))?.version, before?.version)
  })

  it('keeps the old ledger when a change fails, and goes on', async () => {
    const store = newStore()
    const ledger = openLedgerRecord(store, KEY)
    const failing = ledger.update(async () => {
      throw new Error('no')
    })
    await assert.rejects(failing, /^Error: no$/)
    assert.equal(await ledger.update(async (same) => ({ ledger: same, result: 1 })), 1)
  })

  it('refuses an entry that is no ledger, and leaves it as it is', async () => {
    const store = newStore()
    await store.createIfAbsent(KEY, { version: 2 })
    await assert.rejects(openLedgerRecord(store, KEY).read(), ConfigurationError)
    await assert.rejects(addPost(store, 'private/a.md'), ConfigurationError)
    assert.deepEqual((await store.get(KEY))?.value, { version: 2 })
  })
})

describe('openLedgerRecord(): several writers', () => {
  it('loses no update of many at once in one process, and runs each change once', async () => {
    const store = newStore()
    const ledger = openLedgerRecord(store, KEY)
    const paths = Array.from({ length: 25 }, (_, number) => `private/${number}.md`)
    let changes = 0
    const updates = paths.map((path) =>
      ledger.update(async (before) => {
        changes += 1
        const built = build(before, { [path]: { audience: 'Mum' } }, { sourceAt: () => 'text' })
        return { ledger: built.ledger, result: undefined }
      }),
    )
    await Promise.all(updates)
    assert.deepEqual(await pathsOf(store), paths.sort())
    assert.equal(changes, 25)
  })

  it('loses no update of several machines', async () => {
    const store = newStore()
    const paths = Array.from({ length: 12 }, (_, number) => `private/${number}.md`)
    await Promise.all(paths.map((path) => addPost(store, path)))
    assert.deepEqual(await pathsOf(store), paths.sort())
  })

  it('gives up, and says so, where it is never its turn', async () => {
    const store = { ...newStore(), createIfAbsent: async () => false }
    await assert.rejects(addPost(store, 'private/a.md'), /others write it all the time/)
  })
})
