import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  createSite,
  post,
  REPOSITORY,
  type BuildOptions,
  type BuiltSite,
  type Site,
} from '../support/site.ts'

const SECRET = Buffer.from('a picture of the secret table')
const IMAGES: BuildOptions = {
  config: (eleventyConfig) => {
    eleventyConfig.addPassthroughCopy('img')
    eleventyConfig.addPassthroughCopy('css')
    eleventyConfig.addPassthroughCopy('js')
    eleventyConfig.addPassthroughCopy('data')
  },
}
const OPEN = { 'open.md': post('title: Open', '![](/img/open.jpg)'), 'img/open.jpg': 'open' }

let site: Site | undefined
afterEach(() => site?.dispose())

function photo(name: string): Buffer {
  return readFileSync(join(REPOSITORY, `example-site/alice/photos/${name}.jpg`))
}

/** A page of its own, without Markdown. */
function page(frontMatter: string, body: string): string {
  const words = frontMatter.includes('private')
    ? 'We meet behind the old windmill at nine and eat plum tart.'
    : 'Everybody may know what stands here, and nothing else.'
  return `---\n${frontMatter}\n---\n<!doctype html><html><head><title>x</title>${body}<p>${words}</html>`
}

/** Files outside of the private folders whose bytes are those of the secret. */
function publicCopies(built: BuiltSite): string[] {
  return built.files.filter(
    (file) => !/^p\/[0-9a-z]{26}\//.test(file) && built.read(file).includes(String(SECRET)),
  )
}

/** Files of Bob's copy whose bytes are those of the secret, below his link. */
function privateCopies(built: BuiltSite, path: string): string[] {
  const folder = `p/${built.tokens(path)['Bob']}/`
  return built.files.flatMap((file) =>
    file.startsWith(folder) && built.read(file).includes(String(SECRET))
      ? [file.slice(folder.length)]
      : [],
  )
}

/** Ways in which a page shows a picture of the folder `/img/`, and how its new place is written there. */
const SHOWN: Record<string, [markup: string, moved: RegExp]> = {
  src: ['<img src="/img/secret.jpg">', /src="media\/secret\.jpg"/],
  srcset: [
    '<img srcset="/img/secret.jpg 1x, /img/open.jpg 2x" alt="">',
    /srcset="media\/secret\.jpg 1x, \/img\/open\.jpg 2x"/,
  ],
  'picture and source': [
    '<picture><source srcset="/img/secret.jpg 300w"><img src="/img/open.jpg"></picture>',
    /srcset="media\/secret\.jpg 300w"/,
  ],
  'data-src': ['<img data-src="/img/secret.jpg">', /data-src="media\/secret\.jpg"/],
  'data-srcset': [
    '<img data-srcset="/img/secret.jpg 1x, /img/secret.jpg 2x">',
    /data-srcset="media\/secret\.jpg 1x, media\/secret\.jpg 2x"/,
  ],
  'JSON in data-*': [
    `<div data-gallery='{"photos":["/img/secret.jpg"]}'></div>`,
    /&quot;media\/secret\.jpg&quot;/,
  ],
  style: ['<div style="background:url(/img/secret.jpg)"></div>', /url\(media\/secret\.jpg\)/],
  'a style element': [
    '<style>body { background: url("/img/secret.jpg") }</style>',
    /url\("\/p\/[0-9a-z]{26}\/media\/secret\.jpg"\)/,
  ],
  poster: ['<video poster="/img/secret.jpg"></video>', /poster="media\/secret\.jpg"/],
  'a link to the file': ['<a href="/img/secret.jpg#x">see</a>', /href="media\/secret\.jpg#x"/],
  object: ['<object data="/img/secret.jpg"></object>', /data="media\/secret\.jpg"/],
  preload: ['<link rel="preload" as="image" href="/img/secret.jpg">', /href="media\/secret\.jpg"/],
  'inline JSON': [
    '<script type="application/json">{"photos":["\\/img\\/secret.jpg"]}</script>',
    /"\/p\/[0-9a-z]{26}\/media\/secret\.jpg"/,
  ],
  'an inline script': [
    "<script>show('/img/secret.jpg')</script>",
    /show\('\/p\/[0-9a-z]{26}\/media\/secret\.jpg'\)/,
  ],
  noscript: ['<body><noscript><img src="/img/secret.jpg"></noscript>', /media\/secret\.jpg"/],
  template: ['<template><img src="/img/secret.jpg"></template>', /src="media\/secret\.jpg"/],
  'an SVG image': ['<svg><image xlink:href="/img/secret.jpg"/></svg>', /media\/secret\.jpg"/],
  'the whole address of the site': [
    '<img src="https://alice.example/img/secret.jpg?v=2">',
    /src="media\/secret\.jpg\?v=2"/,
  ],
  'a relative address': ['<img src="../../img/secret.jpg">', /src="media\/secret\.jpg"/],
}

describe('a picture of a public folder that only a private post shows', () => {
  for (const [how, [markup, moved]] of Object.entries(SHOWN)) {
    it(`moves below the link when the page names it by ${how}`, async () => {
      site = createSite({
        ...OPEN,
        'posts/party.html': page('visibility: private\naudience: [Bob]', markup),
        'img/secret.jpg': SECRET,
      })
      const built = await site.build(IMAGES)
      assert.deepEqual(publicCopies(built), [])
      assert.deepEqual(privateCopies(built, 'posts/party.html'), ['media/secret.jpg'])
      assert.match(built.copy('posts/party.html', 'Bob'), moved)
      assert.ok(built.files.includes('img/open.jpg'))
    })

    it(`stays public when a public page names it too by ${how}`, async () => {
      site = createSite({
        ...OPEN,
        'posts/party.html': page('visibility: private\naudience: [Bob]', markup),
        'posts/again.html': page('title: x', markup),
        'img/secret.jpg': SECRET,
      })
      const built = await site.build(IMAGES)
      assert.deepEqual(publicCopies(built), ['img/secret.jpg'])
      assert.doesNotMatch(built.copy('posts/party.html', 'Bob'), /"media\//)
    })
  }

  it('is removed when the page names it only for link previews, which are taken out', async () => {
    site = createSite({
      ...OPEN,
      'posts/party.html': page(
        'visibility: private\naudience: [Bob]',
        '<meta property="og:image" content="https://alice.example/img/secret.jpg">',
      ),
      'img/secret.jpg': SECRET,
    })
    const built = await site.build(IMAGES)
    assert.deepEqual([...publicCopies(built), ...privateCopies(built, 'posts/party.html')], [])
  })

  for (const [where, frontMatter] of Object.entries({
    'a value': 'image: /img/secret.jpg',
    'a list': 'photos: [/img/open.jpg, /img/secret.jpg]',
    'a nested value': 'cover: { src: img/secret.jpg, alt: x }',
    'a bare name': 'image: secret.jpg',
    'a path of the project': 'image: ./img/secret.jpg',
  })) {
    it(`is removed when only the front matter names it, as ${where}`, async () => {
      site = createSite({
        ...OPEN,
        'posts/party.md': post(`visibility: private\naudience: [Bob]\n${frontMatter}`),
        'img/secret.jpg': SECRET,
      })
      const built = await site.build(IMAGES)
      assert.deepEqual(publicCopies(built), [])
      assert.ok(built.files.includes('img/open.jpg'))
    })
  }

  it('is removed when only its text names it, and a shortcode makes something else of it', async () => {
    site = createSite({
      ...OPEN,
      'posts/party.md': post(
        'visibility: private\naudience: [Bob]',
        '{% figure "img/secret.jpg" %}',
      ),
      'img/secret.jpg': SECRET,
    })
    const built = await site.build({
      config(eleventyConfig) {
        IMAGES.config?.(eleventyConfig)
        eleventyConfig.addShortcode('figure', () => '<figure>(a picture)</figure>')
      },
    })
    assert.deepEqual(publicCopies(built), [])
  })

  it('is found under odd names, and where it was copied under another one', async () => {
    const names = ['my table.jpg', 'Grüße & Küsse.JPG', 'photo (1).jpg', 'n#1.jpg']
    site = createSite({
      ...OPEN,
      'posts/party.md': post(
        'visibility: private\naudience: [Bob]',
        `![](/pictures/my%20table.jpg) ![](/pictures/Gr%C3%BC%C3%9Fe%20&amp;%20K%C3%BCsse.JPG) <div style="background: url('/pictures/photo (1).jpg')"></div> ![](/pictures/n%231.jpg)`,
      ),
      ...Object.fromEntries(names.map((name) => [`photos/${name}`, SECRET])),
    })
    const built = await site.build({
      config: (eleventyConfig) => eleventyConfig.addPassthroughCopy({ photos: 'pictures' }),
    })
    assert.deepEqual(publicCopies(built), [])
    assert.deepEqual(
      privateCopies(built, 'posts/party.md'),
      names.map((name) => `media/${name}`).sort(),
    )
    const copy = built.copy('posts/party.md', 'Bob')
    assert.match(copy, /src="media\/my%20table\.jpg"/)
    assert.match(copy, /url\('media\/photo%20%281%29\.jpg'\)/)
    assert.match(copy, /src="media\/n%231\.jpg"/)
  })

  it('is found behind a path prefix', async () => {
    site = createSite({
      'posts/party.html': page(
        'visibility: private\naudience: [Bob]',
        '<img src="/blog/img/secret.jpg">',
      ),
      'open.html': page('title: Open', '<img src="/blog/img/open.jpg">'),
      'img/open.jpg': 'open',
      'img/secret.jpg': SECRET,
    })
    const built = await site.build({ ...IMAGES, pathPrefix: '/blog/' })
    assert.deepEqual(publicCopies(built), [])
    assert.match(built.copy('posts/party.html', 'Bob'), /src="media\/secret\.jpg"/)
  })

  it('goes to each private post that shows it', async () => {
    site = createSite({
      ...OPEN,
      'posts/a.md': post('visibility: private\naudience: [Bob]', '![](/img/secret.jpg)'),
      'posts/b.md': post('visibility: private\naudience: [Bob]', '![](/img/secret.jpg)'),
      'img/secret.jpg': SECRET,
    })
    const built = await site.build(IMAGES)
    assert.deepEqual(publicCopies(built), [])
    for (const path of ['posts/a.md', 'posts/b.md']) {
      assert.deepEqual(privateCopies(built, path), ['media/secret.jpg'])
    }
  })

  it('is found on each page of a post that has several', async () => {
    site = createSite({
      ...OPEN,
      'posts/many.njk': page(
        'visibility: private\naudience: [Bob]\nlist: [1, 2]\npagination: { data: list, size: 1 }',
        '<img src="/img/secret.jpg">',
      ),
      'img/secret.jpg': SECRET,
    })
    const built = await site.build(IMAGES)
    const token = built.tokens('posts/many.njk')['Bob']
    assert.match(built.read(`p/${token}/1/index.html`), /src="\.\.\/media\/secret\.jpg"/)
    assert.deepEqual(privateCopies(built, 'posts/many.njk'), ['media/secret.jpg'])
    assert.deepEqual(publicCopies(built), [])
  })

  it('of a gated post leaves no byte in the output', async () => {
    site = createSite({
      ...OPEN,
      'posts/party.md': post(
        'visibility: private\naccess: gate\naudience: [Bob]\nimage: /img/other.jpg',
        '![](/img/secret.jpg) [the plan](/img/plan.pdf)',
      ),
      'img/secret.jpg': SECRET,
      'img/other.jpg': SECRET,
      'img/plan.pdf': SECRET,
    })
    const built = await site.build(IMAGES)
    assert.deepEqual(publicCopies(built), [])
    assert.ok(built.files.includes('img/open.jpg'))
  })

  it('leaves a file alone that nobody names, and those that are fetched by their names', async () => {
    const alone = {
      'favicon.ico': 'icon',
      'robots.txt': 'User-agent: *',
      'img/unnamed.jpg': 'unnamed',
      'downloads/cv.pdf': 'cv',
    }
    site = createSite({
      ...OPEN,
      ...alone,
      'posts/party.md': post(
        'visibility: private\naudience: [Bob]',
        '![](/img/secret.jpg) [icon](/favicon.ico)',
      ),
      'img/secret.jpg': SECRET,
    })
    const built = await site.build({
      config(eleventyConfig) {
        for (const path of ['img', 'favicon.ico', 'robots.txt', 'downloads']) {
          eleventyConfig.addPassthroughCopy(path)
        }
      },
    })
    for (const path of Object.keys(alone)) assert.ok(built.files.includes(path), path)
  })

  it('stays where the author says so, with a reason', async () => {
    site = createSite({
      ...OPEN,
      'posts/party.md': post('visibility: private\naudience: [Bob]', '![](/img/secret.jpg)'),
      'img/secret.jpg': SECRET,
    })
    const exception = { file: 'img/secret.jpg', kind: 'media', why: 'printed on every invitation' }
    const built = await site.build({ ...IMAGES, options: { auditExceptions: [exception] } })
    assert.deepEqual(publicCopies(built), ['img/secret.jpg'])
  })

  it('is no longer public when its page is not, whatever an earlier build left behind', async () => {
    const shown = 'We meet behind the old windmill at nine. ![](/img/secret.jpg)'
    site = createSite({
      ...OPEN,
      'posts/party.md': post('title: Party\ntags: [fest]', shown),
      'img/secret.jpg': SECRET,
      'tags.njk':
        '---\npagination: { data: collections, size: 1, alias: tag }\npermalink: /tags/{{ tag }}/\neleventyExcludeFromCollections: true\n---\n{% for p in collections[tag] %}{{ p.content | safe }}{% endfor %}',
    })
    const command = { configuredBy: 'configureMedia' } as const
    assert.deepEqual(publicCopies(await site.eleventy([], command)), ['img/secret.jpg'])
    site.write({
      'posts/party.md': post('visibility: private\naudience: [Bob]\ntags: [fest]', shown),
    })
    const built = await site.eleventy([], command)
    assert.equal(built.exitCode, 0, built.console)
    assert.deepEqual(publicCopies(built), [])
  })

  it('is no longer public when the post shows another one from now on', async () => {
    const shown = (name: string) =>
      `We meet behind the old windmill at nine. {% image "photos/${name}.jpg" %}`
    site = createSite({
      ...OPEN,
      'posts/party.md': post('title: Party', shown('seedlings')),
      'photos/seedlings.jpg': photo('seedlings'),
      'photos/plum-tart.jpg': photo('plum-tart'),
    })
    const command = { configuredBy: 'configureMedia' } as const
    const pictures = ({ files }: BuiltSite) => files.filter((file) => file.startsWith('pictures/'))
    assert.equal(pictures(await site.eleventy([], command)).length, 4)
    site.write({
      'posts/party.md': post('visibility: private\naudience: [Bob]', shown('plum-tart')),
    })
    const built = await site.eleventy([], command)
    assert.equal(built.exitCode, 0, built.console)
    assert.deepEqual(pictures(built), [])
  })

  it('has a name of its own beside the files of the post', async () => {
    site = createSite({
      ...OPEN,
      'private/party/index.md': post(
        'audience: [Bob]',
        '![](media/a.jpg) ![](/img/one/a.jpg) ![](/img/two/a.jpg)',
      ),
      'private/party/media/a.jpg': 'beside',
      'img/one/a.jpg': 'one',
      'img/two/a.jpg': 'two',
    })
    const built = await site.build(IMAGES)
    const folder = `p/${built.tokens('private/party/index.md')['Bob']}/`
    const shown = [...built.copy('private/party/index.md', 'Bob').matchAll(/<img src="([^"]+)"/g)]
    assert.deepEqual(
      shown.map(([, path = '']) => built.read(folder + path)),
      ['beside', 'one', 'two'],
    )
  })

  it('says how many files are no longer public, without their names', async () => {
    site = createSite({
      ...OPEN,
      'posts/party.md': post('visibility: private\naudience: [Bob]', '![](/img/secret.jpg)'),
      'img/secret.jpg': SECRET,
    })
    const { printed } = await site.build(IMAGES)
    assert.match(printed.join('\n'), /1 file that only private posts name is not in the public/)
    assert.doesNotMatch(printed.join('\n'), /secret/)
  })
})

describe('a stylesheet, a script or data that only a private post loads', () => {
  it('follows with the pictures that it shows', async () => {
    site = createSite({
      ...OPEN,
      'posts/party.html': page(
        'visibility: private\naudience: [Bob]',
        '<link rel="stylesheet" href="/css/party.css">',
      ),
      'css/party.css':
        'body { background: url(../img/secret.jpg) } p { background: url("/img/secret.jpg") } i { background: url(../img/open.jpg) }',
      'img/secret.jpg': SECRET,
    })
    const built = await site.build(IMAGES)
    assert.deepEqual(publicCopies(built), [])
    assert.ok(!built.files.includes('css/party.css'))
    const folder = `p/${built.tokens('posts/party.html')['Bob']}`
    assert.match(built.copy('posts/party.html', 'Bob'), /href="media\/party\.css"/)
    assert.equal(
      built.read(`${folder}/media/party.css`),
      'body { background: url(./secret.jpg) } p { background: url("./secret.jpg") } i { background: url(/img/open.jpg) }',
    )
    assert.equal(built.read(`${folder}/media/secret.jpg`), String(SECRET))
  })

  it('stays where it is when it shows nothing private, or when a public page loads it too', async () => {
    const css = '<link rel="stylesheet" href="/css/a.css"><link rel="stylesheet" href="/css/b.css">'
    site = createSite({
      ...OPEN,
      'posts/party.njk': '---\nvisibility: private\naudience: [Bob]\nlayout: own.njk\n---\nHello.',
      '_includes/own.njk': `<!doctype html><html><head><title>x</title>${css}</head><body>{{ content | safe }}`,
      'open2.html': page('title: Open', '<link rel="stylesheet" href="/css/b.css">'),
      'css/a.css': 'body { background: url(/img/open.jpg) }',
      'css/b.css': 'body { background: url(/img/secret.jpg) }',
      'img/secret.jpg': SECRET,
    })
    const built = await site.build(IMAGES)
    assert.ok(built.files.includes('css/a.css') && built.files.includes('css/b.css'))
    assert.deepEqual(publicCopies(built), ['img/secret.jpg'])
  })

  it('stays when public pages load it, whichever of them is read first', async () => {
    site = createSite({
      ...OPEN,
      '_includes/own.njk':
        '<!doctype html><html><head><title>x</title><link rel="stylesheet" href="/zz.css"></head><body>{{ content | safe }}',
      'posts/party.njk': '---\nvisibility: private\naudience: [Bob]\nlayout: own.njk\n---\nHello.',
      'aa.njk': '---\nlayout: own.njk\n---\nHello everybody.',
      'zz.css': 'body { background: url(/img/zz.svg) }',
      'img/zz.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    })
    const built = await site.build({
      ...IMAGES,
      config(eleventyConfig) {
        IMAGES.config?.(eleventyConfig)
        eleventyConfig.addPassthroughCopy('zz.css')
      },
    })
    assert.ok(built.files.includes('zz.css') && built.files.includes('img/zz.svg'))
  })

  it('follows with the scripts that it loads, each by the address that it means', async () => {
    site = createSite({
      ...OPEN,
      'open2.html': page('title: Open', '<script type="module" src="/js/site.js"></script>'),
      'posts/party.html': page(
        'visibility: private\naudience: [Bob]',
        '<script type="module" src="/js/party.js"></script>',
      ),
      'js/party.js':
        "import { show } from './lib/show.js'\nimport { x } from '../js/site.js'\nshow('/img/secret.jpg')",
      'js/lib/show.js': "export const show = (it) => '/img/open.jpg'",
      'js/site.js': 'export const x = 1',
      'img/secret.jpg': SECRET,
    })
    const built = await site.build(IMAGES)
    assert.deepEqual(publicCopies(built), [])
    assert.deepEqual(
      built.files.filter((file) => file.startsWith('js/')),
      ['js/site.js'],
    )
    const folder = `p/${built.tokens('posts/party.html')['Bob']}`
    assert.equal(
      built.read(`${folder}/media/party.js`),
      "import { show } from './show.js'\nimport { x } from '/js/site.js'\nshow('media/secret.jpg')",
    )
    assert.match(built.read(`${folder}/media/show.js`), /'\/img\/open\.jpg'/)
  })

  it('follows when it is data that names the pictures', async () => {
    site = createSite({
      ...OPEN,
      'posts/party.html': page(
        'visibility: private\naudience: [Bob]',
        '<div data-gallery="/data/party.json"></div>',
      ),
      'data/party.json': '["/img/secret.jpg", "/img/open.jpg"]',
      'img/secret.jpg': SECRET,
    })
    const built = await site.build(IMAGES)
    assert.deepEqual(publicCopies(built), [])
    const folder = `p/${built.tokens('posts/party.html')['Bob']}`
    assert.equal(built.read(`${folder}/media/party.json`), '["media/secret.jpg", "/img/open.jpg"]')
  })
})

describe('a picture that something else copied, which only private posts name', () => {
  it('stops the build when it stands in the output under another name', async () => {
    site = createSite({
      ...OPEN,
      'posts/party.md': post('visibility: private\naudience: [Bob]', '![](/img/secret.jpg)'),
      'img/secret.jpg': SECRET,
    })
    await assert.rejects(
      site.build({
        config(eleventyConfig) {
          IMAGES.config?.(eleventyConfig)
          eleventyConfig.on('eleventy.after', () => {
            mkdirSync('_site/assets')
            copyFileSync('img/secret.jpg', '_site/assets/9f3c.jpg')
          })
        },
      }),
      /posts\/party\.md: assets\/9f3c\.jpg is public, .*\(media\)\. To do: /,
    )
  })
})

describe('a file that a plugin writes for a private page', () => {
  /** A shortcode that writes a file beside the pages, and prints what the post says. */
  const writing = (file: string, printed: string): BuildOptions => ({
    config(eleventyConfig) {
      IMAGES.config?.(eleventyConfig)
      eleventyConfig.addShortcode('make', () => {
        mkdirSync(dirname(`_site/${file}`), { recursive: true })
        writeFileSync(`_site/${file}`, SECRET)
        return printed
      })
    },
  })
  const files = {
    ...OPEN,
    'posts/party.md': post('visibility: private\naudience: [Bob]', '{% make %}'),
  }

  for (const file of ['cal/a.ics', 'cards/a.vcf', 'pdf/a.pdf', 'sound/a.mp3', 'data/a.json']) {
    it(`moves below the link: ${file}`, async () => {
      site = createSite(files)
      const built = await site.build(writing(file, `<a href="/${file}">save</a>`))
      assert.deepEqual(publicCopies(built), [])
      assert.deepEqual(privateCopies(built, 'posts/party.md'), [`media/${file.split('/')[1]}`])
    })

    it(`stays when a public page names it too: ${file}`, async () => {
      site = createSite({ ...files, 'open2.md': post('title: Two', `[save](/${file})`) })
      const built = await site.build(writing(file, `<a href="/${file}">save</a>`))
      assert.deepEqual(publicCopies(built), [file])
    })
  }

  it('is removed when it lies where the page is built', async () => {
    site = createSite({ ...OPEN, 'posts/party.md': post('visibility: private\naudience: [Bob]') })
    const built = await site.build({
      config(eleventyConfig) {
        eleventyConfig.addTransform(
          'cards',
          function (this: { page: { url: string } }, html: string) {
            const file = join('_site/cards', `${this.page.url.replace(/\/$/, '')}.png`)
            mkdirSync(dirname(file), { recursive: true })
            writeFileSync(file, SECRET)
            return html
          },
        )
      },
    })
    assert.deepEqual(publicCopies(built), ['cards/open.png'])
  })

  it('goes with the page when Eleventy copies what the page refers to', async () => {
    site = createSite({
      'posts/party.md': post('visibility: private\naudience: [Bob]', '![](table.jpg)'),
      'posts/table.jpg': SECRET,
      'posts/open.md': post('title: Open', '![](open.jpg)'),
      'posts/open.jpg': 'open',
    })
    const built = await site.build({
      config: (eleventyConfig) =>
        eleventyConfig.addPassthroughCopy('posts/*.jpg', { mode: 'html-relative' }),
    })
    assert.deepEqual(publicCopies(built), [])
    assert.deepEqual(privateCopies(built, 'posts/party.md'), ['table.jpg'])
    assert.ok(built.files.includes('posts/open/open.jpg'))
  })
})
