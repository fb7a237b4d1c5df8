import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createPmPeer, type PmPeerOptions } from '../support/rel-pm-peer.ts'
import {
  ALICE,
  BOB,
  createNeighbours,
  createResident,
  createTown,
  fieldsOf,
  PM_ALICE,
  PM_BOB,
  SIX_STEPS,
  SOURCE,
  type Town,
} from '../rel-pm/lab.ts'

const OTHER = new URL('https://pm.alice.example.uk/p/zzzzzzzzzzzzzzzzzzzzzzzzzz/')
const DIALECTS: readonly [string, Partial<PmPeerOptions>][] = [
  ['that names its endpoint in a Link header and has a form for step 3', {}],
  [
    'that names its endpoint in HTML, and leaves the check to step 4',
    { rel: 'html', checks: false },
  ],
]

describe('rel=pm, request by request, between two servers of ours', () => {
  it('takes the six steps of the document', async () => {
    const { town, alice, bob, message } = createNeighbours()
    const receipt = await alice.deliver(SOURCE, BOB)
    assert.equal(receipt?.outcome, 'delivered')
    await town.settle()
    assert.deepEqual(town.log, SIX_STEPS)
    assert.deepEqual(town.troubles, [])

    const [, two, , three, four, , six] = town.said
    const names = { message, message_id: message, id: message, code: message }
    const sender = { from: ALICE.href, sender: ALICE.href, source: ALICE.href }
    const people = { ...names, ...sender, to: BOB.href }
    assert.deepEqual(fieldsOf(two?.body ?? ''), { ...people, standing: 'true' })
    assert.deepEqual(fieldsOf(three?.body ?? ''), { check: message, ...people })
    const { token, standing_token, expires_in, ...request } = fieldsOf(four?.body ?? '')
    const place = { deliver_to: PM_BOB.href, destination: PM_BOB.href }
    assert.deepEqual(request, { ...names, to: BOB.href, ...place })
    assert.ok(token && standing_token && token !== standing_token)
    assert.equal(expires_in, String(30 * 24 * 60 * 60))
    assert.equal(six?.headers.get('authorization'), `Bearer ${token}`)
    assert.equal(six?.headers.get('content-type'), 'application/jf2+json')
    assert.deepEqual(JSON.parse(six?.body ?? ''), {
      type: 'entry',
      uid: message,
      author: { type: 'card', name: 'alice.example.org', url: ALICE.href },
      audience: [BOB.href],
      url: SOURCE.href,
      content: { text: 'Dinner at eight?', html: '<p>Dinner at eight?</p>' },
    })

    const [received] = bob.messages.values()
    assert.equal(bob.messages.size, 1)
    assert.equal(received?.text, 'Dinner at eight?')
    assert.equal(received?.sender, ALICE.href)
    assert.equal(received?.privacy, 'private')
  })

  it('tells its author in the end that it was handed over', async () => {
    const { town, alice } = createNeighbours()
    const receipt = await alice.deliver(SOURCE, BOB)
    assert.ok(receipt?.outcome === 'delivered' && receipt.statusUrl)
    assert.equal(await alice.delivery.follow?.(receipt.statusUrl, town), 'processing')
    await town.settle()
    assert.equal(await alice.delivery.follow?.(receipt.statusUrl, town), 'accepted')
  })

  it('tells its author in the end that it was refused', async () => {
    const { town, alice } = createNeighbours()
    const receipt = await alice.deliver(SOURCE, BOB)
    assert.ok(receipt?.outcome === 'delivered' && receipt.statusUrl)
    const { [PM_BOB.origin]: endpoint } = town.sites
    town.sites[PM_BOB.origin] = async (request, context) =>
      request.headers.has('authorization')
        ? new Response(null, { status: 403 })
        : (endpoint?.(request, context) ?? new Response(null, { status: 404 }))
    await town.settle()
    const progress = await alice.delivery.follow?.(receipt.statusUrl, town)
    assert.deepEqual(progress, { rejected: 'the endpoint answered 403' })
  })

  it('takes steps 5 and 6 alone for every further message, as in the alternate example', async () => {
    const { town, alice, bob } = createNeighbours()
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    for (const text of ['The second.', 'The third.']) {
      town.log.length = 0
      const source = new URL(`?${text.length}`, OTHER)
      alice.write(source, BOB, { text })
      const receipt = await alice.deliver(source, BOB)
      assert.deepEqual(receipt, { outcome: 'delivered', reason: 'handed over' })
      assert.deepEqual(town.log, [`GET ${BOB}`, `GET ${BOB}`, `POST ${PM_BOB}`])
    }
    assert.deepEqual(bob.received(), ['Dinner at eight?', 'The second.', 'The third.'])
  })

  it('replaces a message by its update, on either way', async () => {
    const { town, alice, bob } = createNeighbours()
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    alice.write(SOURCE, BOB, { text: 'Dinner at nine?' })
    await alice.deliver(SOURCE, BOB)
    assert.deepEqual(bob.received(), ['Dinner at nine?'])
    town.pass(31 * 24 * 60 * 60)
    alice.write(SOURCE, BOB, { text: 'Dinner at ten?' })
    const receipt = await alice.deliver(SOURCE, BOB)
    assert.match(receipt?.reason ?? '', /announced/)
    await town.settle()
    assert.deepEqual(bob.received(), ['Dinner at ten?'])
  })

  it('does so on one machine in development, and only then', async () => {
    for (const allowLoopback of [true, false]) {
      const [alicePage, bobPage] = ['http://alice.localhost:8380/', 'http://bob.localhost:8381/']
      const town = createTown()
      const add = (me: string) =>
        createResident(town, new URL(me), new URL('/pm', me), { allowLoopback })
      const [alice, bob] = [add(alicePage), add(bobPage)]
      // One origin each, for the home page and for the endpoint.
      for (const { me, endpoint, address } of [alice, bob]) {
        town.sites[me.origin] = async (request, context) =>
          new URL(request.url).pathname === '/'
            ? new Response('home', { headers: { link: '</pm>; rel=pm' } })
            : endpoint(request, context)
        assert.equal(address.origin, me.origin)
      }
      const source = new URL('/p/1/', alicePage)
      alice.write(source, bob.me)
      const receipt = await alice.deliver(source, bob.me)
      await town.settle()
      assert.equal(receipt?.outcome, allowLoopback ? 'delivered' : undefined)
      assert.deepEqual(bob.received(), allowLoopback ? ['Dinner at eight?'] : [])
    }
  })

  it('brings the answer of Bob into the thread of Alice', async () => {
    const { town, alice, bob } = createNeighbours()
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    const [received] = bob.messages.values()
    const source = new URL('https://pm.bob.example.net/p/yyyyyyyyyyyyyyyyyyyyyyyyyy/')
    bob.write(source, ALICE, { text: 'Gladly!', inReplyTo: received?.source ?? '' })
    await bob.deliver(source, ALICE)
    await town.settle()
    const [answer] = alice.messages.values()
    assert.equal(answer?.text, 'Gladly!')
    assert.equal(answer?.type, 'reply')
    assert.equal(answer?.target, SOURCE.href)
    assert.equal(answer?.inReplyTo, SOURCE.href)
    assert.equal(answer?.sender, BOB.href)
  })
})

function addPeer(town: Town, me: URL, pm: URL, options: Partial<PmPeerOptions>) {
  const peer = createPmPeer({ fetch: town.fetch, me: me.href, pm: pm.href, ...options })
  town.sites[me.origin] = peer.home
  town.sites[pm.origin] = peer.endpoint
  return peer
}

async function settle(town: Town, peer: ReturnType<typeof createPmPeer>) {
  for (let round = 0; round < 3; round++) {
    await peer.settle()
    await town.settle()
  }
}

for (const [name, dialect] of DIALECTS) {
  describe(`rel=pm with a peer ${name}`, () => {
    const check = dialect.checks === false ? [] : [`POST ${PM_ALICE}`]

    it('brings our message to it', async () => {
      const town = createTown()
      const alice = createResident(town, ALICE, PM_ALICE)
      const bob = addPeer(town, BOB, PM_BOB, dialect)
      const message = alice.write(SOURCE, BOB, { published: '2026-11-20T09:00:00Z' })
      const receipt = await alice.deliver(SOURCE, BOB)
      await settle(town, bob)
      assert.deepEqual(town.log, [
        `GET ${BOB}`,
        `POST ${PM_BOB}`,
        `GET ${ALICE}`,
        ...check,
        `POST ${PM_ALICE}`,
        `GET ${BOB}`,
        `POST ${PM_BOB}`,
      ])
      const [received] = bob.inbox
      assert.equal(bob.inbox.length, 1)
      assert.equal(received?.from, ALICE.href)
      assert.equal(received?.entry.uid, message)
      assert.equal(received?.entry.content.text, 'Dinner at eight?')
      assert.equal(received?.entry.published, '2026-11-20T09:00:00Z')
      assert.ok(receipt?.outcome === 'delivered' && receipt.statusUrl)
      assert.equal(await alice.delivery.follow?.(receipt.statusUrl, town), 'accepted')
    })

    it('takes its message', async () => {
      const town = createTown()
      const alice = addPeer(town, ALICE, PM_ALICE, dialect)
      const bob = createResident(town, BOB, PM_BOB)
      const entry = { uid: 'dinner-1', content: { text: 'Dinner?' }, published: '2026-11-20' }
      assert.equal(await alice.send(BOB.href, entry), 202)
      await settle(town, alice)
      assert.deepEqual(town.log, [
        `GET ${BOB}`,
        `POST ${PM_BOB}`,
        `GET ${ALICE}`,
        // We check in any case: what it answers to a form that it does not know is no "no".
        `POST ${PM_ALICE}`,
        `POST ${PM_ALICE}`,
        `GET ${BOB}`,
        `POST ${PM_BOB}`,
      ])
      const [key, received] = [...bob.messages][0] ?? []
      assert.equal(key, `rel-pm ${ALICE} dinner-1`)
      assert.equal(received?.text, 'Dinner?')
      assert.equal(received?.source, 'pm:dinner-1')
      assert.equal(received?.published, '2026-11-20T00:00:00.000Z')
      assert.deepEqual(received?.author, { name: 'alice.example.org', url: ALICE.href })
    })

    it('brings many of our messages with one token of its own', async () => {
      const town = createTown()
      const alice = createResident(town, ALICE, PM_ALICE)
      const bob = addPeer(town, BOB, PM_BOB, { ...dialect, standing: 3600 })
      alice.write(SOURCE, BOB)
      await alice.deliver(SOURCE, BOB)
      await settle(town, bob)
      town.log.length = 0
      alice.write(OTHER, BOB, { text: 'The second.' })
      await alice.deliver(OTHER, BOB)
      assert.deepEqual(town.log, [`GET ${BOB}`, `GET ${BOB}`, `POST ${PM_BOB}`])
      assert.deepEqual(
        bob.inbox.map(({ entry }) => entry.content.text),
        ['Dinner at eight?', 'The second.'],
      )
      town.pass(3601)
      town.log.length = 0
      await alice.deliver(OTHER, BOB)
      await settle(town, bob)
      assert.equal(town.log.length, SIX_STEPS.length - (dialect.checks === false ? 1 : 0))
    })

    it('takes many of its messages with one token of ours', async () => {
      const town = createTown()
      const alice = addPeer(town, ALICE, PM_ALICE, { ...dialect, standing: 3600 })
      const bob = createResident(town, BOB, PM_BOB)
      await alice.send(BOB.href, { uid: 'one', content: { text: 'One.' } })
      await settle(town, alice)
      town.log.length = 0
      for (const text of ['Two.', 'Three.']) {
        assert.equal(await alice.send(BOB.href, { uid: text, content: { text } }), 201)
      }
      const row = [`GET ${BOB}`, `POST ${PM_BOB}`]
      assert.deepEqual(town.log, [...row, ...row])
      assert.deepEqual(bob.received(), ['One.', 'Two.', 'Three.'])
    })
  })
}
