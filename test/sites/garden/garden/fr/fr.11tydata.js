export default { layout: 'note.njk', tags: ['notes'], permalink: ({ page, title }) => `/${page.filePathStem.split('/')[1]}/${page.fileSlug}/` }
