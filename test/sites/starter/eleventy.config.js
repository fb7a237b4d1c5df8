import { HtmlBasePlugin, IdAttributePlugin, InputPathToUrlTransformPlugin } from '@11ty/eleventy'
import { eleventyImageTransformPlugin } from '@11ty/eleventy-img'
import navigation from '@11ty/eleventy-navigation'
import { feedPlugin } from '@11ty/eleventy-plugin-rss'
import syntaxHighlight from '@11ty/eleventy-plugin-syntaxhighlight'

const { default: privatePosts } = await import(process.env.PRIVATE_POSTS_MODULE)

export default function (eleventyConfig) {
  eleventyConfig.addPreprocessor('drafts', '*', (data) => (data.draft ? false : undefined))
  eleventyConfig.addPassthroughCopy({ './public/': '/' })
  eleventyConfig.addBundle('css', { toFileDirectory: 'dist', bundleHtmlContentFromSelector: 'style' })
  eleventyConfig.addBundle('js', { toFileDirectory: 'dist' })
  eleventyConfig.addPlugin(syntaxHighlight)
  eleventyConfig.addPlugin(navigation)
  eleventyConfig.addPlugin(HtmlBasePlugin)
  eleventyConfig.addPlugin(InputPathToUrlTransformPlugin)
  eleventyConfig.addPlugin(feedPlugin, {
    type: 'atom',
    outputPath: '/feed/feed.xml',
    collection: { name: 'posts', limit: 10 },
    metadata: { language: 'en', title: 'Fieldnotes', base: 'https://alice.example/', author: { name: 'Alice' } },
  })
  eleventyConfig.addPlugin(eleventyImageTransformPlugin, {
    formats: ['webp', 'auto'],
    widths: [8],
    htmlOptions: { imgAttributes: { loading: 'lazy', decoding: 'async' } },
  })
  eleventyConfig.addPlugin(IdAttributePlugin)
  eleventyConfig.addFilter('readableDate', (date) => date.toISOString().slice(0, 10))
  eleventyConfig.addFilter('head', (list, n) => (n < 0 ? list.slice(n) : list.slice(0, n)))
  eleventyConfig.addFilter('getKeys', (target) => Object.keys(target))
  eleventyConfig.addFilter('filterTagList', (tags) => (tags || []).filter((tag) => !['all', 'posts'].includes(tag)))
  eleventyConfig.addPlugin(privatePosts, { me: 'https://alice.example/', groups: { family: ['Mum'] } })
}

export const config = {
  templateFormats: ['md', 'njk', 'html', 'liquid', '11ty.js'],
  markdownTemplateEngine: 'njk',
  htmlTemplateEngine: 'njk',
  dir: { input: 'content', includes: '../_includes', data: '../_data', output: '_site' },
}
