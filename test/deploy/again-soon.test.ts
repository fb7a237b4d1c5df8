import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRetries } from '../../lib/deploy/again-soon.ts'
import { createSiteAndReceiver } from '../support/site-and-receiver.ts'
import { targetPage, type Behaviour } from '../support/receiver.ts'

const later = (status: number, seconds: number): Behaviour => ({
  status,
  headers: { 'retry-after': String(seconds) },
})

/** What one run does about an endpoint that answers this, one answer after the other, and then 202. */
async function runWith(t: Parameters<typeof createSiteAndReceiver>[0], answers: Behaviour[]) {
  const { site, receiver } = await createSiteAndReceiver(t)
  await site.publish('posts/a', [receiver.url('bob', '/1')])
  receiver.script({ endpoint: (_, earlier) => answers[earlier] ?? 202 })
  const start = site.clock.now().getTime()
  const time = () => site.clock.now().getTime()
  const [row] = await site.send({
    /** Two that wait at the same moment wait together. */
    async sleep(milliseconds) {
      const until = time() + milliseconds
      await new Promise(setImmediate)
      site.clock.advance(Math.max(0, until - time()))
    },
  })
  return {
    outcome: row?.outcome,
    attempts: row?.attempts,
    posts: receiver.log.filter(({ method }) => method === 'POST').length,
    gets: receiver.log.filter(({ method }) => method === 'GET').length,
    seconds: (site.clock.now().getTime() - start) / 1000,
  }
}

describe('sendDeliveries(), what is put off shortly', () => {
  for (const [what, answers, posts, seconds] of [
    ['by Retry-After of a second', [later(503, 1)], 2, 1],
    ['by Retry-After of half a minute', [later(429, 30)], 2, 30],
    ['by Retry-After, again and again', [later(503, 20), later(503, 20), later(503, 20)], 4, 60],
    ['by a first 5xx', [500], 2, 2],
    ['by a connection that breaks off', ['reset'], 2, 2],
  ] as const) {
    it(`is tried again within the run: ${what}`, async (t) => {
      const run = await runWith(t, [...answers])
      assert.deepEqual([run.outcome, run.attempts, run.posts, run.gets], ['delivered', 1, posts, 1])
      assert.ok(run.seconds >= seconds && run.seconds <= 2 * seconds, `${run.seconds} s`)
    })
  }

  for (const [what, answers, posts] of [
    ['by Retry-After of more than half a minute', [later(503, 31)], 1],
    ['by a second 5xx', [500, 500], 2],
    ['by 429 without a time', [429], 1],
  ] as const) {
    it(`is left to a later run: ${what}`, async (t) => {
      const run = await runWith(t, [...answers])
      assert.deepEqual([run.outcome, run.attempts, run.posts], ['pending', 1, posts])
    })
  }

  it('is asked once more for its endpoint, by all who wait for it together', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    for (const post of [1, 2, 3]) await site.publish(`posts/${post}`, [receiver.url('bob', '/1')])
    receiver.script({ page: (_, earlier) => (earlier === 0 ? 503 : targetPage()) })
    const rows = await site.send()
    assert.ok(rows.every(({ outcome }) => outcome === 'delivered'))
    assert.equal(receiver.log.filter(({ method }) => method === 'GET').length, 2)
    assert.equal(receiver.taken.length, 3)
  })

  it('rests a host that asks for it, and gives it less at once', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const targets = Array.from({ length: 40 }, (_, i) => receiver.url('bob', `/${i}`))
    await site.publish('posts/a', targets)
    let posts = 0
    receiver.script({ endpoint: () => (++posts <= 4 ? later(429, 5) : 202) })
    const rows = await site.send()
    assert.ok(rows.every(({ outcome }) => outcome === 'delivered'))
    assert.equal(posts, 44, 'nobody else was sent away')
  })

  it('does not wait when the run is stopped', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    await site.publish('posts/a', [receiver.url('bob', '/1')])
    const stop = new AbortController()
    receiver.script({ endpoint: () => (stop.abort(), later(503, 5)) })
    const [row] = await site.send({ signal: stop.signal })
    assert.deepEqual([row?.outcome, receiver.log.length], ['pending', 2])
  })
})

describe('createRetries()', () => {
  it('has a patience of two minutes in all', () => {
    let time = Date.parse('2026-03-01T12:00:00Z')
    const pauseFor = createRetries(() => new Date(time))
    const pauses: number[] = []
    for (;;) {
      const notBefore = new Date(time + 25_000)
      const receipt = { outcome: 'pending', reason: 'busy', notBefore } as const
      const pause = pauseFor({ receipt, isBrief: true })
      if (pause === undefined) break
      pauses.push(pause)
      time += pause
    }
    assert.deepEqual(pauses, [25_000, 25_000, 25_000, 25_000])
  })

  it('waits for nothing that was not put off', () => {
    const pauseFor = createRetries(() => new Date())
    for (const outcome of ['delivered', 'failed', 'refused', 'skipped'] as const) {
      assert.equal(pauseFor({ receipt: { outcome, reason: '' }, isBrief: true }), undefined)
    }
  })
})
