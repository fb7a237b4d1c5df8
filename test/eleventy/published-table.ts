import { post, type Files } from '../support/site.ts'

import { COPY, SENTENCE, type Configure } from './unpublished-table.ts'

/** The same text where a page prints it. */
export const PUBLISHED: Record<string, [files: Files, config?: Configure]> = {
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
  'a key of front matter that another page prints': [
    {
      'blog/a.md': post(`title: A\ntags: blog\nblurb: "${SENTENCE}"`),
      'list.liquid':
        '---\npermalink: /list/\n---\n{% for p in collections.blog %}{{ p.data.blurb }}{% endfor %}',
    },
  ],
  'a branch that some pages take': [
    {
      '_includes/some.liquid': `{% if page.url == '/z/' %}${SENTENCE}{% endif %}{{ content }}`,
      'a.md': '---\nlayout: some.liquid\n---\nHello.',
      'z.md': '---\nlayout: some.liquid\n---\nHello.',
    },
  ],
  'a shortcode of the configuration': [
    {
      'eleventy.config.js': `import { plan } from './lib/plan.js'\nexport default (c) => c.addShortcode('plan', plan)`,
      'lib/plan.js': `export const plan = () => '${SENTENCE}'`,
      'a.md': post('title: A', '{% plan %}'),
    },
    (eleventyConfig) => eleventyConfig.addShortcode('plan', () => SENTENCE),
  ],
  'shortcodes that the configuration adds one by one': [
    {
      'eleventy.config.js': `import * as all from './lib/all.js'\nexport default (c) => { for (const [name, code] of Object.entries(all)) c.addShortcode(name, code) }`,
      'lib/all.js': `export const plan = () => '${SENTENCE}'`,
      'a.md': post('title: A', '{% plan %}'),
    },
    (eleventyConfig) => eleventyConfig.addShortcode('plan', () => SENTENCE),
  ],
  'a filter of the configuration, in a layout': [
    {
      '.eleventy.js': `module.exports = (c) => c.addFilter('plan', (text) => text + '${SENTENCE}')`,
      '_includes/filtered.liquid': '{{ content | plan }}',
      'a.md': '---\nlayout: filtered.liquid\n---\nHello.',
    },
    (eleventyConfig) => eleventyConfig.addFilter('plan', (text: string) => text + SENTENCE),
  ],
  'a collection of the configuration': [
    {
      'eleventy.config.js': `export default (c) => c.addCollection('plans', () => ['${SENTENCE}'])`,
      'a.md': post('title: A', '{{ collections.plans[0] }}'),
    },
    (eleventyConfig) => eleventyConfig.addCollection('plans', () => [SENTENCE]),
  ],
  'a transform of the configuration': [
    {
      'eleventy.config.js': `export default (c) => c.addTransform('plan', (text) => text + '${SENTENCE}')`,
      'a.md': post('title: A'),
    },
    (eleventyConfig) => eleventyConfig.addTransform('plan', (text: string) => text + SENTENCE),
  ],
  'a template of a plugin': [
    {},
    (eleventyConfig) => eleventyConfig.addTemplate('virtual.md', SENTENCE, { permalink: '/v/' }),
  ],
  'front matter beside data of a script that reads files': [
    {
      'blog/blog.11tydata.cjs': `module.exports = () => ({ version: require('node:fs').readdirSync('.').length })`,
      'blog/a.md': post(`title: A\ndescription: "${SENTENCE}"`, '{{ description }} {{ version }}'),
    },
  ],
  'a file of data beside a script that reads files': [
    {
      '_data/version.cjs': `module.exports = () => require('node:fs').readdirSync('.').length`,
      '_data/site.json': JSON.stringify({ plan: SENTENCE }),
      'a.md': post('title: A', '{{ site.plan }} {{ version }}'),
    },
  ],
  'a page that says the same as data that a script reads': [
    {
      '_data/latest.cjs': `module.exports = () => require('node:fs').readFileSync('a.md', 'utf8')`,
      'a.md': COPY,
      'b.md': post('title: B', '{{ latest }}'),
    },
  ],
}
