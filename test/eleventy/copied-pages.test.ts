import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { createSite, post, type BuildOptions, type BuiltSite, type Site } from '../support/site.ts'

const SECRET = 'who sits next to whom at the table'
const PRIVATE = 'visibility: private\naudience: [Bob]'
const SLIDES = `<!doctype html><html><head><title>Slides</title></head><body><p>${SECRET}</p></body></html>`
const OPEN = { 'open.md': post('title: Open', '![](/img/open.jpg)'), 'img/open.jpg': 'open' }

/** Copies folders as they are; Eleventy makes no pages of what lies in them. */
const COPIED: BuildOptions = {
  config(eleventyConfig) {
    for (const folder of ['img', 'data']) eleventyConfig.addPassthroughCopy(folder)
    eleventyConfig.ignores.add('data/**')
  },
}

let site: Site | undefined
afterEach(() => site?.dispose())

function page(frontMatter: string, markup: string): string {
  const words = frontMatter.startsWith('title') ? 'For everybody.' : 'Behind the windmill at nine.'
  return `---\n${frontMatter}\n---\n<!doctype html><html><head><title>x</title></head><body>${markup}<p>${words}</html>`
}

function publicCopies({ files, read }: BuiltSite): string[] {
  return files.filter((file) => !/^p\/[0-9a-z]{26}\//.test(file) && read(file).includes(SECRET))
}

/** Ways to name a page or another file without a picture, the file, and what the private page says then. */
const NAMED: Record<string, [markup: string, file: string, moved: RegExp]> = {
  iframe: ['<iframe src="/data/slides.html"></iframe>', 'slides.html', /src="media\/slides\.html"/],
  'a link': ['<a href="/data/slides.html#two">x</a>', 'slides.html', /"media\/slides\.html#two"/],
  'a link without extension': [
    '<a href="/data/slides">x</a>',
    'slides.html',
    /"media\/slides\.html"/,
  ],
  'a link to a folder': ['<a href="/data/s/?a">x</a>', 's/index.html', /"media\/s\.html\?a"/],
  'a link to a folder without its slash': [
    '<a href="/data/s">x</a>',
    's/index.html',
    /"media\/s\.html"/,
  ],
  'a relative link': [
    '<a href="../../data/slides.htm">x</a>',
    'slides.htm',
    /"media\/slides\.htm"/,
  ],
  'the whole address': [
    '<a href="https://alice.example/data/slides.xhtml">x</a>',
    'slides.xhtml',
    /"media\/slides\.xhtml"/,
  ],
  object: ['<object data="/data/slides.html"></object>', 'slides.html', /data="media\/slides/],
  embed: ['<embed src="/data/slides.html">', 'slides.html', /src="media\/slides/],
  'data-src': [
    '<iframe data-src="/data/slides.html"></iframe>',
    'slides.html',
    /data-src="media\//,
  ],
  srcdoc: [
    `<iframe srcdoc="<a href='/data/slides.html'>x</a>"></iframe>`,
    'slides.html',
    /href='media\/slides/,
  ],
  'a form': ['<form action="/data/slides.html"></form>', 'slides.html', /action="media\//],
  'an event': [`<p onclick="open('/data/slides.html')">`, 'slides.html', /open\('media\/slides/],
  'a script that fetches it': [
    "<script>fetch('/data/slides.html')</script>",
    'slides.html',
    /fetch\('\/p\/[0-9a-z]{26}\/media\/slides\.html'\)/,
  ],
  'inline JSON': [
    '<script type="application/json">{"a":"/data/slides"}</script>',
    'slides.html',
    /"\/p\/[0-9a-z]{26}\/media\/slides\.html"/,
  ],
  'a link to a file without extension': ['<a href="/data/plan">x</a>', 'plan', /"media\/plan"/],
  ping: ['<a href="#x" ping="/data/a.txt">x</a>', 'a.txt', /ping="media\/a\.txt"/],
  'an import': [
    `<script type="module">import x from '/data/a.mjs'</script>`,
    'a.mjs',
    /from '\/p\/[0-9a-z]{26}\/media\/a\.mjs'/,
  ],
  'an import map': [
    '<script type="importmap">{"imports":{"x":"/data/a.js"}}</script>',
    'a.js',
    /"\/p\/[0-9a-z]{26}\/media\/a\.js"/,
  ],
  'image-set': [
    `<style>p { background: image-set("/data/a.svg" 1x, '/img/open.jpg' 2x) }</style>`,
    'a.svg',
    /image-set\("\/p\/[0-9a-z]{26}\/media\/a\.svg" 1x, '\/img/,
  ],
  '@import': [
    '<style>@import "/data/a.css"</style>',
    'a.css',
    /@import "\/p\/[0-9a-z]{26}\/media\//,
  ],
  track: ['<video><track src="/data/a.vtt"></video>', 'a.vtt', /src="media\/a\.vtt"/],
  use: ['<svg><use href="/data/a.svg#x"/></svg>', 'a.svg', /href="media\/a\.svg#x"/],
}

describe('a file that was copied as it is and that only a private post names', () => {
  for (const [how, [markup, file, moved]] of Object.entries(NAMED)) {
    it(`goes with the post: ${how}`, async () => {
      site = createSite({
        ...OPEN,
        'posts/q.html': page(PRIVATE, markup),
        [`data/${file}`]: SLIDES,
      })
      const built = await site.build(COPIED)
      assert.deepEqual(publicCopies(built), [])
      const copy = built.copy('posts/q.html', 'Bob')
      assert.match(copy, moved)
      const [place = ''] = /media\/[\w.-]+/.exec(copy) ?? []
      assert.match(built.read(`p/${built.tokens('posts/q.html')['Bob']}/${place}`), /next to whom/)
      assert.ok(built.files.includes('img/open.jpg'))
    })

    it(`stays when a public page names it too: ${how}`, async () => {
      site = createSite({
        ...OPEN,
        'posts/q.html': page(PRIVATE, markup),
        'posts/too.html': page('title: Too', markup),
        [`data/${file}`]: SLIDES,
      })
      const built = await site.build(COPIED)
      assert.deepEqual(publicCopies(built), [`data/${file}`])
      assert.doesNotMatch(built.copy('posts/q.html', 'Bob'), /media\//)
    })
  }

  for (const value of [
    '/data/slides.html',
    '/data/slides',
    'data/slides.html',
    '../data/slides.html',
  ]) {
    it(`is removed when only the front matter names it: ${value}`, async () => {
      site = createSite({
        ...OPEN,
        'posts/q.html': page(`${PRIVATE}\nslides: ${value}`, ''),
        'data/slides.html': SLIDES,
      })
      assert.deepEqual(publicCopies(await site.build(COPIED)), [])
    })
  }

  it('is behind the gate, and nowhere in the output', async () => {
    site = createSite({
      ...OPEN,
      'posts/q.html': page(`${PRIVATE}\naccess: gate`, '<a href="/data/slides/">x</a>'),
      'data/slides/index.html': SLIDES,
    })
    const built = await site.build(COPIED)
    assert.doesNotMatch(built.files.map(built.read).join(), new RegExp(SECRET))
    assert.ok(!built.files.some((file) => file.startsWith('data/')))
  })
})

describe('a copied page that goes with a private post', () => {
  const DECK =
    '<html><head><title>x</title><link rel="stylesheet" href="deck.css"><link rel="stylesheet" href="/data/site.css"></head>' +
    '<body><img src="./table.jpg"><img src="../../img/open.jpg"><a href="two.html#a">2</a><a href="#b">b</a><a href="../">up</a><a href="?x">x</a><a href="https://bob.example/">Bob</a></body></html>'

  it('takes along what it shows, and still refers to all else', async () => {
    site = createSite({
      ...OPEN,
      'two.html': page('title: Two', '<link rel="stylesheet" href="/data/site.css">'),
      'posts/q.html': page(PRIVATE, '<a href="/data/deck/">x</a>'),
      'data/site.css': 'p { color: red }',
      'data/deck/index.html': DECK,
      'data/deck/two.html': `<p>${SECRET} <a href="index.html">1</a>`,
      'data/deck/deck.css': 'p { background: url(table.jpg) }',
      'data/deck/table.jpg': SECRET,
    })
    const built = await site.build(COPIED)
    assert.deepEqual(publicCopies(built), [])
    assert.deepEqual(
      built.files.filter((file) => file.startsWith('data/')),
      ['data/site.css'],
    )
    const folder = `p/${built.tokens('posts/q.html')['Bob']}/media/`
    const deck = built.read(`${folder}deck.html`)
    for (const part of [
      'href="./deck.css"',
      'href="/data/site.css"',
      'src="./table.jpg"',
      'src="/img/open.jpg"',
      'href="./two.html#a"',
      'href="#b"',
      'href="/data/"',
      'href="?x"',
    ]) {
      assert.ok(deck.includes(part), `${part} in ${deck}`)
    }
    assert.match(built.read(`${folder}two.html`), /href="\.\/deck\.html"/)
    assert.match(built.read(`${folder}deck.css`), /url\(\.\/table\.jpg\)/)
  })

  it('is marked as the post is', async () => {
    site = createSite({
      ...OPEN,
      'posts/q.html': page(PRIVATE, '<a href="/data/deck/">x</a>'),
      'data/deck/index.html': DECK,
    })
    const built = await site.build(COPIED)
    const deck = built.read(`p/${built.tokens('posts/q.html')['Bob']}/media/deck.html`)
    assert.match(deck, /<meta name="robots" content="noindex/)
    assert.match(deck, /<meta name="referrer" content="no-referrer">/)
    assert.match(deck, /Content-Security-Policy/)
    assert.match(deck, /href="https:\/\/bob\.example\/" rel="noreferrer noopener"/)
    assert.match(built.read('_headers'), /frame-ancestors 'self'/)
  })

  it('stops the build when it loads something from elsewhere, as the post would', async () => {
    const files = {
      ...OPEN,
      'posts/q.html': page(PRIVATE, '<a href="/data/deck.html">x</a>'),
      'data/deck.html': '<script src="https://cdn.example/deck.js"></script>',
    }
    site = createSite(files)
    await assert.rejects(
      site.build(COPIED),
      /posts\/q\.html: data\/deck\.html goes with the post and loads something from https:\/\/cdn\.example, .* To do: /,
    )
    const { printed } = await site.build({ ...COPIED, options: { thirdParty: 'warn' } })
    assert.match(printed.join('\n'), /loads something from https:\/\/cdn\.example/)
  })

  it('stops the build when its <base> would lead elsewhere', async () => {
    site = createSite({
      ...OPEN,
      'posts/q.html': page(PRIVATE, '<a href="/data/deck.html">x</a>'),
      'data/deck.html': '<base href="/data/"><p>x',
    })
    await assert.rejects(
      site.build(COPIED),
      /data\/deck\.html is public.* <base> .*\(media\)\. To do: /,
    )
  })
})

describe('a page of the site that a private post names', () => {
  it('stays where it is when Eleventy builds it, copied as well or not', async () => {
    site = createSite({
      ...OPEN,
      'posts/q.html': page(
        PRIVATE,
        '<a href="/data/about/">a</a> <a href="/data/about.html">b</a>',
      ),
      'data/about.html': page('title: About', SECRET),
    })
    const built = await site.build({
      config: (eleventyConfig) => eleventyConfig.addPassthroughCopy('data'),
    })
    assert.deepEqual(publicCopies(built), ['data/about.html', 'data/about/index.html'])
    assert.doesNotMatch(built.copy('posts/q.html', 'Bob'), /media\//)
  })

  it('stays when it is the home page, the error page or nothing that anybody names', async () => {
    site = createSite({
      'posts/q.html': page(
        PRIVATE,
        '<a href="/">a</a> <a href="/404.html">b</a> <a href="/index.html">c</a>',
      ),
      'static/index.html': 'home',
      'static/404.html': 'nothing',
      'static/google1234.html': 'google',
      'static/.htaccess': 'x',
    })
    const built = await site.build({
      config(eleventyConfig) {
        eleventyConfig.addPassthroughCopy({ static: '/' })
        eleventyConfig.ignores.add('static/**')
      },
    })
    for (const file of ['index.html', '404.html', 'google1234.html', '.htaccess']) {
      assert.ok(built.files.includes(file), file)
    }
  })
})
