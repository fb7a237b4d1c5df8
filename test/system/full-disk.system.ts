import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it, type TestContext } from 'node:test'
import * as v from 'valibot'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { createServeLab, SERVE_SECRET, type ServedSite } from '../support/serve-process.ts'
import type { Site } from '../support/site.ts'
import { mention, unaffected } from '../support/unusable-store.ts'

/** Bytes. lmdb begins with a tenth of it. */
const SIZE = 1024 * 1024

/** Makes an entry of more than half a page. */
const LONG = 'x'.repeat(1_900)

const lab = createServeLab()
after(lab.dispose)

const GATED = `---
audience: [https://bob.example/]
access: gate
---
We meet at eight.`

/** What the gate shows to a reader with a token. */
async function readAsBob({ folder }: Site, url: URL): Promise<string> {
  const register: unknown = JSON.parse(
    readFileSync(join(folder, '.private-posts/deploy/gate.json'), 'utf8'),
  )
  const { posts } = v.parse(v.object({ posts: v.record(v.string(), v.unknown()) }), register)
  const now = () => new Date()
  const secrets = createSecrets({
    keys: [Buffer.from(SERVE_SECRET, 'base64url')],
    ...{ site: url, store: createMemoryStore({ now }), now },
  })
  const claims = { me: 'https://bob.example/', scope: ['read'] }
  const authorization = `Bearer ${await secrets.issue('access-token', claims)}`
  const [segment] = Object.keys(posts)
  const response = await fetch(new URL(`private/${segment}/`, url), { headers: { authorization } })
  assert.equal(response.status, 200)
  return response.text()
}

/** A small disk of its own. Only root may mount one. */
function mountDisk(t: TestContext) {
  if (process.getuid?.() !== 0) assert.fail('Run this as root: it mounts a small disk.')
  const folder = mkdtempSync(join(tmpdir(), 'private-posts-disk-'))
  const mount = (...options: readonly string[]) => execFileSync('mount', [...options, folder])
  mount('-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs')
  t.after(() => {
    execFileSync('umount', ['--lazy', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  const filler = join(folder, 'filler')
  return {
    folder,
    fill() {
      for (const size of [SIZE, 4096, 1]) {
        try {
          for (;;) writeFileSync(filler, Buffer.alloc(size), { flag: 'a' })
        } catch (error) {
          // It takes as much as there is room for, and then says that there is no more.
          assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
        }
      }
    },
    free: () => rmSync(filler),
    makeReadOnly: () => mount('-o', 'remount,ro'),
    makeWritable: () => mount('-o', 'remount,rw'),
  }
}

async function refuses(served: ServedSite, code: string): Promise<void> {
  let refused = 0
  // What the store has of its own may be enough for the first ones.
  for (let i = 0; i < 50 && refused < 3; i++) {
    const { status, headers } = await mention(served.url, `http://localhost:1/${code}/${i}?${LONG}`)
    if (status === 201 && refused === 0) continue
    assert.equal(status, 503)
    assert.match(headers.get('retry-after') ?? '', /^\d+$/)
    refused += 1
  }
  assert.equal(refused, 3)
  await unaffected(served.url)
  assert.ok(served.isRunning(), served.said())
  assert.match(served.said(), new RegExp(`cannot be used \\(${code}: .+\\)\\. To do: `))
  assert.doesNotMatch(served.said(), /another process/)
}

async function recovers(served: ServedSite, source: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const { status } = await mention(served.url, `${source}${tries}`)
    if (status === 201) return
    assert.equal(status, 503)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  assert.fail(served.said())
}

describe('private-posts serve', () => {
  it('on a disk that becomes full, and has room again', async (t) => {
    const disk = mountDisk(t)
    const options = ['--store', join(disk.folder, 'store')]
    const site = await lab.builtSite({ 'private/dinner.md': GATED })
    const served = await lab.serve(site, undefined, options)
    assert.equal((await mention(served.url, 'http://localhost:1/before')).status, 201)
    disk.fill()
    await refuses(served, 'ENOSPC')
    assert.match(await readAsBob(site, served.url), /We meet at eight/)
    disk.free()
    await recovers(served, 'http://localhost:1/after')
    assert.equal(await served.stop('SIGTERM'), 0)
  })

  it('begins on a full disk, whether or not it has been there before', async (t) => {
    for (const isNew of [true, false]) {
      const disk = mountDisk(t)
      const site = await lab.builtSite()
      const options = ['--store', join(disk.folder, 'store')]
      if (!isNew) await (await lab.serve(site, undefined, options)).stop('SIGKILL')
      disk.fill()
      const served = await lab.serve(site, undefined, options)
      await refuses(served, 'ENOSPC')
      disk.free()
      await recovers(served, 'http://localhost:1/after')
      assert.equal(await served.stop('SIGTERM'), 0)
    }
  })

  it('on a disk that is read-only, and is written again', async (t) => {
    const disk = mountDisk(t)
    const site = await lab.builtSite()
    const options = ['--store', join(disk.folder, 'store')]
    const first = await lab.serve(site, undefined, options)
    assert.equal((await mention(first.url, 'http://localhost:1/before')).status, 201)
    await first.stop('SIGTERM')
    disk.makeReadOnly()
    const served = await lab.serve(site, undefined, options)
    await refuses(served, 'EROFS')
    const mentions = await fetch(new URL('mentions.json', served.url))
    assert.equal(mentions.status, 200, 'what is kept can be read')
    disk.makeWritable()
    await recovers(served, 'http://localhost:1/after')
    assert.equal(await served.stop('SIGTERM'), 0)
  })
})
