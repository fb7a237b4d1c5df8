import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { Parcel, Receipt } from '../../lib/delivery/delivery.ts'
import { letterFileName, letterIdOf, PUBLIC_LETTERS_FILE } from '../../lib/delivery/letter.ts'
import { sweepRelay } from '../../lib/fmtp/relay-queue.ts'
import { createInboxEndpoint } from '../../lib/inbox/endpoint.ts'
import { startSession } from '../../lib/jwt/session.ts'
import { createDnsResolver, type DnsResolver } from '../../lib/web/dns.ts'
import { FetchError } from '../../lib/web/errors.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { formatUserAddress } from '../../lib/web/user-address.ts'
import {
  addHouse,
  addPeer,
  createWorld,
  parcelTo,
  type House,
  type World,
} from '../fmtp/route-world.ts'
import { startDnsServer, type DnsServer } from '../support/dns-server.ts'

/** One thing that was asked of somebody, and what they said. */
interface Event {
  readonly who: string
  /** `MX lenore.org`, or `POST https://mail.lenore.org/fmtp/greeting` */
  readonly what: string
  readonly session?: string
  readonly said?: unknown
  readonly status?: number
  readonly answer?: unknown
}

/** The example conversation of the document: every line of it, in its order. */
describe('FMTP, "Example conversation"', () => {
  const world = createWorld()
  const timeline: Event[] = []
  /** What is left of the conversation. */
  const happened: Event[] = []
  let dns: DnsServer
  let poe: House
  let lenore: House
  let cookie: string
  let receipt: Receipt
  /** Objects that Poe, and keys that Lenore had before. */
  let cached: { readonly objects: number; readonly keys: number }
  let greeting: Event
  let question: Event
  let attempt: Event
  let message: Event
  let page: string

  const throughDns = () => ({ resolver: createDnsResolver({ servers: [dns.address] }) })
  const zoneOf = (name: string): readonly string[] => {
    const records = world.zone.txt[name] ?? []
    return records === 'fails' ? [] : records
  }
  const listening = (who: string): { resolver: DnsResolver; fetch: Fetch } => {
    const { resolver: real } = throughDns()
    const ask = (what: string) => void timeline.push({ who, what })
    return {
      resolver: {
        mx: (name) => (ask(`MX ${name}`), real.mx(name)),
        txt: (name) => (ask(`TXT ${name}`), real.txt(name)),
      },
      fetch: async (url, init) => {
        const event: { -readonly [Name in keyof Event]: Event[Name] } = {
          ...{ who, what: `${init?.method ?? 'GET'} ${url.href}` },
          said: init?.body ? JSON.parse(String(init.body)) : undefined,
        }
        const session = new Headers(init?.headers).get('authorization')
        if (session !== null) event.session = session
        timeline.push(event)
        const response = await world.fetch(url, init)
        event.status = response.status
        event.answer = await response.clone().json()
        return response
      },
    }
  }

  /** The next thing that happened: it has to be this. */
  const next = (who: string, what: string): Event => {
    const event = happened.shift()
    assert.deepEqual([event?.who, event?.what], [who, what])
    return event ?? { who, what }
  }
  const keysOf = async (house: House) => (await house.store.list('fmtp-key/')).length
  const objectsOf = async (house: House) => (await house.store.list('fmtp-object/')).length

  const readInbox = (asked: string) => {
    const { site, me, store, now } = lenore.parts
    const { inbox, secrets } = lenore
    const paths = { inbox: '/inbox' }
    const endpoint = createInboxEndpoint({ site, me, paths, inbox, secrets, store, now })
    return endpoint(new Request('https://lenore.org/inbox', { headers: { cookie: asked } }))
  }

  before(async () => {
    dns = await startDnsServer()
    poe = await addHouse(world, 'edgar@poe.net', listening('Poe'))
    lenore = await addHouse(world, 'lost@lenore.org', {
      ...listening('Lenore'),
      hosts: ['mail.lenore.org'],
      fmtp: { contact: 'https://lost.lenore.org:8000/fmtp' },
    })
    // The server of lenore.org is mail.lenore.org, and nothing else.
    delete world.sites['https://lenore.org']
    dns.answers.set('MX lenore.org', { mx: [[10, 'mail.lenore.org']] })
    for (const [name, records] of Object.entries(world.zone.txt)) {
      dns.answers.set(`TXT ${name}`, { txt: [...records] })
    }
    const { secrets, parts } = lenore
    const setCookie = await startSession(
      { reader: parts.me.href, by: 'passphrase' },
      { secrets, site: parts.site },
    )
    cookie = setCookie.split(';')[0] ?? ''

    cached = { objects: await objectsOf(poe), keys: await keysOf(lenore) }
    const parcel = parcelTo('lost@lenore.org')
    const endpoint = await poe.delivery.discover(parcel.destination, poe.web)
    assert.ok(endpoint)
    receipt = await poe.delivery.deliver(parcel, endpoint, poe.web)
    happened.push(...timeline)
  })
  after(() => dns.close())

  it('Poe.net checks its cache for lost@lenore.org, but does not find it.', async () => {
    assert.equal(cached.objects, 0, 'so it has to ask')
    assert.equal(await objectsOf(poe), 1, 'and next time it will not have to')
  })

  it('Poe.net looks up the MX record for lenore.org, and finds mail.lenore.org', async () => {
    next('Poe', 'MX lenore.org')
    const resolver = createDnsResolver({ servers: [dns.address] })
    assert.deepEqual(await resolver.mx('lenore.org'), ['mail.lenore.org'])
  })

  it('Poe.net looks up fmtpkey.lenore.org, and caches the public key', async () => {
    next('Poe', 'TXT fmtpkey.lenore.org')
    assert.equal(await keysOf(poe), 1)
    assert.ok(!happened.some(({ what }) => what === 'TXT fmtpkey.lenore.org'), 'not asked again')
  })

  it('Poe.net connects to mail.lenore.org', () => {
    greeting = next('Poe', 'POST https://mail.lenore.org/fmtp/greeting')
    assert.equal(greeting.session, undefined)
  })

  it("Poe: Hi, I'm poe.net. Here's my hash.", () => {
    const { TYPE, SERVER, TO, AT, HASH } = objectOf(greeting.said)
    assert.deepEqual([TYPE, SERVER], ['greeting', 'poe.net'])
    assert.deepEqual([TO, AT], ['lenore.org', 'mail.lenore.org'], 'it is good for nobody else')
    assert.match(String(HASH), /^[\w-]{43}$/)
  })

  it('Lenore checks its cache for a poe.net public key, but does not find it.', () => {
    assert.equal(cached.keys, 0)
    // That she answers at mail.lenore.org, she has from DNS.
    next('Lenore', 'MX lenore.org')
  })

  it('Lenore looks up fmtpkey.poe.net, and gets the public key.', async () => {
    next('Lenore', 'TXT fmtpkey.poe.net')
    assert.equal(await keysOf(lenore), 1)
    assert.ok(!happened.some(({ what }) => what === 'TXT fmtpkey.poe.net'), 'not asked again')
  })

  it('Lenore verifies the hash', async () => {
    assert.equal(greeting.status, 200)
    const changed = { ...objectOf(greeting.said), NONCE: 'x'.repeat(24) }
    const response = await world.fetch(new URL('https://mail.lenore.org/fmtp/greeting'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(changed),
    })
    assert.equal(response.status, 401)
    assert.match(await response.text(), /another HASH than it says/)
  })

  it("Lenore: Nice to meet you, poe.net. I am lenore.org. Here's my hash.", () => {
    const { SERVER, TO, ANSWERS, HASH } = objectOf(greeting.answer)
    assert.deepEqual([SERVER, TO], ['lenore.org', 'poe.net'])
    assert.equal(ANSWERS, objectOf(greeting.said)['NONCE'])
    assert.match(String(HASH), /^[\w-]{43}$/)
  })

  it('Poe verifies the hash', async () => {
    const deaf = await addHouse(world, 'allan@poe.example', {
      ...throughDns(),
      fetch: async (url, init) => {
        const response = await world.fetch(url, init)
        if (!url.pathname.endsWith('/greeting')) return response
        const { SERVER: _, ...rest } = objectOf(await response.json())
        return Response.json({ ...rest, SERVER: 'lenore.org', TIME: '2026-11-21T12:00:01Z' })
      },
    })
    dns.answers.set('TXT fmtpkey.poe.example', { txt: [...zoneOf('fmtpkey.poe.example')] })
    await assert.rejects(
      async () => deaf.delivery.discover(parcelTo('lost@lenore.org').destination, deaf.web),
      /mail\.lenore\.org: its greeting was changed on the way/,
    )
  })

  it('Poe: Do you know lost@lenore.org?', () => {
    question = next('Poe', 'GET https://mail.lenore.org/fmtp/objects/lost@lenore.org')
    assert.equal(question.session, `Bearer ${objectOf(greeting.answer)['SESSION']}`)
  })

  it('Lenore: This is lost@lenore.org. Connect to lost.lenore.org, port 8000 tcp', () => {
    assert.equal(question.status, 200)
    const { TYPE, ADDRESS, CONTACT } = objectOf(question.answer)
    assert.deepEqual([TYPE, ADDRESS], ['user', 'lost@lenore.org'])
    assert.equal(CONTACT, 'https://lost.lenore.org:8000/fmtp')
  })

  it('Poe now has lost@lenore.org, and attempts to connect to lost.lenore.org', async () => {
    assert.equal(await objectsOf(poe), 1)
    attempt = next('Poe', 'POST https://lost.lenore.org:8000/fmtp/greeting')
  })

  it('Poe cannot reach lost.lenore.org, so reconnects to mail.lenore.org', () => {
    assert.equal(attempt.status, undefined, 'there was no answer')
    message = next('Poe', 'POST https://mail.lenore.org/fmtp/objects')
  })

  it('Perhaps connections could be left open, either for a time period or until a connection limit is reached.', () => {
    // No second greeting: it is the session of the first one.
    assert.equal(message.session, question.session)
  })

  it('Poe: This is edgar@poe.net', () => {
    const [user] = Array.isArray(message.said) ? message.said : []
    const { TYPE, ADDRESS } = objectOf(user)
    assert.deepEqual([TYPE, ADDRESS], ['user', 'edgar@poe.net'])
  })

  it('Poe: Here is a message for lost@lenore.org from edgar@poe.net', () => {
    const [, letter] = Array.isArray(message.said) ? message.said : []
    const { TYPE, ID, FROM, TO, HASH } = objectOf(letter)
    assert.deepEqual([TYPE, FROM, TO], ['message', 'edgar@poe.net', ['lost@lenore.org']])
    assert.match(String(ID), /^[0-9a-f]{32}\.edgar@poe\.net$/)
    assert.match(String(HASH), /^[\w-]{43}$/)
  })

  it('Lenore: Thanks.', () => {
    assert.deepEqual([message.status, message.answer], [202, { ANSWER: 'Thanks.' }])
    assert.deepEqual(receipt, {
      outcome: 'delivered',
      reason: 'mail.lenore.org took the message (202)',
    })
    assert.deepEqual(happened, [], 'and nothing else happened')
  })

  it('Lenore uses an existing logged-in connection from lost@lenore.org', async () => {
    assert.equal((await readInbox('')).status, 401, 'nobody else reads it')
    const response = await readInbox(cookie)
    assert.equal(response.status, 200)
    page = await response.text()
  })

  it('Lenore: This is edgar@poe.net', () => {
    assert.match(page, /edgar@poe\.net/)
  })

  it('Lenore: Here is a message for you from edgar@poe.net', () => {
    assert.match(page, /Dinner at eight\?/)
  })

  it('Lost: Thanks.', async () => {
    const [{ id = '' } = {}] = (await lenore.inbox.list('all', { page: 0, perPage: 5 })).items
    assert.ok(id !== '')
    const thanks = parcelTo('edgar@poe.net', {
      ...{ url: 'https://lenore.org/p/thanks/', title: 'Re: Dinner', text: 'Thanks.' },
      inReplyTo: `fmtp:${objectOf((message.said as unknown[])[1])['ID']}`,
    })
    const endpoint = await lenore.delivery.discover(thanks.destination, lenore.web)
    assert.ok(endpoint)
    const { outcome } = await lenore.delivery.deliver(thanks, endpoint, lenore.web)
    assert.equal(outcome, 'delivered')
    const [answer] = poe.messages()
    assert.deepEqual([answer?.text, answer?.sender], ['Thanks.', 'lost@lenore.org'])
    assert.equal(answer?.inReplyTo, `fmtp:${objectOf((message.said as unknown[])[1])['ID']}`)
  })
})

describe('FMTP between two sites of ours', () => {
  const POST = 'https://poe.net/p/4x7k2m9qwertyasdfghzxcvbn0/'
  const letter = { id: letterIdOf(POST), version: '1', url: POST, text: 'Dinner?', audience: [] }

  /** Poe takes messages in the clear, Lenore encrypted ones only. */
  async function createScene() {
    const world = createWorld()
    const files = {
      [letterFileName(letter.id)]: { version: 1, letters: { 'lost@lenore.org': letter } },
    }
    const poe = await addHouse(world, 'edgar@poe.net', { files, fmtp: { encrypt: 'none' } })
    const lenore = await addHouse(world, 'lost@lenore.org', { fmtp: { encrypt: 'required' } })
    const bodies: string[] = []
    const web = {
      fetch: async (url: URL, init?: RequestInit) => {
        if (url.pathname.endsWith('/objects')) bodies.push(String(init?.body))
        return world.fetch(url, init)
      },
    }
    const send = async (from: House, parcel: Parcel): Promise<Receipt> => {
      const endpoint = await from.delivery.discover(parcel.destination, web)
      assert.ok(endpoint)
      return from.delivery.deliver(parcel, endpoint, web)
    }
    return { world, poe, lenore, bodies, send }
  }

  it('a post, and its answer in the same thread, request by request', async () => {
    const { world, poe, lenore, bodies, send } = await createScene()
    world.takeLog()
    assert.equal((await send(poe, parcelTo('lost@lenore.org', letter))).outcome, 'delivered')
    assert.deepEqual(world.takeLog(), [
      'MX lenore.org',
      'TXT fmtpkey.lenore.org',
      'POST https://lenore.org/fmtp/greeting',
      'TXT fmtpkey.poe.net',
      'GET https://lenore.org/fmtp/objects/lost@lenore.org',
      'POST https://lenore.org/fmtp/objects',
    ])
    assert.ok(!bodies.join().includes('Dinner'), 'nobody on the way reads it')
    const [received] = lenore.messages()
    assert.deepEqual([received?.text, received?.sender], ['Dinner?', 'edgar@poe.net'])

    const reply = { url: 'https://lenore.org/p/yes/', id: letterIdOf('yes'), text: 'Yes.' }
    const answer = parcelTo('edgar@poe.net', { ...reply, inReplyTo: POST })
    assert.equal((await send(lenore, answer)).outcome, 'delivered')
    // Who edgar is, the message said; the key is known since the greeting.
    assert.deepEqual(world.takeLog(), [
      'POST https://poe.net/fmtp/greeting',
      'POST https://poe.net/fmtp/objects',
    ])
    const [answered] = poe.messages()
    assert.deepEqual([answered?.type, answered?.target], ['reply', POST])
    assert.deepEqual([answered?.text, answered?.threadRoot], ['Yes.', POST])
  })

  it('a post that was changed replaces what was there, and the same one again is no news', async () => {
    const { poe, lenore, send } = await createScene()
    await send(poe, parcelTo('lost@lenore.org', letter))
    await send(poe, parcelTo('lost@lenore.org', { ...letter, text: 'Lunch?' }))
    await send(poe, parcelTo('lost@lenore.org', { ...letter, text: 'Lunch?' }))
    assert.deepEqual(
      lenore.messages().map(({ text }) => text),
      ['Lunch?'],
    )
  })

  it('what is sent once more because its answer was lost is the same version, encrypted or not', async () => {
    for (const [from, to] of [
      ['poe', 'lenore'],
      ['lenore', 'poe'],
    ] as const) {
      const scene = await createScene()
      const there = scene[to]
      const parcel = parcelTo(formatUserAddress(there.address), {
        url: `https://${scene[from].address.domain}/p/`,
        published: 'the day before yesterday',
      })
      const versions = []
      for (const pause of [0, 60]) {
        scene.world.pass(pause)
        assert.equal((await scene.send(scene[from], parcel)).outcome, 'delivered')
        const { items } = await there.inbox.list('all', { page: 0, perPage: 5 })
        versions.push(items.map(({ version }) => version))
      }
      assert.equal(versions[0]?.length, 1)
      assert.deepEqual(versions[1], versions[0])
    }
  })

  it('gives the author the reason of a refusal', async () => {
    const { world, poe, send, lenore } = await createScene()
    const { user } = await readUser(world, lenore)
    assert.equal(user['ENCRYPT-POLICY'], 'required')
    // A copy of the object from before encryption was required.
    const old = await addHouse(world, 'lost@lenore.org', { fmtp: { encrypt: 'none' } })
    const { endpoint: oldServer } = old
    // Who is asked keeps to the copy.
    world.sites['https://lenore.org'] = async (request) =>
      request.method === 'GET' ? oldServer(request) : lenore.endpoint(request)
    assert.deepEqual(await send(poe, parcelTo('lost@lenore.org', letter)), {
      outcome: 'failed',
      reason:
        'lenore.org refused the message: the answer was 403, "messages to this user have to be encrypted: see ENCRYPT-METHOD"',
    })
    assert.deepEqual([old.messages().length, lenore.messages().length], [0, 0])
  })

  it('does not lose what is sent while she turns encryption on', async () => {
    const { world, poe, send, lenore } = await createScene()
    const old = await addHouse(world, 'lost@lenore.org', { fmtp: { encrypt: 'none' } })
    await poe.delivery.discover(parcelTo('lost@lenore.org').destination, world)
    world.sites['https://lenore.org'] = lenore.endpoint
    assert.equal((await send(poe, parcelTo('lost@lenore.org', letter))).outcome, 'delivered')
    assert.deepEqual([old.messages().length, lenore.messages().length], [0, 1])
  })

  it('over a parent: its cache, its look-up, its relay', async () => {
    const world = createWorld()
    const town = await addHouse(world, 'mayor@town.example', { fmtp: { children: ['poe.net'] } })
    const lenore = await addHouse(world, 'lost@lenore.org')
    const fetch: Fetch = async (url, init) => {
      if (url.host === 'lenore.org') throw new FetchError('lenore.org cannot be reached from here')
      return world.fetch(url, init)
    }
    const poe = await addHouse(world, 'edgar@poe.net', { fetch, fmtp: { parent: 'town.example' } })
    world.takeLog()
    const parcel = parcelTo('lost@lenore.org', letter)
    const endpoint = await poe.delivery.discover(parcel.destination, poe.web)
    assert.ok(endpoint)
    const { outcome } = await poe.delivery.deliver(parcel, endpoint, poe.web)
    assert.equal(outcome, 'delivered')
    const requests = () => world.takeLog().filter((line) => /^(GET|POST)/.test(line))
    assert.deepEqual(requests(), [
      'POST https://town.example/fmtp/greeting',
      'POST https://town.example/fmtp/lookup',
      'POST https://town.example/fmtp/lookup',
      'POST https://lenore.org/fmtp/greeting',
      'GET https://lenore.org/fmtp/objects/lost@lenore.org',
      'POST https://town.example/fmtp/relay',
    ])
    await sweepRelay(town.parts)
    assert.deepEqual(requests(), ['POST https://lenore.org/fmtp/objects'])
    const [received] = lenore.messages()
    assert.deepEqual([received?.sender, received?.host], ['edgar@poe.net', 'poe.net'])
    assert.deepEqual(received?.hosts, ['town.example'])
  })
})

describe('FMTP with a server that was written from the document alone', () => {
  for (const policy of ['none', 'required'] as const) {
    const how = policy === 'none' ? 'in the clear' : 'encrypted'

    it(`we write to it, ${how}`, async () => {
      const world = createWorld()
      const poe = await addHouse(world, 'edgar@poe.net')
      const lost = addPeer(world, 'lenore.org').addUser('lost')
      lost.encryptPolicy = policy
      const parcel = parcelTo('lost@lenore.org')
      const endpoint = await poe.delivery.discover(parcel.destination, world)
      assert.ok(endpoint)
      assert.equal((await poe.delivery.deliver(parcel, endpoint, world)).outcome, 'delivered')
      const [{ from, message } = { from: '', message: {} }] = lost.inbox
      assert.equal(from, 'edgar@poe.net')
      assert.equal(message['ENCRYPTED'] !== undefined, policy === 'required')
      assert.deepEqual(objectOf(message['BODY'])['text'], 'Dinner at eight?')
    })

    it(`it writes to us, ${how}`, async () => {
      const world = createWorld()
      const poe = await addHouse(world, 'edgar@poe.net', { fmtp: { encrypt: policy } })
      const lenore = addPeer(world, 'lenore.org')
      const lost = lenore.addUser('lost')
      const server = new URL('https://poe.net/fmtp')
      const session = await lenore.greet(server, 'poe.net')
      const user = await lenore.ask(server, 'edgar@poe.net', session)
      const method = String(user?.['ENCRYPT-METHOD'])
      const message = lenore.messageObject({
        ...{ from: lost.address, to: ['edgar@poe.net'] },
        attributes: { BODY: { text: 'Nevermore.' } },
        ...(policy === 'required' && { method }),
      })
      const response = await lenore.send(server, session, [lenore.userObject(lost), message])
      assert.equal(response.status, 202)
      const [received] = poe.messages()
      assert.deepEqual([received?.text, received?.sender], ['Nevermore.', 'lost@lenore.org'])
    })
  }

  it('public objects are listed, and freely given to anyone who asks', async () => {
    const world = createWorld()
    const url = 'https://poe.net/raven/'
    const raven = { ...{ id: letterIdOf(url), version: '1', url }, title: 'The Raven' }
    const letters = [{ ...raven, text: 'Once upon a midnight dreary', audience: [] }]
    const secret = { ...letters[0], id: letterIdOf('x'), url: 'https://poe.net/p/x/' }
    await addHouse(world, 'edgar@poe.net', {
      files: {
        [PUBLIC_LETTERS_FILE]: { version: 1, letters },
        [letterFileName(secret.id)]: { version: 1, letters: { 'lost@lenore.org': secret } },
      },
    })
    const lenore = addPeer(world, 'lenore.org')
    const server = new URL('https://poe.net/fmtp')
    const list = await world.fetch(new URL('https://poe.net/fmtp/objects'))
    const objects = objectOf(await list.json())['OBJECTS']
    assert.ok(Array.isArray(objects))
    const ids = objects.map((entry) => String(objectOf(entry)['ID']))
    assert.deepEqual(ids, ['poe.net', 'edgar@poe.net', `${raven.id}.edgar@poe.net`])
    for (const id of ids) {
      assert.equal((await lenore.ask(server, id))?.['PUBLIC'], true, id)
    }
    const name = `${secret.id}.edgar@poe.net`
    assert.equal(await lenore.ask(server, name), undefined, 'not to anyone')
    const session = await lenore.greet(server, 'poe.net')
    assert.ok(await lenore.ask(server, name, session), 'but to whom it was written to')
  })
})

describe('FMTP over real name servers', () => {
  /** Poe looks for Lost through a name server that a test can break. */
  async function createScene(t: TestContext) {
    const world = createWorld()
    const dns = await startDnsServer()
    t.after(() => dns.close())
    const resolver = createDnsResolver({ servers: [dns.address] })
    const poe = await addHouse(world, 'edgar@poe.net', { resolver })
    const lenore = addPeer(world, 'lenore.org', ['mail.lenore.org', 'lenore.org'])
    const lost = lenore.addUser('lost')
    dns.answers.set('MX lenore.org', { mx: [[10, 'mail.lenore.org']] })
    dns.answers.set('TXT fmtpkey.lenore.org', { txt: [lenore.record] })
    const send = async () => {
      const parcel = parcelTo('lost@lenore.org')
      const { outcome } = await poe.delivery.deliver(parcel, parcel.destination, world)
      return outcome
    }
    const servers = () => {
      const hosts = world
        .takeLog()
        .flatMap((line) => /^POST https:\/\/([^/]*)/.exec(line)?.[1] ?? [])
      return [...new Set(hosts)]
    }
    return { world, dns, lenore, lost, send, servers }
  }

  const FAILURES = ['servfail', 'refused', 'garbage', 'truncated', 'headless', 'silence'] as const
  for (const failure of FAILURES) {
    it(`comes back later where DNS fails (${failure}), and asks nobody instead`, async (t) => {
      for (const name of ['MX lenore.org', 'TXT fmtpkey.lenore.org']) {
        const { world, dns, send, servers } = await createScene(t)
        const good = dns.answers.get(name)
        assert.ok(good)
        dns.answers.set(name, failure)
        assert.equal(await send(), 'pending')
        assert.deepEqual(servers(), [])
        if (failure === 'silence') return
        dns.answers.set(name, good)
        world.pass(1)
        assert.equal(await send(), 'delivered', name)
      }
    })
  }

  for (const absence of ['nxdomain', 'nodata'] as const) {
    it(`asks the domain itself where there is no MX (${absence})`, async (t) => {
      const { dns, send, servers } = await createScene(t)
      dns.answers.set('MX lenore.org', absence)
      assert.equal(await send(), 'delivered')
      assert.deepEqual(servers(), ['lenore.org'])
    })

    it(`asks for the key elsewhere where it is not at the first name (${absence})`, async (t) => {
      const { world, dns, lenore, send } = await createScene(t)
      dns.answers.set('TXT fmtpkey.lenore.org', absence)
      dns.answers.set('TXT _fmtp.lenore.org', { txt: [lenore.record] })
      assert.equal(await send(), 'delivered')
      assert.ok(!world.takeLog().includes('GET https://lenore.org/fmtp/key'))
    })
  }

  it('takes the key from the domain itself where DNS knows of none', async (t) => {
    const { world, dns, send } = await createScene(t)
    dns.answers.delete('TXT fmtpkey.lenore.org')
    assert.equal(await send(), 'delivered')
    assert.ok(world.takeLog().includes('GET https://lenore.org/fmtp/key'))
    assert.deepEqual(dns.log.slice(0, 3), [
      'MX lenore.org',
      'TXT fmtpkey.lenore.org',
      'TXT _fmtp.lenore.org',
    ])
  })

  for (const [what, spoof] of [
    ['with another id', { id: 'wrong' }],
    ['to another question', { question: 'eve.example' }],
  ] as const) {
    it(`ignores an answer ${what}`, async (t) => {
      const { world, dns, lost, send, servers } = await createScene(t)
      const eve = addPeer(world, 'eve.example', ['mx.eve.example'])
      dns.spoofs.set('MX lenore.org', { answer: { mx: [[1, 'mx.eve.example']] }, ...spoof })
      dns.spoofs.set('TXT fmtpkey.lenore.org', { answer: { txt: [eve.record] }, ...spoof })
      assert.equal(await send(), 'delivered')
      assert.deepEqual(servers(), ['mail.lenore.org'])
      assert.equal(lost.inbox.length, 1)
    })
  }

  it('gives nothing to the server of a forged MX: the key is not there', async (t) => {
    const { world, dns, lost, send, servers } = await createScene(t)
    const eve = addPeer(world, 'eve.example', ['mx.eve.example'])
    dns.spoofs.set('MX lenore.org', { answer: { mx: [[1, 'mx.eve.example']] } })
    assert.equal(await send(), 'delivered')
    assert.deepEqual(servers(), ['mx.eve.example', 'lenore.org'])
    assert.deepEqual(eve.log, ['POST /fmtp/greeting 401'])
    assert.equal(lost.inbox.length, 1)
  })

  it('gives nothing to anybody under a forged key: the real server does not have it', async (t) => {
    const { world, dns, lost, send } = await createScene(t)
    const eve = addPeer(world, 'eve.example')
    dns.spoofs.set('TXT fmtpkey.lenore.org', { answer: { txt: [eve.record] } })
    assert.equal(await send(), 'pending')
    assert.equal(lost.inbox.length, 0)
    dns.spoofs.clear()
    world.pass(3600)
    assert.equal(await send(), 'delivered')
  })
})

/** The user object of a house, as anybody gets it. */
async function readUser(world: World, { address }: House) {
  const name = `${address.local}@${address.domain}`
  const response = await world.fetch(new URL(`https://${address.domain}/fmtp/objects/${name}`))
  return { user: objectOf(await response.json()) }
}

function objectOf(value: unknown): Record<string, unknown> {
  assert.ok(typeof value === 'object' && value !== null)
  return { ...value }
}
