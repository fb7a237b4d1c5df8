import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { post, type Files } from '../support/site.ts'

export const SENTENCE = 'The zanzibar lanterns hang over the long table from six in the evening on.'
export const COPY = post('title: Copy', SENTENCE)

// eslint-disable-next-line -- Eleventy's configuration has no published type
export type Configure = (eleventyConfig: any) => void

/** What scripts say that read the sources of all posts, as those for search and "latest posts" do. */
const READ = `require('node:fs').readFileSync('private/party.md', 'utf8')`
const readParty = () => readFileSync('private/party.md', 'utf8')
const PRINTED = '---\nlayout: base.liquid\n---\n{{ latest[0].text }}'

/** Copies of the text that no page of the output prints. */
export const UNPUBLISHED: Record<string, [files: Files, config?: Configure]> = {
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
  'a branch that is never taken': [
    { 'a.liquid': `---\npermalink: /a/\n---\n{% if false %}${SENTENCE}{% endif %}Hello.` },
  ],
  'a branch that only private pages take': [
    {
      '_includes/gated.liquid': `{% if isPrivate %}${SENTENCE}{% else %}Welcome.{% endif %}{{ content }}`,
      'a.md': '---\nlayout: gated.liquid\n---\nHello.',
    },
  ],
  'an include in a branch that is never taken': [
    {
      '_includes/plan.njk': SENTENCE,
      'a.njk':
        '---\npermalink: /a/\n---\n{% if wasThere %}{% include "plan.njk" %}{% endif %}Hello.',
    },
  ],
  'a branch whose condition never holds': [
    { 'a.njk': `---\npermalink: /a/\n---\n{% if wasThere %}${SENTENCE}{% endif %}Hello.` },
  ],
  'a macro that nothing calls': [
    {
      'a.njk': `---\npermalink: /a/\n---\n{% macro plan() %}${SENTENCE}{% endmacro %}Hello.`,
    },
  ],
  'a macro of a file of macros that nothing calls': [
    {
      '_includes/macros.njk': `{% macro plan() %}${SENTENCE}{% endmacro %}{% macro hello() %}Hello.{% endmacro %}`,
      'a.njk': '---\npermalink: /a/\n---\n{% import "macros.njk" as m %}{{ m.hello() }}',
    },
  ],
  'a variable that nothing prints': [
    { 'a.njk': `---\npermalink: /a/\n---\n{% set plan = "${SENTENCE}" %}Hello.` },
  ],
  'a comment of front matter': [{ 'a.md': `---\ntitle: A\n# ${SENTENCE}\n---\nHello.` }],
  'a key of front matter that no page prints': [
    { 'a.md': post(`title: A\nreminder: "${SENTENCE}"`) },
  ],
  'a description that no page prints': [
    { 'blog/a.md': post(`title: A\ntags: blog\ndescription: "${SENTENCE}"`) },
  ],
  'a key of the data of a folder that no page prints': [
    { 'blog/a.md': post('title: A'), 'blog/blog.json': JSON.stringify({ reminder: SENTENCE }) },
  ],
  'a comment in a template that is JavaScript': [
    {
      'a.11ty.cjs': `// ${SENTENCE}\n/* ${SENTENCE} */\nexports.data = { permalink: '/a/' }\nexports.render = () => 'Hello.'`,
    },
  ],
  'a text in a template that is JavaScript, which it does not print': [
    {
      'a.11ty.cjs': `const plan = '${SENTENCE}'\nexports.data = { permalink: '/a/' }\nexports.render = () => 'Hello.' + plan.slice(0, 0)`,
    },
  ],
  'a comment in a script that was made smaller': [
    { 'js/main.js': `/* ${SENTENCE} */ alert(1)` },
    (eleventyConfig) =>
      eleventyConfig.on(
        'eleventy.before',
        ({ directories }: { directories: { output: string } }) => {
          mkdirSync(join(directories.output, 'js'), { recursive: true })
          writeFileSync(join(directories.output, 'js/main.js'), 'alert(1)')
        },
      ),
  ],
  'a comment of the configuration': [
    {
      'eleventy.config.js': `// ${SENTENCE}\nexport default (c) => c.addShortcode('hello', () => 'Hello.')`,
      'a.md': post('title: A', '{% hello %}'),
    },
    (eleventyConfig) => eleventyConfig.addShortcode('hello', () => 'Hello.'),
  ],
  'a text of the configuration that no page prints': [
    {
      'eleventy.config.js': `export default (c) => c.addShortcode('plan', () => '${SENTENCE}')`,
      'a.md': post('title: A'),
    },
    (eleventyConfig) => eleventyConfig.addShortcode('plan', () => SENTENCE),
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
  'data of a script that reads the sources': [
    { '_data/latest.cjs': `module.exports = () => [{ text: ${READ} }]`, 'a.md': PRINTED },
  ],
  'data of a script whose module reads the sources': [
    {
      '_data/latest.mjs': `import { read } from '../lib/read.mjs'\nexport default () => [{ text: read() }]`,
      'lib/read.mjs': `import fs from 'fs'\nexport const read = () => fs.readFileSync('private/party.md', 'utf8')`,
      'a.md': PRINTED,
    },
  ],
  'pages of data that a script reads from the sources': [
    {
      '_data/latest.cjs': `module.exports = async () => [{ text: await require('fs/promises').readFile('private/party.md', 'utf8') }]`,
      'a.njk':
        '---\npagination:\n  data: latest\n  size: 1\n  alias: one\npermalink: /a/\n---\n{{ one.text }}',
    },
  ],
  'data of a folder whose script reads the sources': [
    {
      'blog/blog.11tydata.cjs': `module.exports = () => ({ latest: [{ text: ${READ} }] })`,
      'blog/a.md': PRINTED,
    },
  ],
  'computed data that are read from the sources': [
    {
      'blog/a.11tydata.cjs': `module.exports = { eleventyComputed: { copy: () => ${READ} } }`,
      'blog/a.md': post('title: A', '{{ copy }}'),
    },
  ],
  'computed data of all templates that are read from the sources': [
    {
      '_data/eleventyComputed.cjs': `module.exports = { copy: () => ${READ} }`,
      'a.md': post('title: A', '{{ copy }}'),
    },
  ],
  'front matter in JavaScript that reads the sources': [
    { 'a.njk': `---js\n{ copy: ${READ} }\n---\n{{ copy }}` },
  ],
  'a template in JavaScript that reads the sources': [
    {
      'a.11ty.cjs': `module.exports = class { data() { return { copy: ${READ} } } render({ copy }) { return copy } }`,
    },
  ],
  'data of a configuration that reads the sources': [
    {
      'eleventy.config.js': `import fs from 'node:fs'\nexport default (c) => c.addGlobalData('latest', () => [{ text: fs.readFileSync('private/party.md', 'utf8') }])`,
      'a.md': PRINTED,
    },
    (eleventyConfig) => eleventyConfig.addGlobalData('latest', () => [{ text: readParty() }]),
  ],
  'a template of a configuration that reads the sources': [
    {
      'eleventy.config.js': `import fs from 'node:fs'\nexport default (c) => c.addTemplate('virtual.md', fs.readFileSync('private/party.md', 'utf8').split('---')[2])`,
    },
    (eleventyConfig) =>
      eleventyConfig.addTemplate('virtual.md', readParty().split('---')[2] ?? '', {
        permalink: '/v/',
      }),
  ],
}
