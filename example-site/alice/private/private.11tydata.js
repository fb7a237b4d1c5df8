export default { layout: 'post.njk' }
