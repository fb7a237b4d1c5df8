import assert from 'node:assert/strict'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { describe, it, type TestContext } from 'node:test'
import { audit, type AuditedSite } from './output.ts'

const PAGES = 40
const pageOf = (at: number) => `posts/${at}/index.html`
const FOOTER = 'Made by hand beside the old harbour, with much tea.'
const POST = {
  post: 'private/a.md',
  title: 'A dinner',
  text: `The table is laid for seven and nobody else may know. ${FOOTER}`,
}

/** How often each file of the output is read. */
async function readsOf(t: TestContext, site: AuditedSite): Promise<Map<string, number>> {
  const reads = new Map<string, number>()
  const { readFileSync } = fs
  t.mock.method(fs, 'readFileSync', (path: string, ...rest: []) => {
    const [, file = ''] = /private-posts-audit-[^/]+\/(.*)$/.exec(path) ?? []
    reads.set(file, (reads.get(file) ?? 0) + 1)
    return readFileSync(path, ...rest)
  })
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  assert.deepEqual(await audit(t, site), [])
  return reads
}

function siteOf(layout: string, pages: readonly string[]): AuditedSite {
  const all = Array.from({ length: PAGES }, (_, at) => at)
  return {
    posts: [POST],
    publicSources: {
      '_includes/base.njk': { text: layout, pages },
      ...Object.fromEntries(
        all.map((at) => [`posts/${at}.md`, { text: `Post ${at}.`, pages: [pageOf(at)] }]),
      ),
    },
    output: Object.fromEntries(
      all.map((at) => [pageOf(at), `<p>Post ${at}.</p><footer>${FOOTER}</footer>`]),
    ),
  }
}

describe('auditOutput() reads', () => {
  const pages = Array.from({ length: PAGES }, (_, at) => pageOf(at))

  const once = Array(PAGES).fill(1)

  it('each file once, although a layout has words of a private post', async (t) => {
    const reads = await readsOf(t, siteOf(`<footer>${FOOTER}</footer>`, pages))
    assert.deepEqual([...reads.values()], once)
  })

  it('no file a second time, although two sources look for words that no page prints', async (t) => {
    const layout = `<footer>${FOOTER}</footer>{% if x %}A dinner{% endif %}`
    const site = siteOf(layout, pages)
    const again = { '_includes/other.njk': { text: layout, pages } }
    const reads = await readsOf(t, { ...site, publicSources: { ...site.publicSources, ...again } })
    assert.deepEqual([...reads.values()], once)
  })
})
