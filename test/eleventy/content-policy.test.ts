import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { createSite, post, type BuiltSite, type Site } from '../support/site.ts'

let site: Site | undefined
afterEach(() => site?.dispose())

type Config = { addPassthroughCopy(path: string): void }
const copyCss = (eleventyConfig: Config) => eleventyConfig.addPassthroughCopy('*.css')

/** Markup that loads from elsewhere, and the directive that is opened for it. */
const LOADED: Record<string, [markup: string, directive: string]> = {
  'a script': ['<script src="https://cdn.example/x.js"></script>', 'script-src'],
  'a picture': ['<img src="https://cdn.example/x.png" alt="">', 'img-src'],
  'a picture of another size': ['<img srcset="https://cdn.example/x.png 2x" alt="">', 'img-src'],
  'a stylesheet': ['<link rel="stylesheet" href="https://cdn.example/x.css">', 'style-src'],
  'an imported stylesheet': ['<style>@import url(https://cdn.example/x.css);</style>', 'style-src'],
  'a font': ['<style>@font-face { src: url(https://cdn.example/x.woff2) }</style>', 'font-src'],
  'a picture in CSS': ['<p style="background: url(https://cdn.example/x.png)">x</p>', 'img-src'],
  'an icon': ['<link rel="icon" href="https://cdn.example/x.png">', 'img-src'],
  'a film': ['<video src="https://cdn.example/x.mp4"></video>', 'media-src'],
  sound: ['<audio><source src="https://cdn.example/x.mp3"></audio>', 'media-src'],
}
/** What is never opened, because a script could send the address of the page that way. */
const BLOCKED: Record<string, string> = {
  'a frame': '<iframe src="https://cdn.example/x"></iframe>',
  'an object': '<object data="https://cdn.example/x"></object>',
  'an embedded document': '<embed src="https://cdn.example/x">',
  'a manifest': '<link rel="manifest" href="https://cdn.example/x.json">',
  'a ping': '<a href="/" ping="https://cdn.example/x">x</a>',
}

function policyOf(html: string): Map<string, string> {
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html) ?? []
  return parsePolicy(policy)
}

function headerPolicy(built: BuiltSite): Map<string, string> {
  return parsePolicy(/Content-Security-Policy: (.*)/.exec(built.read('_headers'))?.[1] ?? '')
}

function parsePolicy(policy: string): Map<string, string> {
  const directives = policy.split('; ').map((text): [string, string] => {
    const [name = '', ...values] = text.split(' ')
    return [name, values.join(' ')]
  })
  return new Map(directives)
}

function opened(policy: Map<string, string>): string[] {
  return [...policy].filter(([, value]) => /https?:/.test(value)).map(([name]) => name)
}

describe('the content policy of a private page', () => {
  for (const thirdParty of ['warn', 'allow'] as const) {
    for (const [what, [markup, directive]] of Object.entries(LOADED)) {
      it(`opens with "${thirdParty}" for ${what} nothing but ${directive}`, async () => {
        site = createSite({ 'private/x.md': post('audience: [Bob]', markup) })
        const built = await site.build({ options: { thirdParty } })
        for (const policy of [policyOf(built.copy('private/x.md', 'Bob')), headerPolicy(built)]) {
          assert.deepEqual(opened(policy), [directive])
          assert.match(policy.get(directive) ?? '', /^'self'.* https:\/\/cdn\.example$/)
          for (const name of ['default-src', 'connect-src', 'frame-src', 'worker-src']) {
            assert.equal(policy.get(name), "'self'")
          }
        }
        assert.match(built.copy('private/x.md', 'Bob'), /name="referrer" content="no-referrer"/)
      })
    }
    for (const [what, markup] of Object.entries(BLOCKED)) {
      it(`opens with "${thirdParty}" nothing for ${what}`, async () => {
        site = createSite({ 'private/x.md': post('audience: [Bob]', markup) })
        const built = await site.build({ options: { thirdParty } })
        assert.deepEqual(opened(policyOf(built.copy('private/x.md', 'Bob'))), [])
        assert.deepEqual(opened(headerPolicy(built)), [])
        const said = built.printed.filter((line) => /cdn\.example.*stays blocked/.test(line))
        assert.equal(said.length, thirdParty === 'warn' ? 1 : 0)
      })
    }
  }

  it('opens each page for its own, and the header for all of them', async () => {
    site = createSite({
      'private/a.md': post('audience: [Bob]', '<img src="https://a.example/x.png" alt="">'),
      'private/b.md': post('audience: [Bob]', '<img src="https://b.example/x.png" alt="">'),
      'private/c.md': post('audience: [Bob]'),
    })
    const built = await site.build({ options: { thirdParty: 'allow' } })
    const pictures = (path: string) => policyOf(built.copy(path, 'Bob')).get('img-src')
    assert.equal(pictures('private/a.md'), "'self' data: blob: https://a.example")
    assert.equal(pictures('private/b.md'), "'self' data: blob: https://b.example")
    assert.equal(pictures('private/c.md'), "'self' data: blob:")
    assert.equal(
      headerPolicy(built).get('img-src'),
      "'self' data: blob: https://a.example https://b.example",
    )
  })

  it("opens for what the site's own stylesheets load, each of its kind", async () => {
    site = createSite({
      'private/x.md': post('audience: [Bob]', '<link rel="stylesheet" href="/style.css">'),
      'style.css': '@import "more.css"; body { background: url(https://img.example/x.png) }',
      'more.css':
        '@import url("https://css.example/x.css"); @font-face { src: url(https://fonts.example/x.woff2) }',
    })
    const built = await site.build({ config: copyCss, options: { thirdParty: 'warn' } })
    const policy = policyOf(built.copy('private/x.md', 'Bob'))
    assert.match(policy.get('img-src') ?? '', / https:\/\/img\.example$/)
    assert.match(policy.get('style-src') ?? '', / https:\/\/css\.example$/)
    assert.match(policy.get('font-src') ?? '', / https:\/\/fonts\.example$/)
    assert.equal(built.printed.filter((line) => line.includes('in /more.css')).length, 2)
  })

  it('keeps a namespace in CSS and a link that loads nothing closed and unmentioned', async () => {
    site = createSite({
      'private/x.md': post(
        'audience: [Bob]',
        `<style>@namespace svg url("http://www.w3.org/2000/svg");</style>
${['me', 'author', 'license', 'indieauth-metadata', 'token_endpoint', 'micropub', 'search']
  .map((rel) => `<link rel="${rel}" href="https://other.example/${rel}">`)
  .join('\n')}`,
      ),
    })
    const built = await site.build()
    assert.deepEqual(opened(policyOf(built.copy('private/x.md', 'Bob'))), [])
    assert.match(built.copy('private/x.md', 'Bob'), /rel="me"/)
  })
})

describe('hints for other hosts', () => {
  const HINTS = `<link rel="preconnect" href="https://cdn.example" crossorigin>
<link rel="dns-prefetch" href="//cdn.example">
<link rel="preload" as="font" href="https://cdn.example/x.woff2">
<link rel="preload" as="image" imagesrcset="https://cdn.example/x.png 2x">
<link rel="modulepreload" href="https://cdn.example/x.js">
<link rel="prefetch" href="https://cdn.example/x">
<link rel="prerender" href="https://cdn.example/x">
<script type="speculationrules">{ "prefetch": [{ "urls": ["https://cdn.example/x"] }] }</script>
<link rel="preload" as="style" href="/style.css">`

  it('are taken out of private pages, without a word, and stay on public ones', async () => {
    site = createSite({
      '_includes/base.liquid': `<!doctype html><html><head>${HINTS}</head><body>{{ content }}</body></html>`,
      'style.css': 'body { color: red }',
      'private/x.md': post('audience: [Bob]'),
      'open.md': post('title: Open'),
    })
    const built = await site.build({ config: copyCss })
    const copy = built.copy('private/x.md', 'Bob')
    assert.doesNotMatch(copy, /cdn\.example|speculationrules/)
    assert.match(copy, /rel="preload" as="style"/)
    assert.match(built.read('open/index.html'), /cdn\.example/)
    assert.doesNotMatch(built.printed.join('\n'), /cdn\.example/)
  })

  it('hide nothing that is loaded as well', async () => {
    const both = '<link rel="preload stylesheet" href="https://cdn.example/x.css">'
    site = createSite({ 'private/x.md': post('audience: [Bob]', both) })
    await assert.rejects(site.build(), /a third-party stylesheet, https:\/\/cdn\.example/)
  })
})

describe('the site under another name', () => {
  const picture = (host: string) =>
    post('audience: [Bob]', `<img src="https://${host}/x.png" alt="">`)
  const home = (head: string) =>
    `---\npermalink: /index.html\n---\n<!doctype html><html><head>${head}</head><body>Home</body></html>`
  const CANONICAL = '<link rel="canonical" href="https://notes.example/">'

  const NAMES: Record<
    string,
    [host: string, more: () => Parameters<Site['build']>[0], files?: Record<string, string>]
  > = {
    'with www.': ['www.alice.example', () => ({})],
    'at Netlify': [
      'sunny.netlify.app',
      () => ({ variables: { URL: 'https://sunny.netlify.app' } }),
    ],
    'of a deploy preview': [
      'deploy-preview-1--sunny.netlify.app',
      () => ({ variables: { DEPLOY_PRIME_URL: 'https://deploy-preview-1--sunny.netlify.app' } }),
    ],
    'of its data': [
      'notes.example',
      () => ({}),
      { '_data/metadata.json': '{ "url": "https://notes.example/" }', 'index.html': home('') },
    ],
    'of its data, without a scheme': [
      'notes.example',
      () => ({}),
      { '_data/site.json': '{ "domain": "notes.example" }', 'index.html': home('') },
    ],
    'of its home page': ['notes.example', () => ({}), { 'index.html': home(CANONICAL) }],
    'of its home page, in og:url': [
      'notes.example',
      () => ({}),
      { 'index.html': home('<meta property="og:url" content="https://www.notes.example/">') },
    ],
    'on this machine': ['localhost:35729', () => ({})],
    'on this machine, by number': ['127.0.0.1:8080', () => ({})],
    'on this machine, in IPv6': ['[::1]:8080', () => ({})],
    'on this machine, with a name': ['alice.localhost:8080', () => ({})],
  }
  for (const [what, [host, more, files]] of Object.entries(NAMES)) {
    it(`is no third party ${what}`, async () => {
      site = createSite({ 'private/x.md': picture(host), ...files })
      const built = await site.build(more())
      assert.ok(built.copy('private/x.md', 'Bob').includes(host))
      site.dispose()
      site = createSite({ 'private/x.md': picture('else.example'), ...files })
      await assert.rejects(site.build(more()), /third-party img, https:\/\/else\.example/)
    })
  }

  it('may be loaded from there', async () => {
    site = createSite({ 'private/x.md': picture('www.alice.example') })
    const built = await site.build()
    const policy = policyOf(built.copy('private/x.md', 'Bob'))
    assert.equal(policy.get('img-src'), "'self' data: blob: https://www.alice.example")
    assert.deepEqual(opened(headerPolicy(built)), ['img-src'])
  })

  it('is not what one page, or one post, says of itself', async () => {
    site = createSite({
      'private/x.md': picture('dev.example'),
      'index.html': home(CANONICAL.replace('notes.example/', 'dev.example/alice/')),
      'crosspost.html': home(CANONICAL.replace('notes', 'dev')).replace('/index', '/cross'),
      'bookmark.md': '---\nsite: { url: "https://dev.example/" }\n---\nA bookmark.',
    })
    await assert.rejects(site.build(), /third-party img, https:\/\/dev\.example/)
  })

  it('is not the host of "me", if that is a profile and the site is known to be elsewhere', async () => {
    site = createSite({
      'private/x.md': picture('social.example'),
      'index.html': home(CANONICAL),
    })
    const options = { me: 'https://social.example/@alice' }
    await assert.rejects(site.build({ options }), /third-party img, https:\/\/social\.example/)
    await site.build({ options: { me: 'https://social.example/' } })
  })
})

describe('what is found on many pages', () => {
  it('is said once, on one line, with the first of them', async () => {
    const script = '<script src="https://cdn.example/x.js"></script>'.repeat(2)
    site = createSite({
      'private/a.md': post('audience: [Bob]', script),
      'private/b.md': post('audience: [Bob]', script),
      'private/c.md': post('audience: [Bob]', script),
    })
    const built = await site.build({ options: { thirdParty: 'warn' } })
    const lines = built.printed.filter((line) => line.includes('cdn.example'))
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /private\/[abc]\.md and 2 more: .*could read the link/)
    await assert.rejects(site.build(), (error: Error) => {
      assert.equal(error.message.match(/cdn\.example/g)?.length, 1)
      assert.equal(error.message.match(/To do:/g)?.length, 1)
      return true
    })
  })

  it('is named without the words of a picture, which may tell what the post is about', async () => {
    site = createSite({
      'private/a.md': post(
        'audience: [Bob]',
        '<img src="https://photos.example/surprise-party/cake.jpg?for=carol" alt="">',
      ),
    })
    const built = await site.build({ options: { thirdParty: 'warn' } })
    assert.match(built.printed.join('\n'), /photos\.example/)
    assert.doesNotMatch(built.printed.join('\n'), /surprise|cake|carol/)
  })
})
