import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { planBuild, planBuildFile, PLAN_FILE, readPlan } from '../../lib/deploy/plan-file.ts'
import { sendPlanned, type SendOptions } from '../../lib/deploy/send.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { openLedgerRecord } from '../../lib/ledger/ledger-record.ts'
import type { Link } from '../../lib/ledger/ledger.ts'
import { createPrivateWebmentionDelivery } from '../../lib/private-webmention/delivery.ts'
import { openDeployFolder } from '../../lib/store/deploy-files.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { createWebmentionDelivery } from '../../lib/webmention/delivery.ts'
import { fakeLink, outcomes, postPage, START, type DeployedSite } from '../support/deployed-site.ts'
import { createSiteAndReceiver, notified } from '../support/site-and-receiver.ts'

const GATE = 'gategategat1'
const TRIP = 'private/trip.md'
const UNAUTHORIZED = () =>
  new Response('who is there?', {
    status: 401,
    headers: { 'www-authenticate': 'Bearer realm="x"' },
  })

const invitation = (recipient: string, digit: number, more: Partial<Link> = {}) =>
  fakeLink(recipient, digit, { invitation: true, ...more })

/** Enters a gated post in the ledger and in the deploy folder, as a build does. */
async function publishGated(site: DeployedSite, links: readonly Link[], text = 'Quokkas') {
  const live = links.filter(({ revoked }) => !revoked)
  const readers = live.map(({ recipient }, number) => ({
    id: recipient,
    name: recipient,
    files: { '': `gate/${GATE}/${number}/index.html` },
  }))
  await site.publishPrivately({ path: TRIP, access: 'gate', gate: GATE, links: [...links] })
  await write(site, 'gate.json', JSON.stringify({ version: 1, posts: { [GATE]: { readers } } }))
  for (const { id, files } of readers) {
    await write(site, files[''], postPage([id ?? ''], `${text} for ${id}`))
  }
}

async function write(site: DeployedSite, name: string, content: string): Promise<void> {
  const file = join(site.folder, '.private-posts/deploy', name)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

async function setUp(t: TestContext) {
  const { site, receiver } = await createSiteAndReceiver(t)
  const { now } = site.clock
  const secrets = createSecrets({
    ...{ keys: [Buffer.alloc(32, 7)] as [Uint8Array], site: site.url, now },
    store: createMemoryStore({ now }),
  })
  const options: Partial<SendOptions> = {
    files: openDeployFolder(join(site.folder, '.private-posts/deploy')),
    protocols: [
      createPrivateWebmentionDelivery({ secrets, now }),
      createWebmentionDelivery({ exposure: 'refuse', now }),
    ],
  }
  const [bob, carol] = [receiver.url('bob'), receiver.url('carol')]
  site.answer(UNAUTHORIZED)
  return { site, receiver, options, secrets, bob, carol }
}

describe('sendDeliveries(), gated posts', () => {
  it('tells each reader of the one address, with a code of their own', async (t) => {
    const { site, receiver, options, secrets, bob, carol } = await setUp(t)
    await publishGated(site, [invitation(bob, 1), invitation(carol, 2)])
    const rows = await site.send(options)
    assert.deepEqual(outcomes(rows), { [bob]: 'delivered', [carol]: 'delivered' })
    const source = new URL(`private/${GATE}/`, site.url).href
    for (const row of rows) {
      assert.deepEqual([row.source, row.protocol, row.post], [source, 'private-webmention', TRIP])
      assert.equal(row.private, true)
    }
    for (const { source: told, target, code = '' } of receiver.taken) {
      assert.equal(told, source)
      const opened = await secrets.open('webmention-code', code)
      assert.ok(opened.valid)
      assert.equal(opened.claims.recipient, target)
    }
    assert.equal(receiver.taken.length, 2)
  })

  it('tells again whose own copy has changed, and nobody else', async (t) => {
    const { site, receiver, options, bob, carol } = await setUp(t)
    const links = [invitation(bob, 1), invitation(carol, 2)]
    await publishGated(site, links)
    await site.send(options)
    receiver.forget()
    assert.deepEqual(outcomes(await site.send(options)), { [bob]: 'skipped', [carol]: 'skipped' })
    await write(site, `gate/${GATE}/1/index.html`, postPage([carol], 'Something new'))
    assert.deepEqual(outcomes(await site.send(options)), { [bob]: 'skipped', [carol]: 'delivered' })
    assert.deepEqual(notified(receiver), [carol])
  })

  it('takes for live what asks who is there, or lets us in, and nothing else', async (t) => {
    const { site, receiver, options, bob } = await setUp(t)
    await publishGated(site, [invitation(bob, 1)])
    for (const [answer, isLive] of [
      [new Response('', { status: 401 }), false],
      [new Response('', { status: 404 }), false],
      [new Response('', { status: 403 }), false],
      [new Response('hello', { status: 200 }), true],
    ] as const) {
      site.answer(() => answer)
      const rows = await site.send({ ...options, dryRun: false })
      assert.deepEqual(outcomes(rows), { [bob]: isLive ? 'delivered' : 'pending' })
      assert.equal(receiver.taken.length, isLive ? 1 : 0)
      if (!isLive)
        assert.match(rows[0]?.reason ?? '', /not live yet: it answered \d+, where a gate/)
    }
  })

  it('tells the parent, through the copy of whoever lives there', async (t) => {
    const { site, receiver, options, bob } = await setUp(t)
    await publishGated(site, [invitation(bob, 1)])
    const inReplyTo = receiver.url('bob', '/notes/7')
    const links = [invitation(bob, 1)]
    await site.publishPrivately({
      ...{ path: TRIP, access: 'gate', gate: GATE, inReplyTo, implied: bob, links },
    })
    assert.deepEqual(outcomes(await site.send(options)), { [inReplyTo]: 'delivered' })
  })

  it('leaves people without a website to the author, who has an invitation for them', async (t) => {
    const { site, options } = await setUp(t)
    await publishGated(site, [invitation('mailto:mum@example.com', 1)])
    const [row, ...others] = await site.send(options)
    assert.deepEqual(others, [])
    assert.equal(row?.source, `${site.url.href}invitation/xxxx…`)
    assert.match(row?.reason ?? '', /hand the link over: private-posts links private\/trip\.md/)
  })

  it('tells the site of a reader who is let in no more, once, with a code, and forgets it', async (t) => {
    const { site, receiver, options, bob, carol } = await setUp(t)
    await publishGated(site, [invitation(bob, 1), invitation(carol, 2)])
    await site.send(options)
    receiver.forget()
    const revoked = { at: START.toISOString(), reason: 'revoked' } as const
    await publishGated(site, [invitation(bob, 1, { revoked }), invitation(carol, 2)], 'Quokkas')
    const rows = await site.send(options)
    const bobs = rows.find(({ target }) => target === bob)
    assert.equal(bobs?.outcome, 'delivered')
    assert.equal(notified(receiver).filter((target) => target === bob).length, 1)
    assert.ok((await site.send(options)).every(({ target }) => target !== bob))
  })

  it('goes on telling of removed capability URLs when a post moves behind the gate', async (t) => {
    const { site, receiver, options, bob } = await setUp(t)
    site.answer(undefined)
    const link = fakeLink(bob, 1)
    await site.publishPrivately({ path: TRIP, links: [link] })
    await site.send(options)
    receiver.forget()
    const revoked = { at: START.toISOString(), reason: 'gated' } as const
    await site.remove(`p/${link.token}`)
    await publishGated(site, [{ ...link, revoked }])
    await site.send(options)
    assert.match(receiver.taken.map(({ source }) => source).join(), /\/p\/x+1\//)
  })
})

describe('sendPlanned()', () => {
  async function plan(site: DeployedSite, options: Partial<SendOptions>, url = site.url) {
    const ledger = await site.ledger()
    return planBuild({
      site: url,
      output: site.output,
      ledger,
      files: options.files ?? assert.fail(),
    })
  }

  it('delivers without the output folder what sendDeliveries would, and keeps its ledger in a store', async (t) => {
    const { site, receiver, options, bob, carol } = await setUp(t)
    site.answer(undefined)
    const target = receiver.url('dave', '/1')
    await site.publish('posts/a', [target])
    await site.publishPrivately({ path: 'private/dinner.md', links: [fakeLink(carol, 3)] })
    await publishGated(site, [invitation(bob, 1)])
    await site.write(`private/${GATE}/index.html`, 'stands in for the gate')
    const file = await plan(site, options)
    const text = JSON.stringify(file)
    assert.ok(text.includes(`"./private/${GATE}/"`) && text.includes('"./posts/a/"'))

    const { now } = site.clock
    const ledger = openLedgerRecord(createMemoryStore({ now }), 'ledger/main')
    const planned = { ...sendOptions(site, options), plan: JSON.parse(text), ledger }
    const rows = await sendPlanned(planned)
    assert.deepEqual(outcomes(rows), {
      [bob]: 'delivered',
      [carol]: 'delivered',
      [target]: 'delivered',
    })
    assert.equal(receiver.taken.length, 3)
    const kept = await ledger.read()
    assert.equal(kept.deliveries.length, 3)
    assert.deepEqual(Object.keys(kept.posts), ['private/dinner.md', TRIP])

    receiver.forget()
    assert.ok((await sendPlanned(planned)).every(({ outcome }) => outcome === 'skipped'))
    assert.deepEqual(receiver.log, [])
  })

  it('tells the target of a link that a later plan has no more', async (t) => {
    const { site, receiver, options } = await setUp(t)
    site.answer(undefined)
    const target = receiver.url('dave', '/1')
    await site.publish('posts/a', [target])
    const { now } = site.clock
    const ledger = openLedgerRecord(createMemoryStore({ now }), 'ledger/main')
    const rest = { ...sendOptions(site, options), ledger }
    await sendPlanned({ ...rest, plan: await plan(site, options) })
    await site.publish('posts/a', [])
    assert.deepEqual(outcomes(await sendPlanned({ ...rest, plan: await plan(site, options) })), {
      [target]: 'delivered',
    })
    assert.equal(receiver.taken.length, 2)
  })

  it('knows the content of a page also where the build did not know the address', async (t) => {
    const { site, receiver, options } = await setUp(t)
    site.answer(undefined)
    const target = receiver.url('dave', '/1')
    await site.write('posts/a/index.html', postPage([target, '/about/', 'sibling']))
    const elsewhere = new URL('https://alice.example/')
    const planned = {
      ...sendOptions(site, options),
      plan: await plan(site, options, elsewhere),
    }
    assert.deepEqual(outcomes(await sendPlanned(planned)), { [target]: 'delivered' })
    assert.match(receiver.taken[0]?.source ?? '', new RegExp(`^${site.url.href}posts/a/$`))

    await site.write('posts/a/index.html', postPage([target], 'not what was built'))
    const rows = await sendPlanned({ ...planned, force: true })
    assert.deepEqual(outcomes(rows), { [target]: 'pending' })
  })

  it('is a deploy file that can be read again', async (t) => {
    const { site, options } = await setUp(t)
    await publishGated(site, [invitation('https://bob.example/', 1)])
    const files = options.files ?? assert.fail()
    assert.equal(await readPlan(files), undefined)
    const ledger = await site.ledger()
    const { name, content } = await planBuildFile({
      site: site.url,
      output: site.output,
      ledger,
      files,
    })
    assert.equal(name, PLAN_FILE)
    await write(site, name, content)
    assert.deepEqual(await readPlan(files), await plan(site, options))
  })
})

/** What `site.send` would pass on, save what a plan replaces. */
function sendOptions(site: DeployedSite, { protocols }: Partial<SendOptions>) {
  const all = site.sendOptions()
  const { output: _, files: __, ...rest } = all
  return { ...rest, protocols: protocols ?? all.protocols }
}
