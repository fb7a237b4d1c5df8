import { feedPlugin } from '@11ty/eleventy-plugin-rss'
import navigation from '@11ty/eleventy-navigation'
import privatePosts from '../lib/index.ts'
import site from './alice/_data/site.js'

export const config = {
  dir: { input: 'example-site/alice', output: process.env.EXAMPLE_OUTPUT ?? 'example-site/_site' },
  markdownTemplateEngine: 'njk',
}

export default function (eleventyConfig) {
  eleventyConfig.addPassthroughCopy({
    'example-site/alice/photos': 'photos',
    'example-site/alice/assets': '/',
    'example-site/alice/_headers': '_headers',
  })

  eleventyConfig.amendLibrary('md', (markdown) => markdown.set({ typographer: true }))

  eleventyConfig.addFilter('longDate', (date) => longDate.format(date))
  eleventyConfig.addFilter('isoDate', (date) => date.toISOString().slice(0, 10))
  eleventyConfig.addFilter('year', (date) => date.getUTCFullYear())
  eleventyConfig.addFilter('fullUrl', (path) => new URL(path, site.url).href)
  eleventyConfig.addFilter('topics', (tags = []) => tags.filter((tag) => tag !== 'posts'))
  eleventyConfig.addFilter('topicNames', (collections) =>
    Object.keys(collections)
      .filter((tag) => tag !== 'all' && tag !== 'posts')
      .sort(),
  )

  eleventyConfig.addPlugin(navigation)
  eleventyConfig.addPlugin(feedPlugin, {
    outputPath: '/feed.xml',
    collection: { name: 'posts', limit: 20 },
    metadata: {
      title: site.title,
      subtitle: site.description,
      language: site.language,
      base: site.url,
      author: { name: site.author.name, email: site.author.email },
    },
  })

  // One unguessable URL for each reader of a private post. The ledger remembers who has which.
  eleventyConfig.addPlugin(privatePosts, {
    me: site.url,
    posts: 'private/**',
    prefix: '/p/',
    ledger: process.env.EXAMPLE_LEDGER ?? 'example-site/.data/private-posts.ledger.json',
    groups: {
      bob: [site.bob],
      family: [site.bob, 'mailto:mum@example.com', 'Grandma'],
      friends: [site.bob, site.carol],
      // Each of them is told in another way.
      choir: [site.bob, site.dora, site.emil, site.frida],
    },
  })
}

const longDate = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
