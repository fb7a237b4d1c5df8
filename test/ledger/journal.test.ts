import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import { openLedgerRecord } from '../../lib/ledger/ledger-record.ts'
import type { DeliveryRecord } from '../../lib/ledger/ledger.ts'
import { lockSending } from '../../lib/ledger/send-lock.ts'
import { journalFolderOf } from '../../lib/ledger/state-folder.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Store } from '../../lib/store/store.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'

const now = () => new Date('2026-03-01T12:00:00Z')

function delivered(number: number, more: Partial<DeliveryRecord> = {}): DeliveryRecord {
  return {
    post: 'posts/a/',
    recipient: null,
    source: 'https://alice.example/posts/a/',
    target: `https://bob.example/${number}`,
    content: 'hash',
    outcome: 'delivered',
    reason: '',
    known: true,
    attempts: 1,
    ...more,
  }
}

async function setUp(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'private-posts-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'private-posts.ledger.json')
  const journals = journalFolderOf(file)
  return {
    file,
    journals,
    /** As a sender that is killed leaves it. */
    async leave(...numbers: number[]) {
      const journal = openLedgerFile(file).beginJournal()
      for (const number of numbers) await journal.append({ record: delivered(number) })
      const names = (await readdir(journals)).filter((name) => name.endsWith('.jsonl'))
      return join(journals, names.at(-1) ?? assert.fail())
    },
    count: async () => (await openLedgerFile(file).read()).deliveries.length,
    left: async () => (await readdir(journals)).filter((name) => name.endsWith('.jsonl')).length,
  }
}

describe('a journal in the state folder', () => {
  it('is seen by every reader, and folded by the first after its sender has died', async (t) => {
    const { file, leave, count, left } = await setUp(t)
    await leave(1, 2)
    assert.equal(await left(), 1)
    assert.equal(await count(), 2)
    assert.equal(await left(), 0)
    assert.match(await readFile(file, 'utf8'), /bob\.example\/2/)
    assert.equal(await count(), 2)
  })

  it('is seen, and left alone, while its sender is alive', async (t) => {
    const { file, leave, count, left } = await setUp(t)
    const lock = await lockSending(file)
    await leave(1)
    assert.equal(await count(), 1)
    // As a build does.
    await openLedgerFile(file).update(async (ledger) => ({ ledger, result: undefined }))
    assert.deepEqual([await left(), await count()], [1, 1])
    await lock.release()
    assert.equal(await count(), 1)
    assert.equal(await left(), 0)
  })

  it('is for its owner alone, and never in version control', async (t) => {
    const { journals, leave } = await setUp(t)
    const file = await leave(1)
    assert.equal((await stat(file)).mode & 0o077, 0)
    assert.equal((await stat(journals)).mode & 0o077, 0)
    assert.equal(await readFile(join(journals, '.gitignore'), 'utf8'), '*\n')
  })

  it('leaves out a last line that was being written when the machine stopped', async (t) => {
    const { leave, count, left } = await setUp(t)
    await appendFile(await leave(1, 2), '{"record":{"post":"posts/a/","recip')
    assert.equal(await count(), 2)
    assert.equal(await left(), 0)
  })

  it('says which line was damaged, quotes nothing of it, and loses nothing', async (t) => {
    const { file, leave, count, left } = await setUp(t)
    const journal = await leave(1, 2, 3)
    const text = await readFile(journal, 'utf8')
    const damaged = text.replace('"target":"https://bob.example/2"', '"tar')
    await writeFile(journal, damaged)
    await assert.rejects(count(), (error) => {
      assert.ok(error instanceof ConfigurationError)
      assert.match(error.message, /\.jsonl, line 2: .*To do: restore the line, or delete it/)
      assert.doesNotMatch(error.message, /bob/)
      return true
    })
    await assert.rejects(openLedgerFile(file).fold())
    assert.equal(await readFile(journal, 'utf8'), damaged)
    await writeFile(journal, damaged.split('\n').toSpliced(1, 1).join('\n'))
    assert.equal(await count(), 2)
    assert.equal(await left(), 0)
  })

  it('does not change what it says when it is read twice', async (t) => {
    const { file, leave, count } = await setUp(t)
    const journal = await leave(1, 2)
    const text = await readFile(journal, 'utf8')
    await count()
    const ledger = await readFile(file, 'utf8')
    // As if the process had died between writing the ledger and removing the journal.
    await writeFile(journal, text)
    await count()
    assert.equal(await readFile(file, 'utf8'), ledger)
  })

  it('keeps lines that were written at the same moment, in their order', async (t) => {
    const { file, count } = await setUp(t)
    const journal = openLedgerFile(file).beginJournal()
    await Promise.all([1, 2, 3].map((number) => journal.append({ record: delivered(number) })))
    await journal.append({ over: { source: delivered(1).source, target: delivered(1).target } })
    await journal.close()
    assert.equal(await count(), 2)
  })
})

/** A store that counts its calls. */
function createCounted() {
  const store = createMemoryStore({ now })
  const calls = { createIfAbsent: 0, delete: 0, get: 0, list: 0, replaceIf: 0 }
  const counted: Store = {
    ...store,
    createIfAbsent: (...given) => (calls.createIfAbsent++, store.createIfAbsent(...given)),
    delete: (...given) => (calls.delete++, store.delete(...given)),
    get: (...given) => (calls.get++, store.get(...given)),
    list: (...given) => (calls.list++, store.list(...given)),
    replaceIf: (...given) => (calls.replaceIf++, store.replaceIf(...given)),
  }
  return { store, counted, calls }
}

describe('a journal in a store', () => {
  for (const deliveries of [10, 1000]) {
    it(`costs each of ${deliveries} deliveries a bounded number of small calls`, async () => {
      const { counted, calls } = createCounted()
      const ledger = openLedgerRecord(counted, 'ledger/site')
      await ledger.fold()
      const journal = ledger.beginJournal()
      for (let number = 0; number < deliveries; number++) {
        await journal.append({ record: delivered(number, { outcome: 'pending', inFlight: true }) })
        await journal.append({ record: delivered(number) })
      }
      assert.equal(calls.createIfAbsent, 2 * deliveries)
      await journal.close()
      await ledger.update(async (before) => ({ ledger: before, result: undefined }))
      assert.equal(calls.createIfAbsent, 2 * deliveries + 1)
      assert.equal(calls.delete, 2 * deliveries)
      assert.ok(calls.get + calls.list + calls.replaceIf <= 6, JSON.stringify(calls))
      assert.equal((await ledger.read()).deliveries.length, deliveries)
    })
  }

  it('lets what waits at the same moment share an entry', async () => {
    const { counted, calls } = createCounted()
    const journal = openLedgerRecord(counted, 'ledger/site').beginJournal()
    await Promise.all(
      Array.from({ length: 64 }, (_, number) => journal.append({ record: delivered(number) })),
    )
    assert.ok(calls.createIfAbsent <= 2, `${calls.createIfAbsent} entries`)
  })

  it('is folded at the next start after a crash', async () => {
    const { store } = createCounted()
    await openLedgerRecord(store, 'ledger/site')
      .beginJournal()
      .append({ record: delivered(1) })
    const ledger = openLedgerRecord(store, 'ledger/site')
    assert.equal((await ledger.read()).deliveries.length, 1)
    assert.equal((await store.list('journal/')).length, 1)
    await ledger.fold()
    assert.equal((await store.list('journal/')).length, 0)
    assert.equal((await ledger.read()).deliveries.length, 1)
  })

  it('says which entry cannot be read, and keeps it', async () => {
    const { store } = createCounted()
    await store.createIfAbsent('journal/000001-x/000001', [{ later: true }])
    const ledger = openLedgerRecord(store, 'ledger/site')
    await assert.rejects(
      ledger.fold(),
      /journal\/000001-x\/000001 in the store.*To do: delete this/,
    )
    assert.equal((await store.list('journal/')).length, 1)
  })
})
