import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { post, type Files } from '../support/site.ts'

export const SENTENCE = 'The zanzibar lanterns hang over the long table from six in the evening on.'
export const COPY = post('title: Copy', SENTENCE)

// eslint-disable-next-line -- Eleventy's configuration has no published type
export type Configure = (eleventyConfig: any) => void

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
}
