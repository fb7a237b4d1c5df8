import assert from 'node:assert/strict'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { afterEach, describe, it, type TestContext } from 'node:test'
import { createSite, post, type Files, type Site } from '../support/site.ts'

type Call = 'mkdirSync' | 'writeFileSync' | 'readFileSync' | 'readdirSync' | 'existsSync'
const CALLS: readonly Call[] = [
  'mkdirSync',
  'writeFileSync',
  'readFileSync',
  'readdirSync',
  'existsSync',
]
const READERS = ['Bob', 'Carol', 'Dora']
const HEAD = '<link rel="stylesheet" href="/style.css">'

let site: Site | undefined
afterEach(() => site?.dispose())

function createBlog(posts: number, more: Files = {}): Site {
  const open = (at: number) => [`open-${at}.md`, post('', `Open ${at}. ${HEAD}`)] as const
  const hidden = (at: number) =>
    [`private/secret-${at}.md`, post(`audience: [${READERS.join()}]`, `Hidden. ${HEAD}`)] as const
  const all = Array.from({ length: posts }, (_, at) => at)
  return createSite({ ...Object.fromEntries([...all.map(open), ...all.map(hidden)]), ...more })
}

/** How often a build calls each function for a path like that. */
async function callsOf(
  t: TestContext,
  blog: Site,
  pattern: RegExp,
): Promise<Readonly<Record<Call, number>>> {
  const counts = { mkdirSync: 0, writeFileSync: 0, readFileSync: 0, readdirSync: 0, existsSync: 0 }
  for (const name of CALLS) {
    const original = fs[name]
    t.mock.method(fs, name, (...args: Parameters<typeof original>) => {
      if (pattern.test(String(args[0]))) counts[name] += 1
      const result: unknown = Reflect.apply(original, fs, args)
      return result
    })
  }
  syncBuiltinESMExports()
  try {
    await blog.build({ config: (config) => config.addPassthroughCopy('style.css') })
  } finally {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  }
  return counts
}

const COPY = /_site\/p\/[0-9a-z]{26}(?:\/index\.html)?$/

describe('the copies of a build', () => {
  it('are made with one new folder and one file each, and read once, by the audit', async (t) => {
    site = createBlog(2)
    const { mkdirSync, writeFileSync, readFileSync, existsSync } = await callsOf(t, site, COPY)
    const copies = 2 * READERS.length
    assert.deepEqual(
      { mkdirSync, writeFileSync, readFileSync, existsSync },
      { mkdirSync: copies, writeFileSync: copies, readFileSync: copies, existsSync: 0 },
    )
  })

  it('are read once more, and not written again, where they are the same', async (t) => {
    site = createBlog(2)
    await site.build({ config: (config) => config.addPassthroughCopy('style.css') })
    const { writeFileSync, readFileSync } = await callsOf(t, site, COPY)
    assert.deepEqual([writeFileSync, readFileSync], [0, 2 * 2 * READERS.length])
  })
})

describe('a folder of private posts', () => {
  it('is looked into as often for many posts as for two', async (t) => {
    const folder = /(?:^|\/)private$/
    site = createBlog(2)
    const few = await callsOf(t, site, folder)
    site.dispose()
    site = createBlog(6)
    const many = await callsOf(t, site, folder)
    assert.ok(few.readdirSync > 0)
    assert.equal(many.readdirSync, few.readdirSync)
  })
})

describe('a file that all pages name and nobody wrote', () => {
  it('makes a build read each public page once more, however many private pages name it', async (t) => {
    const pages = /_site\/open-\d\/index\.html$/
    const [few, many] = [2, 6]
    for (const posts of [few, many]) {
      site = createBlog(posts)
      const lost = await callsOf(t, site, pages)
      site.dispose()
      site = createBlog(posts, { 'style.css': 'p { color: black }' })
      const there = await callsOf(t, site, pages)
      site.dispose()
      assert.equal(lost.readFileSync - there.readFileSync, posts)
    }
  })
})
