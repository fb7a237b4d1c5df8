import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import eleventyImage, { eleventyImageTransformPlugin } from '@11ty/eleventy-img'
import ogImage from 'eleventy-plugin-og-image'
import { parseGateRegister } from '../../lib/gate/register.ts'
import {
  createSite,
  listFiles,
  post,
  REPOSITORY,
  type BuildOptions,
  type BuiltSite,
  type Files,
  type Site,
} from '../support/site.ts'
import { cardOptions } from '../support/lab.ts'
import { until, watch, type Watcher } from '../support/watch.ts'

const PHOTOS = join(REPOSITORY, 'example-site/alice/photos')
const photo = (name: string) => readFileSync(join(PHOTOS, name))
const PICTURE = /\.(webp|jpe?g|png|avif)$/
const PRIVATE = 'visibility: private\naudience: [Bob]'

let site: Site | undefined
let watcher: Watcher | undefined
afterEach(() => {
  watcher?.stop()
  site?.dispose()
})

function publicPictures({ files }: BuiltSite): string[] {
  return files.filter((file) => PICTURE.test(file) && !file.startsWith('p/'))
}

let sites = 0

/**
 * A shortcode as the documentation of eleventy-img shows it; what of the pictures it prints, it is told.
 * The plugin makes a folder once in a process, so each site has one of its own.
 */
function shortcode(print: (pictures: Record<string, { url: string }[]>) => string, more = {}) {
  const folder = `pictures${++sites}`
  return async (source: string) =>
    print(
      await eleventyImage(source, {
        ...{ widths: [64, 128], formats: ['webp', 'jpeg'] },
        ...{ outputDir: `_site/${folder}/`, urlPath: `/${folder}/`, ...more },
      }),
    )
}

const ALL = (pictures: Record<string, { url: string }[]>) => {
  const urls = Object.values(pictures).flat()
  return `<img srcset="${urls.map(({ url }, at) => `${url} ${at + 1}x`).join(', ')}" alt="">`
}
const ONE = (pictures: Record<string, { url: string }[]>) =>
  `<img src="${pictures['webp']?.[0]?.url}" alt="">`

const SITE: Files = {
  'posts/party.md': post(PRIVATE, '{% image "photos/first-frost.jpg" %}'),
  'posts/open.md': post('title: Open', '{% image "photos/plum-tart.jpg" %}'),
  'photos/first-frost.jpg': photo('first-frost.jpg'),
  'photos/plum-tart.jpg': photo('plum-tart.jpg'),
}

describe('pictures that eleventy-img makes by a shortcode', () => {
  for (const [what, print, more] of [
    ['all sizes', ALL, {}],
    ['one size of four', ONE, {}],
    [
      'one size of four, under names of its own',
      ONE,
      {
        filenameFormat: (id: string, _: string, width: number, format: string) =>
          `${id.slice(0, 6)}_${width}.${format}`,
      },
    ],
    [
      'one size of four, named after the picture',
      ONE,
      {
        filenameFormat: (_: string, source: string, width: number, format: string) =>
          `${source.split('/').at(-1)?.replace('.jpg', '')}-${width}w.${format}`,
      },
    ],
  ] as const) {
    it(`are below the link and nowhere else, when the page shows ${what}`, async () => {
      site = createSite(SITE)
      const built = await site.build({
        config(eleventyConfig) {
          eleventyConfig.addAsyncShortcode('image', shortcode(print, more))
          eleventyConfig.addPassthroughCopy('photos')
        },
      })
      assert.equal(publicPictures(built).length, 5, 'four of the public picture, and the picture')
      const token = built.tokens('posts/party.md')['Bob']
      const copy = built.copy('posts/party.md', 'Bob')
      const shown = copy.match(/media\/[\w.-]+/g) ?? []
      assert.equal(shown.length, print === ALL ? 4 : 1)
      for (const path of shown) assert.ok(built.files.includes(`p/${token}/${path}`), path)
      assert.doesNotMatch(copy, /"\/pictures/)
    })
  }

  it('of a gated post are behind the gate', async () => {
    site = createSite({
      ...SITE,
      'posts/party.md': post(
        `${PRIVATE}\naccess: gate`,
        '{% image "photos/first-frost.jpg" %} ![](/photos/first-frost.jpg)',
      ),
    })
    const built = await site.build({
      config(eleventyConfig) {
        eleventyConfig.addAsyncShortcode('image', shortcode(ALL))
        eleventyConfig.addPassthroughCopy('photos')
      },
    })
    assert.equal(publicPictures(built).length, 5)
    const register = join(site.folder, '.private-posts/deploy/gate.json')
    const { posts } = parseGateRegister(JSON.parse(readFileSync(register, 'utf8')))
    const files = Object.keys(Object.values(posts)[0]?.readers[0]?.files ?? {})
    assert.equal(files.filter((file) => file.startsWith('media/')).length, 5)
    assert.ok(files.includes('media/first-frost.jpg'))
  })

  it('stay public when a public post shows the same picture', async () => {
    site = createSite({
      ...SITE,
      'posts/open.md': post('title: Open', '{% image "photos/first-frost.jpg" %}'),
    })
    const built = await site.build({
      config: (eleventyConfig) => eleventyConfig.addAsyncShortcode('image', shortcode(ALL)),
    })
    assert.equal(publicPictures(built).length, 4)
    assert.match(built.copy('posts/party.md', 'Bob'), /srcset="\/pictures\d+\//)
  })

  it('stay where they are while Eleventy watches, and come back when a public post shows them', async () => {
    site = createSite({
      ...SITE,
      'img/x.txt': 'x',
      'img/near.jpg': photo('seedlings.jpg'),
      'posts/party.md': post(
        PRIVATE,
        '{% image "photos/first-frost.jpg" %} ![](/img/near.jpg) One.',
      ),
      'posts/open.md': post('title: Open', 'Nothing to see.'),
    })
    const first = await site.eleventy([], { configuredBy: 'configureMedia' })
    assert.equal(first.exitCode, 0, first.console)
    const output = join(site.folder, '_site')
    const folder = join(output, 'p', first.tokens('posts/party.md')['Bob'] ?? '')
    const pictures = () => listFiles(output).filter((file) => PICTURE.test(file))
    const isWhole = (words: RegExp) => {
      const html = existsSync(join(folder, 'index.html'))
        ? readFileSync(join(folder, 'index.html'), 'utf8')
        : ''
      const shown = html.match(/media\/[\w.-]+/g) ?? []
      return (
        words.test(html) &&
        shown.length === 2 &&
        shown.every((file) => existsSync(join(folder, file)))
      )
    }
    assert.ok(isWhole(/One/))
    assert.deepEqual(publicPictures(first), [])

    watcher = watch(site, ['--serve', '--port=0'])
    const { log } = watcher
    await until(() => /Watching/.test(log()), log)
    for (const word of ['Two', 'Three']) {
      await until(
        () => isWhole(new RegExp(word)) && pictures().every((file) => file.startsWith('p/')),
        log,
        () =>
          site?.write({
            'posts/party.md': post(
              PRIVATE,
              `{% image "photos/first-frost.jpg" %} ![](/img/near.jpg) ${word}.`,
            ),
          }),
      )
    }
    await until(
      () => pictures().some((file) => file.startsWith('pictures/')),
      log,
      () =>
        site?.write({
          'posts/open.md': post('title: Open', '{% image "photos/first-frost.jpg" %}'),
        }),
    )
  })
})

describe('pictures that eleventyImageTransformPlugin makes', () => {
  for (const [where, settings] of Object.entries({
    'beside the page': {},
    'in a folder for all': { urlPath: '/all/', outputDir: '_site/all/' },
  })) {
    it(`are nowhere in public when they were written ${where}`, async () => {
      site = createSite({
        'posts/party.md': post(PRIVATE, '![](/photos/first-frost.jpg) ![](near.jpg)'),
        'posts/near.jpg': photo('seedlings.jpg'),
        'posts/open.md': post('title: Open', '![](/photos/plum-tart.jpg)'),
        'photos/first-frost.jpg': photo('first-frost.jpg'),
        'photos/plum-tart.jpg': photo('plum-tart.jpg'),
      })
      const built = await site.build({
        config: (eleventyConfig) =>
          eleventyConfig.addPlugin(eleventyImageTransformPlugin, {
            ...{ formats: ['webp'], widths: [64], transformOnRequest: false, ...settings },
          }),
      })
      assert.equal(publicPictures(built).length, 1)
      const folder = `p/${built.tokens('posts/party.md')['Bob']}/`
      const shown = [...built.copy('posts/party.md', 'Bob').matchAll(/ src="([^"]+)"/g)]
      assert.equal(shown.length, 2)
      for (const [, address = ''] of shown) {
        const path = address.startsWith('/') ? address.slice(1) : folder + address
        assert.ok(path.startsWith(folder) && built.files.includes(path), address)
      }
    })
  }
})

const CARD =
  '<style>div { display: flex; width: 100%; font-family: Inter }</style><div>{{ title }}</div>'
const CARD_LAYOUT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title>{% ogImage "./card.og.njk", { title: title } %}</head>
<body><main class="h-entry"><h1 class="p-name">{{ title }}</h1>{{ content | safe }}</main></body></html>
`

function cards(settings = {}): BuildOptions {
  return {
    config: (eleventyConfig) =>
      eleventyConfig.addPlugin(ogImage, { ...cardOptions(), ...settings }),
  }
}

function card(frontMatter: string, body: string, layout = 'card.njk'): string {
  return `---\nlayout: ${layout}\n${frontMatter}\n---\n${body}\n`
}

describe('pictures with a title that eleventy-plugin-og-image makes', () => {
  const files: Files = {
    '_includes/card.njk': CARD_LAYOUT,
    'card.og.njk': CARD,
    'posts/open.md': card('title: Everybody may know', 'Nothing to hide.'),
    'posts/party.md': card(`title: Surprise for Quokka\n${PRIVATE}`, 'The zanzibar lanterns.'),
    'posts/trip.md': card(`title: The Kiwi Trip\n${PRIVATE}\naccess: gate`, 'By the old railway.'),
  }

  it('are made for public posts only, as far as anybody can see', async () => {
    site = createSite(files)
    const built = await site.build(cards())
    const [open = '', ...others] = publicPictures(built)
    assert.deepEqual(others, [])
    assert.match(built.read('posts/open/index.html'), new RegExp(open))
    assert.doesNotMatch(built.copy('posts/party.md', 'Bob'), /og-image|og:image/)
    assert.doesNotMatch(built.publicBytes(), /Quokka|Kiwi/i)
  })

  it('leave nothing in their previews either', async () => {
    site = createSite(files)
    const built = await site.build(cards({ previewMode: true }))
    assert.deepEqual(
      publicPictures(built).filter((file) => !file.includes('open')).length,
      1,
      built.files.join(' '),
    )
    assert.doesNotMatch(built.publicBytes(), /Quokka|Kiwi/i)
  })

  it('are no longer there when a public post becomes private', async () => {
    const frontMatter = 'title: Surprise for Quokka'
    site = createSite({ ...files, 'posts/party.md': card(frontMatter, 'The zanzibar lanterns.') })
    const before = await site.eleventy([], { configuredBy: 'configureMedia' })
    assert.equal(publicPictures(before).length, 2, before.console)
    site.write({ 'posts/party.md': files['posts/party.md'] ?? '' })
    const after = await site.eleventy([], { configuredBy: 'configureMedia' })
    assert.equal(after.exitCode, 0, after.console)
    assert.equal(publicPictures(after).length, 1)
    assert.match(after.read('posts/open/index.html'), new RegExp(publicPictures(after)[0] ?? ''))
  })

  it('are removed when a page shows them nowhere', async () => {
    const silent = CARD_LAYOUT.replace(
      /\{% ogImage.*?%\}/,
      '{% setAsync "card" %}$&{% endsetAsync %}{% if not isPrivate %}{{ card | safe }}{% endif %}',
    )
    site = createSite({
      ...files,
      '_includes/silent.njk': silent,
      'posts/open.md': card('title: Everybody may know', 'Nothing to hide.', 'silent.njk'),
      'posts/party.md': card(`title: Surprise\n${PRIVATE}`, 'The lanterns.', 'silent.njk'),
    })
    const built = await site.build(cards())
    const [open = '', ...others] = publicPictures(built)
    assert.match(built.read('posts/open/index.html'), new RegExp(open))
    assert.deepEqual(others, [])
  })
})
