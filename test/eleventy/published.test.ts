import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { run } from '../../lib/cli/run.ts'
import { checkCommand } from '../../lib/cli/check.ts'
import { createSite, post, type BuildOptions, type Files, type Site } from '../support/site.ts'

const SENTENCE = 'The zanzibar lanterns hang over the long table from six in the evening on.'
const PRIVATE = post('title: Surprise for Quokka\naudience: [Bob]', SENTENCE)
/** Publishes the text of the private post, as a careless search index does. */
const LEAK = `module.exports = class {
  data() { return { permalink: '/leak.txt', eleventyExcludeFromCollections: true } }
  render() { return require('node:fs').readFileSync('private/party.md', 'utf8').split('---').at(-1) }
}`
const SITE: Files = {
  'private/party.md': PRIVATE,
  'leak.11ty.cjs': LEAK,
  'index.md': post('title: Home'),
}
const COPY = post('title: Copy', SENTENCE)

let site: Site | undefined
afterEach(() => site?.dispose())

// eslint-disable-next-line -- Eleventy's configuration has no published type
type Configure = (eleventyConfig: any) => void

/** Copies of the text that no page of the output prints. */
const UNPUBLISHED: Record<string, [files: Files, config?: Configure, options?: BuildOptions]> = {
  'a file that .eleventyignore names': [{ 'old/a.md': COPY, '.eleventyignore': 'old/\n' }],
  'a file that .gitignore names': [{ 'old/a.md': COPY, '.gitignore': 'old/\n' }],
  'a file that the configuration ignores': [
    { 'old/a.md': COPY },
    (eleventyConfig) => eleventyConfig.ignores.add('old/**'),
  ],
  'a draft by its permalink': [{ 'a.md': post('permalink: false', SENTENCE) }],
  'a draft by the data of its folder': [
    { 'drafts/a.md': COPY, 'drafts/drafts.json': '{"permalink": false}' },
  ],
  'a draft by computed data': [
    {
      'drafts/a.md': COPY,
      'drafts/drafts.11tydata.cjs':
        'module.exports = { eleventyComputed: { permalink: () => false } }',
    },
  ],
  'a draft that a preprocessor leaves out': [
    { 'a.md': post('draft: true', SENTENCE) },
    (eleventyConfig) =>
      eleventyConfig.addPreprocessor('drafts', '*', (data: { draft?: boolean }) =>
        data.draft ? false : undefined,
      ),
  ],
  'data that no page names': [{ '_data/guests.json': JSON.stringify({ plan: SENTENCE }) }],
  'data that a private page names': [
    {
      '_data/guests.json': JSON.stringify({ plan: SENTENCE }),
      'private/list.md': post('title: The list\naudience: [Bob]', '{{ guests.plan }}'),
    },
  ],
  'a key of data beside the one that a page names': [
    {
      '_data/site.json': JSON.stringify({ name: 'My site', plan: SENTENCE }),
      'about.md': post('title: About', 'This is {{ site.name }}.'),
    },
  ],
  'an include that nobody names': [{ '_includes/old.liquid': SENTENCE }],
  'an include that a private page names': [
    {
      '_includes/plan.liquid': SENTENCE,
      'private/list.md': post('title: The list\naudience: [Bob]', '{% include "plan.liquid" %}'),
    },
  ],
  'a layout that only a private page has': [
    {
      '_includes/letter.liquid': `${SENTENCE} {{ content }}`,
      'private/list.md':
        '---\nlayout: letter.liquid\ntitle: The list\naudience: [Bob]\n---\nHello.',
    },
  ],
  'a comment in a public template': [
    { 'a.njk': `---\npermalink: /a/\n---\n{# ${SENTENCE} #}Hello.` },
  ],
  'backups of editors': [
    {
      'private/party.md~': COPY,
      'party.md.bak': COPY,
      'party.md.orig': COPY,
      'party.md.swp': COPY,
      '#party.md#': COPY,
      'party.bak': COPY,
    },
  ],
  'notes that are not built': [
    {
      'notes.txt': SENTENCE,
      TODO: SENTENCE,
      'README.rst': SENTENCE,
      'README.md': SENTENCE,
      '.eleventyignore': 'README.md',
    },
  ],
  'the output of other tools': [
    {
      'dist/index.htm': SENTENCE,
      '_site2/a/index.txt': SENTENCE,
      'public/a.json': `"${SENTENCE}"`,
      'docs/a.xml': SENTENCE,
    },
  ],
  'archives and bundles': [
    {
      'backup.tgz': gzipSync(SENTENCE),
      'backup.tar': `private/party.md\0\0${SENTENCE}`,
      'site.bundle': `# v2 git bundle\n${SENTENCE}`,
    },
  ],
  'folders of editors, caches, tests and configuration': [
    {
      '.vscode/notes.txt': SENTENCE,
      '.obsidian/cache.json': JSON.stringify(SENTENCE),
      '.cache/page.json': SENTENCE,
      'test/party.test.js': `const text = '${SENTENCE}'`,
      'vite.config.js': `const text = '${SENTENCE}'`,
    },
  ],
}

/** The same text where a page prints it. */
const PUBLISHED: Record<string, [files: Files, config?: Configure]> = {
  'a public post': [{ 'a.md': COPY }],
  'a public post with a permalink of its own': [
    {
      'a.md': post(
        'title: A\npermalink: "/{{ page.date | date: \'%Y\' }}/{{ page.fileSlug }}.html"',
        SENTENCE,
      ),
    },
  ],
  'a public post with a permalink that a program makes': [
    {
      'blog/an-open-one.md': post('title: A', SENTENCE),
      'blog/blog.11tydata.cjs':
        'module.exports = { permalink: (data) => `/x/${data.page.fileSlug.slice(3)}/${data.page.fileSlug}/` }',
    },
  ],
  'a layout, by way of another': [
    {
      '_includes/footer.liquid': `---\nlayout: base.liquid\n---\n{{ content }}<footer>${SENTENCE}</footer>`,
      'a.md': '---\nlayout: footer.liquid\n---\nHello.',
    },
  ],
  'an include of an include': [
    {
      '_includes/parts/one.liquid': '{% render "parts/two.liquid" %}',
      '_includes/parts/two.liquid': SENTENCE,
      'a.md': post('title: A', '{% include "parts/one" %}'),
    },
  ],
  'a macro': [
    {
      '_includes/macros.njk': `{% macro text() %}${SENTENCE}{% endmacro %}`,
      'a.njk': '---\npermalink: /a/\n---\n{% import "macros.njk" as m %}{{ m.text() }}',
    },
  ],
  'a module that a template in JavaScript imports': [
    {
      'lib/text.cjs': `module.exports = '${SENTENCE}'`,
      'a.11ty.cjs':
        "exports.data = { permalink: '/a/' }\nexports.render = () => require('./lib/text.cjs')",
    },
  ],
  'data that a page names': [
    {
      '_data/site.json': JSON.stringify({ about: { text: SENTENCE } }),
      'a.md': post('title: A', '{{ site.about.text }}'),
    },
  ],
  'data of the configuration': [
    { 'a.md': post('title: A', '{{ slogan }}') },
    (eleventyConfig) => eleventyConfig.addGlobalData('slogan', () => SENTENCE),
  ],
  'data that a script fetches': [
    {
      '_data/posts.cjs': `module.exports = async () => [{ text: '${SENTENCE.split(' ').join("' + ' ")}' }]`,
      'a.njk':
        '---\npagination:\n  data: posts\n  size: 1\n  alias: one\npermalink: /a/\n---\n{{ one.text }}',
    },
  ],
  'data of a folder': [
    {
      'blog/a.md': post('title: A', '{{ blurb }}'),
      'blog/blog.11tydata.cjs': `module.exports = { blurb: ['${SENTENCE}'].join('') }`,
    },
  ],
  'computed data': [
    { 'blog/a.md': post(`title: A\neleventyComputed:\n  blurb: "${SENTENCE}"`, '{{ blurb }}') },
  ],
  'a template of a plugin': [
    {},
    (eleventyConfig) => eleventyConfig.addTemplate('virtual.md', SENTENCE, { permalink: '/v/' }),
  ],
}

describe('what explains a private word: the build', () => {
  for (const [what, [files, config]] of Object.entries(UNPUBLISHED)) {
    it(`not ${what}`, async () => {
      site = createSite({ ...SITE, ...files })
      await assert.rejects(
        site.build(config ? { config } : {}),
        /leak\.txt, line \d+ \(.*sentence\)/,
      )
    })
  }
  for (const [what, [files, config]] of Object.entries(PUBLISHED)) {
    it(`${what}`, async () => {
      site = createSite({ ...SITE, ...files })
      const built = await site.build(config ? { config } : {})
      assert.match(built.read('leak.txt'), /zanzibar/)
    })
  }

  it('not the folder of a Git repository, and not a ledger or a letter', async () => {
    site = createSite(SITE)
    const { folder } = site
    execFileSync('git', ['init', '-q'], { cwd: folder })
    mkdirSync(join(folder, '.private-posts/letters'), { recursive: true })
    writeFileSync(join(folder, '.private-posts/letters/bob.html'), SENTENCE)
    await assert.rejects(site.build(), /leak\.txt/)
  })
})

describe('what explains a private word: check, from the files alone', () => {
  /** What only a build can know: names that a program makes, data that a program gives. */
  const ONLY_BUILD = new Set([
    'data of the configuration',
    'a template of a plugin',
    'data that a script fetches',
  ])

  for (const [what, [files, config]] of Object.entries(UNPUBLISHED)) {
    it(`not ${what}`, async () => {
      site = createSite({ ...SITE, ...files })
      await assert.rejects(site.build(config ? { config } : {}))
      const { code, out } = await check(site)
      assert.match(out, /^leak\.txt:\d+ {2}sentence {2}private\/party\.md$/m)
      assert.equal(code, 1)
    })
  }
  for (const [what, [files, config]] of Object.entries(PUBLISHED)) {
    if (ONLY_BUILD.has(what)) continue
    for (const knows of ['with', 'without']) {
      it(`${what}, ${knows} the record of a build`, async () => {
        site = createSite({ ...SITE, ...files })
        await site.build(config ? { config } : {})
        if (knows === 'without') site.remove('.cache')
        const { code, out } = await check(site)
        assert.deepEqual([code, out.includes('No private word')], [0, true], out)
      })
    }
  }
})

describe('a post of which nothing is left to look for', () => {
  const files = {
    'a.md': COPY,
    'private/copy.md': post('audience: [Bob]', SENTENCE),
    'private/short.md': post('audience: [Bob]', 'Ok.'),
    'private/whole.md': post(
      'audience: [Bob]',
      'Another sentence that stands nowhere else at all.',
    ),
  }
  it('is said by name, in the build and by check', async () => {
    site = createSite(files)
    const { printed } = await site.build()
    const explained =
      /private\/copy\.md: nothing of it can be looked for, because public sources say/
    const short = /private\/short\.md: nothing of it can be looked for, because .* too short/
    const { code, out } = await check(site)
    for (const text of [printed.join('\n'), out]) {
      assert.match(text, explained)
      assert.match(text, short)
      assert.doesNotMatch(text, /whole\.md/)
    }
    assert.equal(code, 0)
    const { out: json } = await check(site, '--json')
    assert.deepEqual(JSON.parse(json), {
      findings: [],
      unsearchable: [
        { post: 'private/copy.md', because: 'explained' },
        { post: 'private/short.md', because: 'short' },
      ],
    })
  })
})

async function check({ folder }: Site, ...args: string[]) {
  let out = ''
  const code = await run([checkCommand], ['check', ...args], {
    cwd: folder,
    environment: {},
    terminal: {
      out: (text) => void (out += text),
      error: (text) => void (out += text),
      isInteractive: false,
    },
    now: () => new Date('2026-11-21T12:00:00Z'),
    readSecret: async () => '',
    signal: new AbortController().signal,
  })
  return { code, out }
}
