import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { inspect } from 'node:util'
import { join } from 'node:path'
import { knownSecretsFileOf, rememberSecrets } from '../../lib/ledger/known-secrets.ts'
import { createSite, post, type BuildOptions, type Files } from '../support/site.ts'
import { checkCommand } from '../../lib/cli/check.ts'
import { run } from '../../lib/cli/run.ts'

const HEX = '74809250de2401300d0714109feae54c'
const BASE60 = '73ZE9ngcTj4LUCUUjQQ8j8'
const TOKEN = '4jkq7wm2x9ab4jkq7wm2x9ab12'
const SECRETS = [HEX, BASE60, TOKEN, 'rrdc2x6afd5b']
const CAPABILITY = `https://alice2.example/p/${TOKEN}/`
const OPEN = 'https://alice2.example/2026/11/dinner-with-friends/'

function createBlog(t: TestContext, files: Files) {
  const site = createSite(files)
  t.after(() => site.dispose())
  return site
}

async function check(cwd: string, ...args: string[]) {
  let out = ''
  const terminal = {
    out: (text: string) => void (out += text),
    error: () => {},
    isInteractive: false,
  }
  const now = () => new Date('2026-11-21T12:00:00Z')
  const { signal } = new AbortController()
  const context = { cwd, environment: {}, terminal, now, signal, readSecret: async () => '' }
  const exitCode = await run([checkCommand], ['check', ...args], context)
  return { exitCode, out }
}

describe('a reply to a secret', () => {
  const replies: readonly [name: string, key: string, url: string][] = [
    ['hexadecimal with .html', 'inReplyTo', `https://alice2.example/message/${HEX}.html`],
    ['NewBase60 with .html', 'inReplyTo', `https://alice2.example/message/${BASE60}.html`],
    ['in the query', 'inReplyTo', `https://alice2.example/message?key=${HEX}`],
    ['behind a gate', 'inReplyTo', 'https://alice2.example/private/rrdc2x6afd5b/'],
    ['by like-of', 'like-of', CAPABILITY],
    ['by repost_of', 'repost_of', CAPABILITY],
    ['by bookmarkOf', 'bookmarkOf', CAPABILITY],
  ]
  for (const [name, key, url] of replies) {
    it(`${name} is private, for the author of the parent, and a public one is published`, async (t) => {
      const site = createBlog(t, {
        'reply.md': post(`title: Secretly\n${key}: ${url}`, 'This is for you.'),
        'open.md': post(`title: Openly\n${key}: ${OPEN}`, 'This is for all.'),
      })
      const built = await site.build()
      assert.doesNotMatch(built.publicBytes(), /Secretly|This is for you/)
      for (const secret of SECRETS) assert.ok(!built.publicBytes().includes(secret))
      assert.match(built.copy('reply.md', 'https://alice2.example/'), /This is for you/)
      assert.match(built.read('open/index.html'), /This is for all/)
    })
  }

  const markups: readonly [name: string, file: string, body: string][] = [
    ['HTML', 'reply.md', `See <a href="${CAPABILITY}" class="u-in-reply-to">this</a>.`],
    ['a data element', 'reply.njk', `<data value="${CAPABILITY}" class="u-like-of"></data> Yes.`],
    [
      'a cited post',
      'reply.liquid',
      `<div class="u-in-reply-to h-cite"><a class="u-url" href="${CAPABILITY}">Yes.</a></div>`,
    ],
  ]
  for (const [name, file, body] of markups) {
    it(`by ${name} in the text is private`, async (t) => {
      const site = createBlog(t, { [file]: post('title: Secretly', body), 'index.md': '# Hello' })
      const built = await site.build()
      assert.deepEqual(
        built.files.filter((path) => path.includes('reply')),
        [],
      )
      assert.ok(!built.publicBytes().includes(TOKEN))
      assert.match(built.copy(file, 'https://alice2.example/'), new RegExp(TOKEN))
    })
  }

  it('beside "visibility: public" stops the build, and says so without the address', async (t) => {
    const site = createBlog(t, {
      'reply.md': post(`visibility: public\nlikeOf: ${CAPABILITY}`),
    })
    await assert.rejects(site.build(), (error: Error) => {
      const text = inspect(error, { depth: 5 })
      assert.match(text, /reply\.md, line 4: likeOf: .*secret address/)
      assert.ok(!text.includes(TOKEN))
      return true
    })
  })
})

describe('a public page with a secret of somebody else', () => {
  const places: readonly [name: string, files: Files][] = [
    ['in a link', { 'index.md': `[this](${CAPABILITY})` }],
    ['in the text', { 'index.md': `It is at ${CAPABILITY}.` }],
    ['in the text, without a scheme', { 'index.md': `It is at alice2.example/p/${TOKEN}/.` }],
    ['in a comment', { 'index.html': `<p>Hello.</p><!-- ${CAPABILITY} -->` }],
    ['in an attribute', { 'index.html': `<p data-source="${CAPABILITY}">Hello.</p>` }],
    ['in a picture', { 'index.html': `<img src="${CAPABILITY}cat.jpg" alt="">` }],
    ['in a script', { 'index.html': `<script>fetch("${CAPABILITY}")</script>` }],
    [
      'in JSON with escapes',
      { 'a.njk': `---\npermalink: /a.json\n---\n{"url":"${CAPABILITY.replaceAll('/', '\\/')}"}` },
    ],
    [
      'percent-encoded in a link of ours',
      { 'index.html': `<a href="/share?u=${encodeURIComponent(CAPABILITY)}">share</a>` },
    ],
    ['with entities', { 'index.html': `<a href="${CAPABILITY.replaceAll('/', '&#x2F;')}">a</a>` }],
    ['without its scheme', { 'index.html': `<a href="${CAPABILITY.slice(6)}">a</a>` }],
    ['in a feed', { 'f.njk': `---\npermalink: /feed.xml\n---\n<link>${CAPABILITY}</link>` }],
    ['from the front matter', { 'a.njk': `---\nsource: ${CAPABILITY}\n---\n{{ source }}` }],
    ['in a file that is copied', { 'index.md': 'Hello.', 'links.txt': `See ${CAPABILITY}` }],
    ['by a shortcode', { 'index.njk': '{% reply "alice2.example" %}' }],
  ]
  const options: BuildOptions = {
    config(eleventyConfig) {
      eleventyConfig.addPassthroughCopy('links.txt')
      eleventyConfig.addShortcode(
        'reply',
        (host: string) => `<a class="u-in-reply-to" href="https://${host}/p/${TOKEN}/">this</a>`,
      )
    },
  }
  for (const [name, files] of places) {
    it(`${name} stops the build`, async (t) => {
      const site = createBlog(t, files)
      await assert.rejects(site.build(options), (error: Error) => {
        assert.match(error.message, /\(foreign-secret\)/)
        assert.ok(!error.message.includes(TOKEN))
        return true
      })
      const open = Object.entries(files).map(([path, text]) => [path, openly(String(text))])
      const other = createBlog(t, Object.fromEntries(open))
      await other.build({ config: options.config === undefined ? () => {} : withOpenLink })
    })
  }

  it('is named with its source, file and line, and the address cut short', async (t) => {
    const site = createBlog(t, {
      'notes/one.md': post('title: One', `First.\n\nAt ${CAPABILITY}, as I said.`),
    })
    await assert.rejects(site.build(), (error: Error) => {
      assert.match(
        error.message,
        /^notes\/one\.md: https:\/\/alice2\.example\/p\/4jkq…\/ is public in notes\/one\/index\.html, line \d+: .*\(foreign-secret\)\. To do: /m,
      )
      return true
    })
  })

  it('is named once, although a feed and a list repeat it', async (t) => {
    const list = (permalink: string) =>
      `---\npermalink: ${permalink}\neleventyExcludeFromCollections: true\n---\n{% for p in collections.notes %}{{ p.content }}{% endfor %}`
    const site = createBlog(t, {
      'a-feed.liquid': list('/a-feed.xml'),
      'index.liquid': list('/'),
      'notes/one.md': post('title: One\ntags: notes', `At ${CAPABILITY}, as I said.`),
    })
    await assert.rejects(site.build(), (error: Error) => {
      assert.equal(error.message.match(/foreign-secret\)/g)?.length, 1, error.message)
      assert.match(
        error.message,
        /^notes\/one\.md: .*a-feed\.xml, line \d+; .*index\.html, line \d+/m,
      )
      return true
    })
  })

  it('is named by the data file that it came from', async (t) => {
    const site = createBlog(t, {
      '_data/links.json': JSON.stringify({ dinner: CAPABILITY }),
      'index.njk': '{{ links.dinner }}',
    })
    await assert.rejects(site.build(), {
      message: /^_data\/links\.json: /m,
    })
  })

  it('passes where the author says by name why', async (t) => {
    const site = createBlog(t, {
      'one.md': `At ${CAPABILITY}`,
      'two.md': post(`visibility: public\nlikeOf: ${CAPABILITY}`, '{{ likeOf }}'),
    })
    const except = (post: string) => ({
      options: {
        auditExceptions: [{ post, kind: 'foreign-secret', why: 'alice2 has published it' }],
      },
    })
    await assert.rejects(site.build(except('two.md')), {
      message: /^one\.md: .*foreign-secret/m,
    })
    const built = await site.build(except('*.md'))
    assert.match(built.read('one/index.html'), new RegExp(TOKEN))
    assert.match(built.read('two/index.html'), new RegExp(TOKEN))
  })

  it('is found by "check", too', async (t) => {
    const site = createBlog(t, { 'index.md': 'Hello.' })
    await site.build()
    const clean = await check(site.folder)
    assert.equal(clean.exitCode, 0)
    site.write({ '_site/index.html': `<p>At ${CAPABILITY}</p>`, 'index.md': `At ${CAPABILITY}` })
    const { exitCode, out } = await check(site.folder)
    assert.equal(exitCode, 1)
    assert.match(
      out,
      /index\.html:1 +foreign-secret +index\.md +https:\/\/alice2\.example\/p\/4jkq…\//,
    )
    assert.ok(!out.includes(TOKEN))
    const { out: json } = await check(site.folder, '--json')
    assert.deepEqual(JSON.parse(json).findings, [
      {
        file: 'index.html',
        line: 1,
        kind: 'foreign-secret',
        post: 'index.md',
        seen: 'https://alice2.example/p/4jkq…/',
      },
    ])
  })

  it('may stand in the copies of a private answer, which its readers alone have', async (t) => {
    const site = createBlog(t, {
      'reply.md': post(`audience: https://alice2.example/\ninReplyTo: ${CAPABILITY}`, CAPABILITY),
    })
    const built = await site.build()
    assert.match(built.copy('reply.md', 'https://alice2.example/'), new RegExp(TOKEN))
  })
})

describe('an address that only the site knows to be private', () => {
  const DINNER = 'https://bob.example/dinner/'

  it('makes an answer private, and stops a public page', async (t) => {
    const site = createBlog(t, { 'reply.md': post(`inReplyTo: ${DINNER}`, 'Gladly.') })
    assert.match((await site.build()).read('reply/index.html'), /Gladly/)

    const ledger = join(site.folder, 'private-posts.ledger.json')
    const now = new Date('2026-11-21T12:00:00Z')
    await rememberSecrets(knownSecretsFileOf(ledger), [new URL(DINNER)], { now, days: 30 })
    const built = await site.build()
    assert.doesNotMatch(built.publicBytes(), /Gladly/)
    assert.match(built.copy('reply.md', 'https://bob.example/'), /Gladly/)

    site.write({ 'index.md': `See <${DINNER}>` })
    await assert.rejects(site.build(), { message: /^index\.md: .*foreign-secret/m })
    site.remove('index.md')
    site.write({ 'lunch.md': 'See <https://bob.example/lunch/>' })
    assert.match((await site.build()).read('lunch/index.html'), /bob\.example\/lunch/)
  })
})

describe('an ordinary page', () => {
  it('is no finding, whatever its addresses look like', async (t) => {
    const site = createBlog(t, {
      'index.html': ORDINARY,
      'notes/01ARZ3NDEKTSV4RRFFQ69G5FAV.md': 'A note with an address like that.',
      'feed.njk': `---\npermalink: /feed.xml\n---\n<guid isPermaLink="false">urn:uuid:3f2504e0-4f89-41d3-9a0c-0305e82c3301</guid><id>tag:alice.example,2026:${HEX}</id>`,
      'app.js': `//# sourceMappingURL=app.${HEX}.js.map\nimport("https://cdn.jsdelivr.net/npm/a@1/+esm")`,
    })
    const built = await site.build({
      config: (eleventyConfig) => eleventyConfig.addPassthroughCopy('app.js'),
    })
    assert.ok(built.files.includes('index.html'))
  })
})

const ORDINARY = `<!doctype html>
<link rel="webmention" href="https://webmention.io/alice.example/webmention">
<link rel="authorization_endpoint" href="https://indieauth.com/auth">
<link rel="canonical" href="https://alice.example/notes/01ARZ3NDEKTSV4RRFFQ69G5FAV/">
<link rel="stylesheet" href="/assets/index-${HEX}.css" integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC">
<script src="https://plausible.io/js/script.js" data-domain="alice.example"></script>
<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABCDEF1234"></script>
<script defer src="https://static.cloudflareinsights.com/beacon.min.js/v84a3a4012de94ce1a686ba8c167c359c1696973893317"></script>
<img src="https://www.gravatar.com/avatar/${HEX}?s=80" alt="">
<img src="https://cdn.example/img/${HEX}-600.webp" alt="">
<img src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABgAAAAYCAYAAADgdz34" alt="">
<a href="https://alice.example/notes/01ARZ3NDEKTSV4RRFFQ69G5FAV/">mine</a>
<a href="https://www.alice.example/notes/01ARZ3NDEKTSV4RRFFQ69G5FAV/">mine by another name</a>
<a href="https://github.com/11ty/eleventy/commit/c9595d8f42752fa72c66991c71f281ea960840c9">a commit</a>
<a href="https://medium.com/@bob/what-i-learned-about-gardening-3f2a9c4d5e6f">Medium</a>
<a href="https://mastodon.social/@bob/112345678901234567">a toot</a>
<a href="https://www.youtube.com/playlist?list=PLillGF-RfqbYE6Ik_EuXA2iZFcE082B3s">films</a>
<iframe src="https://open.spotify.com/embed/track/4uLU6hMCjMI75M1A2tKUQC?utm_source=oembed"></iframe>
<iframe src="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"></iframe>
<a href="https://www.figma.com/file/LKQ4FJ4bTnCSjedbRpk931/Sample-File">Figma</a>
<a href="https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Falice.example%2Fnotes%2F01ARZ3NDEKTSV4RRFFQ69G5FAV%2F">share</a>
<script type="application/json">{"a":"https:\\/\\/alice.example\\/x","hash":"${HEX}"}</script>
`

function openly(text: string): string {
  return [
    CAPABILITY,
    CAPABILITY.replaceAll('/', '\\/'),
    encodeURIComponent(CAPABILITY),
    CAPABILITY.replaceAll('/', '&#x2F;'),
    CAPABILITY.slice(6),
    `alice2.example/p/${TOKEN}/`,
  ].reduce((all, written) => all.replaceAll(written, OPEN), text)
}

// eslint-disable-next-line -- Eleventy's configuration has no published type
function withOpenLink(eleventyConfig: any): void {
  eleventyConfig.addPassthroughCopy('links.txt')
  eleventyConfig.addShortcode('reply', (host: string) => `<a href="https://${host}/">this</a>`)
}
