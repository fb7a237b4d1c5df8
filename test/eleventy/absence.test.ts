import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { parseGateRegister } from '../../lib/gate/register.ts'
import { parseLedger } from '../../lib/ledger/ledger-text.ts'
import { createSite, post, type BuildOptions, type BuiltSite, type Site } from '../support/site.ts'

const PATH = 'private/letter.md'
const LETTER = post('audience: [Bob]', 'The quokka whistles.')
const OTHER = {
  'index.md': post('title: Home'),
  'private/other.md': post('audience: [Bob]', 'Tea.'),
}

let site: Site
afterEach(() => site.dispose())

/** Builds a site with the letter, and tells what it was given. */
async function begin(letter = LETTER, path = PATH): Promise<{ token: string; first: BuiltSite }> {
  site = createSite({ ...OTHER, [path]: letter })
  const first = await site.build()
  return { token: String(first.tokens(path)['Bob']), first }
}

const pageOf = (token: string) => `p/${token}/index.html`
const absenceOf = ({ ledger }: BuiltSite, id = PATH) => ledger.posts[id]?.absent?.why

describe('a file that a build does not find', () => {
  it('has no page, and its link again when it is back', async () => {
    const { token } = await begin()
    site.remove(PATH)
    const away = await site.build()
    assert.ok(!away.files.includes(pageOf(token)))
    assert.equal(absenceOf(away), 'gone')
    assert.match(
      away.printed.join('\n'),
      /private\/letter\.md is gone: its link does not work until/,
    )
    assert.deepEqual(Object.keys(away.tokens('private/other.md')), ['Bob'])

    site.write({ [PATH]: LETTER })
    const back = await site.build()
    assert.ok(back.files.includes(pageOf(token)))
    assert.equal(absenceOf(back), undefined)
    assert.doesNotMatch(back.printed.join('\n'), /is gone/)
  })

  it('has its link again in another folder', async () => {
    const { token } = await begin()
    site.remove(PATH)
    await site.build()
    site.write({ 'private/2026/letter.md': LETTER })
    assert.ok((await site.build()).files.includes(pageOf(token)))
  })
})

describe('a file that makes no page', () => {
  it('keeps its link, and gets no other: permalink: false', async () => {
    const { token } = await begin()
    site.write({ [PATH]: post('audience: [Bob, Carol]\npermalink: false', 'The quokka whistles.') })
    const draft = await site.eleventy()
    assert.ok(!draft.files.includes(pageOf(token)))
    assert.equal(absenceOf(draft), 'draft')
    assert.deepEqual(Object.keys(draft.tokens(PATH)), ['Bob'])

    site.write({ [PATH]: LETTER })
    assert.ok((await site.eleventy()).files.includes(pageOf(token)))
  })

  const leftOut: readonly [name: string, config: BuildOptions['config']][] = [
    [
      'a preprocessor that wants no drafts',
      (config) =>
        config.addPreprocessor('drafts', '*', ({ page }: { page: { inputPath: string } }) =>
          page.inputPath.endsWith(PATH) ? false : undefined,
        ),
    ],
    ['an ignored path', (config) => config.ignores.add(PATH)],
  ]
  for (const [name, config] of leftOut) {
    it(`keeps its link: ${name}`, async () => {
      const { token } = await begin()
      const draft = await site.build(config ? { config } : {})
      assert.ok(!draft.files.includes(pageOf(token)))
      assert.equal(absenceOf(draft), 'draft')
      assert.ok((await site.build()).files.includes(pageOf(token)))
    })
  }

  it('is in no ledger before it has been a post', async () => {
    for (const access of ['link', 'gate']) {
      const draft = post(`audience: [Bob]\naccess: ${access}\npermalink: false`)
      const { first } = await begin(draft)
      assert.deepEqual(Object.keys(first.ledger.posts), ['private/other.md'])
      site.dispose()
    }
  })

  it('has no copy behind the gate, and its name and its invitations again when it is a post', async () => {
    const gated = (more: string) => post(`audience: [Bob]\naccess: gate${more}`, 'A quokka.')
    const { token, first } = await begin(gated(''))
    const gate = first.ledger.posts[PATH]?.gate ?? ''
    assert.deepEqual(readersOf(gate), ['Bob'])
    site.write({ [PATH]: gated('\npermalink: false') })
    await site.eleventy()
    assert.deepEqual(readersOf(gate), [])
    assert.ok(!existsSync(join(site.folder, '.private-posts/deploy/gate', gate)))
    site.write({ [PATH]: gated('') })
    const back = await site.eleventy()
    assert.deepEqual(readersOf(gate), ['Bob'])
    assert.equal(back.tokens(PATH)['Bob'], token)
  })
})

describe('a file that was emptied', () => {
  for (const content of ['', '\n \n']) {
    it(`keeps its link: ${JSON.stringify(content)}, private by its words alone`, async () => {
      const path = 'posts/letter.md'
      const { token } = await begin(post('visibility: private\naudience: [Bob]', 'A quokka.'), path)
      site.write({ [path]: content })
      const empty = await site.eleventy()
      assert.equal(absenceOf(empty, path), 'empty')
      assert.ok(!empty.files.includes(pageOf(token)))
      site.write({ [path]: post('visibility: private\naudience: [Bob]', 'A quokka.') })
      assert.ok((await site.eleventy()).files.includes(pageOf(token)))
    })
  }
})

describe('a build that breaks off', () => {
  it('does not count the links that it gave as live', async () => {
    site = createSite({
      ...OTHER,
      [PATH]: post('audience: [Bob]', '{{ recipient.name | upcase }}'),
    })
    const { exitCode } = await site.eleventy()
    assert.notEqual(exitCode, 0)
    const file = join(site.folder, 'private-posts.ledger.json')
    const unbuilt = () => {
      const { posts } = parseLedger(readFileSync(file, 'utf8'), file)
      return posts[PATH]?.links.map((link) => link.unbuilt)
    }
    assert.deepEqual(unbuilt(), [true])
    site.write({ [PATH]: LETTER })
    await site.eleventy()
    assert.deepEqual(unbuilt(), [undefined])
  })
})

function readersOf(gate: string): string[] {
  const text = readFileSync(join(site.folder, '.private-posts/deploy/gate.json'), 'utf8')
  const { posts } = parseGateRegister(JSON.parse(text))
  return posts[gate]?.readers.map(({ id }) => id) ?? []
}
