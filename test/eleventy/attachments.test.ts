import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { eleventyImageTransformPlugin } from '@11ty/eleventy-img'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  createSite,
  post,
  REPOSITORY,
  type BuildOptions,
  type Files,
  type Site,
} from '../support/site.ts'

const PHOTO = Buffer.from('ffd8ffe000104a46494600', 'hex')
const SONG = Buffer.from('a song')

let site: Site | undefined
afterEach(() => site?.dispose())

describe('findAttachments()', () => {
  it('copies what a post refers to, under every capability folder and nowhere else', async () => {
    site = createSite({
      'posts/dinner.md': post(
        'visibility: private\naudience: [Bob, Carol]',
        '![a](photo.jpg) <audio src="./songs/one.mp3"></audio> [menu](menu.pdf#page=2) <img srcset="small.jpg 1x, big.jpg 2x" alt="">',
      ),
      'posts/photo.jpg': PHOTO,
      'posts/songs/one.mp3': SONG,
      'posts/menu.pdf': '%PDF',
      'posts/small.jpg': 'small',
      'posts/big.jpg': 'big',
      'posts/of-another-post.jpg': 'other',
    })
    const built = await site.build()
    for (const token of Object.values(built.tokens('posts/dinner.md'))) {
      const below = built.files.filter((file) => file.startsWith(`p/${token}/`))
      assert.deepEqual(
        below.map((file) => file.slice(`p/${token}/`.length)),
        [
          'big.jpg',
          'index.html',
          'menu.pdf',
          'photo.jpg',
          'small.jpg',
          'songs/index.html',
          'songs/one.mp3',
        ],
      )
    }
    assert.ok(built.files.every((file) => file === '_headers' || file.startsWith('p/')))
  })

  it('copies the whole folder of a post that is alone in a private one, without its data', async () => {
    site = createSite({
      'private/dinner/index.md': post('audience: [Bob]', 'See the pictures.'),
      'private/dinner/album/one.jpg': PHOTO,
      'private/dinner/dinner.11tydata.json': '{}',
      'private/dinner/.hidden': 'no',
    })
    const built = await site.build()
    const token = built.tokens('private/dinner/index.md')['Bob']
    const below = ['album/index.html', 'album/one.jpg', 'index.html'].map(
      (file) => `p/${token}/${file}`,
    )
    assert.deepEqual(built.files, ['_headers', ...[...below, 'p/index.html'].toSorted()])
  })

  it('does not give a recipient what another post in the same folder refers to', async () => {
    site = createSite({
      'private/for-bob.md': post('audience: [Bob]', '![](bob.jpg)'),
      'private/for-carol.md': post('audience: [Carol]', '![](carol.jpg)'),
      'private/bob.jpg': 'bob',
      'private/carol.jpg': 'carol',
    })
    const built = await site.build()
    const bob = built.tokens('private/for-bob.md')['Bob']
    const below = built.files.filter((file) => file.startsWith(`p/${bob}/`))
    assert.deepEqual(below, [`p/${bob}/bob.jpg`, `p/${bob}/index.html`])
  })

  it('rewrites addresses that leave the folder, and those of private files from the root', async () => {
    site = createSite({
      'private/a/dinner.md': post(
        'audience: [Bob]',
        '![](../shared/table.jpg) ![](/private/b.jpg)',
      ),
      'private/shared/table.jpg': 'table',
      'private/b.jpg': 'b',
      'private/c.md': post('audience: [Bob]'),
    })
    const built = await site.build()
    const copy = built.copy('private/a/dinner.md', 'Bob')
    assert.match(copy, /src="table\.jpg"/)
    assert.match(copy, /src="b\.jpg"/)
    const token = built.tokens('private/a/dinner.md')['Bob']
    assert.ok(built.files.includes(`p/${token}/table.jpg`))
    assert.ok(built.files.includes(`p/${token}/b.jpg`))
  })

  it('never copies templates, the ledger, or anything from outside the sources', async () => {
    site = createSite({
      'src/private/x.md': post(
        'audience: [Bob]',
        '[a](other.md) [b](../../private-posts.ledger.json) [c](../../.env) [d](../../package.json)',
      ),
      'src/private/other.md': post('audience: [Carol]'),
      'src/_includes/base.liquid': '{{ content }}',
      'package.json': '{}',
      '.env': 'SECRET=1',
    })
    await site.build({ input: 'src' })
    const built = await site.build({ input: 'src' })
    const token = built.tokens('src/private/x.md')['Bob']
    const below = built.files.filter((file) => file.startsWith(`p/${token}/`))
    assert.deepEqual(below, [`p/${token}/index.html`])
  })

  it('removes what a passthrough rule of the site published, and leaves other files alone', async () => {
    site = createSite({
      'posts/dinner.md': post('visibility: private\naudience: [Bob]', '![](secret.jpg)'),
      'posts/open.md': post('title: Open', '![](/posts/open.jpg)'),
      'posts/secret.jpg': 'secret picture',
      'posts/open.jpg': 'open picture',
    })
    const built = await site.build({
      config: (eleventyConfig) => eleventyConfig.addPassthroughCopy('posts/*.jpg'),
    })
    assert.ok(!built.files.includes('posts/secret.jpg'))
    assert.ok(built.files.includes('posts/open.jpg'))
    const token = built.tokens('posts/dinner.md')['Bob']
    assert.ok(built.files.includes(`p/${token}/secret.jpg`))
  })

  it('never gives a recipient the source of another post, whatever its extension', async () => {
    site = createSite({
      'private/d/for-bob.md': post('audience: [Bob]', '[a](for-carol.adoc) [b](for-eve.text)'),
      'private/d/for-carol.adoc': '---\naudience: [Carol]\n---\nFor Carol.',
      'private/d/for-dora.hush': 'For Dora.',
      'private/d/for-dora.11tydata.json': '{ "audience": ["Dora"] }',
      'private/d/for-eve.text': '---\naudience: [Eve]\n---\nNot even a template.',
      'private/d/menu.txt': 'soup',
      'private/e/for-bob.md': post('audience: [Bob]'),
      'private/e/menu.txt': 'cake',
    })
    const built = await site.build({
      config(eleventyConfig) {
        for (const extension of ['adoc', 'hush']) {
          eleventyConfig.addTemplateFormats(extension)
          eleventyConfig.addExtension(extension, { compile: (text: string) => () => text })
        }
      },
    })
    const below = (path: string) => {
      const folder = `p/${built.tokens(path)['Bob']}/`
      return built.files.flatMap((file) => (file.startsWith(folder) ? file.split('/').at(-1) : []))
    }
    assert.deepEqual(below('private/d/for-bob.md'), ['index.html'])
    assert.deepEqual(below('private/e/for-bob.md'), ['index.html', 'menu.txt'])
  })

  it('never copies the data of a post, which may name the others', async () => {
    site = createSite({
      'private/d/letter.njk': post('title: Letter'),
      'private/d/letter.json': '{ "audience": ["Bob", "Carol"] }',
      'private/d/letter.data.js': 'module.exports = {}',
      'private/d/d.data.yaml': 'a: b',
      'private/d/places.json': '[]',
      'private/d/letter.jpg': PHOTO,
    })
    const built = await site.build()
    const token = built.tokens('private/d/letter.njk')['Bob']
    const below = built.files.filter((file) => file.startsWith(`p/${token}/`))
    assert.deepEqual(
      below.map((file) => file.split('/').at(-1)),
      ['index.html', 'letter.jpg', 'places.json'],
    )
  })

  it('keeps files of one name from different folders apart, and odd names readable', async () => {
    site = createSite({
      'private/d/x.md': post('audience: [Bob]', '![](../a/n%231.jpg) ![](../b/n%231.jpg)'),
      'private/a/n#1.jpg': 'one',
      'private/b/n#1.jpg': 'two',
    })
    const built = await site.build()
    const token = built.tokens('private/d/x.md')['Bob']
    const copy = built.copy('private/d/x.md', 'Bob')
    assert.match(copy, /src="n%231\.jpg".*src="n%231-2\.jpg"/)
    assert.equal(built.read(`p/${token}/n#1.jpg`), 'one')
    assert.equal(built.read(`p/${token}/n#1-2.jpg`), 'two')
  })

  it('removes public copies of what a gated post refers to, although it has no page', async () => {
    site = createSite({
      'posts/dinner.md': post(
        'visibility: private\naccess: gate\naudience: [Bob]',
        '![a](<my table.jpg>) [m](menu.pdf "m") <img src="c.jpg">\n\n[d]: ./d.jpg',
      ),
      'posts/open.md': post('title: Open', '![](/posts/open.jpg)'),
      ...{
        'posts/my table.jpg': 'a',
        'posts/menu.pdf': 'b',
        'posts/c.jpg': 'c',
        'posts/d.jpg': 'd',
      },
      'posts/open.jpg': 'open picture',
    })
    const built = await site.build({
      config: (eleventyConfig) => eleventyConfig.addPassthroughCopy('posts/*.{jpg,pdf}'),
    })
    const media = built.files.filter((file) => /\.(jpg|pdf)$/.test(file))
    assert.deepEqual(media, ['posts/open.jpg'])
  })

  it('takes a post that is no file for one that has no files', async () => {
    site = createSite({})
    const built = await site.build({
      config: (eleventyConfig) =>
        eleventyConfig.addTemplate('private/v.md', 'From elsewhere.', { audience: ['Bob'] }),
    })
    assert.match(built.copy('private/v.md', 'Bob'), /From elsewhere/)
  })

  it('removes copies of what a post no longer has', async () => {
    site = createSite({
      'private/dinner/index.md': post('audience: [Bob]'),
      'private/dinner/one.jpg': 'one',
      'private/dinner/two.jpg': 'two',
    })
    await site.build()
    site.remove('private/dinner/two.jpg')
    const built = await site.build()
    const token = built.tokens('private/dinner/index.md')['Bob']
    assert.ok(built.files.includes(`p/${token}/one.jpg`))
    assert.ok(!built.files.includes(`p/${token}/two.jpg`))
  })
})

describe('what an image plugin makes of private pictures', () => {
  const photos = readdirSync(join(REPOSITORY, 'example-site/alice/photos')).map((name) =>
    readFileSync(join(REPOSITORY, 'example-site/alice/photos', name)),
  )
  const files: Files = {
    'private/dinner.md': post('audience: [Bob]', '![the table](photo.jpg)'),
    'private/photo.jpg': photos[0] ?? '',
    'posts/open.md': post('title: Open', '![the garden](garden.jpg)'),
    'posts/garden.jpg': photos[1] ?? '',
  }

  for (const [where, settings] of [
    ['in a folder for all pictures', { urlPath: '/img/', outputDir: '_site/img/' }],
    ['beside the page', {}],
  ] as const) {
    it(`moves below the capability URL when it was put ${where}`, async () => {
      site = createSite(files)
      const options: BuildOptions = {
        config: (eleventyConfig) =>
          eleventyConfig.addPlugin(eleventyImageTransformPlugin, {
            formats: ['webp'],
            widths: [64],
            ...settings,
          }),
      }
      const built = await site.build(options)
      const token = built.tokens('private/dinner.md')['Bob']
      const copy = built.copy('private/dinner.md', 'Bob')
      const [, source = ''] = /<img[^>]* src="([^"]+)"/.exec(copy) ?? []
      assert.match(source, /\.webp$/)
      const path = source.startsWith('/') ? source.slice(1) : `p/${token}/${source}`
      assert.ok(built.files.includes(path), path)
      assert.ok(path.startsWith(`p/${token}/`))
      const open = built.files.filter((file) => /\.webp$/.test(file) && !file.startsWith('p/'))
      assert.equal(open.length, 1, 'the public picture stays public')
      assert.match(built.read('posts/open/index.html'), /\.webp/)
    })
  }

  it('does not stop the next build of a watching Eleventy when only private pages have pictures', async () => {
    site = createSite({ ...files, 'posts/open.md': post('title: Open') })
    const options: BuildOptions = {
      config: (eleventyConfig) =>
        eleventyConfig.addPlugin(eleventyImageTransformPlugin, {
          ...{
            formats: ['webp'],
            widths: [64],
            urlPath: '/pictures/',
            outputDir: '_site/pictures/',
          },
        }),
    }
    await site.build(options)
    const built = await site.build(options)
    assert.match(built.copy('private/dinner.md', 'Bob'), /<img[^>]*\.webp/)
    assert.doesNotMatch(built.publicBytes(), /\.webp/)
  })
})
