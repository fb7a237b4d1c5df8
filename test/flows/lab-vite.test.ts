import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import eleventyVite from '@11ty/eleventy-plugin-vite'
import { createSite, type BuiltSite, type Files, type Site } from '../support/site.ts'

const PRIVATE = 'title: Quokka party\nvisibility: private\naudience: [Bob]'
const WORDS = /quokka|zanzibar/i
const ASSETS =
  '<link rel="stylesheet" href="/style.css"><script type="module" src="/main.js"></script>'

let site: Site | undefined
afterEach(() => site?.dispose())

function page(frontMatter: string, body = 'Hello.', layout = 'styled.njk'): string {
  return `---\nlayout: ${layout}\n${frontMatter}\n---\n${body}\n`
}

/** Eleventy remembers layouts by their names as long as the process lives. */
function layoutOf(head: string, body = ''): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title>${head}</head>
<body><main class="h-entry"><h1 class="p-name">{{ title }}</h1>{{ content | safe }}</main>${body}</body></html>
`
}

// eslint-disable-next-line -- Eleventy's configuration has no published type
type Configure = (eleventyConfig: any) => void

async function build(configure: Configure, more: Files = {}, pathPrefix = '/'): Promise<BuiltSite> {
  site = createSite({
    '_includes/styled.njk': layoutOf(ASSETS),
    '_includes/alone.njk': layoutOf('<link rel="stylesheet" href="/alone.css">'),
    'index.md': page('title: Home'),
    'posts/menu.md': page('title: Menu'),
    'posts/party.md': page(PRIVATE, 'The zanzibar lanterns hang over the table from six on.'),
    'style.css': 'body { color: rebeccapurple }',
    'alone.css': 'body { color: teal }',
    'main.js': 'document.documentElement.dataset.ready = "yes"',
    ...more,
  })
  return site.build({
    pathPrefix,
    config(eleventyConfig) {
      for (const file of ['style.css', 'alone.css', 'main.js', 'images']) {
        eleventyConfig.addPassthroughCopy(file)
      }
    },
    configAfter: configure,
  })
}

/** Names the stylesheets after their content, as many sites do themselves. */
const hashStyles: Configure = (eleventyConfig) => {
  eleventyConfig.on('eleventy.after', ({ results }: { results: { outputPath: string }[] }) => {
    for (const name of ['style.css', 'alone.css']) {
      const text = readFileSync(join('_site', name))
      const hash = createHash('sha256').update(text).digest('hex').slice(0, 10)
      const next = name.replace('.', `.${hash}.`)
      renameSync(join('_site', name), join('_site', next))
      for (const { outputPath } of results) {
        const html = readFileSync(outputPath, 'utf8')
        writeFileSync(outputPath, html.replaceAll(`/${name}`, `/${next}`))
      }
    }
  })
}

const withVite: Configure = (eleventyConfig) =>
  eleventyConfig.addPlugin(eleventyVite, { viteOptions: { logLevel: 'silent' } })

function stylesheets(html: string): string[] {
  const links = html.match(/<link[^>]*rel="stylesheet"[^>]*>/g) ?? []
  return links.map((link) => /href="\/([^"]*)"/.exec(link)?.[1] ?? '')
}

function scripts(html: string): string[] {
  return [...html.matchAll(/<script[^>]*src="\/([^"]*)"/g)].map(([, file = '']) => file)
}

function assertStyled(built: BuiltSite, color: RegExp, copy = built.copy('posts/party.md', 'Bob')) {
  const [sheet = '', ...others] = stylesheets(copy)
  assert.deepEqual(others, [])
  assert.ok(built.files.includes(sheet), `${sheet} among\n${built.files.join('\n')}`)
  assert.match(built.read(sheet), color)
  for (const file of scripts(copy)) assert.ok(built.files.includes(file), file)
}

function assertQuiet(built: BuiltSite) {
  const [token = ''] = Object.values(built.tokens('posts/party.md'))
  const told = `${built.console}\n${built.printed.join('\n')}`
  assert.doesNotMatch(built.publicBytes(), WORDS)
  assert.doesNotMatch(told, WORDS)
  assert.ok(!built.publicBytes().includes(token) && !told.includes(token))
}

const missing = ({ printed }: BuiltSite) => printed.filter((line) => /not in the output/.test(line))

describe('a private page of a site whose files are renamed after Eleventy wrote it', () => {
  it('loads what is there without any bundler', async () => {
    const built = await build(() => {})
    assert.deepEqual(stylesheets(built.copy('posts/party.md', 'Bob')), ['style.css'])
    assertStyled(built, /rebeccapurple/)
    assertQuiet(built)
    assert.deepEqual(missing(built), [])
  })

  it('keeps its style and its script with eleventy-plugin-vite', async () => {
    const built = await build(withVite)
    const copy = built.copy('posts/party.md', 'Bob')
    assert.match(copy, /href="\/assets\/[^"]+\.css"/)
    assert.equal(scripts(copy).length, 1)
    assertStyled(built, /#639|rebeccapurple/)
    assertQuiet(built)
    assert.deepEqual(missing(built), [])
    assert.deepEqual(stylesheets(copy), stylesheets(built.read('posts/menu/index.html')))
  })

  it('keeps them in the next build, when its copies of the last one are there', async () => {
    await build(withVite)
    const built = await site!.build({
      config(eleventyConfig) {
        for (const file of ['style.css', 'main.js']) eleventyConfig.addPassthroughCopy(file)
      },
      configAfter: withVite,
    })
    assertStyled(built, /#639|rebeccapurple/)
    assertQuiet(built)
    assert.ok(!readdirSync(built.folder).includes('.11ty-vite'))
  })

  it('keeps the pictures of its layout', async () => {
    const logo = Buffer.alloc(5000, 'picture')
    const built = await build(withVite, {
      '_includes/pictured.njk': layoutOf(ASSETS, '<img src="/images/logo.png" alt="">'),
      'posts/menu.md': page('title: Menu', 'Soup.', 'pictured.njk'),
      'posts/party.md': page(PRIVATE, 'zanzibar', 'pictured.njk'),
      'images/logo.png': logo,
    })
    const copy = built.copy('posts/party.md', 'Bob')
    const [, file = ''] = /<img[^>]*src="\/([^"]*)"/.exec(copy) ?? []
    assert.match(file, /^assets\/logo-.+\.png$/)
    assert.ok(built.files.includes(file))
    assertStyled(built, /#639|rebeccapurple/)
    assertQuiet(built)
  })

  it('keeps its style below a path prefix, and with relative addresses', async () => {
    for (const [base, up] of [
      ['/blog/', '/'],
      ['./', '../../'],
    ] as const) {
      const layout = `below-${up.length}.njk`
      const files = {
        [`_includes/${layout}`]: layoutOf(ASSETS.replaceAll('="/', `="${up}`)),
        'index.md': page('title: Home', 'Hello.', 'base.liquid'),
        'posts/menu.md': page('title: Menu', 'Soup.', layout),
        'posts/party.md': page(PRIVATE, 'zanzibar', layout),
      }
      const pathPrefix = base === './' ? '/' : base
      const built = await build(
        (eleventyConfig) =>
          eleventyConfig.addPlugin(eleventyVite, { viteOptions: { logLevel: 'silent', base } }),
        files,
        pathPrefix,
      )
      const copy = built.copy('posts/party.md', 'Bob').replaceAll(`="${pathPrefix}`, '="/')
      assertStyled(built, /#639|rebeccapurple/, copy)
      assert.match(copy, /href="\/assets\//)
      site?.dispose()
    }
  })

  it('keeps what its post alone loads beside what the layout loads', async () => {
    const built = await build(withVite, {
      'posts/party.md': page(PRIVATE, 'zanzibar <script src="party.js"></script>'),
      'posts/party.js': 'party()',
    })
    const copy = built.copy('posts/party.md', 'Bob')
    assert.match(copy, /src="party\.js"/)
    assertStyled(built, /#639|rebeccapurple/)
  })

  it('is named with eleventy-plugin-vite where no public page loads the same', async () => {
    const built = await build(withVite, {
      'posts/party.md': page(PRIVATE, 'zanzibar', 'alone.njk'),
    })
    const [warning = '', ...others] = missing(built)
    assert.deepEqual(others, [])
    assert.match(
      warning,
      /posts\/party\.md: the page loads \/alone\.css, .*eleventy-plugin-vite.*To do: .*layout.*"public"/,
    )
    assertQuiet(built)
  })

  it('keeps its style when the site names stylesheets by their content', async () => {
    const built = await build(hashStyles)
    assert.match(stylesheets(built.copy('posts/party.md', 'Bob'))[0] ?? '', /^style\.\w{10}\.css$/)
    assertStyled(built, /rebeccapurple/)
    assertQuiet(built)
    assert.deepEqual(missing(built), [])
  })

  it('keeps a style that only private pages load, by its name with the hash', async () => {
    const built = await build(hashStyles, {
      'posts/party.md': page(PRIVATE, 'zanzibar', 'alone.njk'),
    })
    assertStyled(built, /teal/)
    assert.deepEqual(missing(built), [])
  })
})
