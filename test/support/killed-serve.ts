import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { listen } from '../../lib/web/node-server.ts'
import { freePort, SERVE_SECRET, type createServeLab } from './serve-process.ts'

export interface KilledServeOptions {
  /** Where the store is, for example. */
  readonly variables?: Readonly<Record<string, string>>
  /** Milliseconds until everything accepted has to be in the inbox. */
  readonly patience?: number
}

/** Kills `serve` while it takes on webmentions: each that it answered with 201 must reach the inbox. */
export async function checkNothingIsLost(
  t: TestContext,
  lab: ReturnType<typeof createServeLab>,
  { variables = {}, patience = 30_000 }: KilledServeOptions = {},
): Promise<void> {
  const { builtSite, serve } = lab
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
    const { url, stop } = await serve(site, port, [], variables)
    const until = sleep(delay)
    const before = accepted.size
    let isUp = true
    const senders = Array.from({ length: 4 }, async () => {
      while (isUp) {
        const mention = `http://sender${sent}.localhost:${source.port}/${(sent += 1)}`
        const status = await sendMention(url, mention)
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
  const { url, stop } = await serve(site, port, [], variables)
  let missing: string[] = []
  for (let waited = 0; waited < patience; waited += 200) {
    const received = await sourcesInInbox(url)
    missing = [...accepted].filter((mention) => !received.has(mention))
    if (missing.length === 0) break
    await sleep(200)
  }
  assert.ok(accepted.size > 0)
  assert.deepEqual(refused, [])
  assert.deepEqual(missing, [])
  await stop('SIGTERM')
}

/** The status of the answer, or `undefined` where there was none. */
export async function sendMention(
  url: URL,
  source: string,
  site = url,
): Promise<number | undefined> {
  const body = new URLSearchParams({ source, target: new URL('posts/hello/', site).href })
  const response = await fetch(new URL('webmention', url), { method: 'POST', body }).catch(
    () => undefined,
  )
  return response?.status
}

const Inbox = v.object({ messages: v.array(v.object({ source: v.string() })) })

/** Asks as the command line of the owner does. `site`: the name by which the process is known. */
export async function sourcesInInbox(url: URL, site = url): Promise<Set<string>> {
  const now = () => new Date()
  const secrets = createSecrets({
    keys: [Buffer.from(SERVE_SECRET, 'base64url')],
    site,
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
