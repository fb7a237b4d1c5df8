import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, it } from 'node:test'
import { listFiles, REPOSITORY, runNode } from '../support/site.ts'

/** Sites of the kinds that people start from: files that are private, and words that only these have. */
const SITES = {
  starter: {
    privates: ['content/blog/aa-surprise.md', 'content/private/plans.md'],
    words: /zanzibar|quokka|zoology|hushtag|lantern/i,
    linked: {
      path: 'content/blog/bees.md',
      page: 'blog/bees/index.html',
      head: 'date:',
      links: [['content/blog/a-orchard.md', 'See [the bees](bees.md).', '']],
      words: /airbrick/i,
    },
  },
  classic: {
    privates: ['journal/a-letter.md', 'journal/e-end.njk'],
    words: /marmalade|wombat|journalism|letters/i,
    linked: {
      path: 'journal/d-dough.md',
      page: 'journal/d-dough/index.html',
      head: 'date:',
      links: [['journal/b-bread.md', ' [Dough](/journal/d-dough/) comes first.', '']],
      words: /\bdough|under a cloth|linen/i,
    },
  },
  garden: {
    privates: ['garden/fr/stone.md', 'garden/en/secret/badger.md'],
    words: /capybara|badger|sett\b/i,
    linked: {
      path: 'garden/en/stone.md',
      page: 'en/stone/index.html',
      head: 'title:',
      links: [
        ['garden/en/moss.md', '[[Stone]]', 'everything'],
        ['garden/en/rain.md', '[[Stone]]', 'everything'],
      ],
      words: /warmth of the day/i,
    },
  },
} as const
type Name = keyof typeof SITES

let folder = ''
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function copySite(name: Name): void {
  folder = mkdtempSync(join(tmpdir(), 'private-posts-real-'))
  cpSync(join(REPOSITORY, 'test/sites', name), folder, { recursive: true })
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
}

async function build(): Promise<{ exitCode: number; output: string }> {
  rmSync(join(folder, '_site'), { recursive: true, force: true })
  return runNode(['--import', 'tsx', 'node_modules/@11ty/eleventy/cmd.cjs'], {
    cwd: folder,
    variables: { PRIVATE_POSTS_MODULE: pathToFileURL(join(REPOSITORY, 'lib/index.ts')).href },
  })
}

/** Every public file as text of its bytes, without what is ours: the folder of links, and our block of headers. */
function publicFiles(): Record<string, string> {
  const output = join(folder, '_site')
  const files = listFiles(output).filter((file) => !file.startsWith('p/'))
  const read = (file: string) => readFileSync(join(output, file), 'latin1')
  const ours = /# begin eleventy-plugin-private-posts[^]*# end eleventy-plugin-private-posts\n/
  const entries = files.map((file) => [
    file,
    /^_(?:headers|redirects)$/.test(file) ? read(file).replace(ours, '').trim() : read(file),
  ])
  return Object.fromEntries(entries.filter(([file, text]) => file !== '_headers' || text !== ''))
}

for (const name of Object.keys(SITES) as Name[]) {
  describe(`a site like the ${name}`, () => {
    const { privates, words } = SITES[name]

    it('is in public byte for byte what it is without its private posts', async () => {
      copySite(name)
      const built = await build()
      assert.equal(built.exitCode, 0, built.output)
      const files = publicFiles()
      const copies = listFiles(join(folder, '_site/p')).filter((file) =>
        file.endsWith('index.html'),
      )
      const texts = copies.map((file) => readFileSync(join(folder, '_site/p', file), 'utf8'))
      assert.equal(texts.filter((text) => words.test(text)).length, privates.length)
      assert.ok(Object.entries(files).every((file) => !words.test(file.join('\n'))))
      assert.ok(!words.test(built.output), built.output)

      for (const path of privates) rmSync(join(folder, path))
      if (name === 'garden') writeFileSync(join(folder, 'garden/en/secret/.keep'), '')
      const without = await build()
      assert.equal(without.exitCode, 0, without.output)
      assert.deepEqual(files, publicFiles())
    })
  })
}

describe('a first private post, made of a public one', () => {
  for (const name of Object.keys(SITES) as Name[]) {
    it(`of the ${name}, stops the build while others link to it, naming both, and works after that`, async () => {
      copySite(name)
      const { path, page, head, links, words } = SITES[name].linked
      const edit = (file: string, from: string, to: string) => {
        const text = readFileSync(join(folder, file), 'utf8')
        assert.ok(text.includes(from), `${file} says ${from}`)
        writeFileSync(join(folder, file), text.replaceAll(from, to))
      }
      const before = await build()
      assert.equal(before.exitCode, 0, before.output)
      assert.ok(page in publicFiles())

      edit(path, head, `visibility: private\naudience: [Mum]\n${head}`)
      const stopped = await build()
      assert.notEqual(stopped.exitCode, 0)
      const sentences = stopped.output.replaceAll(/\s+/g, ' ')
      for (const [file] of links) {
        assert.ok(sentences.includes(`${file} links to ${path}, which is private`), sentences)
      }

      for (const [file, link, instead] of links) edit(file, link, instead)
      const built = await build()
      assert.equal(built.exitCode, 0, built.output)
      assert.ok(!(page in publicFiles()))
      assert.ok(Object.entries(publicFiles()).every((file) => !words.test(file.join('\n'))))
      const copies = listFiles(join(folder, '_site/p')).map((file) =>
        readFileSync(join(folder, '_site/p', file), 'utf8'),
      )
      assert.equal(copies.filter((text) => words.test(text)).length, 1)
    })
  }
})
