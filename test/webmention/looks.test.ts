import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { createMissingSources } from '../../lib/webmention/looks.ts'
import { countedStore, mortalStore } from '../support/mortal-store.ts'

const HOUR = 60 * 60 * 1000
const mention = (n: number) => ({
  source: new URL(`https://bob.example/${n}`),
  target: new URL('https://alice.example/post/'),
  redeemed: false,
})

function start() {
  let time = Date.parse('2026-11-21T12:00:00Z')
  const now = () => new Date(time)
  const counted = countedStore(createMemoryStore({ now }))
  const missing = createMissingSources({ store: counted.store, now })
  return { ...counted, now, missing, pass: (hours: number) => (time += hours * HOUR) }
}

describe('createMissingSources()', () => {
  it('reads none that is not due, and each that is due once', async () => {
    const { calls, missing, pass } = start()
    for (let n = 0; n < 100; n++) await missing.count(mention(n))
    pass(11)
    await missing.count(mention(100))
    calls.length = 0
    assert.deepEqual(await missing.due(), [])
    assert.deepEqual(calls, ['listKeys'])
    pass(1)
    assert.equal((await missing.due()).length, 100)
    assert.deepEqual(await missing.due(), [])
    pass(11)
    assert.deepEqual(
      (await missing.due()).map(({ source }) => source.href),
      ['https://bob.example/100'],
    )
    pass(1)
    assert.equal((await missing.due()).length, 100)
  })

  it('forgets what was found again', async () => {
    const { store, missing, pass } = start()
    await missing.count(mention(1))
    await missing.forget(mention(1))
    pass(12)
    assert.deepEqual(await missing.due(), [])
    assert.deepEqual(await store.listKeys(''), [])
  })

  it('looks again at what a crash has cut off at any step', async () => {
    for (let step = 1; step <= 4; step++) {
      const { store, missing, now, pass } = start()
      const dying = createMissingSources({ store: mortalStore(store, step, true), now })
      await dying.count(mention(1)).catch(() => {})
      const isCounted = (await store.listKeys('webmention-missing/')).length === 1
      pass(12)
      assert.equal((await missing.due()).length, isCounted ? 1 : 0, `step ${step}`)
    }
  })
})
