import privatePosts from '../lib/index.ts'
import singers from './singers.js'

/** Dora, Emil and Frida: one small site for each, by the name in the environment. */
export default function (eleventyConfig) {
  const { EXAMPLE_NAME: name = 'dora', EXAMPLE_ANSWERS: answers } = process.env
  const alice = process.env.ALICE_URL ?? 'https://alice.example/'
  const me = process.env[`${name.toUpperCase()}_URL`] ?? `https://${name}.example/`
  const singer = singers[name]

  eleventyConfig.addPassthroughCopy({
    'example-site/bob/style.css': 'style.css',
    'example-site/choir/icon.svg': 'icon.svg',
  })
  eleventyConfig.addGlobalData('singer', singer)
  eleventyConfig.addGlobalData('bob', process.env.BOB_URL ?? 'https://bob.example/')
  // Until Alice has written, there is nothing to answer.
  if (!answers) eleventyConfig.ignores.add('example-site/choir/private/**')

  eleventyConfig.addPlugin(privatePosts, {
    me,
    protocols: [singer.protocol],
    // Who answers her on her page reaches her by this address, too.
    recipients: { [alice]: { address: `alice@${new URL(alice).host}` } },
    ledger: process.env.EXAMPLE_LEDGER ?? `example-site/.data/${name}/private-posts.ledger.json`,
  })
}
