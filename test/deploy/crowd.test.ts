import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createDeployedSite, postPage } from '../support/deployed-site.ts'
import { createReceiver, targetPage } from '../support/receiver.ts'

const HOUR = 60 * 60_000

describe('sendDeliveries(), many targets', () => {
  it('has at most four requests under way at a host, and more than one', async (t) => {
    const receiver = await createReceiver({
      page: () => ({ ...(targetPage() as object), status: 200, after: 20 }),
      endpoint: () => ({ status: 202, after: 5 }),
    })
    t.after(() => receiver.close())
    const site = await createDeployedSite(t)
    const targets = Array.from({ length: 30 }, (_, i) => receiver.url('bob', `/${i}`))
    await site.publish('posts/a', targets)
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    t.after(() => process.off('warning', onWarning))
    await site.send()
    assert.deepEqual(warnings, [])
    assert.equal(receiver.taken.length, 30)
    assert.equal(receiver.busiest('bob'), 4)
  })

  it('has at most 64 requests under way in all, or as many as it is told', async (t) => {
    let requests = 0
    let most = 0
    const slow = (behaviour: object) => {
      most = Math.max(most, ++requests)
      setTimeout(() => requests--, 98)
      return { status: 200, ...behaviour, after: 100 }
    }
    const receiver = await createReceiver({
      page: () => slow(targetPage() as object),
      endpoint: () => slow({}),
    })
    t.after(() => receiver.close())
    const site = await createDeployedSite(t)
    const hosts = Array.from({ length: 80 }, (_, i) => receiver.url(`host${i}`))
    await site.publish('posts/a', hosts)
    await site.send()
    assert.equal(receiver.taken.length, 80)
    assert.ok(most > 32 && most <= 64, `${most} at once`)
    most = 0
    await site.send({ force: true, parallelism: { inTotal: 3 } })
    assert.deepEqual([receiver.taken.length, most], [160, 3])
  })

  it('asks each target once for its endpoint, however many posts link to it', async (t) => {
    const receiver = await createReceiver()
    t.after(() => receiver.close())
    const site = await createDeployedSite(t)
    const targets = Array.from({ length: 5 }, (_, i) => receiver.url('bob', `/${i}`))
    for (let post = 0; post < 20; post++) await site.publish(`posts/${post}`, targets)
    await site.send()
    const asked = receiver.log.filter(({ method }) => method === 'GET')
    assert.deepEqual([asked.length, receiver.taken.length], [5, 100])
  })

  it('is not held up by a receiver that stalls', async (t) => {
    const receiver = await createReceiver({
      endpoint: ({ host }) => (host.startsWith('slow') ? 'stall' : 202),
    })
    t.after(() => receiver.close())
    const site = await createDeployedSite(t, { timeout: 5_000 })
    const slow = Array.from({ length: 4 }, (_, i) => receiver.url('slow', `/${i}`))
    const quick = Array.from({ length: 20 }, (_, i) => receiver.url(`host${i}`))
    await site.publish('posts/a', [...slow, ...quick])

    const settled: string[] = []
    await site.send({
      onProgress: (step) => {
        if (step.step === 'settled') settled.push(step.row.outcome)
      },
    })
    assert.deepEqual(settled, [...Array(20).fill('delivered'), ...Array(4).fill('pending')])
  })

  it('brings 300 deliveries through to receivers in all kinds of trouble, each exactly once', async (t) => {
    const troubles = [
      () => 500,
      () => 'reset' as const,
      () => ({ status: 429, headers: { 'retry-after': '120' } }),
      () => ({ status: 503, headers: { 'retry-after': 'Mon, 02 Mar 2026 01:00:00 GMT' } }),
      () => 502,
      () => 408,
    ]
    const trouble = (seed: string, earlier: number) => {
      const sum = [...seed].reduce((total, letter) => total + letter.charCodeAt(0), 0)
      return earlier < sum % 4 ? troubles[(sum + earlier) % troubles.length] : undefined
    }
    const receiver = await createReceiver({
      page: ({ host, path }, earlier) => trouble(host + path, earlier)?.() ?? targetPage(),
      endpoint: ({ target = '' }, earlier) =>
        trouble(target, earlier)?.() ?? { status: 202, after: 1 },
    })
    t.after(() => receiver.close())
    const site = await createDeployedSite(t)
    const targets = Array.from({ length: 300 }, (_, i) => receiver.url(`host${i % 40}`, `/${i}`))
    for (let post = 0; post < 10; post++) {
      const links = targets.slice(post * 30, post * 30 + 30)
      await site.write(`posts/${post}/index.html`, postPage(links))
    }
    let pending = 300
    for (let run = 0; run < 20 && pending > 0; run++) {
      const rows = await site.send()
      assert.equal(rows.length, 300)
      assert.ok(rows.every(({ outcome }) => ['delivered', 'pending', 'skipped'].includes(outcome)))
      pending = rows.filter(({ outcome }) => outcome === 'pending').length
      site.clock.advance(HOUR)
    }
    assert.equal(pending, 0)
    assert.deepEqual(receiver.taken.map(({ target }) => target).toSorted(), targets.toSorted())
  })
})
