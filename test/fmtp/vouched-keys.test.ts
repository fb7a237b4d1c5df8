import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findUser } from '../../lib/fmtp/route.ts'
import { FetchError } from '../../lib/web/errors.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import type { Attributes } from '../support/fmtp-peer.ts'
import { sweepRelay } from '../../lib/fmtp/relay-queue.ts'
import { addHouse, addPeer, addressOf, createWorld, parcelTo } from './route-world.ts'

const LOST = addressOf('lost@lenore.org')
const DAY = 24 * 3600 * 1000

/** Lenore has no keys in DNS, only at her own server, which Poe cannot reach. His parent, Town, can. */
async function createScene() {
  const world = createWorld()
  const fetch: Fetch = async (url, init) => {
    if (url.host === 'lenore.org') throw new FetchError('lenore.org cannot be reached from here')
    return world.fetch(url, init)
  }
  const poe = await addHouse(world, 'edgar@poe.net', { fetch, fmtp: { parent: 'town.example' } })
  const town = await addHouse(world, 'mayor@town.example', { fmtp: { children: ['poe.net'] } })
  const lenore = addPeer(world, 'lenore.org')
  const lost = lenore.addUser('lost')
  delete world.zone.txt['fmtpkey.lenore.org']
  const find = () => findUser(LOST, poe.client)
  /** Changes what the parent answers. */
  const tamper = (change: (objects: Attributes[]) => unknown) => {
    world.sites['https://town.example'] = async (request) => {
      const response = await town.endpoint(request)
      if (!request.url.endsWith('/lookup') || !response.ok) return response
      const { OBJECTS } = (await response.json()) as { OBJECTS: Attributes[] }
      return Response.json(change(OBJECTS))
    }
  }
  return { world, poe, town, lenore, lost, find, tamper }
}

describe('keys that a parent vouches for', () => {
  it('let a child verify the object of a user whose domain it cannot reach', async () => {
    const { find } = await createScene()
    const search = await find()
    assert.equal(search.outcome, 'found')
    assert.deepEqual(
      search.trace.map(({ step, outcome }) => `${step}: ${outcome}`),
      ['local cache: absent', 'parent cache: absent', 'domain: failed', 'parent look-up: found'],
    )
  })

  it('bring a message all the way', async () => {
    const { poe, town, lost } = await createScene()
    const anywhere = new URL('https://lenore.org/fmtp/')
    const receipt = await poe.delivery.deliver(parcelTo('lost@lenore.org'), anywhere, poe.web)
    assert.equal(receipt.outcome, 'delivered')
    await sweepRelay(town.parts)
    assert.equal(lost.inbox[0]?.message['SUBJECT'], 'Dinner')
  })

  it('count for nothing where DNS has others, or does not answer', async () => {
    for (const records of [['v=FMTP1; k=ed25519; p='], 'fails'] as const) {
      const { world, find, town, tamper } = await createScene()
      assert.equal((await findUser(LOST, town.client)).outcome, 'found')
      // What the parent has in its cache is passed on as it was before the keys changed.
      let answer: unknown
      tamper((objects) => (answer ??= { OBJECTS: objects }))
      assert.equal((await find()).outcome, 'found')
      world.pass(3601)
      world.zone.txt['fmtpkey.lenore.org'] = records
      assert.notEqual((await find()).outcome, 'found')
    }
  })

  it('count for nothing where the domain itself says that it has none', async () => {
    const { world, poe } = await createScene()
    const fetch: Fetch = async (url, init) =>
      url.host === 'lenore.org' ? new Response(null, { status: 404 }) : world.fetch(url, init)
    assert.equal((await findUser(LOST, { ...poe.client, fetch })).outcome, 'silent')
  })

  for (const [what, change] of [
    ['are missing', ([user]) => ({ OBJECTS: [user] })],
    ['come from a parent that does not know them', ([user]) => user],
    [
      'were changed',
      ([user, keys]) => ({ OBJECTS: [user, { ...keys, DATE: '2026-11-21T11:59:00.000Z' }] }),
    ],
    [
      'are of another domain',
      ([user, keys]) => ({ OBJECTS: [user, { ...keys, DOMAIN: 'eve.example' }] }),
    ],
    ['are no object', ([user]) => ({ OBJECTS: [user, 'keys'] })],
  ] satisfies [string, (objects: Attributes[]) => unknown][]) {
    it(`count for nothing if they ${what}`, async () => {
      const { find, tamper } = await createScene()
      tamper(change)
      assert.equal((await find()).outcome, 'unreachable')
    })
  }

  for (const [what, age, signer, outcome] of [
    ['by the parent, today', 0, 'town.example', 'found'],
    ['by the parent, almost a day ago', DAY - 1000, 'town.example', 'found'],
    ['by the parent, more than a day ago', DAY + 1000, 'town.example', 'unreachable'],
    ['by another server', 0, 'eve.example', 'unreachable'],
  ] as const) {
    it(`that were signed ${what}: ${outcome}`, async () => {
      const { world, find, lenore, lost } = await createScene()
      const parent = addPeer(world, 'town.example')
      const server = signer === 'town.example' ? parent : addPeer(world, signer)
      const DATE = new Date(world.clock.time - age).toISOString()
      const keys = server.signed({
        ...{ TYPE: 'keys', SERVER: signer, DOMAIN: 'lenore.org', DATE },
        KEYS: [lenore.record],
      })
      const answer = { OBJECTS: [lenore.userObject(lost), keys] }
      world.sites['https://town.example'] = async (request) =>
        request.url.endsWith('/lookup') ? Response.json(answer) : parent.endpoint(request)
      assert.equal((await find()).outcome, outcome)
    })
  }

  for (const [what, isOther, outcome] of [
    ['the same as before', false, 'found'],
    ['others than before', true, 'unreachable'],
  ] as const) {
    it(`of a domain that the child once asked itself, if they are ${what}: ${outcome}`, async () => {
      const { world, poe, find, lenore, lost } = await createScene()
      assert.equal((await findUser(LOST, { ...poe.client, fetch: world.fetch })).outcome, 'found')
      world.pass(3601)
      const parent = addPeer(world, 'town.example')
      const forger = addPeer(createWorld(), 'lenore.org')
      const signer = isOther ? forger : lenore
      const DATE = new Date(world.clock.time).toISOString()
      const keys = parent.signed({
        ...{ TYPE: 'keys', SERVER: 'town.example', DOMAIN: 'lenore.org', DATE },
        KEYS: [lenore.record, signer.record],
      })
      const answer = { OBJECTS: [signer.userObject(signer.addUser('lost')), keys] }
      world.sites['https://town.example'] = async (request) =>
        request.url.endsWith('/lookup') ? Response.json(answer) : parent.endpoint(request)
      assert.equal((await find()).outcome, outcome, lost.address)
    })
  }

  it('are told to a child that asks for them; others get the user object alone', async () => {
    const { world } = await createScene()
    await addHouse(world, 'mayor@city.example', { fmtp: { children: ['child.example'] } })
    const child = addPeer(world, 'child.example')
    const server = new URL('https://city.example/fmtp')
    const session = await child.greet(server, 'city.example')
    const lookUp = async (more: object) => {
      const response = await world.fetch(new URL('https://city.example/fmtp/lookup'), {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${session}` },
        body: JSON.stringify({ ADDRESS: 'lost@lenore.org', ...more }),
      })
      return (await response.json()) as Attributes & { OBJECTS?: Attributes[] }
    }
    assert.equal((await lookUp({}))['ADDRESS'], 'lost@lenore.org')
    const { OBJECTS = [] } = await lookUp({ KEYS: true })
    assert.deepEqual(
      OBJECTS.map(({ TYPE }) => TYPE),
      ['user', 'keys'],
    )
  })
})
