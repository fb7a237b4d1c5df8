import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import Image from '@11ty/eleventy-img'
import { FOLDER_INDEX } from '../../lib/web/folder-index.ts'
import { createSite, EMPTY_LEDGER, post, type BuiltSite, type Files } from '../support/site.ts'

const PNG = Buffer.from('89504e470d0a1a0a', 'hex')
const TINY = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const DINNER = 'audience: [Mum, "https://bob.example/"]'

function setUp(t: TestContext, files: Files) {
  const site = createSite(files)
  t.after(() => site.dispose())
  return site
}

/** Folders of the output, at a place and below it, that a host with a directory index would list. */
function listed(built: BuiltSite, below = 'p'): string[] {
  const output = join(built.folder, '_site')
  const folders = readdirSync(join(output, below), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
  return [join(output, below), ...folders].filter(
    (folder) => !readdirSync(folder).includes('index.html'),
  )
}

describe('a host that lists folders', () => {
  it('finds a page in each folder of private links', async (t) => {
    const site = setUp(t, {
      'private/dinner/index.md': post(DINNER, '![Table](photos/2026/table.png)'),
      'private/dinner/photos/2026/table.png': PNG,
      'private/dinner/menu/menu.pdf': 'Soup',
      'private/list.md': post(
        'audience: [Mum]\npagination: { data: numbers, size: 1 }\nnumbers: [1, 2, 3]',
      ),
    })
    const built = await site.build()
    assert.deepEqual(listed(built), [])
    assert.equal(built.read('p/index.html'), FOLDER_INDEX)
    const mum = built.tokens('private/dinner/index.md')['Mum']
    for (const folder of ['photos', 'photos/2026', 'menu']) {
      assert.equal(built.read(`p/${mum}/${folder}/index.html`), FOLDER_INDEX, folder)
    }
    assert.match(built.copy('private/dinner/index.md', 'Mum'), /table\.png/)
  })

  it('finds one in each folder above a deep prefix, save where the site has its own', async (t) => {
    const site = setUp(t, {
      'x.md': post('title: X\npermalink: /x/', 'Of the author'),
      'z.md': post('title: Z\npermalink: /x/y/z.html', 'Of the author too'),
      'private/dinner.md': post(DINNER),
    })
    const built = await site.build({ options: { prefix: '/x/y/z/p/' } })
    assert.match(built.read('x/index.html'), /Of the author/)
    assert.equal(built.read('x/y/index.html'), FOLDER_INDEX)
    assert.ok(!built.files.includes('x/y/z/index.html'), 'would stand before z.html')
    assert.equal(built.read('x/y/z/p/index.html'), FOLDER_INDEX)
    assert.deepEqual(listed(built, 'x/y/z/p'), [])
  })

  it("finds the author's own page at the prefix, whenever it was written", async (t) => {
    const site = setUp(t, { 'private/dinner.md': post(DINNER) })
    assert.equal((await site.build()).read('p/index.html'), FOLDER_INDEX)
    site.write({ 'p.md': post('title: P\npermalink: /p/', 'Nothing for you here') })
    assert.match((await site.build()).read('p/index.html'), /Nothing for you here/)
    assert.match((await site.build()).read('p/index.html'), /Nothing for you here/)
  })

  it('finds no empty folder that is called after a post, whose picture it held', async (t) => {
    const shown = (front: string) => post(front, '{% photo %}\n\nTo be seen.')
    const site = setUp(t, {
      'surprise-party.md': shown('visibility: private\naudience: [Mum]'),
      'open-day.md': shown('title: Open day'),
      'photo.png': TINY,
    })
    const built = await site.build({
      config: (config) =>
        config.addShortcode('photo', async function (this: { page: { fileSlug: string } }) {
          const below = `img/${this.page.fileSlug}/`
          const settings = { widths: ['auto' as const], formats: ['png' as const] }
          const made = await Image('photo.png', {
            ...settings,
            outputDir: `_site/${below}`,
            urlPath: `/${below}`,
          })
          return `<img src="${made['png']?.[0]?.url}" alt="">`
        }),
    })
    assert.match(built.copy('surprise-party.md', 'Mum'), /<img[^>]* src="media\//)
    assert.deepEqual(readdirSync(join(built.folder, '_site/img')), ['open-day'], 'and its twin')
  })

  it('finds nothing where no link is left, nor where there was none', async (t) => {
    const options = { prefix: '/x/y/p/' }
    const site = setUp(t, {
      ...EMPTY_LEDGER,
      'index.md': post('title: Home'),
      'z.md': post('title: Z\npermalink: /x/z.html'),
    })
    const without = await site.build({ options })
    site.write({ 'private/dinner.md': post(DINNER) })
    assert.ok((await site.build({ options })).files.includes('x/y/p/index.html'))
    site.remove('private')
    assert.deepEqual((await site.build({ options })).files, without.files)
    assert.ok(!existsSync(join(site.folder, '_site/x/y')))
  })

  it("finds the author's page there even so", async (t) => {
    const site = setUp(t, {
      'p.md': post('title: P\npermalink: /p/', 'Nothing for you here'),
      'private/dinner.md': post(DINNER),
    })
    await site.build()
    site.remove('private')
    assert.match((await site.build()).read('p/index.html'), /Nothing for you here/)
  })

  it('stops no site that has a file where the prefix would be', async (t) => {
    const site = setUp(t, { p: 'a file', 'index.md': post('title: Home') })
    const built = await site.build({ config: (config) => config.addPassthroughCopy('p') })
    assert.equal(built.read('p'), 'a file')
  })
})

describe('a page that hides a listing', () => {
  it('is not written again by the next build', async (t) => {
    const site = setUp(t, {
      'private/dinner/index.md': post('audience: [Mum]', '![Table](photos/table.png)'),
      'private/dinner/photos/table.png': PNG,
    })
    const built = await site.build()
    const covers = built.files.filter(
      (path) => path.startsWith('p/') && built.read(path) === FOLDER_INDEX,
    )
    assert.equal(covers.length, 2)
    const longAgo = new Date('2020-01-01T00:00:00Z')
    for (const path of covers) utimesSync(join(built.folder, '_site', path), longAgo, longAgo)
    await site.build()
    for (const path of covers) {
      assert.equal(+statSync(join(built.folder, '_site', path)).mtime, +longAgo, path)
    }
  })

  it('goes with the folder, and with the link', async (t) => {
    const site = setUp(t, {
      'private/dinner/index.md': post('audience: [Mum]', '![Table](photos/2026/table.png)'),
      'private/dinner/photos/2026/table.png': PNG,
    })
    const mum = (await site.build()).tokens('private/dinner/index.md')['Mum']
    site.remove('private/dinner/photos')
    site.write({ 'private/dinner/index.md': post('audience: [Mum]') })
    const output = join(site.folder, '_site')
    await site.build()
    assert.deepEqual(readdirSync(join(output, 'p', mum ?? '')), ['index.html'])
    site.remove('private')
    await site.build()
    assert.ok(!existsSync(join(output, 'p')))
  })

  it('is left out of folders that are not ours', async (t) => {
    const site = setUp(t, { 'private/dinner.md': post('audience: [Mum]') })
    const built = await site.build()
    const beside = join(built.folder, '_site/p/beside')
    mkdirSync(beside)
    writeFileSync(join(beside, 'a.txt'), 'of the author')
    await site.build()
    assert.deepEqual(readdirSync(beside), ['a.txt'])
  })

  it('is no finding, whatever a post is called', async (t) => {
    const site = setUp(t, {
      'index.md': post('title: Home'),
      'private/robots.md': post('title: Robots\naudience: [Mum]\ntags: [noindex]'),
      'private/charset.md': post('title: Utf-8\naudience: [Mum]'),
    })
    const options = { prefix: '/x/p/' }
    const built = await site.build({ options })
    assert.equal(built.read('x/p/index.html'), FOLDER_INDEX)

    writeFileSync(join(built.folder, '_site/other.html'), '<h1>Robots</h1>')
    await assert.rejects(site.build({ options }), /other\.html/, 'its twin')
  })
})
