import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { listen } from '../../lib/web/node-server.ts'
import { createServeLab, freePort, outputOf, SERVE_SECRET } from '../support/serve-process.ts'

/** A busy machine starts a process in a second or two. */
const PATIENCE = 30_000

const { builtSite, start, serve, dispose } = createServeLab()
after(dispose)

describe('private-posts serve', () => {
  it('serves the built site as its host would, and the functions before it', async () => {
    const site = await builtSite()
    const { url, stop } = await serve(site)

    for (const [path, status] of [
      ['/', 200],
      ['/posts/hello/', 200],
      ['/posts/hello', 301],
      ['/no-such-page/', 404],
      ['/_headers', 404],
      ['/private/', 401],
      ['/private/anything/at/all', 401],
      ['/inbox', 401],
      ['/webmention', 200],
      ['/indieauth/metadata', 200],
      ['/mentions.json', 200],
    ] as const) {
      const response = await fetch(new URL(path, url), { redirect: 'manual' })
      assert.equal(response.status, status, path)
    }
    assert.equal(await stop('SIGTERM'), 0, 'stops gracefully')
  })

  it('refuses to start without a secret, and names the variable', async () => {
    const site = await builtSite()
    const child = start(site, ['--port', '0'], {})
    const [output, [code]] = await Promise.all([outputOf(child), once(child, 'exit')])
    assert.equal(code, 1)
    assert.match(output, /PRIVATE_POSTS_SECRET is missing/)
  })

  it('loses nothing that it has accepted, whenever it is killed', async (t) => {
    const site = await builtSite()
    const port = await freePort()
    const source = await listen(async () => {
      // Slow enough that a kill finds some of them under way.
      await sleep(20)
      return new Response(
        `<p class="h-entry"><a href="http://localhost:${port}/posts/hello/">Hello</a>`,
        {
          headers: { 'content-type': 'text/html' },
        },
      )
    })
    t.after(() => source.close())
    const accepted = new Set<string>()
    const refused: number[] = []
    let sent = 0
    for (const delay of [5, 60, 150]) {
      const { url, stop } = await serve(site, port)
      const until = sleep(delay)
      const before = accepted.size
      let isUp = true
      const senders = Array.from({ length: 4 }, async () => {
        while (isUp) {
          const mention = `http://sender${sent}.localhost:${source.port}/${(sent += 1)}`
          const status = await send(url, mention)
          if (status === undefined) return
          if (status === 201) accepted.add(mention)
          else refused.push(status)
        }
      })
      await until
      // A slow machine has taken none by then.
      while (delay > 100 && accepted.size === before) await sleep(5)
      await stop('SIGKILL')
      isUp = false
      await Promise.all(senders)
    }
    const { url, stop } = await serve(site, port)
    let missing: string[] = []
    for (let waited = 0; waited < PATIENCE; waited += 200) {
      const received = await inbox(url)
      missing = [...accepted].filter((mention) => !received.has(mention))
      if (missing.length === 0) break
      await sleep(200)
    }
    assert.ok(accepted.size > 0)
    assert.deepEqual(refused, [])
    assert.deepEqual(missing, [])
    await stop('SIGTERM')
  })
})

/** The status of the answer, or `undefined` where there was none. */
async function send(url: URL, source: string): Promise<number | undefined> {
  const body = new URLSearchParams({ source, target: new URL('posts/hello/', url).href })
  const response = await fetch(new URL('webmention', url), { method: 'POST', body }).catch(
    () => undefined,
  )
  return response?.status
}

const Inbox = v.object({ messages: v.array(v.object({ source: v.string() })) })

async function inbox(url: URL): Promise<Set<string>> {
  const now = () => new Date()
  const secrets = createSecrets({
    keys: [Buffer.from(SERVE_SECRET, 'base64url')],
    site: url,
    store: createMemoryStore({ now }),
    now,
  })
  const call = await secrets.issue('call', { purpose: 'inbox' })
  const response = await fetch(new URL('inbox?per-page=10000', url), {
    headers: { authorization: `Bearer ${call}`, accept: 'application/json' },
  })
  const { messages } = v.parse(Inbox, await response.json())
  return new Set(messages.map(({ source }) => source))
}
