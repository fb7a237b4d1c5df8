module.exports = async function (eleventyConfig) {
  const { default: privatePosts } = await import(process.env.PRIVATE_POSTS_MODULE)
  let footnotes = 0
  eleventyConfig.on('eleventy.before', () => {
    footnotes = 0
  })
  eleventyConfig.setFrontMatterParsingOptions({ excerpt: true, excerpt_separator: '<!-- more -->' })
  eleventyConfig.addPassthroughCopy('css')
  eleventyConfig.addPassthroughCopy('_headers')
  eleventyConfig.addCollection('journal', (api) => api.getFilteredByGlob('journal/**/*.md'))
  eleventyConfig.addCollection('unsorted', (api) => api.getAll().filter(({ data }) => data.title))
  eleventyConfig.addCollection('tagList', (api) => [...new Set(api.getAll().flatMap(({ data }) => data.tags || []))])
  eleventyConfig.addShortcode('note', (text) => `<sup id="n${++footnotes}">${footnotes}: ${text}</sup>`)
  eleventyConfig.addFilter('plain', (html) => String(html).replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ').trim())
  eleventyConfig.addPlugin(privatePosts, { me: 'https://alice.example/' })
  return { dir: { input: '.', includes: '_includes', output: '_site' }, markdownTemplateEngine: 'liquid' }
}
