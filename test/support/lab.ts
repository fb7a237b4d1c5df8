import { eleventyNavigationPlugin } from './navigation.ts'
import { readFileSync } from 'node:fs'
import { feedPlugin } from '@11ty/eleventy-plugin-rss'
import { post, type Files } from './site.ts'

/** Words that stand in private posts only. None of them may be in any public byte. */
export const PRIVATE_WORDS =
  /zanzibar|quokka|surprise-party|hushtag|whispertag|open-then-secret|bob\.example|mum@example/i

const NAVIGATION = `<nav>{{ collections.all | eleventyNavigation | eleventyNavigationToHtml | safe }}</nav>`
const LAYOUT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title>
<link rel="canonical" href="https://alice.example{{ page.url }}">
<link rel="alternate" type="application/atom+xml" href="/feed.xml">
<meta property="og:url" content="https://alice.example{{ page.url }}">
<script type="application/ld+json">{"url":"https://alice.example{{ page.url }}"}</script>
</head><body>${NAVIGATION}
<main class="h-entry"><h1 class="p-name">{{ title }}</h1>{{ content | safe }}
{% set previous = collections.post | getPreviousCollectionItem(page) %}{% set next = collections.post | getNextCollectionItem(page) %}
{% if previous %}<a href="{{ previous.url }}">{{ previous.data.title }}</a>{% endif %}
{% if next %}<a href="{{ next.url }}">{{ next.data.title }}</a>{% endif %}</main></body></html>
`

/** The site with everything in it through which private posts have leaked elsewhere. */
export const LAB: Files = {
  '_includes/lab.njk': LAYOUT,
  'posts/one.md': lab('title: One\ntags: [post, topic1]\ndate: 2026-01-01'),
  'posts/two.md': lab('title: Two\ntags: [post, topic1]\ndate: 2026-01-03'),
  'posts/three.md': lab('title: Three\ntags: [post, topic2]\ndate: 2026-01-05'),
  'posts/surprise-party.md': lab(
    'title: Surprise for Quokka\nvisibility: private\naudience: [family]\ntags: [post, topic1, hushtag]\ndate: 2026-01-02\neleventyNavigation:\n  key: Quokka\n  order: 1',
    'The zanzibar lanterns hang over the long table from six in the evening on.',
  ),
  'private/plans.md': lab(
    'title: Plans of the Quokka\naudience: [Grandma]\ntags: [post, whispertag]\ndate: 2026-01-04',
    'In zanzibar we met a quokka who could whistle the whole of the second symphony.',
  ),
  'index.njk': listing('Home', 'collections.all', '/'),
  'notes.njk': listing('Notes', 'collections.byGlob', '/by-glob/'),
  'list.njk':
    '---\nlayout: lab.njk\ntitle: List\npagination:\n  data: collections.post\n  size: 2\npermalink: /list/{{ pagination.pageNumber }}/\n---\n{% for p in pagination.items %}<a href="{{ p.url }}">{{ p.data.title }}</a>{% endfor %}',
  'tags.njk':
    '---\nlayout: lab.njk\neleventyComputed:\n  title: "Tag {{ tag }}"\npagination:\n  data: collections\n  size: 1\n  alias: tag\npermalink: /tags/{{ tag }}/\n---\n{% for p in collections[tag] %}<a href="{{ p.url }}">{{ p.data.title }}</a>{% endfor %}',
  'sitemap.njk':
    '---\npermalink: /sitemap.xml\neleventyExcludeFromCollections: true\n---\n<urlset>{% for p in collections.all %}<url><loc>https://alice.example{{ p.url }}</loc></url>{% endfor %}</urlset>',
  'feed2.njk':
    '---\npermalink: /feed2.xml\neleventyExcludeFromCollections: true\n---\n<feed>{% for p in collections.post %}<entry><id>{{ p.url }}</id><title>{{ p.data.title }}</title><content>{{ p.content }}</content></entry>{% endfor %}</feed>',
  'search.njk':
    '---\npermalink: /search.json\neleventyExcludeFromCollections: true\n---\n[{% for p in collections.all %}{{ p.data.title | dump | safe }},{{ p.rawInput | dump | safe }},{% endfor %}0]',
}

/** A filter that fails when its page is long forgotten: Eleventy knows of the error alone. */
// eslint-disable-next-line -- Eleventy's configuration has no published type
export function configureLate(eleventyConfig: any): void {
  eleventyConfig.addAsyncFilter('laterBoom', async (value: unknown) => {
    throw new TypeError(`later ${value}`)
  })
}

/** What the lab's own configuration does. */
// eslint-disable-next-line -- Eleventy's configuration has no published type
export function configureLab(eleventyConfig: any): void {
  eleventyConfig.addPlugin(eleventyNavigationPlugin)
  eleventyConfig.addPlugin(feedPlugin, {
    type: 'atom',
    outputPath: '/feed.xml',
    collection: { name: 'post', limit: 0 },
    metadata: {
      language: 'en',
      title: 'Lab',
      base: 'https://alice.example/',
      author: { name: 'Alice' },
    },
  })
  eleventyConfig.addCollection('byGlob', (api: { getFilteredByGlob(glob: string[]): unknown }) =>
    api.getFilteredByGlob(['posts/**/*.md', 'private/**/*.md']),
  )
}

/** Pictures that lie in one folder, are made smaller by a shortcode, or show the title of a page. */
// eslint-disable-next-line -- Eleventy's configuration has no published type
export async function configureMedia(eleventyConfig: any): Promise<void> {
  const { default: eleventyImage } = await import('@11ty/eleventy-img')
  const { default: ogImage } = await import('eleventy-plugin-og-image')
  eleventyConfig.addPassthroughCopy('img')
  eleventyConfig.addAsyncShortcode('image', async (source: string) => {
    const pictures = await eleventyImage(source, {
      ...{ widths: [64, 128], formats: ['webp', 'jpeg'] },
      ...{ outputDir: '_site/pictures/', urlPath: '/pictures/' },
    })
    return `<img src="${pictures['webp']?.[0]?.url}" alt="">`
  })
  eleventyConfig.addPlugin(ogImage, cardOptions())
}

/** Options of eleventy-plugin-og-image: a small card, with a font that npm brings along. */
export function cardOptions() {
  const font = new URL(
    '../../node_modules/@fontsource/inter/files/inter-latin-400-normal.woff',
    import.meta.url,
  )
  const fonts = [{ name: 'Inter', data: readFileSync(font), weight: 400, style: 'normal' }]
  return { satoriOptions: { fonts, width: 120, height: 63 } }
}

function lab(frontMatter: string, body = 'Something that everybody may know.'): string {
  return post(frontMatter, body).replace('base.liquid', 'lab.njk')
}

function listing(title: string, collection: string, permalink: string): string {
  return `---\nlayout: lab.njk\ntitle: ${title}\npermalink: ${permalink}\n---\n{% for p in ${collection} %}<a href="{{ p.url }}">{{ p.data.title }}</a> {{ p.date }}{% endfor %}`
}

/** Bundles that pages write to files: the plugin remembers, as long as the process lives, what it has written. */
// eslint-disable-next-line -- Eleventy's configuration has no published type
export async function configureBundles(eleventyConfig: any): Promise<void> {
  const { default: bundlePlugin } = await import('@11ty/eleventy-plugin-bundle')
  eleventyConfig.addPlugin(bundlePlugin)
}
