import { mkdirSync, writeFileSync } from 'node:fs'
import { I18nPlugin } from '@11ty/eleventy'

const { default: privatePosts } = await import(process.env.PRIVATE_POSTS_MODULE)

export default function (eleventyConfig) {
  eleventyConfig.addPlugin(I18nPlugin, { defaultLanguage: 'en' })
  eleventyConfig.addFilter('wiki', (html) =>
    String(html).replace(/\[\[([^\]]+)\]\]/g, (_, name) => `<a href="/en/${eleventyConfig.getFilter('slugify')(name)}/">${name}</a>`),
  )
  eleventyConfig.addFilter('linksTo', (notes, title) =>
    (notes || []).filter((note) => note.rawInput.includes(`[[${title}]]`)),
  )
  eleventyConfig.addShortcode('card', function (title) {
    const name = `card-${eleventyConfig.getFilter('slugify')(title)}.svg`
    mkdirSync('_site/cards', { recursive: true })
    writeFileSync(`_site/cards/${name}`, `<svg xmlns="http://www.w3.org/2000/svg"><text>${title}</text></svg>`)
    return `/cards/${name}`
  })
  eleventyConfig.addPlugin(privatePosts, { me: 'https://alice.example/', posts: ['garden/**/secret/**'] })
}

export const config = { dir: { input: 'garden', includes: '../_includes', output: '_site' }, markdownTemplateEngine: 'njk' }
