import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createJournal } from '../../lib/deploy/journal.ts'
import { openJournalRecord } from '../../lib/ledger/journal-record.ts'
import { withJournals, type JournaledLedger } from '../../lib/ledger/journaled-ledger.ts'
import { emptyLedger, type DeliveryRecord, type Ledger } from '../../lib/ledger/ledger.ts'
import type { LedgerChange } from '../../lib/ledger/ledger-store.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'

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

/** A ledger in memory that minds when two write at once, with its journals. */
function createStage() {
  let isBusy = false
  const stage = { ledger: emptyLedger(), updates: 0, isFull: false }
  const entries = createMemoryStore({ now: () => new Date('2026-03-01T12:00:00Z') })
  const store = {
    read: async () => stage.ledger,
    async update<Result>(change: LedgerChange<Result>) {
      assert.ok(!isBusy, 'one at a time')
      isBusy = true
      try {
        const { ledger, result } = await change(stage.ledger)
        await new Promise(setImmediate)
        stage.updates++
        stage.ledger = ledger
        return result
      } finally {
        isBusy = false
      }
    },
  }
  const home = openJournalRecord({
    ...entries,
    createIfAbsent: (...entry) =>
      stage.isFull ? Promise.reject(new Error('no space left')) : entries.createIfAbsent(...entry),
  })
  const ledger: JournaledLedger = withJournals(store, home)
  const open = (before: Pick<Ledger, 'posts' | 'gone'> = { posts: {} }) =>
    createJournal(ledger, before, () => assert.fail())
  return { stage, ledger, open }
}

describe('createJournal()', () => {
  it('leaves the ledger alone until the run ends, and then writes it once', async () => {
    const { stage, ledger, open } = createStage()
    const journal = open()
    await Promise.all([1, 2, 3, 1].map((number) => journal.write(delivered(number))))
    assert.equal(stage.updates, 0)
    assert.equal((await ledger.read()).deliveries.length, 3, 'readers see it at once')
    await journal.close()
    assert.equal(stage.updates, 1)
    assert.deepEqual(
      stage.ledger.deliveries.map(({ target }) => target.at(-1)),
      ['1', '2', '3'],
    )
  })

  it('writes no ledger when there was nothing to say', async () => {
    const { stage, open } = createStage()
    await open().close()
    assert.equal(stage.updates, 0)
  })

  it('forgets what is obsolete, and last sends that have come to their end', async () => {
    const { stage, open } = createStage()
    stage.ledger = { ...emptyLedger(), deliveries: [1, 2, 3].map((number) => delivered(number)) }
    const journal = open()
    await journal.forget([delivered(1)])
    await journal.write(delivered(2, { content: 'gone' }))
    await journal.write(delivered(3, { content: 'gone', outcome: 'pending' }))
    await journal.close()
    assert.deepEqual(
      stage.ledger.deliveries.map(({ target, content }) => [target.at(-1), content]),
      [['3', 'gone']],
    )
  })

  it('takes back what was begun and came to nothing', async () => {
    const { stage, open } = createStage()
    stage.ledger = { ...emptyLedger(), deliveries: [delivered(1)] }
    const journal = open()
    for (const number of [1, 2]) {
      await journal.intend(delivered(number, { outcome: 'pending', inFlight: true }))
    }
    const pair = ({ post, recipient, source, target }: DeliveryRecord) => ({
      ...{ post, recipient, source: new URL(source), target: new URL(target) },
      ...({ exposure: 'public', content: 'hash' } as const),
    })
    await journal.undo(pair(delivered(1)), delivered(1))
    await journal.undo(pair(delivered(2)), undefined)
    await journal.close()
    assert.deepEqual(stage.ledger.deliveries, [delivered(1)])
  })

  it('writes what a delivery has taught us along with it, one thing for each other end', async () => {
    const { stage, open } = createStage()
    const journal = open()
    const route = { to: 'https://bob.example/', choice: '', expires: '2026-03-08T00:00:00Z' }
    await journal.write(delivered(1), { ...route, exposure: 'gated', protocol: 'fmtp' })
    await journal.write(delivered(2), { ...route, exposure: 'capability', protocol: 'fmtp' })
    await journal.write(delivered(3), { ...route, exposure: 'capability', protocol: 'rel-pm' })
    await journal.write(delivered(3))
    await journal.close()
    assert.deepEqual(
      stage.ledger.routes.map(({ exposure, protocol }) => [exposure, protocol]),
      [
        ['gated', 'fmtp'],
        ['capability', 'rel-pm'],
      ],
    )
    assert.equal(stage.ledger.deliveries.length, 3)
  })

  it('tells of a failed write before the writer learns of it, and goes on', async () => {
    const { stage, ledger } = createStage()
    const order: string[] = []
    const journal = createJournal(ledger, { posts: {} }, () => order.push('run'))
    stage.isFull = true
    await journal.write(delivered(1)).catch(() => order.push('writer'))
    assert.deepEqual(order, ['run', 'writer'])
    stage.isFull = false
    await journal.write(delivered(2))
    await journal.close()
    assert.equal(stage.ledger.deliveries.length, 1)
  })
})
