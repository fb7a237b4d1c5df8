export default {
  tags: ['posts'],
  layout: 'post.njk',
  eleventyComputed: { permalink: (data) => (data.isHidden ? false : data.permalink) },
}
