import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { filesFound } from '../support/check-findings.ts'
import { createSite, post, type BuildOptions, type Files, type Site } from '../support/site.ts'

const SECRET = 'The zanzibar lanterns hang over the long table.'
const OPEN = { 'open.md': '---\ntitle: Open\n---\nAn open letter.\n', 'posts/y.md': 'Hello.' }
const WISH = '{"visibility": "private"}'

let site: Site | undefined
afterEach(() => site?.dispose())

/** @param links Targets, as they stand in the link, by its path. */
function create(files: Files, links: Readonly<Record<string, string>>): Site {
  const made = createSite({ ...OPEN, ...files })
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(made.folder, path)), { recursive: true })
    symlinkSync(target, join(made.folder, path))
  }
  site = made
  return made
}

type Row = readonly [
  what: string,
  files: Files,
  links: Readonly<Record<string, string>>,
  options?: BuildOptions,
]

describe('a private file that is reached by a symbolic link', () => {
  const rows: readonly Row[] = [
    ['of a file', { 'private/x.md': SECRET }, { 'posts/x.md': '../private/x.md' }],
    ['of a folder', { 'private/x.md': SECRET }, { 'posts/z': '../private' }],
    [
      'of a link',
      { 'private/x.md': SECRET },
      { 'posts/x.md': '../other/x.md', 'other/x.md': '../private/x.md' },
    ],
    [
      'into a folder that is a link itself',
      { 'vault/x.md': SECRET, '.eleventyignore': 'vault' },
      { private: 'vault', 'posts/x.md': '../private/x.md' },
    ],
    [
      'of a file that says so itself',
      { 'secret/x.md': post('visibility: private', SECRET) },
      { 'posts/x.md': '../secret/x.md' },
    ],
    ['of its data', { 'z/z.md': SECRET, 'data/z.json': WISH }, { 'z/z.json': '../data/z.json' }],
  ]
  for (const [what, files, links, options] of rows) {
    it(`is private ${what}`, async () => {
      const built = await create(files, links).build(options)
      assert.match(built.publicBytes(), /An open letter/)
      assert.doesNotMatch(built.publicBytes(), /zanzibar/)
      assert.ok(built.files.some((path) => /^p\/[0-9a-z]{26}\/index\.html$/.test(path)))
    })
  }

  const refused: readonly (readonly [...Row, RegExp])[] = [
    [
      'by the data of its folder',
      { 'secret/x.md': SECRET, 'secret/secret.json': WISH },
      { 'posts/x.md': '../secret/x.md' },
      {},
      /posts\/x\.md: it is the same file as secret\/x\.md, by a symbolic link.* To do: /,
    ],
    [
      'by the folder of the link',
      { 'posts/x.md': SECRET },
      { 'private/x.md': '../posts/x.md' },
      {},
      /posts\/x\.md: it is the same file as private\/x\.md/,
    ],
    [
      'by data beside a source that is none of the site',
      { 'src/z.md': 'Hello.', 'vault/x.md': SECRET, 'vault/vault.json': WISH },
      { 'src/posts/x.md': '../../vault/x.md' },
      { input: 'src' },
      /vault\/vault\.json, line 1: "visibility".* To do: write the key into the front matter/,
    ],
    [
      'and is printed by an include',
      { 'private/x.md': SECRET, 'posts/z.liquid': "{% include 'x.md' %}" },
      { '_includes/x.md': '../private/x.md' },
      {},
      /posts\/z\.liquid quotes private\/x\.md, which is private/,
    ],
    [
      'and is printed as data',
      {
        'private/x.md': SECRET,
        'private/evening.json': JSON.stringify({ text: SECRET }),
        'posts/z.liquid': '{{ evening.text }}',
      },
      { '_data/evening.json': '../private/evening.json' },
      {},
      /posts\/z\.liquid quotes private\/x\.md, which is private/,
    ],
  ]
  for (const [what, files, links, options, problem] of refused) {
    it(`stops the build where it is private ${what}`, async () => {
      await assert.rejects(create(files, links).build(options), (error: Error) => {
        assert.match(error.message, problem)
        assert.doesNotMatch(error.message, /zanzibar/)
        return true
      })
    })
  }

  it('is found by check, where the plugin is lost', async () => {
    const made = create(
      { 'private/x.md': SECRET },
      { 'posts/x.md': '../private/x.md', 'posts/z': '../private' },
    )
    await made.build({ withoutPlugin: true })
    const found = await filesFound(made.folder, ['natural-path'])
    for (const page of ['posts/x', 'posts/z/x', 'private/x']) {
      assert.ok(found.includes(`${page}/index.html`), page)
    }
  })
})

describe('a public file that is reached by a symbolic link', () => {
  it('is public by each name, also in a circle of folders', async () => {
    const made = create(
      { 'posts/x.md': 'A walk by the river.', 'private/z.md': SECRET },
      { 'notes/x.md': '../posts/x.md', shared: 'posts', 'notes/gone.txt': '../nothing.txt' },
    )
    const built = await made.build()
    for (const page of ['posts/x', 'notes/x', 'shared/x']) {
      assert.match(built.read(`${page}/index.html`), /A walk by the river/)
    }
    symlinkSync('..', join(made.folder, 'private/up'))
    assert.deepEqual(await filesFound(made.folder, ['natural-path', 'sentence']), [])
  })
})
