import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { providerKeys } from '../../lib/intertalk/keys.ts'
import { buildProviderToken } from '../../lib/intertalk/provider-token.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import {
  createContext,
  createProvider,
  localPost,
  messageOf,
  NOON,
  readEvents,
  type ProviderOptions,
} from '../support/intertalk-provider.ts'
import { createWeb } from '../support/web.ts'

const ALICE = 'alice@alice.example'
const BOB = 'bob@bob.example'
const MESSAGES = 'https://alice.example/messages'
const DAY = 24 * 60 * 60 * 1000

function start(options: Partial<ProviderOptions> = {}) {
  const sites: Record<string, Endpoint> = {}
  const web = createWeb(sites)
  const alice = createProvider(ALICE, { fetch: web.fetch, ...options })
  const bob = createProvider(BOB, { fetch: web.fetch, ...options })
  sites['https://alice.example'] = alice.endpoint
  sites['https://bob.example'] = bob.endpoint
  const ask = (init: RequestInit, url = MESSAGES) => alice.messages(new Request(url, init))
  const logged = async () => (await alice.log.since('0')).events
  return { web, alice, bob, ask, logged }
}

const hello = messageOf(ALICE, [BOB], 'Hello')

describe('POST /messages of a local user', () => {
  it('is answered 201 "Sent", and reaches both providers of the conversation', async () => {
    const { alice, bob, ask, web, logged } = start()
    const response = await ask(localPost(await alice.localToken(), hello))
    assert.deepEqual([response.status, await response.text()], [201, 'Sent'])
    assert.deepEqual(web.log.slice(0, 1), ['POST https://bob.example/messages'])
    for (const events of [await logged(), (await bob.log.since('0')).events]) {
      assert.equal(events.length, 1)
      assert.ok(events[0]?.type === 'message')
      const { id, ...message } = events[0].message
      assert.deepEqual(message, hello)
    }
    assert.equal(bob.inbox.size, 1)
  })

  it('takes the token without the word Bearer, as the reference implementation does', async () => {
    const { alice, ask } = start()
    const token = await alice.localToken()
    for (const authorization of [token, `bearer ${token}`, `Bearer  ${token}`]) {
      const response = await ask({ ...localPost('', hello), headers: { authorization } })
      assert.equal(response.status, 201)
    }
  })

  it('is written down before it is answered, and delivered afterwards', async () => {
    const { alice, web, logged } = start()
    const { context, finish } = createContext()
    const request = new Request(MESSAGES, localPost(await alice.localToken(), hello))
    assert.equal((await alice.messages(request, context)).status, 201)
    assert.equal((await alice.store.list('intertalk-outbox/')).length, 1)
    assert.equal((await logged()).length, 1)
    await finish()
    assert.ok(web.log.includes('POST https://bob.example/messages'))
    assert.equal((await alice.store.list('intertalk-outbox/')).length, 0)
  })

  it('is from now where it does not say from when', async () => {
    const { alice, ask, logged } = start()
    const { sentAt, ...undated } = hello
    assert.equal((await ask(localPost(await alice.localToken(), undated))).status, 201)
    const [event] = await logged()
    assert.equal(event?.type === 'message' && event.message.sentAt, NOON.toISOString())
  })

  it('says nothing of what another provider answered', async () => {
    const { alice, ask, bob } = start()
    bob.denied.add(ALICE)
    const response = await ask(localPost(await alice.localToken(), hello))
    assert.deepEqual([response.status, await response.text()], [201, 'Sent'])
    assert.equal(bob.inbox.size, 0)
  })

  for (const [name, message, status] of [
    ['from somebody else of this provider', messageOf('ann@alice.example', [ALICE, BOB]), 403],
    ['from a user of another provider', messageOf(BOB, [ALICE]), 403],
    ['of a conversation that its sender is not in', { ...hello, to: [BOB] }, 403],
    ['that is no JSON', 'Hello', 400],
    ['that is no object', [], 400],
    ['that is null', 'null', 400],
    ['without "to"', { ...hello, to: undefined }, 400],
    ['without "message"', { ...hello, message: undefined }, 400],
    ['to what is no address', { ...hello, to: [ALICE, 'bob'] }, 400],
    ['of tomorrow', { ...hello, sentAt: '2026-11-22T12:00:00Z' }, 400],
    ['that is nested without end', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 400],
    ['of more than 64 kB', { ...hello, message: 'x'.repeat(64 * 1024) }, 413],
  ] as const) {
    it(`is refused ${name} with ${status}, and changes nothing`, async () => {
      const { alice, ask, logged, web } = start()
      const token = await alice.localToken()
      const response = await ask(localPost(token, message))
      assert.equal(response.status, status)
      assert.equal(response.headers.get('access-control-allow-origin'), '*')
      assert.deepEqual(await logged(), [])
      assert.deepEqual(web.log, [])
      assert.equal((await ask(localPost(token, hello))).status, 201)
    })
  }

  it('is refused in anything but UTF-8', async () => {
    const { alice, ask } = start()
    const body = Buffer.from(JSON.stringify({ ...hello, message: 'Grüße' }), 'latin1')
    const init = { ...localPost(await alice.localToken(), ''), body }
    assert.equal((await ask(init)).status, 400)
  })

  it('may come sixty times a minute', async () => {
    const { alice, ask } = start()
    const token = await alice.localToken()
    const note = JSON.stringify(messageOf(ALICE, [], 'note to self'))
    const statuses = []
    for (let n = 0; n < 61; n++) statuses.push((await ask(localPost(token, note))).status)
    assert.deepEqual([...new Set(statuses.slice(0, 60))], [201])
    const response = await ask(localPost(token, note))
    assert.deepEqual([statuses[60], response.status], [429, 429])
    assert.ok(Number(response.headers.get('retry-after')) > 0)
  })
})

describe('tokens at /messages', () => {
  const post = (authorization?: string): RequestInit => ({
    ...localPost('', hello),
    headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
  })
  const get = (authorization?: string): RequestInit => ({
    headers: { accept: 'text/event-stream', ...(authorization && { authorization }) },
  })

  async function refused(
    name: string,
    token: (setup: ReturnType<typeof start>) => Promise<string>,
  ) {
    it(`refuses ${name}, and says how to ask`, async () => {
      const setup = start()
      for (const init of [post(await token(setup)), get(await token(setup))]) {
        const response = await setup.ask(init)
        assert.equal(response.status, 401)
        assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer\b/)
        await response.body?.cancel()
      }
      assert.deepEqual(await setup.logged(), [])
      const good = `Bearer ${await setup.alice.localToken()}`
      assert.equal((await setup.ask(post(good))).status, 201)
    })
  }

  refused('no token', async () => '')
  refused('nonsense', async () => 'Bearer nonsense')
  refused('an empty one', async () => 'Bearer ')
  refused("another site's local token", async ({ bob }) => `Bearer ${await bob.localToken()}`)
  refused('a local token of a user that there is not', async ({ alice }) => {
    return `Bearer ${await alice.secrets.issue('intertalk-token', { user: 'ann@alice.example' })}`
  })
  refused('an access token of ours', async ({ alice }) => {
    const claims = { me: 'https://alice.example/', scope: ['read'] }
    return `Bearer ${await alice.secrets.issue('access-token', claims)}`
  })
  refused('a session of ours', async ({ alice }) => {
    const claims = { reader: 'https://alice.example/', by: 'passphrase' } as const
    return `Bearer ${await alice.secrets.issue('session', claims)}`
  })
  refused('a call of ours', async ({ alice }) => {
    return `Bearer ${await alice.secrets.issue('call', { purpose: 'intertalk' })}`
  })
  refused('a revoked one', async ({ alice }) => {
    const token = await alice.localToken()
    const opened = await alice.secrets.open('intertalk-token', token)
    if (opened.valid) await alice.secrets.revoke(opened)
    return `Bearer ${token}`
  })
  refused('one with other claims, signed by nobody', async ({ alice }) => {
    const [, body = ''] = (await alice.localToken()).split('.')
    const header = Buffer.from('{"alg":"none"}').toString('base64url')
    return `Bearer ${header}.${body}.`
  })

  it('refuses one after twelve hours', async () => {
    let time = NOON.getTime()
    const { alice, ask } = start({ now: () => new Date(time) })
    const authorization = `Bearer ${await alice.localToken()}`
    assert.equal((await ask(post(authorization))).status, 201)
    time += DAY / 2 + 1000
    assert.equal((await ask(post(authorization))).status, 401)
  })

  it("takes a provider's token for what it says, and not for a local user's", async () => {
    const { alice, ask, logged, bob } = start()
    const message = messageOf(BOB, [ALICE])
    const body = Buffer.from(JSON.stringify(message))
    const token = async (domain: string) =>
      buildProviderToken(
        { domain, from: BOB, body },
        { keys: await providerKeys(bob.secrets), now: () => NOON },
      )
    const own = Buffer.from(JSON.stringify(hello))
    const foreign = await ask({ ...localPost(await token('alice.example'), ''), body: own })
    assert.ok([401, 403].includes(foreign.status))
    const stream = await ask(get(`Bearer ${await token('alice.example')}`))
    assert.equal(stream.status, 401)
    assert.deepEqual(await logged(), [])
    const good = await ask({ ...localPost(await token('alice.example'), ''), body })
    assert.equal(good.status, 201)
    assert.equal((await logged()).length, 1)
    assert.equal(alice.inbox.size, 1)
  })

  it("counts unknown keys for the address of the client that brings a provider's tokens", async () => {
    const { alice, bob, web } = start()
    const message = messageOf(BOB, [ALICE])
    const send = async (kid: string, clientAddress: string) => {
      const [key] = await providerKeys(bob.secrets)
      const body = Buffer.from(JSON.stringify(message))
      const named = { ...key, kid }
      const token = await buildProviderToken(
        { domain: 'alice.example', from: BOB, body },
        { keys: [named], now: () => NOON },
      )
      const request = new Request(MESSAGES, localPost(token, message))
      return (await alice.messages(request, { waitUntil: () => {}, clientAddress })).status
    }
    const statuses = []
    for (let n = 0; n < 61; n++) statuses.push(await send(`x${n}`, '192.0.2.1'))
    assert.deepEqual([...new Set(statuses.slice(0, 60)), statuses[60]], [401, 429])
    const asked = web.log.length
    assert.equal(await send('y', '192.0.2.1'), 429)
    assert.equal(web.log.length, asked, 'nobody is asked any more')
    assert.equal(await send('y', '192.0.2.2'), 401)
  })

  it('takes no local token for a provider', async () => {
    const { alice, web } = start()
    const token = await alice.localToken()
    const request = new Request('https://bob.example/messages', localPost(token, hello))
    const response = await web.fetch(new URL(request.url), localPost(token, hello))
    assert.equal(response.status, 401)
  })
})

describe('GET /messages', () => {
  async function open(
    t: TestContext,
    setup: ReturnType<typeof start>,
    { headers = {}, query = '' }: { headers?: Record<string, string>; query?: string } = {},
  ) {
    const leaving = new AbortController()
    t.after(() => leaving.abort())
    const authorization = `Bearer ${await setup.alice.localToken()}`
    const response = await setup.ask(
      {
        headers: { accept: 'text/event-stream', authorization, ...headers },
        signal: leaving.signal,
      },
      MESSAGES + query,
    )
    assert.ok(response.body)
    return { response, leaving, events: readEvents(response.body) }
  }

  it('streams what arrives, also what the user sends, as Server-Sent Events', async (t) => {
    const setup = start()
    const { response, events } = await open(t, setup)
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
    const { value: begin } = await events.next()
    assert.deepEqual([begin?.['id'], Number(begin?.['retry']) > 0], ['0', true])
    await setup.ask(localPost(await setup.alice.localToken(), hello))
    const { value: event } = await events.next()
    const { id, receivedAt, warnings, cursor, ...message } = JSON.parse(event?.['data'] ?? '')
    assert.deepEqual(message, hello)
    assert.deepEqual([cursor, event?.['id'], event?.['event']], ['1', '1', undefined])
    assert.deepEqual([receivedAt, warnings, typeof id], [NOON.toISOString(), [], 'string'])
  })

  it('begins with what is new, and goes on behind Last-Event-ID without loss or repetition', async (t) => {
    const setup = start()
    const { log } = setup.alice
    for (const text of ['1', '2', '3']) await log.append({ ...hello, message: text })
    const fresh = await open(t, setup)
    assert.equal((await fresh.events.next()).value?.['id'], '3')

    for (const place of [
      { headers: { 'last-event-id': '1' } },
      { query: '?since=1' },
      { headers: { 'last-event-id': '1' }, query: '?since=0' },
    ]) {
      const { events } = await open(t, setup, place)
      const ids = [(await events.next()).value?.['id']]
      for (let n = 0; n < 2; n++) ids.push((await events.next()).value?.['id'])
      assert.deepEqual(ids, ['1', '2', '3'])
    }
  })

  it('tells what could not be delivered by an event of its own', async (t) => {
    const setup = start()
    const { events } = await open(t, setup)
    await events.next()
    const lost = messageOf(ALICE, ['eve@nowhere.example'])
    await setup.alice.log.appendFailure({
      message: { ...lost, id: 'x' },
      ...{ domain: 'nowhere.example', recipients: ['eve@nowhere.example'], reason: 'gone' },
    })
    const { value: event } = await events.next()
    assert.equal(event?.['event'], 'failed')
    const { event: kind, id, domain, reason } = JSON.parse(event?.['data'] ?? '')
    assert.deepEqual([kind, id, domain, reason], ['failed', 'x', 'nowhere.example', 'gone'])
  })

  it('gives nobody what is not for them', async (t) => {
    const setup = start()
    const { events } = await open(t, setup, { query: '?since=0' })
    await events.next()
    await setup.alice.log.append(messageOf('ann@alice.example', [BOB], 'SECRET'))
    await setup.alice.log.append(hello)
    const { value: event } = await events.next()
    assert.equal(JSON.parse(event?.['data'] ?? '').message, 'Hello')
  })

  it('says now and then that it is still there, and ends by itself before its host does', async (t) => {
    const setup = start({ heartbeatSeconds: 0.005, streamSeconds: 0.1 })
    const { events } = await open(t, setup)
    await events.next()
    const comments = []
    for await (const event of events) comments.push(Object.keys(event))
    assert.ok(comments.length > 0)
    for (const names of comments) assert.deepEqual(names, [''])
  })

  it('ends when the token is revoked, and when it expires', async (t) => {
    let time = NOON.getTime()
    const setup = start({ now: () => new Date(time), heartbeatSeconds: 0.005 })
    const revoked = await open(t, setup)
    const token = await setup.alice.localToken()
    const other = await open(t, setup, { headers: { authorization: token } })
    const opened = await setup.alice.secrets.open('intertalk-token', token)
    assert.ok(opened.valid)
    await setup.alice.secrets.revoke(opened)
    for await (const _ of other.events) continue
    assert.equal((await revoked.events.next()).done, false)
    time += DAY
    for await (const _ of revoked.events) continue
  })

  it('gives nothing more to a token that has expired', async (t) => {
    let time = NOON.getTime()
    const setup = start({ now: () => new Date(time) })
    const { events } = await open(t, setup)
    await events.next()
    time += DAY
    await setup.alice.log.append(hello)
    assert.equal((await events.next()).done, true)
  })

  it('ends with the log, for a server that is to stop', async (t) => {
    const setup = start()
    const { events } = await open(t, setup)
    await events.next()
    setup.alice.log.close()
    assert.equal((await events.next()).done, true)
  })

  it('takes sixteen streams at once, and another when one has ended', async (t) => {
    const setup = start()
    const streams = []
    for (let n = 0; n < 16; n++) streams.push(await open(t, setup))
    const authorization = await setup.alice.localToken()
    const init = { headers: { accept: 'text/event-stream', authorization } }
    const refused = await setup.ask(init)
    assert.deepEqual([refused.status, refused.headers.has('retry-after')], [429, true])
    streams[0]?.leaving.abort()
    await streams[1]?.response.body?.cancel()
    assert.equal((await open(t, setup)).response.status, 200)
    assert.equal((await open(t, setup)).response.status, 200)
    assert.equal((await setup.ask(init)).status, 429)
  })

  it('refuses what is no cursor', async () => {
    const setup = start()
    const authorization = await setup.alice.localToken()
    const headers = { accept: 'text/event-stream', authorization }
    assert.equal((await setup.ask({ headers }, `${MESSAGES}?since=x`)).status, 400)
    const lastEventId = { ...headers, 'last-event-id': 'x' }
    assert.equal((await setup.ask({ headers: lastEventId })).status, 400)
  })

  it('answers HEAD like GET, and leaves no stream open', async () => {
    const setup = start()
    const authorization = await setup.alice.localToken()
    const headers = { accept: 'text/event-stream', authorization }
    for (let n = 0; n < 20; n++) {
      const response = await setup.ask({ method: 'HEAD', headers })
      assert.deepEqual([response.status, response.body], [200, null])
    }
  })

  for (const accept of [undefined, '*/*', 'text/*;q=0.5', 'text/html, */*']) {
    it(`is for a user who accepts ${accept ?? 'anything'}, too, and not for a bad token`, async () => {
      const setup = start()
      const ask = (authorization: string) =>
        setup.ask({ headers: { authorization, ...(accept && { accept }) } })
      const response = await ask(`Bearer ${await setup.alice.localToken()}`)
      assert.equal(response.status, 200)
      await response.body?.cancel()
      assert.equal((await ask('Bearer nonsense')).status, 401)
    })
  }

  it('is not for a user who takes something else only', async () => {
    const setup = start()
    const authorization = await setup.alice.localToken()
    const response = await setup.ask({ headers: { authorization, accept: 'application/json' } })
    assert.equal(response.status, 406)
  })

  for (const accept of [undefined, '*/*', 'text/html']) {
    it(`explains itself to whoever accepts ${accept ?? 'anything'}`, async () => {
      const response = await start().ask({ headers: accept === undefined ? {} : { accept } })
      assert.equal(response.status, 406)
      assert.match(await response.text(), /text\/event-stream/)
    })
  }
})

describe('other methods at /messages', () => {
  it('lets the pages of every origin ask, without cookies', async () => {
    const headers = {
      origin: 'https://client.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type',
    }
    const response = await start().ask({ method: 'OPTIONS', headers })
    assert.equal(response.status, 204)
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
    assert.equal(response.headers.has('access-control-allow-credentials'), false)
    assert.match(response.headers.get('access-control-allow-methods') ?? '', /GET.*POST/)
    const allowed = response.headers.get('access-control-allow-headers') ?? ''
    for (const name of ['authorization', 'content-type', 'last-event-id']) {
      assert.ok(allowed.includes(name))
    }
  })

  it('answers others with 405 and what there is', async () => {
    const response = await start().ask({ method: 'DELETE' })
    assert.equal(response.status, 405)
    assert.equal(response.headers.get('allow'), 'GET, HEAD, POST, OPTIONS')
  })
})
