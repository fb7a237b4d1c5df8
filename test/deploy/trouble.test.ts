import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { START } from '../support/deployed-site.ts'
import { createSiteAndReceiver, HOUR, MINUTE } from '../support/site-and-receiver.ts'

describe('sendDeliveries(), receivers in trouble', () => {
  it('backs off, longer each time, and delivers in the end', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const bob = receiver.url('bob', '/1')
    await site.publish('posts/a', [bob])
    receiver.script({ endpoint: (_, earlier) => (earlier < 3 ? 500 : 202) })
    for (const minutes of [1, 2, 4]) {
      const [row] = await site.send()
      assert.equal(row?.outcome, 'pending')
      assert.equal(
        row?.nextTry,
        new Date(site.clock.now().getTime() + minutes * MINUTE).toISOString(),
      )
      site.clock.advance(minutes * MINUTE - 1)
      receiver.forget()
      assert.equal((await site.send())[0]?.outcome, 'pending')
      assert.deepEqual(receiver.log, [])
      site.clock.advance(1)
      receiver.script({ endpoint: () => (minutes < 4 ? 500 : 202) })
    }
    const [row] = await site.send()
    assert.deepEqual([row?.outcome, row?.attempts], ['delivered', 4])
  })

  for (const [name, retryAfter] of [
    ['seconds', () => '7200'],
    ['a date', () => new Date(START.getTime() + 2 * HOUR).toUTCString()],
  ] as const) {
    it(`leaves alone whoever says Retry-After, in ${name}`, async (t) => {
      const { site, receiver } = await createSiteAndReceiver(t)
      await site.publish('posts/a', [receiver.url('bob', '/1')])
      for (const status of [429, 503]) {
        receiver.script({
          endpoint: () => ({ status, headers: { 'retry-after': retryAfter() } }),
        })
        const [row] = await site.send({ force: true })
        assert.equal(row?.nextTry, new Date(START.getTime() + 2 * HOUR).toISOString())
      }
      receiver.forget()
      receiver.script({})
      site.clock.advance(2 * HOUR - 1)
      await site.send()
      assert.deepEqual(receiver.log, [])
      site.clock.advance(1)
      assert.equal((await site.send())[0]?.outcome, 'delivered')
    })
  }

  it('gives up after three days, tells so once, and then is silent', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    await site.publish('posts/a', [receiver.url('bob', '/1')])
    receiver.script({ endpoint: () => 503 })
    for (let attempt = 1; attempt <= 4; attempt++) {
      assert.equal((await site.send())[0]?.outcome, 'pending')
      site.clock.advance(24 * HOUR)
    }
    const [row] = await site.send()
    assert.equal(row?.outcome, 'failed')
    assert.match(row?.reason ?? '', /^given up after 5 attempts: /)
    receiver.forget()
    assert.equal((await site.send())[0]?.outcome, 'skipped')
    assert.deepEqual(receiver.log, [])
  })

  for (const behaviour of ['reset', 'stall', 'cut'] as const) {
    it(`tries again later when a target or an endpoint does "${behaviour}"`, async (t) => {
      const { site, receiver } = await createSiteAndReceiver(t, { timeout: 300 })
      await site.publish('posts/a', [receiver.url('bob', '/1')])
      receiver.script({ page: () => behaviour })
      const [discovery] = await site.send()
      assert.deepEqual([discovery?.outcome, discovery?.attempts], ['pending', 1])

      site.clock.advance(HOUR)
      receiver.script({ endpoint: () => behaviour })
      const [row] = await site.send()
      // Of an answer that breaks off, the status has said that it was taken.
      assert.equal(row?.outcome, behaviour === 'cut' ? 'delivered' : 'pending')
      site.clock.advance(HOUR)
      receiver.script({})
      await site.send()
      assert.equal((await site.delivery(receiver.url('bob', '/1')))?.outcome, 'delivered')
    })
  }

  it('takes a 4xx for the last word', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    await site.publish('posts/a', [receiver.url('bob', '/1')])
    receiver.script({ endpoint: () => ({ status: 400, body: 'no link found' }) })
    const [row] = await site.send()
    assert.equal(row?.outcome, 'failed')
    assert.match(row?.reason ?? '', /400.*no link found/)
    site.clock.advance(100 * HOUR)
    receiver.forget()
    assert.equal((await site.send())[0]?.outcome, 'skipped')
    assert.deepEqual(receiver.log, [])
  })

  it('does not follow a redirect to a private address', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const bob = receiver.url('bob', '/1')
    const headers = { location: 'http://10.0.0.1/webmention' }
    await site.publish('posts/a', [bob])
    receiver.script({ page: () => ({ status: 302, headers }) })
    assert.equal((await site.send())[0]?.outcome, 'refused')
    receiver.script({ endpoint: () => ({ status: 307, headers }) })
    const [row] = await site.send({ force: true })
    assert.equal(row?.outcome, 'refused')
    assert.match(row?.reason ?? '', /not at an address of the public web/)
  })

  it('remembers for a day that a target has no endpoint', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const bob = receiver.url('bob', '/1')
    await site.publish('posts/a', [bob])
    receiver.script({ page: () => 200 })
    const [row] = await site.send()
    assert.deepEqual([row?.outcome, row?.reason], ['skipped', 'no webmention endpoint'])

    receiver.script({})
    receiver.forget()
    site.clock.advance(24 * HOUR - 1)
    assert.equal(
      (await site.send())[0]?.reason,
      'no webmention endpoint, looked at again after 2026-03-02',
    )
    assert.deepEqual(receiver.log, [])
    site.clock.advance(1)
    assert.equal((await site.send())[0]?.outcome, 'delivered')
  })

  it('looks for an endpoint at once when the post has changed', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const bob = receiver.url('bob', '/1')
    await site.publish('posts/a', [bob])
    receiver.script({ page: () => 200 })
    await site.send()
    receiver.script({})
    await site.publish('posts/a', [bob], 'changed')
    assert.equal((await site.send())[0]?.outcome, 'delivered')
  })
})
