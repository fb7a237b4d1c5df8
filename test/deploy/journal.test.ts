import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createJournal } from '../../lib/deploy/journal.ts'
import { emptyLedger, type DeliveryRecord, type Ledger } from '../../lib/ledger/ledger.ts'
import type { LedgerChange, LedgerStore } from '../../lib/ledger/ledger-file.ts'

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

/** A ledger in memory that minds when two write at once. */
function createStore(): LedgerStore & { ledger: Ledger; isFull: boolean } {
  let isBusy = false
  const store = {
    ledger: emptyLedger(),
    isFull: false,
    read: async () => store.ledger,
    async update<Result>(change: LedgerChange<Result>) {
      assert.ok(!isBusy, 'one at a time')
      isBusy = true
      try {
        const { ledger, result } = await change(store.ledger)
        await new Promise(setImmediate)
        if (store.isFull) throw new Error('no space left')
        store.ledger = ledger
        return result
      } finally {
        isBusy = false
      }
    },
  }
  return store
}

describe('createJournal()', () => {
  it('writes one record after the other, each pair once', async () => {
    const store = createStore()
    const journal = createJournal(store, () => assert.fail())
    await Promise.all([1, 2, 3, 1].map((number) => journal.write(delivered(number))))
    assert.deepEqual(
      store.ledger.deliveries.map(({ target }) => target.at(-1)),
      ['1', '2', '3'],
    )
  })

  it('forgets what is obsolete, and last sends that have come to their end', async () => {
    const store = createStore()
    const journal = createJournal(store, () => assert.fail())
    for (const number of [1, 2, 3]) await journal.write(delivered(number))
    await journal.forget([delivered(1)])
    await journal.write(delivered(2, { content: 'gone' }))
    await journal.write(delivered(3, { content: 'gone', outcome: 'pending' }))
    assert.deepEqual(
      store.ledger.deliveries.map(({ target, content }) => [target.at(-1), content]),
      [['3', 'gone']],
    )
  })

  it('writes what a delivery has taught us along with it, one thing for each other end', async () => {
    const store = createStore()
    const journal = createJournal(store, () => assert.fail())
    const route = { to: 'https://bob.example/', choice: '', expires: '2026-03-08T00:00:00Z' }
    await journal.write(delivered(1), { ...route, exposure: 'gated', protocol: 'fmtp' })
    await journal.write(delivered(2), { ...route, exposure: 'capability', protocol: 'fmtp' })
    await journal.write(delivered(3), { ...route, exposure: 'capability', protocol: 'rel-pm' })
    await journal.write(delivered(3))
    assert.deepEqual(
      store.ledger.routes.map(({ exposure, protocol }) => [exposure, protocol]),
      [
        ['gated', 'fmtp'],
        ['capability', 'rel-pm'],
      ],
    )
    assert.equal(store.ledger.deliveries.length, 3)
  })

  it('tells of a failed write before the writer learns of it, and goes on', async () => {
    const store = createStore()
    const order: string[] = []
    const journal = createJournal(store, () => order.push('run'))
    store.isFull = true
    await journal.write(delivered(1)).catch(() => order.push('writer'))
    assert.deepEqual(order, ['run', 'writer'])
    store.isFull = false
    await journal.write(delivered(2))
    assert.equal(store.ledger.deliveries.length, 1)
  })
})
