import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import * as v from 'valibot'
import { listen } from '../../lib/web/node-server.ts'
import { createServeLab, type ServedSite } from '../support/serve-process.ts'

/** A busy machine starts a process, and looks at a mention, in a second or two. */
const PATIENCE = 30_000
const require = createRequire(import.meta.url)

/** How others send: from the page at `source`, which links to `target`. */
const SENDERS: Readonly<Record<string, (source: string, target: string) => Promise<unknown>>> = {
  /** Reads the page for itself, and notifies all that it links to. */
  '@remy/webmention': (source) =>
    promisify(execFile)(process.execPath, [
      require.resolve('@remy/webmention/bin/wm.js'),
      source,
      '--send',
    ]),
  'send-webmention': promisify(
    require('send-webmention') as (
      source: string,
      target: string,
      callback: (error: Error | null) => void,
    ) => void,
  ),
}

const Mentions = v.object({
  children: v.array(
    v.object({
      author: v.object({ name: v.string() }),
      content: v.optional(v.object({ text: v.string() })),
      'wm-source': v.string(),
      'wm-property': v.string(),
    }),
  ),
})

const lab = createServeLab()
/** What the strangers' pages say, by path; `undefined` for one that is gone. */
const pages = new Map<string, string | undefined>()
let strangers: Awaited<ReturnType<typeof listen>>
let alice: ServedSite
let post: URL

before(async () => {
  const site = await lab.builtSite(
    { 'posts/hello.md': '<link rel="webmention" href="/webmention">\n\n# Hello' },
    { policy: { otherwise: 'accept' } },
  )
  alice = await lab.serve(site)
  post = new URL('/posts/hello/', alice.url)
  strangers = await listen(async (request) => {
    const page = pages.get(new URL(request.url).pathname)
    const headers = { 'content-type': 'text/html; charset=utf-8' }
    return page === undefined
      ? new Response('Gone', { status: 410, headers })
      : new Response(page, { headers })
  })
})
after(async () => {
  await strangers.close()
  lab.dispose()
})

async function mentions() {
  const response = await fetch(new URL(`/mentions.json?target=${post}`, alice.url))
  return v.parse(Mentions, await response.json()).children
}

/** Waits until the public mentions are such. */
async function until(isSo: (found: Awaited<ReturnType<typeof mentions>>) => boolean) {
  for (let waited = 0; waited < PATIENCE; waited += 100) {
    const found = await mentions()
    if (isSo(found)) return found
    await sleep(100)
  }
  return mentions()
}

const reply = (
  url: string,
  text: string,
) => `<!doctype html><meta charset="utf-8"><title>Bob</title>
<article class="h-entry"><a class="p-author h-card" href="/">Bob</a>
<a class="u-url" href="${url}"></a><a class="u-in-reply-to" href="${post}">To Alice</a>
<p class="e-content">${text}</p></article>`

/** How a page takes its reply back. */
const ENDINGS = {
  'is gone': () => undefined,
  'links elsewhere': (page: string) => page.replace(post.href, '/elsewhere/'),
} satisfies Record<string, (page: string) => string | undefined>

describe("senders of others, to a site of ours that 'serve' runs", () => {
  for (const [name, send] of Object.entries(SENDERS)) {
    for (const [ending, end] of Object.entries(ENDINGS)) {
      it(`${name}: a reply is shown, changed, and taken back by a page that ${ending}`, async () => {
        const path = `/reply-${pages.size}/`
        // By its address, because the sender leaves out links to the host of its own page.
        const source = `http://127.0.0.1:${strangers.port}${path}`
        const own = (found: Awaited<ReturnType<typeof mentions>>) =>
          found.filter((mention) => mention['wm-source'] === source)

        pages.set(path, reply(source, 'Fine words.'))
        await send(source, post.href)
        assert.deepEqual(own(await until((found) => own(found).length === 1)), [
          {
            author: { name: 'Bob' },
            content: { text: 'Fine words.' },
            'wm-source': source,
            'wm-property': 'in-reply-to',
          },
        ])

        const changed = reply(source, 'Finer words.')
        pages.set(path, changed)
        await send(source, post.href)
        const isChanged = (found: Awaited<ReturnType<typeof mentions>>) =>
          own(found)[0]?.content?.text === 'Finer words.'
        assert.ok(isChanged(await until(isChanged)))

        pages.set(path, end(changed))
        await notify(source)
        assert.deepEqual(own(await until((found) => own(found).length === 0)), [])
      })
    }
  }
})

/** Neither sender tells of a page that is gone or has no link any more: its author does it by hand. */
async function notify(source: string): Promise<void> {
  const body = new URLSearchParams({ source, target: post.href })
  const { status } = await fetch(new URL('/webmention', alice.url), { method: 'POST', body })
  assert.ok([201, 202].includes(status), String(status))
}
