import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { hashPassphrase } from '../../lib/indieauth/owner-passphrase.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { listen } from '../../lib/web/node-server.ts'
import { checkNothingIsLost, sendMention, sourcesInInbox } from '../support/killed-serve.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import {
  createServeLab,
  freePort,
  SERVE_SECRET,
  type ServedSite,
} from '../support/serve-process.ts'
import { startNginx } from '../support/system-server.ts'

const PASSPHRASE = 'correct horse battery staple'
const lab = createServeLab()
let server: PostgresServer
before(async () => (server = await startPostgres()))
after(async () => {
  lab.dispose()
  await server.dispose()
})

interface Machines {
  /** The name that both have. */
  readonly site: URL
  readonly a: ServedSite
  readonly b: ServedSite
}

/** Two processes with one database, behind the nginx of docs/serve.md. */
async function startMachines(t: TestContext): Promise<Machines> {
  const built = await lab.builtSite()
  const [database, port, owner] = await Promise.all([
    server.newDatabase(),
    freePort(),
    hashPassphrase(PASSPHRASE),
  ])
  const site = new URL(`http://localhost:${port}/`)
  const variables = { PRIVATE_POSTS_DATABASE_URL: database.href, PRIVATE_POSTS_OWNER: owner }
  const options = ['--site', site.href, '--trust-proxy']
  const [a, b] = await Promise.all(
    [1, 2].map(() => lab.serve(built, undefined, options, variables)),
  )
  assert.ok(a && b)
  t.after(async () => {
    for (const machine of [a, b]) {
      assert.ok(!machine.said().includes(decodeURIComponent(database.password)))
      if (machine.isRunning()) await machine.stop('SIGTERM')
    }
  })
  const [, config = ''] =
    /```nginx\n(upstream [\s\S]*?)```/.exec(readFileSync('docs/serve.md', 'utf8')) ?? []
  const own = config
    .replace('10.0.0.11:8080', `127.0.0.1:${a.url.port}`)
    .replace('10.0.0.12:8080', `127.0.0.1:${b.url.port}`)
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
  await startNginx(t, own, port)
  return { site, a, b }
}

function secretsOf(site: URL) {
  const now = () => new Date()
  const keys = [Buffer.from(SERVE_SECRET, 'base64url')] as const
  return createSecrets({ keys, site, store: createMemoryStore({ now }), now })
}

async function startSource(t: TestContext, site: URL) {
  const source = await listen(
    async () =>
      new Response(`<p class="h-entry"><a href="${site}posts/hello/">Hello</a>`, {
        headers: { 'content-type': 'text/html' },
      }),
  )
  t.after(() => source.close())
  return (name: string) => `http://${name}.localhost:${source.port}/`
}

describe('several "serve" processes with one database', () => {
  it('redeem a code once out of many who race', async (t) => {
    const { site, a, b } = await startMachines(t)
    const secrets = secretsOf(site)
    for (let round = 0; round < 3; round++) {
      const code = await secrets.issue('webmention-code', { recipient: 'https://bob.example/' })
      const racers = Array.from({ length: 20 }, async (_, id) => {
        const body = new URLSearchParams({ grant_type: 'authorization_code', code })
        const url = [a.url, b.url, site][id % 3] ?? assert.fail()
        return (await fetch(new URL('indieauth/token', url), { method: 'POST', body })).status
      })
      const statuses = await Promise.all(racers)
      assert.equal(statuses.filter((status) => status === 200).length, 1, statuses.join())
      assert.ok(statuses.every((status) => status === 200 || status === 400))
    }
  })

  it("show in one's inbox what the other received", async (t) => {
    const { site, a, b } = await startMachines(t)
    const sourceOf = await startSource(t, site)
    const [atA, atBoth] = [sourceOf('one'), sourceOf('two')]
    assert.equal(await sendMention(a.url, atA, site), 201)
    assert.equal(await sendMention(site, atBoth), 201)
    for (const machine of [a, b]) {
      await until(async () => (await sourcesInInbox(machine.url, site)).size === 2)
      assert.deepEqual([...(await sourcesInInbox(machine.url, site))].sort(), [atA, atBoth].sort())
    }
  })

  it('count the webmentions of one host together', async (t) => {
    const { site, a, b } = await startMachines(t)
    const sourceOf = await startSource(t, site)
    const host = sourceOf('flood')
    // The window of a minute must not end meanwhile.
    await sleep(Date.now() % 60_000 > 40_000 ? 60_000 - (Date.now() % 60_000) : 0)
    const statuses: (number | undefined)[] = []
    for (let sent = 0; sent < 70; sent++) {
      statuses.push(await sendMention([a.url, b.url][sent % 2] ?? site, `${host}${sent}`, site))
    }
    assert.equal(statuses.filter((status) => status === 201).length, 60)
    assert.equal(statuses.filter((status) => status === 429).length, 10)
  })

  it('give a socket of one what the other accepted, at once', async (t) => {
    const { site, a, b } = await startMachines(t)
    const body = new URLSearchParams({
      ...{ grant_type: 'password', username: 'localhost', password: PASSPHRASE },
    })
    const answer = await fetch(new URL('token', site), { method: 'POST', body })
    assert.equal(answer.status, 200)
    const { access_token: token } = (await answer.json()) as { access_token: string }
    const frames: string[] = []
    for (const url of [b.url, site]) {
      const address = new URL('messages', url)
      address.protocol = 'ws:'
      const socket = new WebSocket(address)
      t.after(() => socket.terminate())
      socket.on('message', (data) => frames.push(String(data)))
      await once(socket, 'open')
      socket.send(token)
    }
    // Until the process listens to the database.
    await sleep(1_000)
    const me = `localhost@${site.host}`
    for (const [url, text] of [
      [a.url, 'Hello from A'],
      [b.url, 'Hello from B'],
    ] as const) {
      const before = frames.length
      const sent = await fetch(new URL('messages', url), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ id: text.replaceAll(' ', '-'), from: me, to: [me], message: text }),
      })
      assert.ok(sent.ok, await sent.text())
      // Far less than the process waits until it looks by itself.
      await until(async () => frames.length === before + 2, 5_000)
      assert.ok(frames.slice(before).every((frame) => frame.includes(text)))
    }
  })
})

describe('"serve" with a database that fails', () => {
  it('serves the pages meanwhile, answers 503 otherwise, and goes on by itself', async (t) => {
    const { site, a, b } = await startMachines(t)
    const sourceOf = await startSource(t, site)
    assert.equal(await sendMention(a.url, sourceOf('one'), site), 201)
    await until(async () => (await sourcesInInbox(a.url, site)).size === 1)
    await server.crash()
    for (const { url } of [a, b]) {
      assert.equal((await fetch(new URL('posts/hello/', url))).status, 200)
      assert.equal(await sendMention(url, sourceOf('two'), site), 503)
    }
    // It ends although there is nothing to say good-bye to.
    assert.equal(await b.stop('SIGTERM'), 0)
    await server.start()
    assert.equal(await sendMention(a.url, sourceOf('three'), site), 201)
    await until(async () => (await sourcesInInbox(a.url, site)).size === 2)
  })
})

describe('"serve" with a database, killed', () => {
  it('loses nothing that it has accepted', async (t) => {
    const database = await server.newDatabase()
    // What a killed process was doing is free when its lease ends, and taken up by the next sweep.
    await checkNothingIsLost(t, lab, {
      variables: { PRIVATE_POSTS_DATABASE_URL: database.href },
      patience: 180_000,
    })
  })
})

async function until(condition: () => Promise<boolean>, patience = 30_000): Promise<void> {
  for (let waited = 0; waited < patience; waited += 50) {
    if (await condition()) return
    await sleep(50)
  }
  assert.fail('it did not come')
}
