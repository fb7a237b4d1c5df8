import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { describe, it, type TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { followLog } from '../../lib/intertalk/message-log.ts'
import {
  createMessageSocket,
  type MessageSocketOptions,
} from '../../lib/intertalk/message-socket.ts'
import { listen } from '../../lib/web/node-server.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { createProvider, localPost, messageOf, NOON } from '../support/intertalk-provider.ts'
import { createWeb } from '../support/web.ts'

const ALICE = 'alice@alice.example'
const BOB = 'bob@bob.example'
const DAY = 24 * 60 * 60 * 1000
const hello = messageOf(ALICE, [BOB], 'Hello')
/** One that goes to no other provider, for when the clock is turned. */
const note = messageOf(ALICE, [], 'note to self')

async function start(t: TestContext, options: Partial<MessageSocketOptions> = {}) {
  let time = NOON.getTime()
  const now = () => new Date(time)
  const sites: Record<string, Endpoint> = {}
  const web = createWeb(sites)
  const alice = createProvider(ALICE, { fetch: web.fetch, now })
  const bob = createProvider(BOB, { fetch: web.fetch, now })
  sites['https://bob.example'] = bob.endpoint
  sites['https://alice.example'] = alice.endpoint
  const errors: unknown[] = []
  const sockets = createMessageSocket({ ...alice.parts, ...options })
  const server = await listen(alice.endpoint, {
    onUpgrade: sockets.upgrade,
    onError: (error) => errors.push(error),
  })
  t.after(async () => {
    await sockets.close()
    await server.close()
    alice.log.close()
  })
  const address = `127.0.0.1:${server.port}/messages`
  return {
    ...{ alice, bob, errors, sockets, server, address },
    pass: (ms: number) => (time += ms),
    connect: (query = '', init: object = {}) => connect(t, `ws://${address}${query}`, init),
    async signedIn(query = '', init: object = {}) {
      const client = connect(t, `ws://${address}${query}`, init)
      await client.opened
      client.socket.send(await alice.localToken())
      return client
    },
    post: async (message: unknown) =>
      fetch(`http://${address}`, localPost(await alice.localToken(), message)),
  }
}

type Frame = Readonly<Record<string, unknown>>

/** A client that keeps what it gets until somebody asks for it. */
function connect(t: TestContext, address: string, init: object = {}) {
  const socket = new WebSocket(address, init)
  t.after(() => socket.terminate())
  const frames: Frame[] = []
  let wake = () => {}
  socket.on('message', (data) => {
    frames.push(JSON.parse(String(data)) as Frame)
    wake()
  })
  socket.on('error', () => {})
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
  )
  return {
    ...{ socket, closed },
    opened: once(socket, 'open').catch(() => undefined),
    async next(): Promise<Frame> {
      for (;;) {
        const frame = frames.shift()
        if (frame) return frame
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}

describe('createMessageSocket()', () => {
  it('takes the token first, and then gives all messages as they arrive, also those that the user sends', async (t) => {
    const { post, signedIn, alice, bob } = await start(t)
    const client = await signedIn()
    assert.equal((await post(hello)).status, 201)
    const { id, receivedAt, warnings, cursor, ...message } = await client.next()
    assert.deepEqual(message, hello)
    assert.deepEqual([receivedAt, warnings, cursor], [NOON.toISOString(), [], '1'])
    assert.equal(typeof id, 'string')

    const answer = messageOf(BOB, [ALICE], 'Here')
    const toBob = new Request(
      'https://bob.example/messages',
      localPost(await bob.localToken(), answer),
    )
    assert.equal((await bob.messages(toBob)).status, 201)
    const frame = await client.next()
    assert.deepEqual([frame['from'], frame['message']], [BOB, 'Here'])
    assert.equal(alice.inbox.size, 1)
  })

  it('takes the token with the word Bearer as well', async (t) => {
    const { connect, alice, post } = await start(t)
    const client = connect()
    await client.opened
    client.socket.send(`Bearer ${await alice.localToken()}`)
    await post(hello)
    assert.equal((await client.next())['message'], 'Hello')
  })

  it('gives what arrived between the connection and the token', async (t) => {
    const { connect, alice, post } = await start(t)
    await post({ ...hello, message: 'before' })
    const client = connect()
    await client.opened
    await post({ ...hello, message: 'between' })
    client.socket.send(await alice.localToken())
    assert.equal((await client.next())['message'], 'between')
  })

  it('goes on behind a cursor', async (t) => {
    const { signedIn, post } = await start(t)
    for (const message of ['1', '2', '3']) await post({ ...hello, message })
    const client = await signedIn('?since=1')
    const seen = [await client.next(), await client.next()].map((frame) => frame['message'])
    assert.deepEqual(seen, ['2', '3'])
  })

  it('serves pages of every origin, which have to bring the token all the same', async (t) => {
    const { connect, alice, post } = await start(t)
    const client = connect('', { origin: 'https://client.example', headers: { cookie: 'a=b' } })
    await client.opened
    client.socket.send(await alice.localToken())
    await post(hello)
    assert.equal((await client.next())['message'], 'Hello')
  })

  it('gives a message to every connection of the user', async (t) => {
    const { signedIn, post } = await start(t)
    const clients = [await signedIn(), await signedIn()]
    await post(hello)
    for (const client of clients) assert.equal((await client.next())['message'], 'Hello')
  })

  it('gives nobody what is not for them', async (t) => {
    const { signedIn, alice, post } = await start(t)
    const client = await signedIn()
    await alice.log.append(messageOf('ann@alice.example', [BOB], 'SECRET'))
    await post(hello)
    assert.equal((await client.next())['message'], 'Hello')
  })

  it('tells what could not be delivered', async (t) => {
    const { signedIn, alice } = await start(t)
    const client = await signedIn()
    const recipients = [BOB]
    const message = { ...hello, id: 'x' }
    await alice.log.appendFailure({ message, domain: 'bob.example', recipients, reason: 'gone' })
    const { event, id, reason } = await client.next()
    assert.deepEqual([event, id, reason], ['failed', 'x', 'gone'])
  })
})

describe('the token of a socket', () => {
  async function refused(
    name: string,
    token: (setup: Awaited<ReturnType<typeof start>>) => string | Promise<string>,
  ) {
    it(`closes with 4001 "bad token" for ${name}`, async (t) => {
      const setup = await start(t)
      const client = setup.connect()
      await client.opened
      client.socket.send(await token(setup))
      client.socket.send(await setup.alice.localToken())
      client.socket.send(JSON.stringify(hello))
      assert.deepEqual(await client.closed, { code: 4001, reason: 'bad token' })
      assert.deepEqual((await setup.alice.log.since('0')).events, [])
    })
  }

  refused('nonsense', () => 'nonsense')
  refused('nothing', () => '')
  refused('a message instead of a token', () => JSON.stringify(hello))
  refused('what is longer than any token', () => 'x'.repeat(10_000))
  refused("another site's", ({ bob }) => bob.localToken())
  refused('another kind of secret', ({ alice }) =>
    alice.secrets.issue('access-token', { me: 'https://alice.example/', scope: [] }),
  )
  refused('an expired one', async ({ alice, pass }) => {
    const token = await alice.localToken()
    pass(DAY)
    return token
  })

  it('closes with 4001 where none comes', async (t) => {
    const { connect } = await start(t, { tokenMs: 20 })
    assert.equal((await connect().closed).code, 4001)
  })

  it('gives nothing before it came', async (t) => {
    const { connect, post, alice } = await start(t)
    const client = connect()
    await client.opened
    await post(hello)
    let early = 0
    client.socket.once('message', () => (early += 1))
    client.socket.ping()
    await once(client.socket, 'pong')
    assert.equal(early, 0)
    client.socket.send(await alice.localToken())
    await client.next()
  })

  it('closes with 4001 when it expires: nothing more is given', async (t) => {
    const { signedIn, post, pass } = await start(t)
    const client = await signedIn()
    await post(note)
    await client.next()
    pass(DAY)
    await post(note)
    assert.equal((await client.closed).code, 4001)
    await assert.rejects(Promise.race([client.next(), Promise.reject(new Error('nothing'))]))
  })

  async function revokedIn(setup: Awaited<ReturnType<typeof start>>) {
    const client = setup.connect()
    await client.opened
    const token = await setup.alice.localToken()
    client.socket.send(token)
    await setup.post(note)
    await client.next()
    const opened = await setup.alice.secrets.open('intertalk-token', token)
    assert.ok(opened.valid)
    await setup.alice.secrets.revoke(opened)
    return client
  }

  it('closes with 4001 soon after it is revoked', async (t) => {
    const client = await revokedIn(await start(t, { heartbeatMs: 200 }))
    assert.equal((await client.closed).code, 4001)
  })

  it('sends nothing once it is revoked', async (t) => {
    const setup = await start(t)
    const client = await revokedIn(setup)
    client.socket.send(JSON.stringify(note))
    assert.equal((await client.closed).code, 4001)
    await setup.post(note)
    assert.equal(await setup.alice.log.end(), '2')
  })

  it('counts no more after a bad one', async (t) => {
    const { signedIn, alice, post } = await start(t)
    const client = await signedIn()
    await post(note)
    await client.next()
    for (const frame of ['nonsense', JSON.stringify(note)]) client.socket.send(frame)
    assert.equal((await client.closed).code, 4001)
    await post(note)
    assert.equal(await alice.log.end(), '2')
  })

  it('may be replaced by a new one in time', async (t) => {
    const { signedIn, alice, post, pass } = await start(t)
    const client = await signedIn()
    await post(note)
    await client.next()
    pass(DAY / 3)
    client.socket.send(await alice.localToken())
    client.socket.ping()
    await once(client.socket, 'pong')
    client.socket.send(JSON.stringify({ ...note, message: 'still here' }))
    assert.equal((await client.next())['message'], 'still here')
    pass(DAY / 3)
    await post({ ...note, message: 'and still' })
    assert.equal((await client.next())['message'], 'and still')
  })
})

describe('frames of a signed-in client', () => {
  it('are taken like a POST: delivered, and seen by their sender', async (t) => {
    const { signedIn, bob } = await start(t)
    const client = await signedIn()
    client.socket.send(JSON.stringify(hello))
    assert.equal((await client.next())['message'], 'Hello')
    const arrived = followLog(bob.log, { cursor: '0', signal: new AbortController().signal })
    const { value: event } = await arrived.next()
    assert.equal(event?.type === 'message' && event.message.message, 'Hello')
    await arrived.return(undefined)
  })

  it('come back as an error where they are wrong, and the connection stays', async (t) => {
    const { signedIn, alice } = await start(t)
    const client = await signedIn()
    for (const [frame, code] of [
      [messageOf(BOB, [ALICE]), 'access_denied'],
      [{ ...hello, to: [BOB] }, 'access_denied'],
      [{}, 'invalid_request'],
    ] as const) {
      client.socket.send(JSON.stringify(frame))
      const { error, error_description } = await client.next()
      assert.equal(error, code)
      assert.equal(typeof error_description, 'string')
    }
    client.socket.send('{ no JSON')
    assert.equal((await client.next())['error'], 'invalid_request')
    assert.deepEqual((await alice.log.since('0')).events, [])
    client.socket.send(JSON.stringify(hello))
    assert.equal((await client.next())['message'], 'Hello')
  })

  it('close the connection where they are no message and no token', async (t) => {
    const client = await (await start(t)).signedIn()
    client.socket.send('ping?')
    assert.equal((await client.closed).code, 4001)
  })

  it('are taken sixty a minute', async (t) => {
    const { signedIn } = await start(t)
    const client = await signedIn()
    let errors = 0
    for (let n = 0; n < 62; n++) {
      client.socket.send(JSON.stringify(note))
      if ((await client.next())['error'] === 'rate_limit_exceeded') errors += 1
    }
    assert.equal(errors, 2)
  })
})

describe('attacks on the socket', () => {
  it('closes with 1009 for a frame of more than 64 kB', async (t) => {
    const { signedIn } = await start(t)
    const client = await signedIn()
    client.socket.send('{'.repeat(64 * 1024 + 1))
    assert.equal((await client.closed).code, 1009)
  })

  it('closes with 1008 for a flood of frames', async (t) => {
    const { connect } = await start(t)
    const client = connect()
    await client.opened
    for (let n = 0; n < 500; n++) client.socket.send('{}')
    assert.ok([1008, 4001].includes((await client.closed).code))

    const { signedIn, alice } = await start(t)
    const other = await signedIn()
    await alice.log.append(hello)
    await other.next()
    for (let n = 0; n < 500; n++) other.socket.send('{}')
    assert.equal((await other.closed).code, 1008)
  })

  it('lets the oldest stranger go for a new one, and none of the users', async (t) => {
    const { connect, signedIn, post } = await start(t, { maxStrangers: 20 })
    const user = await signedIn()
    await post(hello)
    await user.next()
    const strangers = []
    for (let n = 0; n < 60; n++) {
      const stranger = connect()
      await stranger.opened
      strangers.push(stranger)
    }
    await Promise.all(strangers.slice(0, 40).map(({ closed }) => closed))
    for (const { socket } of strangers.slice(40)) assert.equal(socket.readyState, WebSocket.OPEN)
    const late = await signedIn()
    await post(hello)
    for (const client of [user, late]) assert.equal((await client.next())['message'], 'Hello')
  })

  it('closes with 1013 where a user has too many connections, until one of them ends', async (t) => {
    const { signedIn, post } = await start(t, { maxPerUser: 2 })
    const clients = [await signedIn(), await signedIn()]
    await post(hello)
    for (const client of clients) await client.next()
    assert.equal((await (await signedIn()).closed).code, 1013)
    clients[0]?.socket.close()
    await clients[0]?.closed
    const another = await signedIn()
    await post(hello)
    assert.equal((await another.next())['message'], 'Hello')
  })

  it('drops a client that is no longer there', async (t) => {
    const { signedIn, post } = await start(t, { heartbeatMs: 200 })
    const gone = await signedIn('', { autoPong: false })
    const here = await signedIn()
    await post(hello)
    await Promise.all([gone.next(), here.next()])
    assert.equal((await gone.closed).code, 1006)
    assert.equal(here.socket.readyState, WebSocket.OPEN)
  })

  it('reads no more than it can send, for a client that does not read', async (t) => {
    const setup = await start(t)
    const { log } = setup.alice
    const text = 'x'.repeat(60_000)
    for (let n = 0; n < 400; n++) await log.append({ ...note, message: text })
    const { since } = log
    let looks = 0
    const counted: typeof since = (...args) => {
      looks += 1
      return since(...args)
    }
    Object.assign(log, { since: counted })

    const slow = await setup.signedIn('?since=0')
    await slow.next()
    slow.socket.pause()
    const before = looks
    const quick = await setup.signedIn('?since=0')
    for (let n = 0; n < 400; n++) await quick.next()
    const pages = 400 / 50
    // Some megabytes are on their way, in the buffers of the operating system. It is twenty-four in all.
    assert.ok(looks - before < pages + pages - 2, `${looks - before} looks`)

    slow.socket.resume()
    for (let n = 1; n < 400; n++) assert.equal((await slow.next())['message'], text)
  })

  for (const [name, path, status] of [
    ['another path', '/elsewhere', 404],
    ['a path that only begins alike', '/messages/1', 404],
    ['a host in the path', '//eve.example/messages', 404],
    ['what is no cursor', '/messages?since=x', 400],
  ] as const) {
    it(`refuses ${name} with ${status}`, async (t) => {
      const { server } = await start(t)
      const client = new WebSocket(`ws://127.0.0.1:${server.port}${path}`)
      const [, response] = await once(client, 'unexpected-response')
      assert.equal(response.statusCode, status)
      client.on('error', () => {})
      client.terminate()
    })
  }

  it('refuses a handshake that is none with 400', async (t) => {
    const { server } = await start(t)
    const request = httpRequest({
      ...{ host: '127.0.0.1', port: server.port, path: '/messages' },
      headers: { connection: 'Upgrade', upgrade: 'websocket' },
    })
    request.end()
    const [response] = await once(request, 'response')
    assert.equal(response.statusCode, 400)
    response.resume()
  })

  it('answers whoever asks without a WebSocket as before', async (t) => {
    const { address } = await start(t)
    assert.equal((await fetch(`http://${address}`)).status, 406)
  })

  it('says good-bye with 1001, also to those who do not answer, and takes nobody after that', async (t) => {
    const { signedIn, connect, sockets, post } = await start(t)
    const clients = [await signedIn(), connect()]
    await clients[1]?.opened
    await post(hello)
    await clients[0]?.next()
    const mute = connect()
    await mute.opened
    mute.socket.pause()
    await sockets.close()
    for (const client of clients) assert.equal((await client.closed).code, 1001)
    const late = connect()
    const [, response] = await once(late.socket, 'unexpected-response')
    assert.equal(response.statusCode, 503)
    mute.socket.terminate()
  })

  it('closes with 1011 when the store fails, and tells the host', async (t) => {
    const { signedIn, alice, errors, post } = await start(t)
    const client = await signedIn()
    await post(hello)
    await client.next()
    const { get } = alice.store
    alice.store.get = () => Promise.reject(new Error('no disk'))
    await alice.log.append(hello).catch(() => {})
    client.socket.send(JSON.stringify(hello))
    assert.equal((await client.closed).code, 1011)
    alice.store.get = get
    assert.match(String(errors[0]), /no disk/)
  })
})
