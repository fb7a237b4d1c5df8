import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { findSources, type SourcesOptions } from '../../lib/post/sources.ts'

type Files = Readonly<Record<string, string>>

async function find(t: TestContext, files: Files, options: Partial<SourcesOptions> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'private-posts-sources-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const isNamedPrivate = (path: string) => path.startsWith('private/')
  return findSources({ root, isNamedPrivate, ...options })
}

const pathsOf = (sources: readonly { readonly path: string }[]) => sources.map(({ path }) => path)

describe('findSources()', () => {
  const PRIVATE = 'visibility: private\naudience: [Mum]'

  /** A private source, and the same file with one thing changed. */
  const rows: readonly (readonly [string, string, string, string])[] = [
    ['front matter in YAML', 'a.md', `---\n${PRIVATE}\n---\n`, '---\nvisibility: public\n---\n'],
    ['unlisted', 'a.md', '---\nvisibility: unlisted\n---\n', '---\n---\n'],
    ['an audience', 'a.liquid', '---\naudience: Mum\n---\n', '---\naudience: public\n---\n'],
    ['private: true', 'a.webc', '---\nprivate: true\n---\n', '---\nprivate: false\n---\n'],
    ['Windows line ends', 'a.md', '---\r\nprivate: true\r\n---\r\n', '---\r\nx: 1\r\n---\r\n'],
    ['a byte order mark', 'a.md', '\ufeff---\nprivate: true\n---\n', '\ufeff---\nx: 1\n---\n'],
    ['a typing error', 'a.md', '---\nvisiblity: private\n---\n', '---\nvision: blurred\n---\n'],
    ['an unknown word', 'a.md', '---\nvisibility: secret\n---\n', '---\nsecret: 1\n---\n'],
    ['YAML that cannot be read', 'a.md', '---\na: [\n---\n', '---\na: []\n---\n'],
    ['front matter in JSON', 'a.njk', '---json\n{"private": true}\n---\n', '---json\n{}\n---\n'],
    [
      'front matter in JavaScript',
      'a.md',
      `---js\n{ visibility: 'private' }\n---\n`,
      `---js\n{ title: 'private' }\n---\n`,
    ],
    [
      'front matter in JavaScript that is computed',
      'a.md',
      `---js\nconst visibility = isOld ? 'public' : 'private'\n---\n`,
      `---js\nconst x = visibility === 'private'\n---\n`,
    ],
    [
      'front matter in TOML',
      'a.md',
      '---toml\nvisibility = "unlisted"\n---\n',
      '---toml\nx = 1\n---\n',
    ],
    ['front matter in Hugo’s TOML', 'a.md', '+++\nprivate = true\n+++\n', '+++\nx = true\n+++\n'],
    [
      'a template in JavaScript',
      'a.11ty.js',
      'export const data = { private: true }',
      '// private: true',
    ],
    [
      'a template in TypeScript',
      'a.11ty.ts',
      `export const data = { "audience": ["Mum"] }`,
      `export const data = { "audience": "public" }`,
    ],
    ['a file with front matter', 'feed.xml', '---\nprivate: true\n---\n', '---\nx: 1\n---\n'],
    ['a file of a kind nobody knows', 'a.foo', '---\nprivate: true\n---\n', '---\nx: 1\n---\n'],
    ...['md', 'njk', 'html', 'hbs', 'mustache', 'pug', 'haml', 'ejs', 'mdx', 'vue', 'txt'].map(
      (extension) =>
        [
          `the language .${extension}`,
          `a.${extension}`,
          `---\n${PRIVATE}\n---\n`,
          '---\nx: 1\n---\n',
        ] as const,
    ),
  ]
  for (const [name, path, secret, open] of rows) {
    it(`recognises ${name}`, async (t) => {
      const found = await find(t, { [path]: secret })
      assert.deepEqual([pathsOf(found.privateSources), found.publicSources], [[path], []])
      const twin = await find(t, { [path]: open })
      assert.deepEqual([pathsOf(twin.privateSources), twin.publicSources], [[], [path]])
    })
  }

  it('runs no code', async (t) => {
    const bomb = `globalThis.exploded = true`
    await find(t, {
      'a.md': `---js\n(() => { ${bomb}; return { private: true } })()\n---\n`,
      'b.md': `---javascript\n(() => { ${bomb}; return {} })()\n---\n`,
      'c.11ty.js': bomb,
      'd/d.11tydata.js': bomb,
      'd/d.md': '',
    })
    assert.equal('exploded' in globalThis, false)
  })

  it('reads title, tags, text, access and natural paths', async (t) => {
    const { privateSources } = await find(
      t,
      {
        'src/notes/notes.json': '{"tags": "note", "permalink": "/n/{{ page.fileSlug }}/"}',
        'src/notes/2026-01-02-a.md': `---\ntitle: A\n${PRIVATE}\naccess: gate\ntags: [b, c]\ndescription: About a\n---\nText.\n`,
      },
      { input: './src' },
    )
    assert.deepEqual(privateSources, [
      {
        ...{ path: 'src/notes/2026-01-02-a.md', title: 'A', tags: ['note', 'b', 'c'] },
        ...{ body: 'Text.\n', summaries: ['About a'], access: 'gate' },
        naturalPaths: [
          'notes/2026-01-02-a.md',
          'notes/2026-01-02-a/index.html',
          'notes/2026-01-02-a.html',
          'notes/a/index.html',
          'notes/a.html',
          'n/a/index.html',
        ],
      },
    ])
  })

  it('merges data as Eleventy does', async (t) => {
    const secret = '{"visibility": "private", "audience": "Mum"}'
    const cases: readonly (readonly [Files, readonly string[]])[] = [
      [{ 'a/a.json': secret, 'a/b/c.md': '' }, ['a/b/c.md']],
      [{ 'a/b.json': secret, 'a/b/c.md': '' }, []],
      [{ 'a/a.11tydata.json': secret, 'a/c.md': '' }, ['a/c.md']],
      [{ 'a/a.11tydata.cjs': `module.exports = { private: true }`, 'a/c.md': '' }, ['a/c.md']],
      [
        { 'a/c.11tydata.js': `export default { private: true }`, 'a/c.md': '', 'a/d.md': '' },
        ['a/c.md'],
      ],
      [{ 'a/c.json': secret, 'a/c.md': '', 'a/d.md': '' }, ['a/c.md']],
      [{ 'a/a.json': secret, 'a/c.md': '---\nvisibility: public\naudience: public\n---\n' }, []],
      [{ 'a/a.json': '{', 'a/c.md': '', 'd.md': '' }, ['a/c.md']],
      [{ 'a/c.json': '[1]', 'a/c.md': '' }, []],
      [
        {
          '_includes/letter.njk': '---\nlayout: base\n---\n',
          '_includes/base.njk': '---\nprivate: true\n---\n',
          'a.md': '---\nlayout: letter.njk\n---\n',
          'b.md': '---\nlayout: other.njk\n---\n',
        },
        ['a.md'],
      ],
    ]
    for (const [files, expected] of cases) {
      const { privateSources } = await find(t, files)
      assert.deepEqual(pathsOf(privateSources), expected, Object.keys(files).join(' '))
    }
    const inInput = await find(t, { 'src/src.json': secret, 'src/a.md': '' }, { input: 'src' })
    assert.deepEqual(pathsOf(inInput.privateSources), ['src/a.md'])
  })

  it('counts what lies among private posts only as theirs', async (t) => {
    const { privateSources, attachments, publicSources } = await find(t, {
      'private/a.md': '',
      'private/cake.jpg': '',
      'private/private.json': '{}',
      'trip/day/a.md': '---\nprivate: true\n---\n',
      'trip/map.gpx': '',
      'mixed/a.md': '---\nprivate: true\n---\n',
      'mixed/a.11tydata.json': '{}',
      'mixed/b.md': '',
      'mixed/map.gpx': '',
      'css/a.css': '',
      'eleventy.config.js': '',
      '_data/site.json': '{}',
      '_includes/private/base.njk': '',
      'private/_includes/logo.svg': '',
    })
    assert.deepEqual(pathsOf(privateSources), ['mixed/a.md', 'private/a.md', 'trip/day/a.md'])
    assert.deepEqual(pathsOf(attachments), [
      'mixed/a.11tydata.json',
      'private/cake.jpg',
      'private/private.json',
      'trip/map.gpx',
    ])
    assert.deepEqual(publicSources, [
      '_data/site.json',
      '_includes/private/base.njk',
      'css/a.css',
      'eleventy.config.js',
      'mixed/b.md',
      'mixed/map.gpx',
      'private/_includes/logo.svg',
    ])
  })

  it('takes nothing for a source that was built, installed or hidden', async (t) => {
    const found = await find(
      t,
      {
        'index.md': '',
        '.eleventy.js': '',
        '.env': '',
        '.cache/a.md': '',
        'node_modules/a/a.md': '',
        '_site/a.html': '',
        'dist/a.html': '',
        'old/p/xxxxxxxxxxxxxxxxxxxxxxxxxx/index.html': '',
        'older/index.html': '',
        'kept/index.html': '',
        '.gitignore': '/older/\n*.log\n',
        'ledger.json': '',
      },
      { exclude: ['dist', 'ledger.json'] },
    )
    assert.deepEqual(found.publicSources, ['.eleventy.js', 'index.md', 'kept/index.html'])
  })

  it('looks for posts in the input folder, and for public words in the whole project', async (t) => {
    const files = { 'src/a.md': '---\nprivate: true\n---\n', 'b.md': '---\nprivate: true\n---\n' }
    const found = await find(t, { ...files, '_includes/base.njk': '' }, { input: 'src' })
    assert.deepEqual(pathsOf(found.privateSources), ['src/a.md'])
    assert.deepEqual(found.publicSources, ['_includes/base.njk', 'b.md'])
    assert.deepEqual(pathsOf((await find(t, files)).privateSources), ['b.md', 'src/a.md'])
  })
})
