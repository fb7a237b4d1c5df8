import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { findUser, type UserSearch } from '../../lib/fmtp/route.ts'
import type { RouteTrace } from '../../lib/fmtp/route-trace.ts'
import { FetchError } from '../../lib/web/errors.ts'
import { addHouse, addPeer, addressOf, createWorld, type World } from './route-world.ts'

const LOST = addressOf('lost@lenore.org')
const HOUR = 3600

/** Poe, who looks for Lost at an independent server of lenore.org. */
async function createScene(hosts: readonly string[] = ['lenore.org']) {
  const world = createWorld()
  const poe = await addHouse(world, 'edgar@poe.net')
  const lenore = addPeer(world, 'lenore.org', hosts)
  const lost = lenore.addUser('lost')
  const find = () => findUser(LOST, poe.client)
  return { world, poe, lenore, lost, find }
}

/** Changes what a host answers when it is asked for an object. */
function tamper(world: World, host: string, change: (object: object) => unknown): void {
  const real = world.sites[`https://${host}`]
  assert.ok(real)
  world.sites[`https://${host}`] = async (request) => {
    const response = await real(request)
    if (!new URL(request.url).pathname.includes('/objects/')) return response
    const object: unknown = await response.json()
    assert.ok(typeof object === 'object' && object !== null)
    return Response.json(change(object))
  }
}

const lines = (trace: RouteTrace) =>
  trace.map(({ step, server = '-', outcome }) => `${step} ${server} ${outcome}`)
const outcomeOf = ({ outcome, trace }: UserSearch) => [outcome, ...lines(trace)]
const reasonsOf = ({ trace }: UserSearch) => trace.map(({ reason }) => reason).join('\n')
const SKIPPED_PARENT = 'parent cache - skipped'

describe('findUser(): Local Cache, "perhaps we\'ve looked up this object recently"', () => {
  it('asks nobody for an hour, and then again', async () => {
    const { world, find } = await createScene()
    assert.equal((await find()).outcome, 'found')
    world.takeLog()
    world.pass(HOUR - 1)
    assert.deepEqual(outcomeOf(await find()), ['found', 'local cache - found'])
    assert.deepEqual(
      world.takeLog().filter((line) => !line.startsWith('TXT')),
      [],
    )
    world.pass(1)
    assert.equal((await find()).outcome, 'found')
    assert.ok(world.takeLog().includes('GET https://lenore.org/fmtp/objects/lost@lenore.org'))
  })

  it('verifies its copy again: a key may have been withdrawn', async () => {
    for (const isWithdrawn of [true, false]) {
      const { world, find, poe } = await createScene()
      await findUser(addressOf('nobody@lenore.org'), poe.client)
      world.pass(HOUR - 60)
      await find()
      world.pass(120)
      if (isWithdrawn) world.zone.txt['fmtpkey.lenore.org'] = ['v=FMTP1; k=ed25519; p=']
      const [first] = (await find()).trace
      assert.equal(first?.outcome, isWithdrawn ? 'passed over' : 'found')
    }
  })
})

describe('findUser(): Domain, "connect to the MX server of the target domain"', () => {
  it('asks the exchangers in their order, then the domain itself', async () => {
    const { world, find } = await createScene(['lenore.org'])
    world.zone.mx['lenore.org'] = ['mx1.lenore.org', 'mx2.lenore.org']
    const search = await find()
    assert.deepEqual(outcomeOf(search), [
      'found',
      'local cache - absent',
      SKIPPED_PARENT,
      'domain mx1.lenore.org failed',
      'domain mx2.lenore.org failed',
      'domain lenore.org found',
    ])
    assert.deepEqual(world.takeLog().slice(0, 5), [
      'MX lenore.org',
      'TXT fmtpkey.lenore.org',
      'POST https://mx1.lenore.org/fmtp/greeting',
      'POST https://mx2.lenore.org/fmtp/greeting',
      'POST https://lenore.org/fmtp/greeting',
    ])
  })

  it('does not wait in vain again for exchangers that are of mail alone', async () => {
    const { world, poe, lenore, find } = await createScene(['lenore.org'])
    world.zone.mx['lenore.org'] = ['mx1.lenore.org', 'mx2.lenore.org']
    const greeted = () =>
      world
        .takeLog()
        .flatMap((line) => /^POST https:\/\/(.*)\/fmtp\/greeting/.exec(line)?.[1] ?? [])
    await find()
    assert.deepEqual(greeted(), ['mx1.lenore.org', 'mx2.lenore.org', 'lenore.org'])
    world.pass(15 * 60)
    await findUser(addressOf('other@lenore.org'), poe.client)
    assert.deepEqual(greeted(), ['lenore.org'])

    world.pass(15 * 60)
    delete world.sites['https://lenore.org']
    world.sites['https://mx2.lenore.org'] = lenore.endpoint
    await findUser(addressOf('other@lenore.org'), poe.client)
    assert.deepEqual(greeted(), ['lenore.org', 'mx1.lenore.org', 'mx2.lenore.org'])

    world.pass(3600)
    await findUser(addressOf('other@lenore.org'), poe.client)
    assert.deepEqual(greeted().slice(0, 1), ['mx1.lenore.org'], 'but it is tried now and then')
  })

  it('asks no further where the preferred exchanger answers', async () => {
    const { world, find } = await createScene(['mx1.lenore.org', 'lenore.org'])
    world.zone.mx['lenore.org'] = ['mx1.lenore.org', 'mx2.lenore.org']
    assert.equal((await find()).outcome, 'found')
    assert.ok(!world.takeLog().some((line) => /\/\/(mx2\.)?lenore\.org\//.test(line)))
  })

  it('asks DNS once for the exchangers, and again after five minutes', async () => {
    const { world, poe, find } = await createScene()
    await find()
    await findUser(addressOf('other@lenore.org'), poe.client)
    const asked = () => world.takeLog().filter((line) => line === 'MX lenore.org').length
    assert.equal(asked(), 1)
    world.pass(301)
    await findUser(addressOf('other@lenore.org'), poe.client)
    assert.equal(asked(), 1)
  })

  it('takes a server at its word that it does not know somebody', async () => {
    const { world, poe } = await createScene(['mx1.lenore.org', 'lenore.org'])
    world.zone.mx['lenore.org'] = ['mx1.lenore.org']
    const search = await findUser(addressOf('nobody@lenore.org'), poe.client)
    assert.equal(search.outcome, 'unknown')
    assert.ok(!world.takeLog().some((line) => line.includes('//lenore.org/fmtp')))
  })

  it('bothers no server of a domain that publishes no key', async () => {
    const { world, find } = await createScene(['mx1.lenore.org', 'lenore.org'])
    world.zone.mx['lenore.org'] = ['mx1.lenore.org']
    world.zone.txt['fmtpkey.lenore.org'] = []
    world.sites['https://lenore.org'] = async () => new Response('no', { status: 404 })
    assert.equal((await find()).outcome, 'silent')
    assert.deepEqual(world.takeLog(), [
      'MX lenore.org',
      'TXT fmtpkey.lenore.org',
      'TXT _fmtp.lenore.org',
      'GET https://lenore.org/fmtp/key',
    ])
  })

  it('asks no DNS about this machine', async () => {
    const world = createWorld()
    const poe = await addHouse(world, 'edgar@poe.net')
    const bob = addPeer(world, 'bob.localhost:8380', [])
    bob.addUser('bob')
    world.sites['http://bob.localhost:8380'] = bob.endpoint
    const client = { ...poe.client, allowLoopback: true }
    world.takeLog()
    const search = await findUser(addressOf('bob@bob.localhost:8380'), client)
    assert.equal(search.outcome, 'found')
    assert.ok(!world.takeLog().some((line) => /^(MX|TXT \S*\.bob)/.test(line)))
  })

  it('greets once, and again when the session is over', async () => {
    const { world, poe, find } = await createScene()
    const greetings = () => world.takeLog().filter((line) => line.endsWith('/greeting')).length
    await find()
    assert.equal(greetings(), 1)
    world.pass(8 * 60)
    await findUser(addressOf('other@lenore.org'), poe.client)
    assert.equal(greetings(), 0, 'the connection is still open')
    world.pass(2 * 60)
    await findUser(addressOf('other@lenore.org'), poe.client)
    assert.equal(greetings(), 1)
  })
})

describe('findUser(): where DNS fails, nothing takes its place', () => {
  it('does not ask the domain itself where its exchangers could not be asked for', async () => {
    const { world, find } = await createScene()
    world.zone.mx['lenore.org'] = 'fails'
    const search = await find()
    assert.equal(search.outcome, 'unreachable')
    assert.match(reasonsOf(search), /DNS did not answer for lenore\.org \(ESERVFAIL\)/)
    assert.deepEqual(world.takeLog(), ['MX lenore.org'])
    world.zone.mx['lenore.org'] = []
    assert.equal((await find()).outcome, 'found', 'that there are none is an answer')
  })

  it('greets nobody where the key could not be asked for', async () => {
    const { world, find } = await createScene()
    const records = world.zone.txt['fmtpkey.lenore.org'] ?? []
    world.zone.txt['fmtpkey.lenore.org'] = 'fails'
    assert.equal((await find()).outcome, 'unreachable')
    assert.ok(!world.takeLog().some((line) => line.startsWith('POST')))
    world.zone.txt['fmtpkey.lenore.org'] = records
    assert.equal((await find()).outcome, 'found')
  })
})

describe('findUser(), with Eve in the DNS answers', () => {
  it('passes over an exchanger that greets in its own name', async () => {
    const { world, find } = await createScene()
    world.zone.mx['lenore.org'] = ['mx.eve.example']
    const eve = addPeer(world, 'eve.example', ['mx.eve.example'])
    eve.addUser('lost')
    const search = await find()
    assert.deepEqual(outcomeOf(search).slice(-2), [
      'domain mx.eve.example passed over',
      'domain lenore.org found',
    ])
    assert.ok(!eve.log.some((line) => line.includes('objects')), 'she is not even asked')
  })

  it('passes over an exchanger that answers with its own signature', async () => {
    const { world, find } = await createScene()
    world.zone.mx['lenore.org'] = ['mx.eve.example']
    const eve = addPeer(world, 'eve.example', [])
    world.sites['https://mx.eve.example'] = async (request) => {
      const { SERVER, TO, NONCE } = (await request.json()) as Record<string, string>
      const more = { SERVER: TO ?? '', TO: SERVER ?? '', ANSWERS: NONCE ?? '', SESSION: 'sssss' }
      return Response.json(eve.greetingTo('poe.net', more))
    }
    const search = await find()
    assert.match(reasonsOf(search), /its greeting is not signed with the domain's key/)
    assert.equal(search.outcome, 'found')
  })

  it('passes over an exchanger that passes our greeting on to the real server', async () => {
    const world = createWorld()
    const poe = await addHouse(world, 'edgar@poe.net')
    await addHouse(world, 'lost@lenore.org')
    const passOn = async (request: Request) => {
      const { method, headers, url } = request
      const body = method === 'POST' ? { body: await request.text() } : {}
      const place = new URL(new URL(url).pathname, 'https://lenore.org')
      return world.fetch(place, { method, headers, ...body })
    }
    world.sites['https://mx.eve.example'] = passOn
    world.sites['https://mail.lenore.org'] = passOn
    // What Lenore has in DNS, whatever others are told.
    world.zone.mx['lenore.org'] = ['mail.lenore.org']
    const findBy = (exchanger: string) => {
      const resolver = { ...world.resolver, mx: async () => [exchanger] }
      return findUser(LOST, { ...poe.client, resolver }, { maxAge: 0 })
    }
    assert.deepEqual(outcomeOf(await findBy('mx.eve.example')).slice(-2), [
      'domain mx.eve.example passed over',
      'domain lenore.org found',
    ])
    world.pass(3601)
    const search = await findBy('mail.lenore.org')
    assert.deepEqual(outcomeOf(search).slice(-1), ['domain mail.lenore.org found'])
  })

  it('follows nobody to another server', async () => {
    const { world, poe } = await createScene(['lenore.org', 'real.lenore.org'])
    world.zone.mx['lenore.org'] = ['mx.eve.example']
    world.sites['https://mx.eve.example'] = async () =>
      new Response(null, { status: 307, headers: { location: 'https://real.lenore.org/fmtp' } })
    const modes = new Set<unknown>()
    const search = await findUser(LOST, {
      ...poe.client,
      fetch: (url, init) => {
        if (url.pathname !== '/fmtp/key') modes.add(init?.redirect)
        return world.fetch(url, init)
      },
    })
    assert.match(reasonsOf(search), /it does not take a greeting \(307\)/)
    assert.deepEqual([...modes], ['manual'])
    assert.ok(!world.takeLog().some((line) => line.includes('real.lenore.org')))
  })

  it('passes over a server whose session no header can carry', async () => {
    for (const [session, outcome] of [
      ['s\r\nx: y', 'unreachable'],
      ['', 'unreachable'],
      ['sssss', 'unknown'],
    ] as const) {
      const { world, lenore, find } = await createScene()
      world.sites['https://lenore.org'] = async (request) => {
        if (!request.url.endsWith('/greeting')) return new Response(null, { status: 404 })
        const { NONCE } = (await request.json()) as Record<string, string>
        const more = { ANSWERS: NONCE ?? '', SESSION: session }
        return Response.json(lenore.greetingTo('poe.net', more))
      }
      assert.equal((await find()).outcome, outcome)
    }
  })

  it('tries three exchangers of an endless list, and the domain', async () => {
    const { world, find } = await createScene()
    world.zone.mx['lenore.org'] = Array.from({ length: 20 }, (_, at) => `mx${at}.eve.example`)
    assert.equal((await find()).outcome, 'found')
    const tried = world.takeLog().filter((line) => line.endsWith('/greeting'))
    assert.equal(tried.length, 4)
  })

  it('takes no exchanger that is an address, or on this machine', async () => {
    const { world, find } = await createScene()
    world.zone.mx['lenore.org'] = ['127.0.0.1', 'localhost', 'intranet', 'a.localhost']
    assert.equal((await find()).outcome, 'found')
    const tried = world.takeLog().filter((line) => line.endsWith('/greeting'))
    assert.deepEqual(tried, ['POST https://lenore.org/fmtp/greeting'])
  })

  it('stops where its caller does', async () => {
    const { world, poe } = await createScene()
    world.zone.mx['lenore.org'] = ['mx1.eve.example']
    const caller = new AbortController()
    const { outcome } = await findUser(LOST, {
      ...{ ...poe.client, signal: caller.signal },
      fetch: async (_, init) => {
        caller.abort()
        assert.equal(init?.signal?.aborted, true)
        throw new FetchError('was aborted')
      },
    })
    assert.equal(outcome, 'unreachable')
    assert.ok(!world.takeLog().some((line) => line.includes('//lenore.org')))
  })

  it('has an end where servers do not answer', async () => {
    const { world, poe } = await createScene()
    world.zone.mx['lenore.org'] = ['mx1.eve.example', 'mx2.eve.example']
    const findWith = (budget: number, patience: number) =>
      findUser(LOST, {
        ...{ ...poe.client, budget },
        fetch: async (url, init) => {
          if (url.host.endsWith('eve.example')) await stall(patience, init?.signal)
          return world.fetch(url, init)
        },
      })
    const late = await findWith(50, 60_000)
    assert.deepEqual(outcomeOf(late), [
      'unreachable',
      'local cache - absent',
      SKIPPED_PARENT,
      'domain mx1.eve.example failed',
      'domain mx2.eve.example skipped',
      'domain lenore.org skipped',
      'parent look-up - skipped',
    ])
    assert.equal((await findWith(60_000, 1)).outcome, 'found', 'who has the time gets there')
  })
})

/** Answers nothing for so long, or until nobody waits any more. */
async function stall(milliseconds: number, signal: AbortSignal | null | undefined): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, { ...(signal && { signal }) })
  } catch (cause) {
    throw new FetchError('took too long', { cause })
  }
}

describe('findUser() takes no object', () => {
  const refused: readonly [string, (object: object) => unknown, RegExp][] = [
    ['that was changed', (object) => ({ ...object, CONTACT: 'https://eve.example/' }), /hash/],
    ['without a signature', (object) => ({ ...object, SIGNATURE: undefined }), /unsigned/],
    ['that is none', () => ['lost'], /no user object/],
    ['that is a page', () => 'lost', /no user object/],
  ]
  for (const [what, change, reason] of refused) {
    it(what, async () => {
      const { world, find } = await createScene()
      tamper(world, 'lenore.org', change)
      const search = await find()
      assert.equal(search.outcome, 'unreachable')
      assert.match(reasonsOf(search), reason)
    })
  }

  it('of somebody else', async () => {
    const { world, lenore, find } = await createScene()
    const other = lenore.userObject(lenore.addUser('other'))
    tamper(world, 'lenore.org', () => other)
    assert.match(reasonsOf(await find()), /of somebody else/)
  })

  it('signed by another domain', async () => {
    const { world, lost, find } = await createScene()
    const eve = addPeer(world, 'eve.example')
    tamper(world, 'lenore.org', () => eve.userObject(lost))
    assert.match(reasonsOf(await find()), /not signed as it is by lenore\.org \(signature\)/)
  })

  it('that is larger than an object', async () => {
    const { world, lenore, lost, find } = await createScene()
    const object = { ...lenore.userObject(lost), X: 'x'.repeat(300 * 1024) }
    tamper(world, 'lenore.org', () => object)
    assert.equal((await find()).outcome, 'unreachable')
  })

  it('that is older than one that we have had', async () => {
    const { world, lenore, lost, find } = await createScene()
    const old = lenore.userObject(lost)
    world.pass(10)
    assert.equal((await find()).outcome, 'found')
    world.pass(HOUR)
    let given: object = old
    tamper(world, 'lenore.org', () => given)
    assert.match(reasonsOf(await find()), /older than one that we have had/)
    given = lenore.userObject(lost)
    assert.equal((await find()).outcome, 'found')
  })

  it('from the future', async () => {
    const { world, lenore, lost, find } = await createScene()
    for (const [ahead, outcome] of [
      [6 * 60, 'unreachable'],
      [4 * 60, 'found'],
    ] as const) {
      const DATE = new Date(world.clock.time + ahead * 1000).toISOString()
      lost.attributes['DATE'] = DATE
      tamper(world, 'lenore.org', () => lenore.userObject(lost))
      assert.equal((await find()).outcome, outcome)
    }
  })
})
