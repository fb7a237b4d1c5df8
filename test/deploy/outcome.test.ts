import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Receipt } from '../../lib/delivery/delivery.ts'
import { backOff, isForgettable, recordOf } from '../../lib/deploy/outcome.ts'
import type { DeliveryRecord } from '../../lib/ledger/ledger.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const start = Date.parse('2026-03-01T12:00:00Z')
const delivery = {
  post: 'posts/a/',
  recipient: null,
  source: new URL('https://alice.example/posts/a/'),
  target: new URL('https://bob.example/1'),
  exposure: 'public',
  content: 'hash',
} as const
const endpoint = new URL('https://bob.example/webmention')

function record(receipt: Receipt, before?: DeliveryRecord, at = start): DeliveryRecord {
  const attempt = { receipt, protocol: 'webmention', endpoint }
  return recordOf(delivery, before, attempt, { now: new Date(at), policy: 'strict' })
}

const later: Receipt = { outcome: 'pending', reason: '503' }

describe('backOff()', () => {
  it('doubles from a minute up to an hour', () => {
    const minutes = [1, 2, 3, 4, 5, 6, 7, 8, 50].map((attempts) => backOff(attempts) / MINUTE)
    assert.deepEqual(minutes, [1, 2, 4, 8, 16, 32, 60, 60, 60])
  })
})

describe('recordOf()', () => {
  it('waits as long as the receiver asks, if that is longer than the back-off', () => {
    const asked = (at: number) => record({ ...later, notBefore: new Date(at) }).nextTry
    assert.equal(asked(start + HOUR), new Date(start + HOUR).toISOString())
    assert.equal(asked(start + 1_000), new Date(start + MINUTE).toISOString())
  })

  it('gives up after three days and five attempts, and not after one of them alone', () => {
    const tried = (attempts: number) => ({ ...record(later), attempts: attempts - 1 })
    assert.equal(record(later, tried(5), start + 3 * DAY).outcome, 'failed')
    assert.match(record(later, tried(5), start + 3 * DAY).reason, /given up after 5 attempts: 503/)
    assert.equal(record(later, tried(4), start + 3 * DAY).outcome, 'pending')
    assert.equal(record(later, tried(5), start + 3 * DAY - 1).outcome, 'pending')
  })

  it('counts the attempts of other content, and of a delivery that was forced, for nothing', () => {
    const before = { ...record(later), attempts: 4 }
    assert.equal(record(later, before).attempts, 5)
    assert.equal(record(later, { ...before, content: 'other' }).attempts, 1)
    assert.equal(record(later, { ...before, outcome: 'delivered' }).attempts, 1)
  })

  it('remembers whether the receiver may have taken it', () => {
    assert.equal(record({ outcome: 'delivered', reason: '' }).known, true)
    assert.equal(record({ outcome: 'failed', reason: '' }).known, false)
    assert.equal(record({ outcome: 'refused', reason: '' }).known, false)
    assert.equal(record(later).known, true)
    const unreached = { receipt: later }
    const context = { now: new Date(start), policy: '' }
    assert.equal(recordOf(delivery, undefined, unreached, context).known, false)
    assert.equal(recordOf(delivery, record(later), unreached, context).known, true)
  })

  it('remembers under which policy it was refused', () => {
    assert.equal(record({ outcome: 'refused', reason: '' }).policy, 'strict')
    assert.equal(record({ outcome: 'failed', reason: '' }).policy, undefined)
  })
})

describe('isForgettable()', () => {
  const gone = (more: Partial<DeliveryRecord>) =>
    isForgettable({ ...record(later), content: 'gone', ...more })

  it('forgets a last send when it has come to its end', () => {
    assert.equal(gone({ outcome: 'delivered' }), true)
    assert.equal(gone({ outcome: 'failed' }), true)
    assert.equal(gone({ outcome: 'pending' }), false)
    assert.equal(gone({ outcome: 'refused' }), false)
    assert.equal(gone({ outcome: 'delivered', content: 'hash' }), false)
  })

  it('forgets a receiver that has had no endpoint for three days', () => {
    const lastTry = new Date(start + 3 * DAY).toISOString()
    assert.equal(gone({ outcome: 'skipped', lastTry }), true)
    assert.equal(gone({ outcome: 'skipped' }), false)
  })
})
