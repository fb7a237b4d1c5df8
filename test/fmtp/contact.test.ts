import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { explainRoute, formatTrace } from '../../lib/fmtp/explain-route.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { addHouse, addPeer, addressOf, createWorld, parcelTo } from './route-world.ts'
import { startGuard } from '../support/web-guard.ts'

/** Poe, who writes to Lost at an independent server of lenore.org. */
async function createScene(
  contact: string | undefined = undefined,
  hosts: readonly string[] = ['lenore.org'],
) {
  const world = createWorld()
  const poe = await addHouse(world, 'edgar@poe.net')
  const lenore = addPeer(world, 'lenore.org', hosts)
  const lost = lenore.addUser('lost', contact === undefined ? {} : { CONTACT: contact })
  const parcel = parcelTo('lost@lenore.org')
  const send = (fetch: Fetch = world.fetch) =>
    poe.delivery.deliver(parcel, new URL('https://lenore.org/fmtp/'), { fetch })
  const posts = () => world.takeLog().filter((line) => line.startsWith('POST'))
  return { world, poe, lenore, lost, parcel, send, posts }
}

/** Answers messages itself, and leaves the rest to the server behind it. */
function answering(behind: Endpoint | undefined, answer: () => Response): Endpoint {
  return async (request) => {
    const { pathname } = new URL(request.url)
    const isMessage = request.method === 'POST' && pathname.endsWith('/objects')
    return isMessage ? answer() : (behind?.(request) ?? new Response(null, { status: 404 }))
  }
}

describe('handOver(): Recommended, "connect in the way the object describes"', () => {
  it('writes to the server that CONTACT names, if it greets for the domain', async () => {
    const { lost, send, posts } = await createScene('https://home.lost.example/in/fmtp/', [
      'lenore.org',
    ])
    const { outcome } = await send()
    assert.equal(outcome, 'delivered')
    assert.deepEqual(posts(), [
      'POST https://lenore.org/fmtp/greeting',
      'POST https://home.lost.example/in/fmtp/greeting',
      'POST https://lenore.org/fmtp/objects',
    ])
    assert.equal(lost.inbox.length, 1)
  })

  it('writes to nobody else then', async () => {
    const { lost, send, posts } = await createScene('https://home.lost.example/fmtp', [
      'lenore.org',
      'home.lost.example',
    ])
    const receipt = await send()
    assert.deepEqual(receipt, {
      outcome: 'delivered',
      reason: 'home.lost.example took the message (202)',
    })
    assert.deepEqual(posts().slice(-1), ['POST https://home.lost.example/fmtp/objects'])
    assert.equal(lost.inbox.length, 1)
  })

  it('does not try the same server twice', async () => {
    const { world, poe, parcel, send, posts } = await createScene('https://lenore.org/fmtp')
    await poe.delivery.discover(parcel.destination, world)
    delete world.sites['https://lenore.org']
    posts()
    assert.equal((await send()).outcome, 'pending')
    assert.deepEqual(posts(), ['POST https://lenore.org/fmtp/objects'])
  })

  it("gives nothing to another domain's server", async () => {
    const { world, lost, send, posts } = await createScene('https://victim.example/fmtp')
    const victim = addPeer(world, 'victim.example')
    assert.equal((await send()).outcome, 'delivered')
    assert.deepEqual(victim.log, ['POST /fmtp/greeting 401'])
    assert.equal(posts().at(-1), 'POST https://lenore.org/fmtp/objects')
    assert.equal(lost.inbox.length, 1)
  })

  for (const contact of [
    'https://10.0.0.1/fmtp',
    'https://127.0.0.1/fmtp',
    'https://[fd00::1]/fmtp',
    'https://169.254.169.254/latest',
    'https://public.lost.example:25/fmtp',
  ]) {
    it(`does not go to ${contact}`, async (t) => {
      const { world, poe, lost, send } = await createScene(contact)
      const guarded = startGuard(t, { allowLoopback: false })
      const fetch: Fetch = (url, init) =>
        url.host === 'lenore.org' ? world.fetch(url, init) : guarded(url, init)
      assert.equal((await send(fetch)).outcome, 'delivered')
      assert.equal(lost.inbox.length, 1)
      const trace = await explainRoute(addressOf('lost@lenore.org'), { ...poe.client, fetch })
      const recommended = trace.find(({ step }) => step === 'recommended')
      assert.equal(recommended?.outcome, 'failed')
      assert.match(recommended?.reason ?? '', /on this machine|public web|one of the web/)
    })
  }

  it('goes to "lost.lenore.org, port 8000"', async (t) => {
    const { world, lost, send } = await createScene('https://lost.lenore.org:8000/fmtp', [
      'lenore.org',
      'lost.lenore.org:8000',
    ])
    const guarded = startGuard(t, { allowLoopback: false, lookup: async () => [] })
    const fetch: Fetch = async (url, init) => {
      // The guard lets us through to the name, which has no address here.
      const outcome = await guarded(url, init).catch(String)
      assert.match(String(outcome), /has no address/)
      return world.fetch(url, init)
    }
    assert.equal((await send(fetch)).reason, 'lost.lenore.org:8000 took the message (202)')
    assert.equal(lost.inbox.length, 1)
  })

  for (const contact of [
    'http://home.lost.example/fmtp',
    'javascript:alert(1)',
    'https://user:word@home.lost.example/fmtp',
    'home.lost.example',
    'ftp://home.lost.example/',
  ]) {
    it(`does not take ${contact} for a place to write to`, async () => {
      const { poe, lost, send } = await createScene(contact, ['lenore.org', 'home.lost.example'])
      assert.equal((await send()).outcome, 'delivered')
      assert.equal(lost.inbox.length, 1)
      const trace = await explainRoute(addressOf('lost@lenore.org'), poe.client)
      assert.equal(trace.find(({ step }) => step === 'recommended')?.outcome, 'skipped')
    })
  }
})

describe('handOver(): what an answer means', () => {
  it('403 is their last word, with its reason', async () => {
    const { world, lenore, lost, send, posts } = await createScene(undefined, [
      'mx1.lenore.org',
      'mx2.lenore.org',
    ])
    world.zone.mx['lenore.org'] = ['mx1.lenore.org', 'mx2.lenore.org']
    const error = { error: 'access_denied', error_description: 'No strangers,\nplease.' }
    world.sites['https://mx1.lenore.org'] = answering(lenore.endpoint, () =>
      Response.json(error, { status: 403 }),
    )
    assert.deepEqual(await send(), {
      outcome: 'failed',
      reason: 'mx1.lenore.org refused the message: the answer was 403, "No strangers, please."',
    })
    assert.ok(!posts().some((line) => line.includes('mx2')), 'nobody else is asked')
    world.sites['https://mx1.lenore.org'] = lenore.endpoint
    assert.equal((await send()).outcome, 'delivered')
    assert.equal(lost.inbox.length, 1)
  })

  it('503 and 429 are "come back later", not before the moment that they name', async () => {
    for (const status of [503, 429]) {
      const { world, lenore, send } = await createScene()
      const headers = { 'retry-after': '120' }
      world.sites['https://lenore.org'] = answering(
        lenore.endpoint,
        () => new Response(null, { status, headers }),
      )
      const receipt = await send()
      assert.equal(receipt.outcome, 'pending')
      assert.ok(receipt.outcome === 'pending')
      assert.deepEqual(receipt.notBefore, new Date(world.clock.time + 120_000))
      world.sites['https://lenore.org'] = lenore.endpoint
      assert.equal((await send()).outcome, 'delivered')
    }
  })

  it('another exchanger is asked where the first has no time', async () => {
    const { world, lenore, lost, send } = await createScene(undefined, [
      'mx1.lenore.org',
      'mx2.lenore.org',
    ])
    world.zone.mx['lenore.org'] = ['mx1.lenore.org', 'mx2.lenore.org']
    world.sites['https://mx1.lenore.org'] = answering(
      lenore.endpoint,
      () => new Response(null, { status: 503 }),
    )
    assert.deepEqual(await send(), {
      outcome: 'delivered',
      reason: 'mx2.lenore.org took the message (202)',
    })
    assert.equal(lost.inbox.length, 1)
  })

  it('401 is a session that is over: greets again, once', async () => {
    for (const sessions of [1, 5]) {
      const { world, lenore, send, posts } = await createScene()
      let refusals = sessions
      world.sites['https://lenore.org'] = async (request) => {
        const isMessage = request.method === 'POST' && request.url.endsWith('/objects')
        if (!isMessage || refusals-- <= 0) return lenore.endpoint(request)
        return new Response(null, { status: 401 })
      }
      assert.equal((await send()).outcome, sessions === 1 ? 'delivered' : 'pending')
      const greetings = posts().filter((line) => line.endsWith('/greeting'))
      assert.equal(greetings.length, 2)
    }
  })

  it('a redirect is no place to carry a message to', async () => {
    const { world, lenore, send, posts } = await createScene()
    const eve = addPeer(world, 'eve.example')
    const headers = { location: 'https://eve.example/fmtp/objects' }
    world.sites['https://lenore.org'] = answering(
      lenore.endpoint,
      () => new Response(null, { status: 308, headers }),
    )
    assert.equal((await send()).outcome, 'pending')
    assert.deepEqual(eve.log, [])
    assert.equal(posts().length, 2)
  })

  it('nobody who cannot be reached is given up at once', async () => {
    const { world, lenore, send } = await createScene()
    await send()
    delete world.sites['https://lenore.org']
    const receipt = await send()
    assert.equal(receipt.outcome, 'pending')
    assert.match(receipt.reason, /^lenore\.org: no such site/)
    world.sites['https://lenore.org'] = lenore.endpoint
    assert.equal((await send()).outcome, 'delivered')
  })

  it('what a refusal repeats of a session or a capability URL is not passed on', async () => {
    const { world, lenore, send } = await createScene()
    let repeated = ''
    world.sites['https://lenore.org'] = async (request) => {
      if (request.method !== 'POST' || !request.url.endsWith('/objects')) {
        return lenore.endpoint(request)
      }
      repeated = `${request.headers.get('authorization')} ${await request.text()}`
      const description = `no: ${request.headers.get('authorization')} https://poe.net/p/4x7k2m9qwertyasdfghzxcvbn0/`
      return Response.json({ error: 'x', error_description: description }, { status: 403 })
    }
    const { reason } = await send()
    assert.match(reason, /"no: Bearer … https:\/\/poe\.net\/p\/…\/"/)
    const [, session = '?'] = repeated.split(' ')
    assert.ok(!reason.includes(session))
  })
})

describe('explainRoute()', () => {
  it('says each step, and sends nothing', async () => {
    const { world, poe, lost } = await createScene('https://lost.lenore.org:8000/fmtp', [
      'mail.lenore.org',
    ])
    world.zone.mx['lenore.org'] = ['old.lenore.org', 'mail.lenore.org']
    const lines = formatTrace(await explainRoute(addressOf('lost@lenore.org'), poe.client))
    assert.deepEqual(lines, [
      'local cache: – absent: we have not looked it up of late',
      'parent cache: – skipped: there is no parent to ask',
      'domain: old.lenore.org – failed: no such site: https://old.lenore.org',
      'domain: mail.lenore.org – found: this is lost@lenore.org',
      'recommended: lost.lenore.org:8000 – failed: no such site: https://lost.lenore.org:8000',
      'domain: mail.lenore.org – found: it has proved to speak for lenore.org, and would be given the message',
    ])
    assert.equal(lost.inbox.length, 0)
  })

  it('ends where there is nobody', async () => {
    const { poe } = await createScene()
    const lines = formatTrace(await explainRoute(addressOf('nobody@lenore.org'), poe.client))
    assert.equal(lines.at(-1), 'domain: lenore.org – absent: it does not know nobody@lenore.org')
  })
})
