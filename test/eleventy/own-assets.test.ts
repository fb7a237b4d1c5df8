import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { createSite, post, type BuildOptions, type Site } from '../support/site.ts'

const PRIVATE =
  'title: Party\nvisibility: private\naudience: [Bob]\ntags: [post, hushtag, Über Größe]'
const TEXT = 'We meet behind the old windmill at nine.'

let site: Site | undefined
afterEach(() => site?.dispose())

/** Builds a private post with such a body beside some public pages. */
async function build(body: string, options: BuildOptions = {}, more = {}) {
  site = createSite({
    'index.md': post('title: Home', '<link rel="stylesheet" href="/css/site.css">'),
    'about.md': post('title: About\npermalink: /about.html'),
    'posts/menu.md': post('title: Menu\ntags: [post]'),
    'css/site.css': 'body { color: black }',
    'tags.njk':
      '---\npagination: { data: collections, size: 1, alias: tag }\npermalink: /tags/{{ tag }}/\neleventyExcludeFromCollections: true\n---\n{{ tag }}',
    'posts/party.md': post(PRIVATE, `${TEXT}\n\n${body}`),
    ...more,
  })
  const built = await site.build({
    ...options,
    config(eleventyConfig) {
      eleventyConfig.addPassthroughCopy('css')
      options.config?.(eleventyConfig)
    },
  })
  return {
    copy: built.copy('posts/party.md', 'Bob'),
    warnings: built.printed.filter((line) => line.includes('not in the output')),
  }
}

/** Things of the site that a private page loads or links to, and that are not there. */
const MISSING: Record<string, [body: string, named: RegExp]> = {
  'a stylesheet': [
    '<link rel="stylesheet" href="/css/party.css">',
    /posts\/party\.md: the page loads \/css\/party\.css, which is not in the output\. To do: /,
  ],
  'a script': ['<script src="/js/party.js?v=1"></script>', /loads \/js\/party\.js\?v=1,/],
  'a picture': ['![](/img/cake.jpg)', /loads \/img\/cake\.jpg,/],
  'a picture by its whole address': [
    '![](https://alice.example/img/cake.jpg)',
    /loads https:\/\/alice\.example\/img\/cake\.jpg,/,
  ],
  'a picture beside the post': ['![](cake.jpg)', /loads cake\.jpg,/],
  'a picture of a list': [
    '<img src="/css/site.css" srcset="/img/cake.jpg 1x, /css/site.css 2x">',
    /loads \/img\/cake\.jpg,/,
  ],
  'a picture that is preloaded': [
    '<link rel="preload" as="image" imagesrcset="/img/cake.jpg 2x">',
    /loads \/img\/cake\.jpg,/,
  ],
  'a picture of a style': ['<p style="background: url(/img/cake.jpg)">', /loads \/img\/cake\.jpg,/],
  'a picture of a stylesheet in the page': [
    '<style>p { background: url("/img/cake.jpg") }</style>',
    /loads \/img\/cake\.jpg,/,
  ],
  'a stylesheet of another one': ['<style>@import "/css/a.css"</style>', /loads \/css\/a\.css,/],
  'a page that a drawing links to': [
    '<svg><a href="/plan/"><text>x</text></a></svg>',
    /links to \/plan\/,/,
  ],
  'a page': ['[the plan](/plan/)', /links to \/plan\/,/],
  'a relative page': ['[the plan](../plan/)', /links to \.\.\/plan\/,/],
  'a source that is no page': ['[the plan](./plan.md)', /links to \.\/plan\.md,/],
  'an address that is a secret': [
    '[the plan](/notes/q7m2x9r4kdw8v3ht6ync5bze1f/)',
    /links to \/notes\/q7m2…\/,/,
  ],
}

/** What no one needs to hear of. */
const THERE: Record<string, string> = {
  'a stylesheet that is there': '<link rel="stylesheet" href="/css/site.css?v=2">',
  'a page, with and without its slash':
    '[a](/posts/menu/) [b](/posts/menu) [c](/posts/menu/index.html)',
  'a page with and without its extension': '[a](/about.html) [b](/about) [c](/about/)',
  'a page of another site on the same machine': '[b](http://bob.localhost:8380/notes/1/)',
  'the home page': '[home](/) [home](https://alice.example/) [home](https://www.alice.example)',
  'a fragment, a query, an address without a host':
    '[a](#x) [b](?x=1) [c](mailto:bob@bob.example) [d](tel:+49)',
  'a style that loads nothing, or what is there':
    '<style>/* 1/2 */ @import "/css/site.css"; p { background: url(data:image/png;base64,AA==) }</style>',
  'another site': '[a](https://bob.example/nowhere/)',
  'a function of ours':
    '[a](/inbox) [b](/private/) <a href="/indieauth/auth?x=1">c</a> <img src="/.netlify/images?url=/x.jpg">',
  'what the host answers by a rule': '[a](/old/post/) [b](/go/x) [c](/search?q=1)',
}

describe('what a private page needs of its own site', () => {
  for (const [what, [body, named]] of Object.entries(MISSING)) {
    it(`is named once when it is not there: ${what}`, async () => {
      const { warnings } = await build(body)
      assert.equal(warnings.length, 1, warnings.join('\n'))
      assert.match(warnings[0] ?? '', named)
      assert.doesNotMatch(warnings.join(), /windmill|uu[pnrm]\d{5}/)
    })
  }

  for (const [what, body] of Object.entries(THERE)) {
    it(`is no reason for a word: ${what}`, async () => {
      const { warnings } = await build(
        body,
        { config: (eleventyConfig) => eleventyConfig.addPassthroughCopy('_redirects') },
        {
          _redirects: '/old/* /posts/:splat 301\n/go/:name /posts/menu/\n',
          'netlify.toml':
            '[[redirects]]\n  from = "/search"\n  to = "/.netlify/functions/search"\n',
        },
      )
      assert.deepEqual(warnings, [])
    })
  }

  it('is no reason for a word when public pages miss it as well', async () => {
    const { warnings } = await build(
      '[the plan](/plan/)',
      {},
      { 'other.md': post('title: Other', '[the plan](/plan/)') },
    )
    assert.deepEqual(warnings, [])
  })

  it('is named with the number of posts that miss it', async () => {
    const { warnings } = await build(
      '![](/img/cake.jpg)',
      {},
      { 'posts/b.md': post('visibility: private\naudience: [Bob]', '![](/img/cake.jpg)') },
    )
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] ?? '', /posts\/\w+\.md and 1 more: the page loads \/img\/cake\.jpg/)
  })

  it('is seen below a path prefix, and nothing beside it', async () => {
    const { warnings } = await build(
      '[a](/blog/posts/menu/) [b](/blog/plan/) [c](/other-app/) [d](https://alice.example/other-app/x)',
      { pathPrefix: '/blog/' },
    )
    assert.equal(warnings.length, 1, warnings.join('\n'))
    assert.match(warnings[0] ?? '', /links to \/blog\/plan\//)
  })
})

describe('a relative address on a private page', () => {
  it('leads to what it would mean at the place that the post would have', async () => {
    const { copy, warnings } = await build(
      '[a](../menu/) [b](../menu/#starters) [c](menu.md) [d](./menu.md?x) <link rel="stylesheet" href="../../css/site.css">',
    )
    assert.match(copy, /href="\/posts\/menu\/">a/)
    assert.match(copy, /href="\/posts\/menu\/#starters">b/)
    assert.match(copy, /href="\/posts\/menu\/">c/)
    assert.match(copy, /href="\/posts\/menu\/\?x">d/)
    assert.match(copy, /href="\/css\/site\.css"/)
    assert.deepEqual(warnings, [])
  })

  it('keeps the path prefix', async () => {
    const { copy } = await build('[a](../menu/)', { pathPrefix: '/blog/' })
    assert.match(copy, /href="\/blog\/posts\/menu\/">a/)
  })

  it('that begins with the address of the page means what lies beside the source', async () => {
    const { copy, warnings } = await build(
      '<img src="{{ page.url }}cake.jpg">',
      {},
      { 'posts/cake.jpg': 'a cake' },
    )
    assert.match(copy, /<img src="\/p\/[0-9a-z]{26}\/cake\.jpg">/)
    assert.deepEqual(warnings, [])
  })
})

describe('a link of a private page that leads nowhere', () => {
  it('keeps its text: to the page of a tag that only private posts have', async () => {
    const { copy, warnings } = await build(
      '[hush](/tags/hushtag/) [post](/tags/post/) <a class="x" href="/tags/hushtag/">hush</a>',
    )
    assert.match(copy, /<a>hush<\/a>/)
    assert.match(copy, /<a class="x">hush<\/a>/)
    assert.match(copy, /href="\/tags\/post\/"/)
    assert.deepEqual(warnings, [])
  })

  for (const address of [
    '/tags/hushtag',
    '/tags/hushtag/index.html',
    '/tags/hushtag/?a#b',
    '/tags/hushtag/2/',
    '/tags/hushtag/page/2/',
    '/tags/hushtag/feed.xml',
    '../../tags/hushtag/',
    'https://alice.example/tags/hushtag/',
    '/tags/%C3%BCber-gr%C3%B6%C3%9Fe/',
    '/tags/ueber-groesse/',
    '/tags/uber-grosse/',
    'party.md',
    './party.md#x',
  ]) {
    it(`keeps its text, and no line says where it led: ${address}`, async () => {
      const { copy, warnings } = await build(`<a href="${address}">there</a>`)
      assert.match(copy, /<a>there<\/a>/)
      assert.deepEqual(warnings, [])
    })
  }

  it('is said to lead nowhere when it has nothing to do with the tags of the post', async () => {
    const { copy, warnings } = await build(
      '[a](/tags/other/) [b](/tags/post/none/) [c](/hushtags/)',
    )
    assert.doesNotMatch(copy, /<a>/)
    assert.equal(warnings.length, 3)
  })

  it('keeps its text: to the address that the post itself would have', async () => {
    const { copy, warnings } = await build('[here](/posts/party/) [there](/posts/party.html)')
    assert.match(copy, /<a>here<\/a> <a>there<\/a>/)
    assert.deepEqual(warnings, [])
  })
})
