import assert from 'node:assert/strict'
import { chmodSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { createSite, post, type BuiltSite } from '../support/site.ts'
import { startApache, startPython } from '../support/system-server.ts'

const SERVERS = { Apache: startApache, Python: startPython }
const TOKEN = /[0-9a-hjkmnp-tv-z]{26}/i
const PHOTO = 'private/dinner/photos/2026/table.png'
const PREFIXES = ['/p/', '/x/y/p/']

async function build(t: TestContext, prefix: string): Promise<BuiltSite> {
  const site = createSite({
    'index.md': post('title: Home'),
    'private/dinner/index.md': post(
      'audience: [Mum, "https://bob.example/"]',
      '![Table](photos/2026/table.png)',
    ),
    [PHOTO]: Buffer.from('89504e470d0a1a0a', 'hex'),
    'private/list.md': post(
      'audience: [Mum]\npagination: { data: numbers, size: 1 }\nnumbers: [1, 2, 3]',
    ),
    'private/gated.md': post('audience: ["https://bob.example/"]\naccess: gate'),
    'listed/a.txt': 'for everybody',
  })
  t.after(() => site.dispose())
  // Apache reads it as another user, if it was started by root.
  chmodSync(site.folder, 0o755)
  return site.build({
    options: { prefix },
    variables: { PRIVATE_POSTS_SECRET: 'u8t3Nn0cZrT5o1xQb7mGkV2wYdLs9fHaJpEiRyCvXz4' },
    config: (config) => config.addPassthroughCopy('listed'),
  })
}

/** Everything that a visitor sees who guesses each folder that has no token in its name, and follows all links. */
async function crawl(site: URL, folders: readonly string[]): Promise<Map<string, string>> {
  const pages = new Map<string, string>()
  const queue = ['', ...folders].map((folder) => new URL(folder, site).href)
  for (const address of queue) {
    if (pages.has(address)) continue
    const response = await fetch(address)
    const text = await response.text()
    pages.set(address, text)
    for (const [, href = ''] of text.matchAll(/href="([^"]*)"/g)) {
      const next = new URL(href, response.url)
      if (next.origin === site.origin) queue.push(new URL(next.pathname, site).href)
    }
  }
  return pages
}

function foldersOf(output: string): string[] {
  return readdirSync(output, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${join(entry.parentPath, entry.name).slice(output.length + 1)}/`)
}

for (const [name, start] of Object.entries(SERVERS)) {
  describe(`${name}, with its directory index`, () => {
    for (const prefix of PREFIXES) {
      it(`lists no private link at ${prefix}`, async (t) => {
        const built = await build(t, prefix)
        const output = join(built.folder, '_site')
        const site = await start(t, output)
        const isOpen = (folder: string) => !TOKEN.test(folder)
        const pages = await crawl(site, foldersOf(output).filter(isOpen))
        for (const [address, text] of pages) {
          assert.doesNotMatch(address, TOKEN)
          assert.doesNotMatch(text, TOKEN, address)
        }
        assert.ok(pages.has(new URL('listed/a.txt', site).href), 'its twin: a folder is listed')

        const cover = await fetch(new URL(prefix, site))
        assert.equal(cover.status, 200)
        assert.match(await cover.text(), /<meta name="robots" content="noindex/)
        rmSync(join(output, prefix, 'index.html'))
        const bare = await (await fetch(new URL(prefix, site))).text()
        assert.match(bare, TOKEN, 'its twin: without the page the folder is listed')
      })
    }

    it('lists nothing below a private link, whose page it shows', async (t) => {
      const built = await build(t, '/p/')
      const site = await start(t, join(built.folder, '_site'))
      const mum = built.tokens('private/dinner/index.md')['Mum']
      const get = async (path: string) => (await fetch(new URL(`p/${mum}/${path}`, site))).text()
      assert.match(await get(''), /photos\/2026\/table\.png/)
      assert.equal((await get('photos/2026/table.png')).length, 8)
      for (const folder of ['photos/', 'photos/2026/']) {
        assert.doesNotMatch(await get(folder), /table|2026|Index of|listing/, folder)
      }
      const numbers = built.tokens('private/list.md')['Mum']
      const folders = foldersOf(join(built.folder, '_site/p', numbers ?? ''))
      assert.ok(folders.length > 1, folders.join())
      for (const folder of folders) {
        const text = await (await fetch(new URL(`p/${numbers}/${folder}`, site))).text()
        assert.doesNotMatch(text, /Index of|listing/, folder)
      }
    })
  })
}
