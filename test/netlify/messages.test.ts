import assert from 'node:assert/strict'
import { after, before, describe, it, mock, type TestContext } from 'node:test'
import { hashPassphrase } from '../../lib/indieauth/owner-passphrase.ts'
import { listen } from '../../lib/web/node-server.ts'
import keys from '../../netlify/functions/keys.ts'
import messages from '../../netlify/functions/messages.ts'
import messagesToken from '../../netlify/functions/messages-token.ts'
import outbound from '../../netlify/functions/outbound.ts'
import { createIntertalkPeer } from '../support/intertalk-peer.ts'
import { readEvents, type StreamEvent } from '../support/intertalk-provider.ts'
import { startBlobs, type LocalBlobs } from './blobs-server.ts'
import { SECRET, SETTINGS } from './settings.ts'

const ALICE = 'alice@alice.example'
const PASSPHRASE = 'late peas and long trains'
const VARIABLES = ['NETLIFY_BLOBS_CONTEXT', 'URL', 'NETLIFY_DEV'] as const
/** Where the functions find the one that visits other sites for them. */
const OUTBOUND = '/.netlify/functions/private-posts-outbound'
const SECRETS = ['PRIVATE_POSTS_SECRET', 'PRIVATE_POSTS_OWNER'] as const

type Answer = ReturnType<typeof keys>

let blobs: LocalBlobs
before(async () => {
  blobs = await startBlobs()
  Object.assign(process.env, {
    NETLIFY_BLOBS_CONTEXT: blobs.context,
    URL: 'https://alice.example',
    // Its peers are on this machine.
    NETLIFY_DEV: 'true',
    PRIVATE_POSTS_SECRET: SECRET,
    PRIVATE_POSTS_OWNER: await hashPassphrase(PASSPHRASE),
  })
  const { fetch } = globalThis
  mock.method(globalThis, 'fetch', (...args: Parameters<typeof fetch>) => {
    const [url, init] = args
    const isOwn = url instanceof URL && url.pathname === OUTBOUND
    return isOwn ? call(outbound, OUTBOUND, init) : fetch(...args)
  })
})
after(async () => {
  for (const name of [...VARIABLES, ...SECRETS]) delete process.env[name]
  mock.restoreAll()
  await blobs.stop()
})

/** Calls a function as Netlify does, with a new instance of it each time, and waits for what it left. */
async function call(
  open: (settings: unknown) => Answer,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const work: Promise<unknown>[] = []
  const context = { ip: '192.0.2.7', waitUntil: (left: Promise<unknown>) => void work.push(left) }
  const response = await open(SETTINGS)(new Request(`https://alice.example${path}`, init), context)
  await Promise.all(work)
  return response
}

async function signIn(): Promise<string> {
  const body = new URLSearchParams({
    ...{ grant_type: 'password', username: ALICE, password: PASSPHRASE },
  })
  const response = await call(messagesToken, '/token', { method: 'POST', body })
  assert.equal(response.status, 200)
  const { access_token } = (await response.json()) as { access_token: string }
  return access_token
}

function post(token: string, message: object): RequestInit {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return { method: 'POST', headers, body: JSON.stringify(message) }
}

/** The stream from its last event on. */
async function follow(token: string, t: TestContext): Promise<AsyncGenerator<StreamEvent>> {
  const leaving = new AbortController()
  t.after(() => leaving.abort())
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
  const ask = (path: string) => call(messages, path, { headers, signal: leaving.signal })
  const fresh = await ask('/messages')
  assert.match(fresh.headers.get('content-type') ?? '', /^text\/event-stream/)
  assert.ok(fresh.body)
  const { value: end } = await readEvents(fresh.body).next()
  const { body } = await ask(`/messages?since=${Number(end?.['id']) - 1}`)
  assert.ok(body)
  const events = readEvents(body)
  await events.next()
  return events
}

describe('the functions of intertalk on Netlify', () => {
  it('publish the keys, all and each', async () => {
    const set = await call(keys, '/keys')
    assert.equal(set.status, 200)
    const [key] = ((await set.json()) as { keys: { kid: string }[] }).keys
    const single = await call(keys, `/keys/${key?.kid}`)
    assert.deepEqual(await single.json(), key)
    assert.equal((await call(keys, '/keys/x')).status, 404)
  })

  it('sign the owner in, and nobody else', async () => {
    assert.match(await signIn(), /^[\w-]+\.[\w-]+\.[\w-]+$/)
    const body = new URLSearchParams({
      ...{ grant_type: 'password', username: ALICE, password: 'x' },
    })
    const response = await call(messagesToken, '/token', { method: 'POST', body })
    assert.equal(response.status, 400)
    assert.deepEqual(Object.keys((await response.json()) as object), ['error', 'error_description'])
  })

  it('take what the owner sends, and stream it as Server-Sent Events from another instance', async (t) => {
    const token = await signIn()
    const message = { to: [ALICE], from: ALICE, message: 'note to self' }
    const sent = await call(messages, '/messages', post(token, message))
    assert.deepEqual([sent.status, await sent.text()], [201, 'Sent'])
    const { value: event } = await (await follow(token, t)).next()
    assert.equal(JSON.parse(event?.['data'] ?? '').message, 'note to self')
  })

  it("bring the owner's message to another provider, and take its answer", async (t) => {
    const server = await listen(async (request) => peer.endpoint(request))
    t.after(() => server.close())
    const domain = `bob.localhost:${server.port}`
    const bob = `bob@${domain}`
    const peer = createIntertalkPeer({
      ...{ domain, publishes: 'each', now: () => new Date() },
      fetch: (url, init) =>
        call(url.pathname.startsWith('/keys') ? keys : messages, url.pathname, init),
    })
    const message = { to: [ALICE, bob], from: ALICE, message: 'Where are you?' }
    assert.equal((await call(messages, '/messages', post(await signIn(), message))).status, 201)
    assert.deepEqual(
      peer.received.map(({ message }) => message),
      ['Where are you?'],
    )
    const answers = await peer.send({ to: [bob, ALICE], message: 'On my way.' })
    assert.equal(answers['alice.example']?.status, 201)
    const { value: event } = await (await follow(await signIn(), t)).next()
    assert.equal(JSON.parse(event?.['data'] ?? '').message, 'On my way.')
  })

  it('refuse what has no token', async () => {
    const response = await call(messages, '/messages', { method: 'POST', body: '{}' })
    assert.equal(response.status, 401)
    const stream = await call(messages, '/messages', { headers: { accept: 'text/event-stream' } })
    assert.equal(stream.status, 401)
  })
})
