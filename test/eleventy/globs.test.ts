import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import type { PrivatePostsOptions } from '../../lib/eleventy/options.ts'
import { createSite, post, type Files, type Site } from '../support/site.ts'

const SECRET = 'The zanzibar lanterns hang over the long table.'
const OPEN = { 'open.md': post('title: Open', 'An open letter.') }

let site: Site | undefined
afterEach(() => site?.dispose())

function build(files: Files, options: Partial<PrivatePostsOptions>) {
  site = createSite({ ...OPEN, ...files })
  return site.build({ options })
}

describe('an entry of "posts" that matches nothing stops the build', () => {
  for (const [what, posts, files, named] of [
    [
      'a folder with a typing error',
      'privat/**',
      'private/a.md',
      /"privat\/\*\*".*"private\/\*\*"/,
    ],
    ['a folder without a glob', 'privat', 'private/a.md', /"privat".*write "private"/],
    [
      'an extension that nothing has',
      'private/*.markdown',
      'private/a.md',
      /"private\/\*\.markdown"/,
    ],
    ['one file', 'letters/b.md', 'letters/a.md', /"letters\/b\.md"/],
    ['one entry of two', ['private/**', 'secrets/**'], 'private/a.md', /"secrets\/\*\*"/],
    [
      'what it takes out',
      ['private/**', '!private/abuot.md'],
      'private/a.md',
      /"!private\/abuot\.md".* would be private\. To do/,
    ],
    [
      'what it takes out of a folder without a post',
      ['private/**', '!private/about.md'],
      'private/a.txt',
      /"!private\/about\.md"/,
    ],
    [
      'what it takes out, in other letters',
      ['private/**', '!private/About.md'],
      'private/about.md',
      /"!private\/About\.md".*write "!private\/about\.md"/,
    ],
    [
      'a glob that takes out',
      ['private/**', '!private/drafts/*.md'],
      'private/a.md',
      /"!private\/drafts\/\*\.md"/,
    ],
  ] as const) {
    it(`by ${what}, before anything is published`, async () => {
      const options = { posts: typeof posts === 'string' ? posts : [...posts] }
      await assert.rejects(build({ [files]: SECRET }, options), (error: Error) => {
        assert.match(`${error.message} ${String((error as { cause?: unknown }).cause)}`, named)
        return true
      })
      assert.throws(() => site?.remove('_site'), { code: 'ENOENT' })
    })
  }

  for (const [what, posts, files] of [
    ['it matches one', 'private/**', { 'private/a.md': SECRET }],
    ['it is written with a dot', './private/**', { 'private/a.md': SECRET }],
    ['it matches in other letters', 'PRIVATE/**', { 'private/a.md': SECRET }],
    [
      'it names a folder of pictures',
      ['private/**', 'photos/**'],
      { 'private/a.md': SECRET, 'photos/a.jpg': 'x' },
    ],
    ['it is the default, and there is no folder', undefined, {}],
  ] as const) {
    it(`but not when ${what}`, async () => {
      const options =
        posts === undefined ? {} : { posts: typeof posts === 'string' ? posts : [...posts] }
      const built = await build(files, options)
      assert.doesNotMatch(built.publicBytes(), /zanzibar/)
      assert.match(built.publicBytes(), /An open letter/)
      assert.ok(built.printed.every((line) => !line.includes('leaves out')))
    })
  }

  it('but not when the folder is there for the first post', async () => {
    site = createSite(OPEN)
    mkdirSync(join(site.folder, 'private'))
    const built = await site.build({ options: { posts: ['private/**'] } })
    assert.match(built.publicBytes(), /An open letter/)
  })

  it('but not when the sources lie in a folder of their own', async () => {
    site = createSite({ 'src/open.md': 'An open letter.', 'src/private/a.md': SECRET })
    const built = await site.build({ input: 'src', options: { posts: 'private/**' } })
    assert.doesNotMatch(built.publicBytes(), /zanzibar/)
  })
})

describe('an entry of "posts" that begins with "!"', () => {
  it('takes a file out, and no other', async () => {
    const built = await build(
      { 'private/a.md': SECRET, 'private/about.md': 'About this folder.' },
      { posts: ['private/**', '!private/about.md'] },
    )
    assert.match(built.read('private/about/index.html'), /About this folder/)
    assert.match(built.read('open/index.html'), /An open letter/)
    assert.doesNotMatch(built.publicBytes(), /zanzibar/)
    assert.ok(built.printed.every((line) => !line.includes('leaves out')))
  })

  it('may name a folder that is there for the first post', async () => {
    site = createSite({ ...OPEN, 'private/a.md': SECRET })
    mkdirSync(join(site.folder, 'private/notes'))
    const built = await site.build({ options: { posts: ['private/**', '!private/notes/**'] } })
    assert.match(built.publicBytes(), /An open letter/)
  })

  it('does not stand alone', async () => {
    await assert.rejects(build({}, { posts: ['!private/about.md'] }), (error: Error) => {
      assert.match(String((error as { cause?: unknown }).cause ?? error), /only entries that begin/)
      return true
    })
  })
})

describe('a folder of which a glob catches only some templates', () => {
  it('is a warning that names those left out', async () => {
    const names = ['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `private/${name}.njk`)
    const built = await build(
      { 'private/a.md': SECRET, ...Object.fromEntries(names.map((name) => [name, 'Hello.'])) },
      { posts: 'private/*.md' },
    )
    const line = built.printed.find((text) => text.includes('leaves out')) ?? ''
    assert.match(
      line,
      /"private\/\*\.md" leaves out.*private\/b\.njk.*, and 2 more.*"private\/\*\*"/,
    )
  })

  it('is one for folders below it too, and none for what says that it is public', async () => {
    const built = await build(
      {
        'private/a.md': SECRET,
        'private/2024/x.md': 'Hello.',
        'private/about.njk': '---\nvisibility: public\n---\nAbout.',
      },
      { posts: 'private/*.md' },
    )
    const line = built.printed.find((text) => text.includes('leaves out')) ?? ''
    assert.match(line, /private\/2024\/x\.md\./)
    assert.doesNotMatch(line, /about/)
  })
})

describe('an entry of "auditExceptions" that matches nothing stops the build', () => {
  const why = 'everybody knows of the lanterns'
  const LEAK = { 'private/a.md': SECRET, 'leak.txt.njk': '---\npermalink: /leak.txt\n---\nOpen.' }
  for (const [exception, named] of [
    [{ file: 'leek.txt', why }, /"file" is "leek\.txt".*no file/],
    [{ post: 'private/b.md', why }, /"post" is "private\/b\.md".*no post/],
  ] as const) {
    it(`by ${JSON.stringify(exception)}, unless it matches`, async () => {
      await assert.rejects(build(LEAK, { auditExceptions: [exception] }), named)
      const right = { file: 'leak.txt', post: 'private/*.md', why }
      assert.ok((await site?.build({ options: { auditExceptions: [right] } }))?.files.length)
    })
  }
})

it('a group without members stops the build', async () => {
  await assert.rejects(build({}, { groups: { family: [] } }), (error: Error) => {
    assert.match(String((error as { cause?: unknown }).cause ?? error), /"family" has no members/)
    return true
  })
  assert.match((await build({}, { groups: { family: ['Mum'] } })).publicBytes(), /open letter/)
})
