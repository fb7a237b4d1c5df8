import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { createDeployedSite, postPage } from '../support/deployed-site.ts'
import {
  createReceiver,
  targetPage,
  type Receiver,
  type ReceiverScript,
} from '../support/receiver.ts'
import { startServer } from '../support/web-server.ts'
import { createRocks } from '../webmention/rocks.ts'
import { refusedRequests } from '../webmention/receiver-vectors.ts'
import { rocks } from '../webmention/vectors.ts'
import { openRunningSite } from './running-site.ts'

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

/** Each of them alone, with its traps, is in test/webmention/discovery.test.ts. */
describe('a post that links to all 23 discovery tests of webmention.rocks', () => {
  it('tells each of them once, and each of them again when it has changed', async (t) => {
    const log: string[] = []
    const server = await startServer(t, createRocks(log))
    const site = await createDeployedSite(t)
    const paths = [...rocks.map(({ id }) => `/test/${id}`), '/test/23/page']
    assert.equal(paths.length, 23)
    const targets = paths.map((path) => new URL(path, server).href)

    for (const text of ['Hello', 'Hello again']) {
      await site.publish('posts/a', targets, text)
      const rows = await site.send()
      assert.deepEqual(
        rows.map(({ target, outcome }) => `${outcome} ${target}`).toSorted(),
        targets.map((target) => `delivered ${target}`).toSorted(),
      )
      const posts = log.splice(0).filter((line) => line.startsWith('POST '))
      assert.equal(new Set(posts).size, 23)
      assert.equal(posts.length, 23)
    }
  })
})

/** @see https://webmention.rocks/#update-tests */
describe('a post that changes, at webmention.rocks', () => {
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

/** @see https://webmention.rocks/#receiver-tests */
describe('a site of ours, asked by webmention.rocks', () => {
  async function setUpReceiver(t: TestContext) {
    const alice = await openRunningSite(t, { host: 'localhost' })
    const rocks = await startServer(t, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end(`<div class="h-entry">
        <a class="u-in-reply-to" href="${alice.url}">in reply to</a>
        <p class="e-content">This test verifies that you accept a Webmention request.</p></div>`)
    })
    const post = (source: string, target: string) =>
      fetch(new URL('/webmention', alice.url), {
        method: 'POST',
        body: new URLSearchParams({ source, target }),
      })
    return { alice, source: new URL('/receive/1', rocks).href, post }
  }

  it('Receiver 1: takes a valid request with 201 and "Location", and the mention comes in', async (t) => {
    const { alice, source, post } = await setUpReceiver(t)
    const response = await post(source, alice.url.href)
    assert.equal(response.status, 201)
    const status = await fetch(response.headers.get('location') ?? '')
    assert.equal(status.status, 200)
    await alice.settle()
    assert.deepEqual(
      (await alice.messages()).map((message) => message.source),
      [source],
    )
  })

  it('Receiver 2: refuses what is no URL with 400, and nothing comes in', async (t) => {
    const { alice, source, post } = await setUpReceiver(t)
    const vectors = refusedRequests.filter(({ id }) => id.startsWith('rocks receiver 2'))
    assert.equal(vectors.length, 3)
    for (const { id, fields } of vectors) {
      const wrong = fields.filter(([, value]) => !value.startsWith('https:'))
      const request = { source, target: alice.url.href, ...Object.fromEntries(wrong) }
      assert.equal((await post(request.source, request.target)).status, 400, id)
    }
    await alice.settle()
    assert.deepEqual(await alice.messages(), [])
  })
})
