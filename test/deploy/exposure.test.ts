import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { DeliveryProtocol, Parcel } from '../../lib/delivery/delivery.ts'
import { exitCodeOf } from '../../lib/deploy/report.ts'
import { createWebmentionDelivery } from '../../lib/webmention/delivery.ts'
import { createDeployedSite, fakeLink, START, type DeployedSite } from '../support/deployed-site.ts'
import { scriptedProtocol } from '../support/scripted-protocol.ts'
import { createReceiver, targetPage, type Receiver } from '../support/receiver.ts'

const LISTER = 'https://webmention.io/bob.example/webmention'

async function setUp(t: TestContext): Promise<{ site: DeployedSite; receiver: Receiver }> {
  const receiver = await createReceiver({ page: () => targetPage(LISTER) })
  t.after(() => receiver.close())
  return { receiver, site: await createDeployedSite(t) }
}

/** The real protocol on a web in which the lister exists and takes whatever it is sent. */
function listed(
  exposure: 'refuse' | 'warn' | 'allow',
  site: DeployedSite,
): { protocol: DeliveryProtocol; sent: Parcel[] } {
  const sent: Parcel[] = []
  const real = createWebmentionDelivery({ exposure, now: site.clock.now })
  return {
    sent,
    protocol: {
      ...real,
      deliver: (parcel, endpoint) =>
        real.deliver(parcel, endpoint, {
          async fetch() {
            sent.push(parcel)
            return new Response(null, { status: 202 })
          },
        }),
    },
  }
}

describe('sendDeliveries(), receivers that publish the sources', () => {
  it('sends them no capability URL, says why, and asks nobody again', async (t) => {
    const { site, receiver } = await setUp(t)
    await site.publishPrivately({ path: 'x.md', links: [fakeLink(receiver.url('bob'), 1)] })
    const { protocol, sent } = listed('refuse', site)
    const send = () => site.send({ protocols: [protocol], policy: 'refuse' })

    const rows = await send()
    assert.equal(rows[0]?.outcome, 'refused')
    assert.match(rows[0]?.reason ?? '', /webmention\.io would publish/)
    assert.equal(rows[0]?.endpoint, LISTER)
    assert.equal(exitCodeOf(rows), 1)
    assert.deepEqual(sent, [])

    receiver.forget()
    site.forget()
    const [again] = await send()
    assert.equal(again?.outcome, 'refused')
    assert.equal(again?.reason, rows[0]?.reason)
    assert.deepEqual([receiver.log, site.log, sent], [[], [], []])
  })

  it('knows WordPress by the headers of the page that it has to fetch anyway', async (t) => {
    const { site, receiver } = await setUp(t)
    const wordPress = targetPage('/mention', {
      link: `<${receiver.url('bob', '/wp-json/')}>; rel="https://api.w.org/"`,
    })
    receiver.script({ page: () => wordPress })
    await site.publishPrivately({ path: 'x.md', links: [fakeLink(receiver.url('bob'), 1)] })
    const [row] = await site.send()
    assert.equal(row?.outcome, 'refused')
    assert.match(row?.reason ?? '', /^WordPress would publish .*recognised by its link with rel=/)
    assert.deepEqual(
      receiver.log.map(({ method, path }) => `${method} ${path}`),
      ['GET /'],
    )
    receiver.script({ page: () => targetPage('/mention') })
    const [twin] = await site.send({ policy: 'asks again' })
    assert.equal(twin?.outcome, 'delivered')
  })

  it('says in a dry run what the ledger knows of the receiver, and asks nobody', async (t) => {
    const { site, receiver } = await setUp(t)
    const bob = receiver.url('bob')
    await site.publishPrivately({ path: 'x.md', links: [fakeLink(bob, 1)] })
    await site.send()
    await site.publishPrivately({ path: 'y.md', links: [fakeLink(bob, 2)] })
    receiver.forget()
    const intended = async (exposure: 'refuse' | 'warn' | 'allow') => {
      await site.configure({ exposure })
      const rows = await site.send({ dryRun: true })
      const { outcome, reason } = rows.find(({ post }) => post === 'y.md') ?? assert.fail()
      return `${outcome}: ${reason}`
    }
    assert.match(await intended('refuse'), /^refused: dry run: webmention\.io would publish/)
    assert.match(
      await intended('warn'),
      /^pending: dry run: would be sent \(new\)\. Warning: webmention\.io would publish/,
    )
    assert.equal(await intended('allow'), 'pending: dry run: would be sent (new)')
    await site.configure({ exposure: 'refuse' })
    const webmention = createWebmentionDelivery({ exposure: 'refuse', now: site.clock.now })
    const protocols = [webmention, scriptedProtocol('pigeon')]
    const rows = await site.send({ dryRun: true, protocols })
    const { outcome, reason } = rows.find(({ post }) => post === 'y.md') ?? assert.fail()
    assert.equal(outcome, 'pending', 'the next protocol may carry it')
    assert.match(reason, /would be sent \(new\)\. Not by webmention: webmention\.io would publish/)
    assert.deepEqual(receiver.log, [])
  })

  it('visits no private address for anybody, which is a fault only where a private post is at stake', async (t) => {
    const { site } = await setUp(t)
    const router = 'http://192.168.0.1/'
    await site.publish('posts/a', [router])
    const open = await site.send()
    assert.deepEqual([open[0]?.target, open[0]?.outcome], [router, 'refused'])
    assert.equal(exitCodeOf(open), 0)

    await site.publishPrivately({ path: 'x.md', links: [fakeLink(router, 1)] })
    const both = await site.send()
    assert.deepEqual(both.map(({ outcome, private: isPrivate }) => [outcome, isPrivate]).sort(), [
      ['refused', false],
      ['refused', true],
    ])
    assert.equal(exitCodeOf(both), 1)
  })

  it('sends them one when that is allowed, also after it was refused', async (t) => {
    const { site, receiver } = await setUp(t)
    await site.publishPrivately({ path: 'x.md', links: [fakeLink(receiver.url('bob'), 1)] })
    await site.send({ protocols: [listed('refuse', site).protocol], policy: 'refuse' })

    const { protocol, sent } = listed('allow', site)
    const rows = await site.send({ protocols: [protocol], policy: 'allow' })
    assert.equal(rows[0]?.outcome, 'delivered')
    assert.equal(exitCodeOf(rows), 0)
    assert.equal(sent.length, 1)
  })

  it('looks again when the post has changed', async (t) => {
    const { site, receiver } = await setUp(t)
    const links = [fakeLink(receiver.url('bob'), 1)]
    await site.publishPrivately({ path: 'x.md', links })
    await site.send()
    receiver.script({})
    await site.publishPrivately({ path: 'x.md', links, title: 'changed' })
    assert.equal((await site.send())[0]?.outcome, 'delivered')
  })

  it('sends them what is public', async (t) => {
    const { site, receiver } = await setUp(t)
    await site.publish('posts/a', [receiver.url('bob', '/1')])
    const { protocol, sent } = listed('refuse', site)
    const [row] = await site.send({ protocols: [protocol] })
    assert.equal(row?.outcome, 'delivered')
    assert.equal(sent[0]?.exposure, 'public')
  })

  it('tells one that knows a link that the link has ended', async (t) => {
    const { site, receiver } = await setUp(t)
    const link = fakeLink(receiver.url('bob'), 1)
    await site.publishPrivately({ path: 'x.md', links: [link] })
    await site.send({ protocols: [listed('allow', site).protocol], policy: 'allow' })

    const revoked = { at: START.toISOString(), reason: 'revoked' } as const
    await site.publishPrivately({ path: 'x.md', links: [{ ...link, revoked }] })
    const { protocol, sent } = listed('refuse', site)
    const [row] = await site.send({ protocols: [protocol], policy: 'refuse' })
    assert.deepEqual([row?.outcome, sent.length], ['delivered', 1])
  })

  it('tells one that does not know a link nothing of its end', async (t) => {
    const { site, receiver } = await setUp(t)
    const link = fakeLink(receiver.url('bob'), 1)
    receiver.script({})
    await site.publishPrivately({ path: 'x.md', links: [link] })
    await site.send()

    receiver.script({ page: () => targetPage(LISTER) })
    const revoked = { at: START.toISOString(), reason: 'revoked' } as const
    await site.publishPrivately({ path: 'x.md', links: [{ ...link, revoked }] })
    const { protocol, sent } = listed('refuse', site)
    for (const policy of ['refuse', 'another']) {
      const [row] = await site.send({ protocols: [protocol], policy })
      assert.deepEqual([row?.outcome, sent.length], ['refused', 0])
    }
  })
})

describe('sendDeliveries(), protocols in order of preference', () => {
  it('takes the first that the target speaks', async (t) => {
    const { site, receiver } = await setUp(t)
    receiver.script({})
    const [bob, carol] = [receiver.url('bob', '/1'), receiver.url('carol', '/1')]
    await site.publish('posts/a', [bob, carol])
    const pigeons: string[] = []
    const pigeon: DeliveryProtocol = {
      name: 'pigeon',
      discover: async (target) =>
        target.href === bob ? new URL('https://loft.example/') : undefined,
      async deliver({ target }) {
        pigeons.push(target.href)
        return { outcome: 'delivered', reason: 'it flew' }
      },
    }
    const webmention = createWebmentionDelivery({ exposure: 'refuse', now: site.clock.now })
    const rows = await site.send({ protocols: [pigeon, webmention] })
    assert.deepEqual(
      rows.map(({ protocol }) => protocol),
      ['pigeon', 'webmention'],
    )
    assert.deepEqual(pigeons, [bob])
    assert.deepEqual(
      receiver.log.map(({ host, method }) => `${method} ${host.split('.')[0]}`),
      ['GET carol', 'POST carol'],
    )
  })
})
