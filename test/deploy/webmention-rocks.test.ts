import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { createDeployedSite, postPage } from '../support/deployed-site.ts'
import {
  createReceiver,
  targetPage,
  type Receiver,
  type ReceiverScript,
} from '../support/receiver.ts'

/** As at webmention.rocks: each look at a page gives another endpoint, and each works once. */
function singleUse(): ReceiverScript {
  const keys = new Set<string>()
  let count = 0
  return {
    page({ path }) {
      const key = `${path}?key=${++count}`
      keys.add(key)
      return targetPage(key)
    },
    endpoint: ({ path }) => (keys.delete(path) ? 202 : 400),
  }
}

async function setUp(t: TestContext) {
  const receiver = await createReceiver(singleUse())
  t.after(() => receiver.close())
  return { receiver, site: await createDeployedSite(t) }
}

function taken({ taken }: Receiver): string[] {
  return taken.map(({ target }) => new URL(target ?? '').pathname).toSorted()
}

/** @see https://webmention.rocks/#update-tests */
describe('sendDeliveries() against webmention.rocks', () => {
  it('Update 1: sends to a link that was added, and again to the one that was there', async (t) => {
    const { site, receiver } = await setUp(t)
    const [one, two] = ['/update/1', '/update/1/part/2'].map((path) => receiver.url('rocks', path))
    assert.ok(one && two)
    await site.publish('posts/a', [one])
    await site.send()
    assert.deepEqual(taken(receiver), ['/update/1'])

    await site.publish('posts/a', [one, two])
    await site.send()
    assert.deepEqual(taken(receiver), ['/update/1', '/update/1', '/update/1/part/2'])
    assert.equal(receiver.log.filter(({ method }) => method === 'POST').length, 3)
  })

  it('Update 2: sends to both when one of two links was removed', async (t) => {
    const { site, receiver } = await setUp(t)
    const [one, two] = ['/update/2', '/update/2/part/2'].map((path) => receiver.url('rocks', path))
    assert.ok(one && two)
    await site.publish('posts/a', [one, two])
    await site.send()
    receiver.forget()

    await site.publish('posts/a', [one])
    await site.send()
    assert.deepEqual(taken(receiver), ['/update/2', '/update/2/part/2'])
    assert.equal(receiver.log.filter(({ method }) => method === 'POST').length, 2)
  })

  it('Delete 1: sends again when the post answers 410 Gone', async (t) => {
    const { site, receiver } = await setUp(t)
    await site.publish('posts/a', [receiver.url('rocks', '/delete/1')])
    await site.send()
    receiver.forget()

    await site.remove('posts/a')
    site.answer(() => new Response('Gone', { status: 410 }))
    await site.send()
    assert.deepEqual(taken(receiver), ['/delete/1'])
  })

  it('Delete 1: or says in its head that it is gone', async (t) => {
    const { site, receiver } = await setUp(t)
    await site.publish('posts/a', [receiver.url('rocks', '/delete/1')])
    await site.send()
    receiver.forget()

    const tombstone = `<meta http-equiv="status" content="410 Gone">${postPage([], 'Deleted')}`
    await site.write('posts/a/index.html', tombstone)
    await site.send()
    assert.deepEqual(taken(receiver), ['/delete/1'])
  })
})
