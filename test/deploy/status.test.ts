import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { START } from '../support/deployed-site.ts'
import { targetPage, type Receiver } from '../support/receiver.ts'
import { createSiteAndReceiver, HOUR } from '../support/site-and-receiver.ts'

describe('sendDeliveries(), status pages', () => {
  const created = {
    endpoint: () => ({ status: 201, headers: { location: '/status/1' } }),
  }
  const status = (word: string) => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status: word }),
  })
  const page = (answer: (earlier: number) => string) => ({
    ...created,
    page: ({ path }: { path: string }, earlier: number) =>
      path === '/status/1' ? status(answer(earlier)) : targetPage(),
  })
  const looks = ({ log }: Receiver) => log.filter(({ path }) => path === '/status/1').length

  it('asks until the receiver has come to an end', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    await site.publish('posts/a', [receiver.url('bob', '/1')])
    receiver.script(page((earlier) => (earlier < 2 ? 'queued' : 'success')))
    const [row] = await site.send()
    assert.deepEqual([row?.outcome, row?.reason], ['delivered', 'accepted'])
    assert.equal(looks(receiver), 3)
    assert.equal((await site.send())[0]?.reason, 'unchanged')
    assert.equal(looks(receiver), 3)
  })

  it('learns that the receiver rejected it', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    await site.publish('posts/a', [receiver.url('bob', '/1')])
    receiver.script(page(() => 'no_link_found'))
    const [row] = await site.send()
    assert.deepEqual([row?.outcome, row?.reason], ['failed', 'rejected: no_link_found'])
    assert.equal((await site.delivery(receiver.url('bob', '/1')))?.outcome, 'failed')
  })

  it('stops asking after ten seconds, and asks once in each later run for three days', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    await site.publish('posts/a', [receiver.url('bob', '/1')])
    receiver.script(page(() => 'queued'))
    const [row] = await site.send()
    assert.deepEqual([row?.outcome, row?.reason], ['delivered', 'accepted, still processing'])
    assert.equal(site.clock.now().getTime() - START.getTime(), 10_000)
    assert.equal(looks(receiver), 4)

    receiver.forget()
    site.forget()
    assert.equal((await site.send())[0]?.reason, 'accepted, still processing')
    assert.deepEqual(
      receiver.log.map(({ path }) => path),
      ['/status/1'],
    )
    assert.deepEqual(site.log, [])
    receiver.script(page(() => 'blocked'))
    assert.equal((await site.send())[0]?.outcome, 'failed')
    receiver.forget()
    assert.equal((await site.send())[0]?.reason, 'failed before: rejected: blocked')
    assert.deepEqual(receiver.log, [])
  })

  it('does not ask what became of a link that is gone', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    await site.publish('posts/a', [receiver.url('bob', '/1')])
    await site.send()
    await site.remove('posts/a')
    receiver.script(page(() => 'no_link_found'))
    assert.equal((await site.send())[0]?.outcome, 'delivered')
    assert.equal(looks(receiver), 0)
  })

  it('does not ask for ever', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    await site.publish('posts/a', [receiver.url('bob', '/1')])
    receiver.script(page(() => 'queued'))
    await site.send()
    site.clock.advance(4 * 24 * HOUR)
    receiver.forget()
    assert.equal((await site.send())[0]?.reason, 'unchanged')
    assert.deepEqual(receiver.log, [])
  })
})
