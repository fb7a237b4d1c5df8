import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, describe, it } from 'node:test'
import { createSite, post, type BuildOptions, type Site } from '../support/site.ts'

const FILES = {
  'open.md': post('title: Open', '{% make "open" %} ![](/img/card.png) ![](/img/copy.jpg)'),
  'posts/q.md': post(
    'visibility: private\naudience: [Bob]',
    '{% make "hidden" %} ![](/img/card.png)',
  ),
  'img/copy.jpg': 'as it is',
}

let site: Site | undefined
afterEach(() => site?.dispose())

/** A site whose pages all call a shortcode that writes into the output. */
function writing(write: (who: string) => void): BuildOptions {
  return {
    config(eleventyConfig) {
      eleventyConfig.addPassthroughCopy('img')
      eleventyConfig.addShortcode('make', (who: string) => {
        mkdirSync('_site/img', { recursive: true })
        write(who)
        return ''
      })
    },
  }
}

const onlyHidden = (write: () => void) => (who: string) => {
  if (who === 'hidden') write()
}

describe('what the public site has, while private pages are built', () => {
  for (const [what, file, write] of [
    ['written over', 'img/card.png', (who: string) => writeFileSync('_site/img/card.png', who)],
    [
      'written over in the same length',
      'img/card.png',
      (who: string) => writeFileSync('_site/img/card.png', who.slice(0, 4)),
    ],
    ['added to', 'list.json', (who: string) => appendFileSync('_site/list.json', who)],
    [
      'a page that is written over',
      'open/index.html',
      onlyHidden(() => writeFileSync('_site/open/index.html', 'hidden')),
    ],
    [
      'a copy that is written over',
      'img/copy.jpg',
      onlyHidden(() => writeFileSync('_site/img/copy.jpg', 'hidden')),
    ],
    ['a copy that is removed', 'img/copy.jpg', onlyHidden(() => rmSync('_site/img/copy.jpg'))],
  ] as const) {
    it(`stops the build: ${what}`, async () => {
      site = createSite(FILES)
      await assert.rejects(site.build(writing(write)), (error: Error) => {
        assert.ok(
          error.message.includes(`something wrote over ${file} or removed it`),
          error.message,
        )
        assert.match(error.message, /\(media\)\. To do: .*page\.fileSlug/)
        assert.doesNotMatch(error.message, /hidden/)
        return true
      })
    })
  }

  for (const [what, write] of [
    ['written again as it was', () => writeFileSync('_site/img/card.png', 'for all')],
    ['copied again', () => writeFileSync('_site/img/copy.jpg', 'as it is')],
    ['named after the page', (who: string) => writeFileSync(`_site/img/${who}.png`, who)],
    [
      'a stylesheet that another process writes',
      (who: string) => writeFileSync('_site/img/site.css', `/* ${who.length} */`),
    ],
  ] as const) {
    it(`stops nothing: ${what}`, async () => {
      site = createSite(FILES)
      const built = await site.build(writing(write))
      assert.equal(built.read('img/copy.jpg'), 'as it is')
    })
  }
})
