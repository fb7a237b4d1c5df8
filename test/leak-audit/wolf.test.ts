import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sha256 } from '../../lib/leak-audit/output-files.ts'
import { audit, type AuditedSite } from './output.ts'

const BOILERPLATE =
  'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor.'
const POST = {
  post: 'private/dinner.md',
  title: 'Dinner',
  slugs: ['dinner'],
  naturalPaths: ['private/dinner/index.html'],
  tags: ['family', 'post'],
  text: `${BOILERPLATE}\n\nThe table is laid for seven and nobody else may know.`,
}

interface Row {
  readonly name: string
  /** Explained by public sources. */
  readonly clean: AuditedSite
  /** The same without them. */
  readonly leak: Partial<AuditedSite>
  readonly kinds: readonly string[]
}

const ROWS: readonly Row[] = [
  {
    name: 'a paragraph that a public post has too',
    clean: {
      publicSources: {
        'posts/a.md': `---\ntitle: A\n---\n> Lorem *ipsum* dolor sit amet,\n> consectetur adipiscing elit, [sed](/x) do eiusmod tempor.`,
      },
      output: { 'a/index.html': `<blockquote>${BOILERPLATE}</blockquote>` },
    },
    leak: { publicSources: {} },
    kinds: ['sentence'],
  },
  {
    name: 'text of a layout, a data file or a script',
    clean: {
      publicSources: {
        '_includes/base.njk': `<footer>{{ x }}<p>Lorem ipsum <b>dolor</b> sit amet, consectetur adipiscing elit, sed</p></footer>`,
        '_data/site.json': JSON.stringify({
          about: 'dolor sit amet, consectetur adipiscing elit, sed do',
        }),
        'eleventy.config.js':
          'const words = `sit amet, consectetur adipiscing elit, sed do eiusmod tempor`',
      },
      output: { 'a/index.html': `<p>${BOILERPLATE}</p>` },
    },
    leak: { publicSources: {} },
    kinds: ['sentence'],
  },
  {
    name: 'a short title where a public source has the word',
    clean: {
      publicSources: { 'posts/a.md': 'We had *dinner* at home.' },
      output: { 'a/index.html': '<p>We had <em>dinner</em> at home.</p>' },
    },
    leak: { publicSources: {} },
    kinds: ['title'],
  },
  {
    name: 'a short title within a sentence',
    clean: { output: { 'a/index.html': '<p>The dinner was good. Dinner: eight.</p>' } },
    leak: { output: { 'a/index.html': '<h2>Dinner</h2>' } },
    kinds: ['title'],
  },
  {
    name: 'a long title that a public post has in its text',
    clean: {
      posts: [{ post: 'private/a.md', title: 'Merry Christmas' }],
      publicSources: { 'posts/a.md': 'And a merry Christmas to you!' },
      output: { 'a/index.html': '<p>And a merry Christmas to you!</p>' },
    },
    leak: { publicSources: {} },
    kinds: ['title'],
  },
  {
    name: 'the name of a public source',
    clean: {
      publicSources: { 'recipes/2026-01-02-dinner.md': '' },
      output: { 'index.html': '<a href="/recipes/dinner/">x</a>' },
    },
    leak: { publicSources: {} },
    kinds: ['slug'],
  },
  {
    name: 'an address that is made from a public title',
    clean: {
      publicSources: {
        'recipes/a.md': '---\ntitle: Dinner\npermalink: /{{ title | slugify }}/\n---',
      },
      output: { 'dinner/index.html': '<a href="/dinner/">x</a>' },
    },
    leak: { publicSources: {} },
    kinds: ['slug', 'slug'],
  },
  {
    name: 'a link that the author wrote in public',
    clean: {
      publicSources: { 'posts/a.md': '[menu](https://cafe.example/dinner?day=1)' },
      output: { 'a/index.html': '<a href="https://cafe.example/dinner?day=1">menu</a>' },
    },
    leak: { publicSources: {} },
    kinds: ['slug'],
  },
  {
    name: 'a tag that a public post has too',
    clean: {
      publicSources: { 'posts/a.md': '---\ntags: [family, post]\n---\n' },
      output: {
        'tags/family/index.html': '<a class="tag" rel="tag" href="/tags/family/">family</a>',
      },
    },
    leak: { publicSources: {} },
    kinds: ['tag', 'tag'],
  },
  {
    name: 'a tag that the data file of a public folder gives',
    clean: {
      publicSources: { 'posts/posts.11tydata.js': "export default { tags: ['family'] }" },
      output: { 'index.html': '<li>Family</li>' },
    },
    leak: { publicSources: {} },
    kinds: ['tag'],
  },
  {
    name: 'a tag as a word of public prose',
    clean: { output: { 'index.html': '<p>my family</p>' } },
    leak: { output: { 'index.html': '<p><a>family</a></p>' } },
    kinds: ['tag'],
  },
  {
    name: 'a page that a public source has at the same address',
    clean: {
      publicNaturalPaths: ['private/dinner/index.html'],
      publicSources: { 'dinner.njk': '' },
      output: {
        'private/dinner/index.html': '',
        'sitemap.txt': 'https://a.example/private/dinner/',
      },
    },
    leak: { publicNaturalPaths: [], publicSources: {} },
    kinds: ['natural-path', 'slug', 'natural-path', 'slug'],
  },
  {
    name: 'a longer path that ends like the path of a private source',
    clean: {
      publicSources: { 'archive/private/dinner.md': '' },
      output: {
        'index.html': '<a href="https://git.example/archive/private/dinner.md">source</a>',
      },
    },
    leak: { publicSources: { 'archive/public/dinner.md': '' } },
    kinds: ['input-path'],
  },
  {
    name: 'a file that lies among public sources too',
    clean: {
      posts: [
        {
          post: 'private/a.md',
          attachments: [{ path: 'private/logo.png', sha256: sha256(Buffer.from('image')) }],
        },
      ],
      publicSources: { 'img/logo.png': 'image' },
      output: { 'img/x.png': 'image' },
    },
    leak: { publicSources: { 'img/logo.png': 'another' } },
    kinds: ['attachment'],
  },
  {
    name: 'dates and numbers',
    clean: {
      posts: [
        {
          post: 'private/1.md',
          title: '2026-01-02',
          slugs: ['2026'],
          tags: ['2026'],
          text: '1 2 3 4 5 6 7 8 9 10',
        },
        { post: 'private/2.md', title: 'January 2026', text: '' },
      ],
      output: {
        'index.html':
          '<time datetime="2026-01-02">January 2026</time><p>1 2 3 4 5 6 7 8 9 10</p><a href="/2026/01/02/">x</a>',
      },
    },
    leak: {
      posts: [{ post: 'private/2.md', title: 'January at the seaside' }],
      output: { 'index.html': 'January at the seaside' },
    },
    kinds: ['title'],
  },
  {
    name: 'the name of an element that a post is called like',
    clean: {
      posts: [{ post: 'private/table.md', slugs: ['table'] }],
      output: { 'index.html': '<table><tr><td>1</table>' },
    },
    leak: { output: { 'index.html': '<a href="/table/">x</a>' } },
    kinds: ['slug'],
  },
]

describe('auditOutput() does not cry wolf', () => {
  for (const { name, clean, leak, kinds } of ROWS) {
    it(`at ${name}`, async (t) => {
      const site = { posts: [POST], ...clean }
      assert.deepEqual(await audit(t, site), [])
      const findings = await audit(t, { ...site, ...leak })
      assert.deepEqual(
        findings.map(({ kind }) => kind),
        kinds,
      )
    })
  }

  it('at what is short by itself, until it is the whole post', async (t) => {
    const output = { 'index.html': 'See you at eight, then.' }
    const short = { post: 'private/a.md', text: 'See you at eight!' }
    assert.deepEqual(
      (await audit(t, { posts: [short], output })).map(({ kind }) => kind),
      ['sentence'],
    )
    const long = { ...short, text: `${short.text} ${BOILERPLATE}` }
    assert.deepEqual(await audit(t, { posts: [long], output }), [])
    const shortest = { ...short, text: 'See you!' }
    assert.deepEqual(await audit(t, { posts: [shortest], output }), [])
  })
})
