import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { SendProgress } from '../../lib/deploy/send.ts'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import type { JournaledLedger } from '../../lib/ledger/journaled-ledger.ts'
import { createDeployedSite, fakeLink, outcomes, postPage } from '../support/deployed-site.ts'
import { createReceiver, targetPage } from '../support/receiver.ts'
import { createSiteAndReceiver, notified } from '../support/site-and-receiver.ts'

describe('sendDeliveries()', () => {
  it('delivers private and public posts, and says of each what came of it', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const [bob, carol] = [receiver.url('bob', '/1'), receiver.url('carol')]
    await site.publish('posts/a', [bob])
    await site.publishPrivately({
      path: 'private/x.md',
      links: [fakeLink(carol, 1), fakeLink('mailto:mum@example.com', 2)],
    })
    const rows = await site.send()
    assert.deepEqual(rows, [
      {
        post: 'private/x.md',
        recipient: carol,
        source: `${site.url.href}p/xxxx…/`,
        target: carol,
        endpoint: receiver.url('carol', '/webmention'),
        protocol: 'webmention',
        tried: [{ protocol: 'webmention', outcome: 'delivered', reason: rows[0]?.reason }],
        outcome: 'delivered',
        reason: rows[0]?.reason,
        attempts: 1,
        nextTry: null,
        private: true,
      },
      {
        post: 'posts/a/',
        recipient: null,
        source: `${site.url.href}posts/a/`,
        target: bob,
        endpoint: receiver.url('bob', '/webmention'),
        protocol: 'webmention',
        tried: [{ protocol: 'webmention', outcome: 'delivered', reason: rows[1]?.reason }],
        outcome: 'delivered',
        reason: rows[1]?.reason,
        attempts: 1,
        nextTry: null,
        private: false,
      },
      {
        post: 'private/x.md',
        recipient: 'mailto:mum@example.com',
        source: `${site.url.href}p/xxxx…/`,
        target: 'mailto:mum@example.com',
        endpoint: null,
        protocol: null,
        tried: [],
        outcome: 'skipped',
        reason: 'hand the link over: private-posts links private/x.md',
        attempts: 0,
        nextTry: null,
        private: true,
      },
    ])
    assert.deepEqual(receiver.taken.map(({ source }) => source).toSorted(), [
      `${site.url.href}p/xxxxxxxxxxxxxxxxxxxxxxxxx1/`,
      `${site.url.href}posts/a/`,
    ])
  })

  it('makes not one request for what is unchanged, and tells all when it changed', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const [one, two, carol] = [
      receiver.url('bob', '/1'),
      receiver.url('bob', '/2'),
      receiver.url('carol'),
    ]
    const links = [fakeLink(carol, 1)]
    await site.publish('posts/a', [one, two])
    await site.publishPrivately({ path: 'private/x.md', links })
    await site.send()
    receiver.forget()
    site.forget()

    await site.write('posts/a/index.html', postPage([one, two], 'Hello', 'built on Monday'))
    const rows = await site.send()
    assert.deepEqual([receiver.log, site.log], [[], []])
    assert.ok(rows.every(({ outcome, reason }) => outcome === 'skipped' && reason === 'unchanged'))

    await site.publish('posts/a', [one, two], 'Hello again')
    await site.send()
    assert.deepEqual(notified(receiver), [one, two])
    await site.publishPrivately({ path: 'private/x.md', links, title: 'Dinner at eight' })
    receiver.forget()
    await site.send()
    assert.deepEqual(notified(receiver), [carol])
  })

  it('discovers the endpoint anew when the post has changed', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const bob = receiver.url('bob', '/1')
    await site.publish('posts/a', [bob])
    await site.send()
    receiver.script({ page: () => targetPage('/moved') })
    await site.publish('posts/a', [bob], 'changed')
    await site.send()
    assert.deepEqual(
      receiver.log.filter(({ method }) => method === 'POST').map(({ path }) => path),
      ['/webmention', '/moved'],
    )
  })

  it('discovers the endpoint of a target once for all posts of a run', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    for (const post of ['a', 'b', 'c']) {
      await site.publish(post, [receiver.url('bob', '/1'), receiver.url('bob', `/1#${post}`)])
    }
    await site.send()
    assert.equal(receiver.log.filter(({ method }) => method === 'GET').length, 1)
    assert.equal(receiver.taken.length, 6)
  })

  it('sends everything again when forced', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    await site.publish('posts/a', [receiver.url('bob', '/1')])
    await site.send()
    await site.send()
    assert.equal(receiver.taken.length, 1)
    const rows = await site.send({ force: true })
    assert.equal(receiver.taken.length, 2)
    assert.equal(rows[0]?.outcome, 'delivered')
  })

  it('only says what it would do in a dry run', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    await site.publish('posts/a', [receiver.url('bob', '/1')])
    const before = await site.ledger()
    const rows = await site.send({ dryRun: true })
    assert.deepEqual([receiver.log, site.log], [[], []])
    assert.deepEqual(await site.ledger(), before)
    assert.deepEqual(
      rows.map(({ outcome, reason }) => [outcome, reason]),
      [['pending', 'dry run: would be sent (new)']],
    )
    await site.send()
    assert.equal((await site.send({ dryRun: true }))[0]?.reason, 'unchanged')
    assert.equal(receiver.taken.length, 1)
  })

  it('starts afresh at another address of the site', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    await site.publish('posts/a', [receiver.url('bob', '/1')])
    await site.send()
    const other = new URL(site.url.href.replace('alice.', 'www.alice.'))
    assert.equal((await site.send({ site: other })).length, 1)
    assert.deepEqual(
      receiver.taken.map(({ source }) => new URL(source ?? '').hostname),
      ['alice.localhost', 'www.alice.localhost'],
    )
    assert.equal((await site.send())[0]?.reason, 'unchanged')
    assert.equal(receiver.taken.length, 2)
  })

  it('sends from below the path prefix of a project page', async (t) => {
    const receiver = await createReceiver()
    t.after(() => receiver.close())
    const site = await createDeployedSite(t, { pathPrefix: '/blog/' })
    await site.publishPrivately({ path: 'x.md', links: [fakeLink(receiver.url('bob'), 1)] })
    assert.equal((await site.send())[0]?.outcome, 'delivered')
    assert.match(receiver.taken[0]?.source ?? '', /\/blog\/p\/x{25}1\/$/)
  })
})

describe('sendDeliveries(), a ledger that cannot be written', () => {
  it('sends nothing more, because nobody would know of it', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    await site.publish(
      'posts/a',
      Array.from({ length: 10 }, (_, i) => receiver.url(`host${i}`)),
    )
    const store = openLedgerFile(site.ledgerFile)
    let lines = 0
    const full: JournaledLedger = {
      ...store,
      beginJournal() {
        const journal = store.beginJournal()
        return {
          ...journal,
          append: (line) =>
            ++lines > 6 ? Promise.reject(new Error('no space left')) : journal.append(line),
        }
      },
    }
    await assert.rejects(site.send({ ledger: full, parallelism: { inTotal: 2 } }), {
      message: 'no space left',
    })
    const known = (await site.ledger()).deliveries
    assert.ok(receiver.taken.length <= known.length && known.length < 6, `${known.length} known`)
    const inFlight = known.filter((record) => record.inFlight)
    await site.send()
    assert.deepEqual(new Set(receiver.taken.map(({ target }) => target)).size, 10)
    assert.ok(receiver.taken.length <= 10 + inFlight.length)
  })
})

describe('sendDeliveries(), a deploy that is not there yet', () => {
  it('sends nothing until the page is live as built', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const bob = receiver.url('bob', '/1')
    await site.publish('posts/a', [bob], 'old')
    await cp(site.output, join(site.folder, 'deployed'), { recursive: true })
    site.serve(join(site.folder, 'deployed'))
    await site.publish('posts/a', [bob], 'new')
    await site.publish('posts/b', [bob])

    const rows = await site.send()
    assert.deepEqual(
      rows.map(({ outcome, reason, attempts, nextTry }) => [outcome, reason, attempts, nextTry]),
      [
        ['pending', 'not live yet: its content is not the one just built', 0, null],
        ['pending', 'not live yet: it answered 404', 0, null],
      ],
    )
    assert.deepEqual(receiver.log, [])

    site.serve(site.output)
    assert.deepEqual(outcomes(await site.send()), { [bob]: 'delivered' })
    assert.equal(receiver.taken.length, 2)
  })

  it('waits for it, and says so', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    await site.publish('posts/a', [receiver.url('bob', '/1')])
    site.serve(join(site.folder, 'nothing'))
    const steps: SendProgress[] = []
    const rows = await site.send({
      wait: 60_000,
      onProgress: (step) => steps.push(step),
      async sleep(milliseconds) {
        site.clock.advance(milliseconds)
        if (site.log.length === 3) site.serve(site.output)
      },
    })
    assert.equal(rows[0]?.outcome, 'delivered')
    assert.equal(site.log.length, 4)
    assert.deepEqual(
      steps.map(({ step }) => step),
      ['planned', 'waiting', 'settled'],
    )
  })
})
