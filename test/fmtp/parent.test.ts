import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { explainRoute, formatTrace } from '../../lib/fmtp/explain-route.ts'
import { parentFor } from '../../lib/fmtp/parent.ts'
import { recoverRelay, sweepRelay } from '../../lib/fmtp/relay-queue.ts'
import { findUser } from '../../lib/fmtp/route.ts'
import { FetchError } from '../../lib/web/errors.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import type { Attributes } from '../support/fmtp-peer.ts'
import {
  addHouse,
  addPeer,
  addressOf,
  createWorld,
  parcelTo,
  type HouseOptions,
  type World,
} from './route-world.ts'

const LOST = addressOf('lost@lenore.org')
const ANYWHERE = new URL('https://lenore.org/fmtp/')

/** A web in which one host is behind a wall. */
const without =
  (world: World, host: string): Fetch =>
  async (url, init) => {
    if (url.host === host) throw new FetchError(`${host} cannot be reached from here`)
    return world.fetch(url, init)
  }

/** Poe cannot reach Lenore, but has a parent that can. */
async function createScene(parentOptions: HouseOptions = {}) {
  const world = createWorld()
  const wall = { fetch: without(world, 'lenore.org') }
  const poe = await addHouse(world, 'edgar@poe.net', { ...wall, fmtp: { parent: 'town.example' } })
  const children = ['poe.net', 'child.example']
  const town = await addHouse(world, 'mayor@town.example', {
    ...parentOptions,
    fmtp: { children, ...parentOptions.fmtp },
  })
  const lenore = addPeer(world, 'lenore.org')
  const lost = lenore.addUser('lost')
  const child = addPeer(world, 'child.example')
  const edgar = child.addUser('edgar')
  const ask = async (path: string, value: unknown, peer = child) => {
    const session = await peer.greet(new URL('https://town.example/fmtp'), 'town.example')
    return world.fetch(new URL(`https://town.example/fmtp/${path}`), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${session}` },
      body: JSON.stringify(value),
    })
  }
  const letter = (attributes: Attributes = {}, to = ['lost@lenore.org']) => [
    child.userObject(edgar),
    child.messageObject({ from: edgar.address, to, attributes, nonce: 'n1' }),
  ]
  const sweep = () => sweepRelay(town.parts)
  const queued = async () => (await town.store.list('fmtp-relay/')).length
  const send = () => poe.delivery.deliver(parcelTo('lost@lenore.org'), ANYWHERE, poe.web)
  return {
    ...{ world, poe, town, lenore, lost, child, edgar, ask, letter, sweep, queued, send },
    find: () => findUser(LOST, poe.client),
    lookUp: (more: object = {}, peer = child) =>
      ask('lookup', { ADDRESS: 'lost@lenore.org', ...more }, peer),
  }
}

describe('Parent Cache, "perhaps our local server has looked up this object recently"', () => {
  it('is asked after our own and before the domain', async () => {
    const { poe, town, find, world } = await createScene()
    await findUser(LOST, town.client)
    world.takeLog()
    const { outcome, trace } = await find()
    assert.equal(outcome, 'found')
    assert.deepEqual(
      trace.map(({ step, outcome }) => `${step}: ${outcome}`),
      ['local cache: absent', 'parent cache: found'],
    )
    assert.ok(!world.takeLog().some((line) => line.includes('//lenore.org/')))
    assert.equal((await findUser(LOST, poe.client)).trace[0]?.outcome, 'found')
  })

  it('gives what is in it, and looks for nothing', async () => {
    const { town, lookUp, world } = await createScene()
    assert.equal((await lookUp({ CACHED: true })).status, 404)
    assert.ok(!world.takeLog().some((line) => line.includes('lenore.org')))
    await findUser(LOST, town.client)
    const response = await lookUp({ CACHED: true })
    assert.equal(response.status, 200)
    assert.equal(((await response.json()) as Attributes)['ADDRESS'], 'lost@lenore.org')
  })
})

describe('Parent Lookup, "if we cannot connect directly to the target domain"', () => {
  it('asks the parent to look the object up', async () => {
    const { find, world } = await createScene()
    const { outcome, trace } = await find()
    assert.equal(outcome, 'found')
    assert.deepEqual(
      trace.map(({ step, outcome }) => `${step}: ${outcome}`),
      ['local cache: absent', 'parent cache: absent', 'domain: failed', 'parent look-up: found'],
    )
    const greetings = world.takeLog().filter((line) => line.endsWith('town.example/fmtp/greeting'))
    assert.equal(greetings.length, 1, 'over one session')
  })

  it('is not asked where the domain itself says no', async () => {
    const { poe, world } = await createScene()
    const { outcome } = await findUser(addressOf('nobody@lenore.org'), {
      ...poe.client,
      fetch: world.fetch,
    })
    assert.equal(outcome, 'unknown')
    const lookups = world.takeLog().filter((line) => line.endsWith('/lookup'))
    assert.equal(lookups.length, 1, 'the cache only')
  })

  it('tells what cannot be reached from what is not there', async () => {
    const { world, lookUp } = await createScene()
    assert.equal((await lookUp()).status, 200)
    assert.equal((await lookUp({ ADDRESS: 'nobody@lenore.org' })).status, 404)
    delete world.sites['https://lenore.org']
    world.pass(3600)
    const response = await lookUp()
    assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '60'])
  })

  it('passes on public objects only: what the parent may have, its child may not', async () => {
    const { lost, lookUp } = await createScene()
    lost.attributes['PUBLIC'] = false
    assert.equal((await lookUp()).status, 404)
    assert.equal((await lookUp({ CACHED: true })).status, 404)
  })

  it('is for children alone', async () => {
    const { world, lookUp } = await createScene()
    const eve = addPeer(world, 'eve.example')
    assert.equal((await lookUp({}, eve)).status, 403)
    assert.equal((await lookUp({ CACHED: true }, eve)).status, 403)
    assert.equal((await lookUp()).status, 200)
  })

  it('is for who has greeted', async () => {
    const { town } = await createScene()
    for (const path of ['lookup', 'relay']) {
      const request = new Request(`https://town.example/fmtp/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer xxxxxxx' },
        body: '{}',
      })
      assert.equal((await town.endpoint(request)).status, 401)
    }
  })

  it('refuses what is not of the expected form', async () => {
    const { ask } = await createScene()
    const wrong = [
      {},
      { ADDRESS: 7 },
      { ADDRESS: 'lost' },
      { ADDRESS: 'lost@lenore.org', CACHED: 'yes' },
      { ADDRESS: 'lost@lenore.org', VIA: 'x' },
      { ADDRESS: 'lost@lenore.org', VIA: Array.from({ length: 9 }, () => 'a.example') },
      [],
      null,
    ]
    for (const value of wrong) assert.equal((await ask('lookup', value)).status, 400)
  })

  it('has a limit', async () => {
    const { lookUp } = await createScene()
    const statuses = new Set<number>()
    for (let at = 0; at < 61; at++) statuses.add((await lookUp({ CACHED: true })).status)
    assert.deepEqual([...statuses], [404, 429])
  })
})

describe('a parent that lies', () => {
  /** The parent's look-up gives what the test wants. */
  async function withParent(change: (object: object, scene: Scene) => unknown) {
    const scene = await createScene()
    const { world, town } = scene
    world.sites['https://town.example'] = async (request) => {
      const response = await town.endpoint(request)
      if (!request.url.endsWith('/lookup') || !response.ok) return response
      const { OBJECTS } = (await response.json()) as { OBJECTS: object[] }
      const [user, ...keys] = OBJECTS
      return Response.json({ OBJECTS: [change(Object(user), scene), ...keys] })
    }
    return scene
  }
  type Scene = Awaited<ReturnType<typeof createScene>>

  it('cannot change an object', async () => {
    const { find } = await withParent((object) => ({ ...object, CONTACT: 'https://town.example/' }))
    const { outcome, trace } = await find()
    assert.equal(outcome, 'unreachable')
    assert.match(trace.at(-1)?.reason ?? '', /not signed as it is by lenore\.org/)
    assert.equal((await (await withParent((object) => object)).find()).outcome, 'found')
  })

  it('cannot make one of its own', async () => {
    const { find } = await withParent((_, { child, edgar }) =>
      child.signed({ ...child.userObject(edgar), ADDRESS: 'lost@lenore.org' }),
    )
    assert.equal((await find()).outcome, 'unreachable')
  })

  it('cannot pass on the object of somebody else', async () => {
    const { find } = await withParent((_, { child, edgar }) => child.userObject(edgar))
    const { outcome, trace } = await find()
    assert.equal(outcome, 'unreachable')
    assert.match(trace.at(-1)?.reason ?? '', /of somebody else/)
  })

  it('cannot pass on a copy of the day before yesterday', async () => {
    const day = 24 * 3600 * 1000
    for (const [age, outcome] of [
      [day + 1000, 'unreachable'],
      [day - 1000, 'found'],
    ] as const) {
      const { find } = await withParent((object, { world, lenore }) =>
        lenore.signed({ ...object, DATE: new Date(world.clock.time - age).toISOString() }),
      )
      assert.equal((await find()).outcome, outcome)
    }
  })

  it('cannot take us back to before the object that we have had', async () => {
    let old: object | undefined
    const { world, lenore, lost, find, poe } = await withParent((object) => old ?? object)
    const before = lenore.userObject(lost)
    world.pass(10)
    assert.equal((await find()).outcome, 'found')
    world.pass(3600)
    old = before
    const { outcome, trace } = await find()
    assert.equal(outcome, 'unreachable')
    assert.match(trace.at(-1)?.reason ?? '', /older than one that we have had/)
    old = undefined
    assert.equal((await findUser(LOST, poe.client)).outcome, 'found')
  })
})

describe('Parent, "we can ask our parent to deliver our message"', () => {
  it('takes it, and carries it to whom it is for, as its author signed it', async () => {
    const { lost, send, sweep, queued } = await createScene()
    assert.deepEqual(await send(), {
      outcome: 'delivered',
      reason: 'our parent town.example took the message, to carry it on',
    })
    assert.equal(lost.inbox.length, 0)
    await sweep()
    assert.equal(lost.inbox[0]?.from, 'edgar@poe.net')
    assert.equal(await queued(), 0)
  })

  it('is not asked where a server of the domain answers', async () => {
    const { world, poe, lenore, queued } = await createScene()
    world.sites['https://lenore.org'] = async (request) =>
      request.url.endsWith('/objects')
        ? new Response(null, { status: 503 })
        : lenore.endpoint(request)
    const parcel = parcelTo('lost@lenore.org')
    assert.equal((await poe.delivery.deliver(parcel, ANYWHERE, world)).outcome, 'pending')
    assert.equal(await queued(), 0)
  })

  it('sees nothing of an encrypted message', async () => {
    const { lost, send, sweep, town } = await createScene()
    lost.encryptPolicy = 'required'
    await send()
    const [entry] = await town.store.list('fmtp-relay/')
    assert.ok(!JSON.stringify(entry?.value).includes('Dinner'))
    await sweep()
    assert.equal(lost.inbox[0]?.message['SUBJECT'], 'Dinner')
  })

  it('starts at once where the host lets it work on', async () => {
    const { town, child, letter, lost } = await createScene()
    const session = await child.greet(new URL('https://town.example/fmtp'), 'town.example')
    const works: Promise<unknown>[] = []
    const request = new Request('https://town.example/fmtp/relay', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${session}` },
      body: JSON.stringify({ OBJECTS: letter() }),
    })
    const response = await town.endpoint(request, { waitUntil: (work) => void works.push(work) })
    assert.equal(response.status, 202)
    await Promise.all(works)
    assert.equal(lost.inbox.length, 1)
  })

  it('takes the same message once', async () => {
    const { ask, letter, queued, sweep, lost } = await createScene()
    const OBJECTS = letter()
    assert.equal((await ask('relay', { OBJECTS })).status, 202)
    assert.equal((await ask('relay', { OBJECTS })).status, 202)
    assert.equal(await queued(), 1)
    await Promise.all([sweep(), sweep()])
    assert.equal(lost.inbox.length, 1)
  })

  it('comes back later, and gives up after a day', async () => {
    const { world, ask, letter, sweep, queued, lost, lenore } = await createScene()
    await ask('relay', { OBJECTS: letter() })
    delete world.sites['https://lenore.org']
    const tries: number[] = []
    const start = world.clock.time
    for (let minute = 0; minute < 26 * 60 && (await queued()) > 0; minute++) {
      world.takeLog()
      await sweep()
      if (world.takeLog().some((line) => line.includes('lenore.org/fmtp'))) {
        tries.push((world.clock.time - start) / 60_000)
      }
      world.pass(60)
    }
    assert.deepEqual(tries, [0, 1, 6, 21, 81, 321, 1401])
    assert.equal(await queued(), 0)

    world.sites['https://lenore.org'] = lenore.endpoint
    await ask('relay', { OBJECTS: letter() })
    await sweep()
    assert.equal(lost.inbox.length, 1)
  })

  it('gives up at once what is refused for good', async () => {
    const { ask, letter, sweep, queued, lost } = await createScene()
    lost.encryptPolicy = 'required'
    await ask('relay', { OBJECTS: letter() })
    await sweep()
    assert.deepEqual([await queued(), lost.inbox.length], [0, 0])
  })

  it('carries one message while the server of another lets us wait', async () => {
    const { world, town, ask, letter, queued } = await createScene()
    const bob = addPeer(world, 'bob.example').addUser('bob')
    await ask('relay', { OBJECTS: letter({}, ['lost@lenore.org', bob.address]) })
    let isPatient = true
    const fetch: Fetch = async (url, init) => {
      if (url.host !== 'lenore.org') return world.fetch(url, init)
      while (isPatient) await new Promise((resolve) => setTimeout(resolve, 1))
      throw new FetchError('did not answer')
    }
    const sweeping = sweepRelay({ ...town.parts, fetch })
    while (bob.inbox.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    isPatient = false
    await sweeping
    assert.equal(await queued(), 1)
  })

  it('leaves to the next sweep what a dead process was at', async () => {
    const { world, town, ask, letter, sweep, lost } = await createScene()
    await ask('relay', { OBJECTS: letter() })
    const dying = { ...town.parts, fetch: () => new Promise<Response>(() => {}) }
    void sweepRelay(dying)
    await new Promise((resolve) => setImmediate(resolve))
    await sweep()
    assert.equal(lost.inbox.length, 0, 'somebody is at it')
    world.pass(3 * 60 + 1)
    await sweep()
    assert.equal(lost.inbox.length, 1)
  })

  it('is no failed attempt if a stop cut it off, also if it was the last one', async () => {
    const { world, town, ask, letter, sweep, queued, lost } = await createScene()
    await ask('relay', { OBJECTS: letter() })
    const failing = async () => {
      throw new FetchError('did not answer')
    }
    for (let attempt = 1; attempt < 7; attempt++) {
      await sweepRelay({ ...town.parts, fetch: failing })
      world.pass(24 * 3600)
    }
    const stop = new AbortController()
    const cutOff = async () => {
      stop.abort()
      return failing()
    }
    await sweepRelay({ ...town.parts, fetch: cutOff }, stop)
    assert.equal(await queued(), 1)
    await recoverRelay(town.parts)
    await sweep()
    assert.deepEqual([lost.inbox.length, await queued()], [1, 0])
  })

  it('is freed at a restart, so that nobody waits for the lease of a process that has crashed', async () => {
    const { town, ask, letter, sweep, lost } = await createScene()
    await ask('relay', { OBJECTS: letter() })
    const crashed = { ...town.parts, fetch: () => new Promise<Response>(() => {}) }
    void sweepRelay(crashed)
    await new Promise((resolve) => setImmediate(resolve))
    await recoverRelay(town.parts)
    await sweep()
    assert.equal(lost.inbox.length, 1)
  })

  it('does not carry what its author has not signed', async () => {
    const { ask, letter, child, edgar, lenore, lost, queued } = await createScene()
    const [user, message] = letter()
    const forged: [string, unknown[]][] = [
      ['changed', [user, { ...message, SUBJECT: 'Send money' }]],
      ['unsigned', [user, { ...message, SIGNATURE: undefined }]],
      [
        'by another',
        [
          lenore.userObject(lost),
          child.signed({ ...message, FROM: 'lost@lenore.org', ID: 'n.lost@lenore.org' }),
        ],
      ],
    ]
    for (const [what, OBJECTS] of forged) {
      assert.equal((await ask('relay', { OBJECTS })).status, 403, what)
    }
    assert.equal(await queued(), 0)
    assert.equal((await ask('relay', { OBJECTS: [child.userObject(edgar), message] })).status, 202)
  })

  it('refuses what is not a user and their message', async () => {
    const { ask, letter, lenore, lost } = await createScene()
    const [user, message] = letter()
    for (const OBJECTS of [
      [message],
      [user],
      [message, user],
      [lenore.userObject(lost), message],
    ]) {
      assert.equal((await ask('relay', { OBJECTS })).status, 400)
    }
    assert.equal((await ask('relay', {})).status, 400)
  })

  it('refuses a message to nobody, to a crowd, or to its own users', async () => {
    const { ask, letter } = await createScene()
    const to = (count: number) => Array.from({ length: count }, (_, at) => `u${at}@lenore.org`)
    for (const [recipients, status] of [
      [[], 400],
      [to(11), 400],
      [['mayor@town.example'], 403],
      [to(10), 202],
    ] as const) {
      const OBJECTS = letter({}, [...recipients])
      assert.equal((await ask('relay', { OBJECTS })).status, status)
    }
  })

  it('is for children alone', async () => {
    const { world, ask, letter, queued } = await createScene()
    const eve = addPeer(world, 'eve.example')
    assert.equal((await ask('relay', { OBJECTS: letter() }, eve)).status, 403)
    assert.equal(await queued(), 0)
    assert.equal((await ask('relay', { OBJECTS: letter() })).status, 202)
  })

  it('has room for a hundred messages of one child', async () => {
    const { ask, child, edgar, queued, world } = await createScene()
    const statuses: number[] = []
    const sent: object[] = []
    for (let at = 0; at < 11; at++) {
      const to = Array.from({ length: 10 }, (_, user) => `u${user}@lenore.org`)
      const message = child.messageObject({ from: edgar.address, to, nonce: `n${at}` })
      const order = { OBJECTS: [child.userObject(edgar), message] }
      sent.push(order)
      statuses.push((await ask('relay', order)).status)
      world.pass(1)
    }
    assert.deepEqual([...new Set(statuses)], [202, 503])
    const again = sent[0]
    assert.equal(
      (await ask('relay', again)).status,
      202,
      'what waits already is no more than before',
    )
    assert.equal(await queued(), 100)
  })

  it('carries for the child of a child, but comes back later where a key could not be asked for', async () => {
    const { world, ask, sweep, lost } = await createScene()
    const grandchild = addPeer(world, 'farm.example')
    const records = world.zone.txt['fmtpkey.farm.example'] ?? []
    const ann = grandchild.addUser('ann')
    const message = grandchild.messageObject({ from: ann.address, to: ['lost@lenore.org'] })
    const order = { OBJECTS: [grandchild.userObject(ann), message], VIA: ['farm.example'] }
    world.zone.txt['fmtpkey.farm.example'] = 'fails'
    assert.equal((await ask('relay', order)).status, 503)
    world.zone.txt['fmtpkey.farm.example'] = records
    assert.equal((await ask('relay', order)).status, 202)
    await sweep()
    assert.equal(lost.inbox[0]?.from, 'ann@farm.example')
  })
})

describe("servers that are each other's parents", () => {
  it('ask each other once, and carry nothing in circles', async () => {
    const { world, poe, town, ask, letter, queued, sweep } = await createScene({
      fmtp: { children: ['poe.net', 'child.example'], parent: 'child.example' },
    })
    delete world.sites['https://lenore.org']
    const asked: unknown[] = []
    const { endpoint } = town
    world.sites['https://town.example'] = async (request) => {
      if (/lookup|relay/.test(request.url)) asked.push(await request.clone().json())
      return endpoint(request)
    }
    assert.equal((await findUser(LOST, poe.client)).outcome, 'unreachable')
    assert.deepEqual(
      asked.map((value) => Object(value).VIA),
      [['poe.net'], ['poe.net']],
    )
    for (const VIA of [
      ['town.example'],
      ['a.example', 'b.example', 'c.example', 'd.example', 'e.example'],
    ]) {
      assert.equal((await ask('lookup', { ADDRESS: 'lost@lenore.org', VIA })).status, 404)
      assert.equal((await ask('relay', { OBJECTS: letter(), VIA })).status, 403)
    }
    assert.equal(await queued(), 0)
    world.takeLog()
    assert.equal((await ask('relay', { OBJECTS: letter() })).status, 202)
    await sweep()
    const back = world.takeLog().filter((line) => /child\.example\/fmtp\/(lookup|relay)/.test(line))
    assert.deepEqual(back, [], 'the child is not asked for what it asked us')
  })
})

describe('parentFor()', () => {
  const parentOf = async (domain: string, via: readonly string[] = [], parent = 'town.example') => {
    const { poe } = await createScene()
    return parentFor(domain, { ...poe.client, fmtp: { parent }, via })
  }

  it('names the parent, where it is of use', async () => {
    assert.equal(await parentOf('lenore.org'), 'town.example')
    assert.equal(await parentOf('lenore.org', [], 'Town.Example'), 'town.example')
    assert.equal(
      await parentOf('lenore.org', ['a.example', 'b.example', 'c.example']),
      'town.example',
    )
    for (const [domain, via, parent] of [
      ['town.example', [], 'town.example'],
      ['lenore.org', ['town.example'], 'town.example'],
      ['lenore.org', ['a.example', 'b.example', 'c.example', 'd.example'], 'town.example'],
      ['lenore.org', [], 'poe.net'],
      ['lenore.org', [], 'https://town.example/'],
    ] as const) {
      assert.equal(await parentOf(domain, via, parent), undefined)
    }
  })
})

describe('explainRoute() with a parent', () => {
  it('names it where nobody else is left', async () => {
    const { poe } = await createScene()
    const lines = formatTrace(await explainRoute(LOST, poe.client))
    assert.deepEqual(lines.slice(-3), [
      'recommended: – skipped: the object recommends no place to write to',
      'domain: lenore.org – failed: lenore.org cannot be reached from here',
      'parent: town.example – found: it would be asked to carry the message on',
    ])
  })
})
