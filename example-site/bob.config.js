import privatePosts from '../lib/index.ts'

const alice = process.env.ALICE_URL ?? 'https://alice.example/'
const bob = process.env.BOB_URL ?? 'https://bob.example/'

export const config = {
  dir: { input: 'example-site/bob', output: process.env.EXAMPLE_OUTPUT ?? 'example-site/_bob' },
}

/** Bob writes HTML by hand. What he wants of Eleventy is the inbox, and to sign in at his sister's. */
export default function (eleventyConfig) {
  eleventyConfig.addPassthroughCopy({
    'example-site/bob/bob.jpg': 'bob.jpg',
    'example-site/bob/icon.svg': 'icon.svg',
    'example-site/bob/style.css': 'style.css',
  })
  eleventyConfig.addGlobalData('ALICE_URL', alice)
  // Until Alice has written, there is nothing to answer.
  if (!process.env.EXAMPLE_ANSWERS) eleventyConfig.ignores.add('example-site/bob/private/**')

  eleventyConfig.addPlugin(privatePosts, {
    me: bob,
    ledger: process.env.EXAMPLE_LEDGER ?? 'example-site/.data/bob/private-posts.ledger.json',
  })
}
