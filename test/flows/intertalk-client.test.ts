import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it, type TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { providerKeys } from '../../lib/intertalk/keys.ts'
import { createMessageSocket, type MessageSocket } from '../../lib/intertalk/message-socket.ts'
import { sweepOutbox } from '../../lib/intertalk/outbox.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { FetchError } from '../../lib/web/errors.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { createGuardedFetch } from '../../lib/web/guarded-fetch.ts'
import { listen } from '../../lib/web/node-server.ts'
import {
  createProvider,
  PASSPHRASE,
  readEvents,
  type Provider,
} from '../support/intertalk-provider.ts'

/**
 * The reference implementation's text, from the outside: a client that knows nothing but its own provider's
 * address, a name and a passphrase.
 */
class Client {
  readonly log: string[]
  readonly provider: URL
  token = ''

  constructor(provider: URL, log: string[]) {
    this.provider = provider
    this.log = log
  }

  async ask(path: string, init: RequestInit): Promise<Response> {
    const response = await fetch(new URL(path, this.provider), init)
    this.log.push(`${init.method ?? 'GET'} ${path} ${response.status}`)
    return response
  }

  /** "Log in to the reference provider with OAuth2 password grant (`POST` to `/token`)." */
  async login(username: string): Promise<void> {
    const body = new URLSearchParams({ grant_type: 'password', username, password: PASSPHRASE })
    const answer = await (await this.ask('/token', { method: 'POST', body })).json()
    this.token = (answer as { access_token: string }).access_token
  }

  /** "Send messages with `POST` to `/messages`. Include the token from the login in your request." */
  async send(message: object): Promise<string> {
    const headers = {
      authorization: `Bearer ${this.token}`,
      'content-type': 'application/json',
    }
    const body = JSON.stringify(message)
    return (await this.ask('/messages', { method: 'POST', headers, body })).text()
  }

  /** "Establish a websocket connection to `/messages`. As soon as you connect send the token from the login." */
  async listen(t: TestContext): Promise<AsyncGenerator<Frame>> {
    const address = new URL('/messages', this.provider)
    address.protocol = 'ws:'
    const socket = new WebSocket(address)
    t.after(() => socket.terminate())
    const frames = framesOf(socket)
    await once(socket, 'open')
    socket.send(this.token)
    return frames
  }

  async stream(t: TestContext, headers: Record<string, string> = {}) {
    const leaving = new AbortController()
    t.after(() => leaving.abort())
    const response = await this.ask('/messages', {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${this.token}`, ...headers },
      signal: leaving.signal,
    })
    assert.ok(response.body)
    return readEvents(response.body)
  }
}

type Frame = Readonly<Record<string, unknown>>

function framesOf(socket: WebSocket): AsyncGenerator<Frame> {
  const queue: string[] = []
  let wake = () => {}
  socket.on('message', (data) => {
    queue.push(String(data))
    wake()
  })
  return (async function* () {
    for (;;) {
      const text = queue.shift()
      if (text === undefined) await new Promise<void>((resolve) => (wake = resolve))
      else yield JSON.parse(text) as Frame
    }
  })()
}

/** Two sites of ours, each with a server of its own, that know each other by their domains alone. */
async function start(t: TestContext) {
  const guarded = createGuardedFetch({ allowLoopback: true })
  t.after(() => guarded.close())
  const requests: string[] = []
  /** Milliseconds by which the clocks of both are ahead, and whether they reach each other. */
  const world = { ahead: 0, isDown: false }
  const fetchOf: Fetch = async (url, init) => {
    if (world.isDown) throw new FetchError(`${url.host} takes no connections`)
    return guarded.fetch(url, init)
  }
  const open = async (name: string) => {
    let provider: Provider | undefined
    let sockets: MessageSocket | undefined
    const endpoint: Endpoint = async (request, context) => {
      const { pathname } = new URL(request.url)
      requests.push(`${request.method} ${name}${pathname}`)
      const waitUntil = (promise: Promise<unknown>) => {
        work.push(promise)
        context?.waitUntil(promise)
      }
      const noted = { ...context, waitUntil }
      return provider?.endpoint(request, noted) ?? new Response(null, { status: 503 })
    }
    const [errors, work]: [unknown[], Promise<unknown>[]] = [[], []]
    const server = await listen(endpoint, {
      onUpgrade: (...args) => sockets?.upgrade(...args),
      onError: (error) => errors.push(error),
    })
    const address = `${name}@${name}.localhost:${server.port}`
    provider = createProvider(address, {
      ...{ fetch: fetchOf, now: () => new Date(Date.now() + world.ahead), allowLoopback: true },
    })
    sockets = createMessageSocket(provider.parts)
    const { log } = provider
    t.after(async () => {
      log.close()
      await sockets?.close()
      await server.close()
      assert.deepEqual(errors, [])
    })
    const clientLog: string[] = []
    const client = new Client(new URL(`http://127.0.0.1:${server.port}/`), clientLog)
    const idle = async () => {
      await Promise.all(work)
    }
    return { provider, address, client, idle }
  }
  return { requests, world, alice: await open('alice'), bob: await open('bob') }
}

const messageFrom = (from: string, to: string, message: string) => ({
  to: [from, to],
  from,
  sentAt: new Date().toISOString(),
  message,
})

describe('intertalk, "Reference Implementation"', () => {
  it('login, socket, message: both providers give it to their users as it arrives', async (t) => {
    const { alice, bob, requests } = await start(t)
    await alice.client.login('alice')
    await bob.client.login(bob.address)
    const [atAlice, atBob] = [await alice.client.listen(t), await bob.client.listen(t)]

    const question = messageFrom(alice.address, bob.address, 'Where are you?')
    assert.equal(await alice.client.send(question), 'Sent')
    for (const socket of [atAlice, atBob]) {
      const { id, receivedAt, warnings, cursor, ...message } = (await socket.next()).value ?? {}
      assert.deepEqual(message, question)
      assert.deepEqual(
        [typeof id, typeof receivedAt, typeof cursor],
        ['string', 'string', 'string'],
      )
      assert.ok(Array.isArray(warnings))
    }
    const answer = messageFrom(bob.address, alice.address, 'At home.')
    assert.equal(await bob.client.send(answer), 'Sent')
    for (const socket of [atBob, atAlice]) {
      assert.equal((await socket.next()).value?.['message'], 'At home.')
    }

    assert.deepEqual(alice.client.log, ['POST /token 200', 'POST /messages 201'])
    assert.deepEqual(
      [...bob.provider.inbox.values()].map(({ text, protocol, sender }) => [
        text,
        protocol,
        sender,
      ]),
      [['Where are you?', 'intertalk', alice.address]],
    )
    const [kidOfAlice, kidOfBob] = [await kidOf(alice.provider), await kidOf(bob.provider)]
    assert.deepEqual(requests, [
      ...['POST alice/token', 'POST bob/token'],
      ...['POST alice/messages', 'POST bob/messages', `GET alice/keys/${kidOfAlice}`],
      ...['POST bob/messages', 'POST alice/messages', `GET bob/keys/${kidOfBob}`],
    ])
  })

  it('the same with Server-Sent Events, and nothing is lost while a client is away', async (t) => {
    const { alice, bob } = await start(t)
    await alice.client.login('alice')
    await bob.client.login('bob')
    const [atAlice, atBob] = [await alice.client.stream(t), await bob.client.stream(t)]
    const [{ value: first }] = [await atBob.next(), await atAlice.next()]

    await alice.client.send(messageFrom(alice.address, bob.address, '1'))
    const events = [(await atAlice.next()).value, (await atBob.next()).value]
    const [own, theirs] = events.map((event) => JSON.parse(event?.['data'] ?? ''))
    assert.deepEqual([own.message, theirs.message, own.id], ['1', '1', theirs.id])

    // Bob's connection ends; two messages later he comes back with what he last saw.
    await atBob.return(undefined)
    for (const text of ['2', '3']) {
      await alice.client.send(messageFrom(alice.address, bob.address, text))
      await atAlice.next()
    }
    const lastSeen = events[1]?.['id'] ?? ''
    const again = await bob.client.stream(t, { 'last-event-id': lastSeen })
    assert.equal((await again.next()).value?.['id'], lastSeen)
    const missed = []
    for (let n = 0; n < 2; n++) {
      missed.push(JSON.parse((await again.next()).value?.['data'] ?? '').message)
    }
    assert.deepEqual(missed.toSorted(), ['2', '3'])
    // A client that got nothing at all knows where it was as well.
    assert.equal(first?.['id'], '0')
    assert.equal(bob.provider.inbox.size, 3)
  })

  it('a provider that is down gets the message later; the sender is answered at once', async (t) => {
    const { alice, bob, world } = await start(t)
    await alice.client.login('alice')
    const message = messageFrom(alice.address, bob.address, 'Are you up?')
    world.isDown = true
    assert.equal(await alice.client.send(message), 'Sent')
    await alice.idle()
    assert.equal(bob.provider.inbox.size, 0)

    world.isDown = false
    world.ahead = 61_000
    assert.equal(await sweepOutbox(alice.provider.parts), 1)
    assert.equal(bob.provider.inbox.size, 1)
    assert.equal(await sweepOutbox(alice.provider.parts), 0)
  })
})

async function kidOf({ secrets }: Provider): Promise<string> {
  const [{ kid }] = await providerKeys(secrets)
  return kid
}
