export default { layout: 'post.njk', tags: ['posts'] }
