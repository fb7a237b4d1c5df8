import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createBlobsStore } from '../../netlify/blobs-store.ts'
import { callsOfQueue, QUEUE_TIME, waitingEntries } from '../support/queue-calls.ts'
import { startBlobs, type LocalBlobs } from './blobs-server.ts'

let blobs: LocalBlobs
before(async () => {
  blobs = await startBlobs()
})
after(() => blobs.stop())

/** As many writes at once as the emulator takes. */
const AT_ONCE = 50

async function fill(name: string, count: number): Promise<void> {
  const store = blobs.open(name)
  const entries = [...waitingEntries(count)]
  const work = async () => {
    for (let entry = entries.pop(); entry; entry = entries.pop()) {
      const [key, value] = entry
      await store.set(key, JSON.stringify({ created: 'x', written: 'x', value }))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

describe('a work queue in Netlify Blobs', () => {
  it('takes the same number of store calls with 10 and with 1,500 pieces, and reads no others', async () => {
    const found = []
    for (const count of [10, 1_500]) {
      await fill(`queue-${count}`, count)
      const store = blobs.open(`queue-${count}`)
      const read: string[] = []
      const watched = {
        set: store.set.bind(store),
        delete: store.delete.bind(store),
        list: (options: { readonly prefix: string; readonly paginate: true }) =>
          store.list(options),
        getWithMetadata(key: string, options: { readonly type: 'text' }) {
          read.push(key.replace(/\d{13}_.*_/, '…_'))
          return store.getWithMetadata(key, options)
        },
      }
      const calls = await callsOfQueue(createBlobsStore({ store: watched, now: () => QUEUE_TIME }))
      assert.deepEqual(
        read.filter((key) => key.includes('waiting')),
        [],
      )
      found.push({ calls, read: read.length })
    }
    assert.deepEqual(found[1], found[0])
  })
})
