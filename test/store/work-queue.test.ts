import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as v from 'valibot'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { WorkLimits } from '../../lib/store/queue-room.ts'
import { sweepQueue } from '../../lib/store/sweep-queue.ts'
import { createWorkQueue } from '../../lib/store/work-queue.ts'

const LIMITS = { waiting: 10, waitingPerHost: 10, retrying: 10 }
const HOST = { host: 'bob.example' }

function createLab(limits: Partial<WorkLimits> = {}) {
  let time = Date.parse('2026-11-21T12:00:00Z')
  const now = () => new Date(time)
  const store = createMemoryStore({ now })
  const queue = createWorkQueue({
    ...{ store, now, name: 'test-queue', schema: v.string(), lease: 90_000 },
    limits: { ...LIMITS, ...limits },
  })
  const later = (seconds: number) => new Date(time + seconds * 1000)
  return { store, queue, now, later, pass: (seconds: number) => void (time += seconds * 1000) }
}

async function claimed({ queue }: ReturnType<typeof createLab>, id = 'a') {
  const claim = await queue.claim(id)
  assert.ok(claim)
  return claim
}

describe('createWorkQueue()', () => {
  it('gives a piece of work to one of many who want it', async () => {
    const { queue } = createLab()
    assert.equal(await queue.add('a', 'work', HOST), true)
    const claims = await Promise.all(Array.from({ length: 20 }, () => queue.claim('a')))
    const [claim, ...others] = claims.filter((claim) => claim !== undefined)
    assert.deepEqual([claim?.work, claim?.attempts, others.length], ['work', 1, 0])
  })

  it('keeps it until it is settled, whoever dies', async () => {
    const lab = createLab()
    const { queue, pass } = lab
    await queue.add('a', 'work', HOST)
    await claimed(lab)
    pass(89)
    assert.equal(await queue.claim('a'), undefined)
    pass(1)
    const second = await claimed(lab)
    assert.equal(second.attempts, 2)
    await queue.settle(second)
    pass(90)
    assert.equal(await queue.claim('a'), undefined)
    assert.deepEqual(await queue.due(), [])
  })

  it('lets nobody settle or put back what has been taken over', async () => {
    const lab = createLab()
    const { queue, pass, later } = lab
    await queue.add('a', 'work', HOST)
    const first = await claimed(lab)
    pass(90)
    const second = await claimed(lab)
    await queue.settle(first)
    await queue.retry(first, later(3600))
    await queue.retry(second, later(60))
    pass(60)
    assert.equal((await claimed(lab)).attempts, 3)
  })

  it('waits until a piece is to be tried again', async () => {
    const lab = createLab()
    const { queue, pass, later } = lab
    await queue.add('a', 'work', HOST)
    await queue.retry(await claimed(lab), later(60))
    pass(59)
    assert.deepEqual([await queue.due(), await queue.claim('a')], [[], undefined])
    pass(1)
    assert.deepEqual(await queue.due(), [{ id: 'a', ...HOST }])
  })

  it('takes the same on once, and renews it where that is meant', async () => {
    const lab = createLab()
    const { queue, later } = lab
    await queue.add('a', 'one', HOST)
    assert.equal(await queue.add('a', 'two', HOST), false)
    const claim = await claimed(lab)
    assert.equal(claim.work, 'one')
    await queue.retry(claim, later(3600))
    assert.equal(await queue.add('a', 'two', { ...HOST, renews: true }), true)
    const renewed = await claimed(lab)
    assert.deepEqual([renewed.work, renewed.attempts], ['two', 1])
  })

  it('does once more what is asked for again while somebody is at it', async () => {
    for (const end of ['settle', 'retry'] as const) {
      const lab = createLab()
      const { queue, later } = lab
      await queue.add('a', 'one', HOST)
      const claim = await claimed(lab)
      await queue.add('a', 'two', { ...HOST, renews: true })
      assert.equal(await queue.claim('a'), undefined)
      if (end === 'settle') await queue.settle(claim)
      else await queue.retry(claim, later(3600))
      const again = await claimed(lab)
      assert.equal(again.work, 'two')
      await queue.settle(again)
      assert.deepEqual(await queue.due(), [])
    }
  })

  it('does not take on what is remembered as done, until that is over', async () => {
    const lab = createLab()
    const { queue, pass, later } = lab
    await queue.add('a', 'work', HOST)
    await queue.settle(await claimed(lab), { remember: later(60) })
    assert.equal(await queue.add('a', 'work', { ...HOST, renews: true }), false)
    pass(60)
    assert.equal(await queue.add('a', 'work', HOST), true)
  })

  it('has room for so many that are new, for so many of one host', async () => {
    const lab = createLab({ waiting: 2, waitingPerHost: 1 })
    const { queue, later } = lab
    assert.equal(await queue.hasRoom('a.example'), true)
    await queue.add('a', 'work', { host: 'a.example' })
    assert.equal(await queue.hasRoom('a.example'), false)
    assert.equal(await queue.hasRoom('b.example'), true)
    await queue.add('b', 'work', { host: 'b.example' })
    assert.equal(await queue.hasRoom('c.example'), false)
    await queue.retry(await claimed(lab), later(60))
    assert.equal(await queue.hasRoom('c.example'), true)
    assert.equal(await queue.hasRoom('a.example'), false)
  })

  it('gives up what waits longest, where too many wait for another attempt', async () => {
    const lab = createLab({ retrying: 2 })
    const { queue, later, pass } = lab
    for (const [id, seconds] of [
      ['a', 60],
      ['b', 300],
      ['c', 120],
    ] as const) {
      await queue.add(id, 'work', HOST)
      await queue.retry(await claimed(lab, id), later(seconds))
    }
    pass(300)
    assert.deepEqual(
      (await queue.due()).map(({ id }) => id),
      ['a', 'c'],
    )
  })

  it('frees what the dead were at, for whoever works alone', async () => {
    const lab = createLab()
    await lab.queue.add('a', 'work', HOST)
    await claimed(lab)
    assert.equal(await lab.queue.claim('a'), undefined)
    await lab.queue.release()
    assert.ok(await lab.queue.claim('a'))
  })
})

describe('sweepQueue()', () => {
  it('does what is due: one piece for each host, then the next of each', async () => {
    const { queue, now, pass } = createLab()
    for (const [id, host] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['a3', 'a'],
      ['b1', 'b'],
    ] as const) {
      await queue.add(id, 'work', { host })
      pass(1)
    }
    const done: string[] = []
    const process = async (id: string) => void done.push(id)
    assert.equal(await sweepQueue(queue, process, { now, limit: 3 }), 3)
    assert.deepEqual(done, ['a1', 'b1', 'a2'])
  })

  it('begins nothing after its time, and goes on where one piece fails', async () => {
    const { queue, now, pass } = createLab()
    for (const id of ['a', 'b', 'c']) await queue.add(id, 'work', { host: id })
    const done: string[] = []
    const process = async (id: string) => {
      done.push(id)
      if (id === 'a') throw new Error('out of order')
    }
    await assert.rejects(sweepQueue(queue, process, { now }), /out of order/)
    assert.deepEqual(done, ['a', 'b', 'c'])
    const slow = async () => pass(21)
    for (const id of ['d', 'e']) await queue.add(id, 'work', { host: 'one' })
    const begun = await sweepQueue({ due: async () => (await queue.due()).slice(3) }, slow, { now })
    assert.equal(begun, 1)
  })

  it('begins nothing more once the process is to stop', async () => {
    const { queue, now } = createLab()
    for (const id of ['a', 'b']) await queue.add(id, 'work', { host: 'one' })
    const stopping = new AbortController()
    const process = async () => stopping.abort()
    assert.equal(await sweepQueue(queue, process, { now, signal: stopping.signal }), 1)
  })
})
