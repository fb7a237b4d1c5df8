import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { run } from '../../lib/cli/run.ts'
import { checkCommand } from '../../lib/cli/check.ts'
import { createSite, post, type Files, type Site } from '../support/site.ts'
import { PUBLISHED } from './published-table.ts'
import { COPY, SENTENCE, UNPUBLISHED } from './unpublished-table.ts'

const PRIVATE = post('title: Surprise for Quokka\naudience: [Bob]', SENTENCE)
/** Publishes the text of the private post, as a careless search index does. */
const LEAK = `module.exports = class {
  data() { return { permalink: '/leak.txt', eleventyExcludeFromCollections: true } }
  render() { return require('node:fs').readFileSync('private/party.md', 'utf8').split('---').at(-1) }
}`
const SITE: Files = {
  'private/party.md': PRIVATE,
  'leak.11ty.cjs': LEAK,
  'index.md': post('title: Home'),
}

let site: Site | undefined
afterEach(() => site?.dispose())

describe('what explains a private word: the build', () => {
  for (const [what, [files, config]] of Object.entries(UNPUBLISHED)) {
    it(`not ${what}`, async () => {
      site = createSite({ ...SITE, ...files })
      await assert.rejects(
        site.build(config ? { config } : {}),
        /leak\.txt, line \d+ \(.*sentence\)/,
      )
    })
  }
  for (const [what, [files, config]] of Object.entries(PUBLISHED)) {
    it(`${what}`, async () => {
      site = createSite({ ...SITE, ...files })
      const built = await site.build(config ? { config } : {})
      assert.match(built.read('leak.txt'), /zanzibar/)
    })
  }

  it('not the folder of a Git repository, and not a ledger or a letter', async () => {
    site = createSite(SITE)
    const { folder } = site
    execFileSync('git', ['init', '-q'], { cwd: folder })
    mkdirSync(join(folder, '.private-posts/letters'), { recursive: true })
    writeFileSync(join(folder, '.private-posts/letters/bob.html'), SENTENCE)
    await assert.rejects(site.build(), /leak\.txt/)
  })
})

describe('what explains a private word: check, from the files alone', () => {
  /** What only a build can know: names that a program makes, data that a program gives. */
  const ONLY_BUILD = new Set([
    'data of the configuration',
    'a template of a plugin',
    'data that a script fetches',
  ])

  for (const [what, [files, config]] of Object.entries(UNPUBLISHED)) {
    it(`not ${what}`, async () => {
      site = createSite({ ...SITE, ...files })
      await assert.rejects(site.build(config ? { config } : {}))
      const { code, out } = await check(site)
      assert.match(out, /^leak\.txt:\d+ {2}sentence {2}private\/party\.md$/m)
      assert.equal(code, 1)
    })
  }
  for (const [what, [files, config]] of Object.entries(PUBLISHED)) {
    if (ONLY_BUILD.has(what)) continue
    for (const knows of ['with', 'without']) {
      it(`${what}, ${knows} the record of a build`, async () => {
        site = createSite({ ...SITE, ...files })
        await site.build(config ? { config } : {})
        if (knows === 'without') site.remove('.cache')
        const { code, out } = await check(site)
        assert.deepEqual([code, out.includes('No private word')], [0, true], out)
      })
    }
  }
})

describe('a post of which nothing is left to look for', () => {
  const files = {
    'a.md': COPY,
    'private/copy.md': post('audience: [Bob]', SENTENCE),
    'private/short.md': post('audience: [Bob]', 'Ok.'),
    'private/whole.md': post(
      'audience: [Bob]',
      'Another sentence that stands nowhere else at all.',
    ),
  }
  it('is said by name, in the build and by check', async () => {
    site = createSite(files)
    const { printed } = await site.build()
    const explained =
      /private\/copy\.md: nothing of it can be looked for, because public sources say/
    const short = /private\/short\.md: nothing of it can be looked for, because .* too short/
    const { code, out } = await check(site)
    for (const text of [printed.join('\n'), out]) {
      assert.match(text, explained)
      assert.match(text, short)
      assert.doesNotMatch(text, /whole\.md/)
    }
    assert.equal(code, 0)
    const { out: json } = await check(site, '--json')
    assert.deepEqual(JSON.parse(json), {
      findings: [],
      unsearchable: [
        { post: 'private/copy.md', because: 'explained' },
        { post: 'private/short.md', because: 'short' },
      ],
    })
  })
})

async function check({ folder }: Site, ...args: string[]) {
  let out = ''
  const code = await run([checkCommand], ['check', ...args], {
    cwd: folder,
    environment: {},
    terminal: {
      out: (text) => void (out += text),
      error: (text) => void (out += text),
      isInteractive: false,
    },
    now: () => new Date('2026-11-21T12:00:00Z'),
    readSecret: async () => '',
    signal: new AbortController().signal,
  })
  return { code, out }
}
