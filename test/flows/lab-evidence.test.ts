import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import * as pagefind from 'pagefind'
import { createSite, post, type BuildOptions, type Files, type Site } from '../support/site.ts'

const TEXT =
  'The zanzibar lanterns hang over the long table while quokkas nibble marzipan beneath crooked umbrellas, whistling symphonies until daybreak.'
const PHONE = '+49 30 901820'
const IBAN = 'DE89 3704 0044 0532 0130 00'
const SECRET = 'blog/a.md'
const PLACE = '52.52190, 13.41324'
const page = (body: string) =>
  post(
    'title: Bread\ntags: [post]\nphone: +49 30 555010\niban: DE02 1203 0000 0000 2020 51\ngeo: 48.13712, 11.57539\ncontact: me@alice.example',
    body,
  )
const FILES: Files = {
  [SECRET]: post(
    `title: Surprise for Quokka
visibility: private
audience: ["mailto:mum@example.com"]
phone: "${PHONE}"
iban: ${IBAN}
geo: ${PLACE}`,
    TEXT,
  ),
  'blog/b.md': page('Rye bread rises overnight.'),
}
const PAGE = 'blog/b.md'
const list = (permalink: string) =>
  `---\npermalink: ${permalink}\neleventyExcludeFromCollections: true\n---\n{% for p in collections.post %}{{ p.content }}{% endfor %}`

let site: Site | undefined
afterEach(() => site?.dispose())

function build(files: Files, options: BuildOptions = {}) {
  site = createSite({ ...FILES, ...files })
  return site.build(options)
}

/** A shortcode that prints the rest of a line of a source, as a script of the site may do it. */
const PRINTING: BuildOptions = {
  config(eleventyConfig) {
    eleventyConfig.addShortcode('line', (path: string, start: string) => {
      const lines = readFileSync(join(site?.folder ?? '', path), 'utf8').split('\n')
      const line = lines.find((text) => text.startsWith(start)) ?? ''
      return line.slice(start.length).replaceAll(/["[\]]|mailto:/g, '')
    })
  },
}

const disguised = (path: string, start: string) =>
  `{% capture mail %}{% line "${path}", "${start}" %}{% endcapture %}{{ mail | replace: "@", " [at] " }}`

/** The message of the build that stops. */
async function refusal(files: Files, options: BuildOptions = {}): Promise<string> {
  let message = ''
  await assert.rejects(build(files, options), (error: Error) => {
    message = `${error.message} ${String((error as { cause?: unknown }).cause ?? '')}`
    return true
  })
  assert.doesNotMatch(
    message,
    /zanzibar|marzipan|mum@example|901820|3704|52\.52/i,
    'tells no secret',
  )
  return message
}

/** A search index with whole records of the given texts, as a script of the site makes it. */
function indexOf(texts: readonly string[]): BuildOptions {
  return {
    config(eleventyConfig) {
      eleventyConfig.on('eleventy.after', async () => {
        const { index } = await pagefind.createIndex()
        for (const [at, content] of texts.entries()) {
          await index?.addCustomRecord({ url: `/${at}/`, content, language: 'en' })
        }
        await index?.writeFiles({ outputPath: join(site?.folder ?? '', '_site/pagefind') })
        await pagefind.close()
      })
    },
  }
}

describe('the lab: each kind of evidence stops the build', () => {
  for (const [what, leaking, innocent, kind] of [
    ['a link that is written out', '[A](/blog/a/)', '[B](/blog/b/)', /links to blog\/a\.md/],
    [
      'a link through the filter url',
      `<a href="{{ '/blog/a/' | url }}">A</a>`,
      `<a href="{{ '/blog/b/' | url }}">B</a>`,
      /links to blog\/a\.md/,
    ],
    [
      'a telephone number',
      '{% line "blog/a.md", "phone: " %}',
      '{% line "blog/b.md", "phone: " %}',
      /\(number/,
    ],
    [
      'an account',
      '{% line "blog/a.md", "iban: " %}',
      '{% line "blog/b.md", "iban: " %}',
      /\(number/,
    ],
    [
      'a place on a map',
      '{% line "blog/a.md", "geo: " %}',
      '{% line "blog/b.md", "geo: " %}',
      /\(number/,
    ],
    [
      'the address of a reader, disguised',
      disguised('blog/a.md', 'audience: '),
      disguised('blog/b.md', 'contact: '),
      /recipient/,
    ],
    [
      'the address of a reader',
      '{% line "blog/a.md", "audience: " %}',
      '{% line "blog/b.md", "contact: " %}',
      /recipient/,
    ],
    [
      'a text in base64',
      `<i data-text="${Buffer.from(TEXT).toString('base64')}"></i>`,
      `<i data-text="${Buffer.from('Rye bread rises overnight, and so does the wheat bread of the day before.').toString('base64')}"></i>`,
      /quotes blog\/a\.md/,
    ],
  ] as const) {
    it(`${what}, and the like of it builds`, async () => {
      const message = await refusal({ [PAGE]: page(leaking) }, PRINTING)
      assert.match(message, /blog\/b\.md (?:links to|quotes|names|holds) blog\/a\.md/)
      assert.match(message, kind)
      site?.dispose()
      const built = await build({ [PAGE]: page(innocent) }, PRINTING)
      const shown =
        /href="\/blog\/b\/"|48\.13712|me \[at\] alice|555010|2020 51|me@alice\.example|data-text="/
      assert.match(built.read('blog/b/index.html'), shown)
    })
  }

  it('a title that is glued in a file name', async () => {
    const copy = (name: string): [Files, BuildOptions] => [
      { [`files/${name}`]: 'x' },
      { config: (eleventyConfig) => eleventyConfig.addPassthroughCopy('files') },
    ]
    const message = await refusal(...copy('SurpriseForQuokka.txt'))
    assert.match(message, /blog\/a\.md.*title/s)
    site?.dispose()
    const built = await build(...copy('BreadForEverybody.txt'))
    assert.ok(built.files.includes('files/BreadForEverybody.txt'))
  })

  it('one leak that a feed and an index repeat is one line, with the others in it', async () => {
    const files = {
      [PAGE]: page('It said: {% line "blog/a.md", "The " %}'),
      'feed.njk': list('/feed.xml'),
      'search.njk': list('/search.json'),
    }
    const message = await refusal(files, PRINTING)
    const lines = message.split('\n').filter((line) => line.includes('quotes blog/a.md'))
    assert.ok(lines.length > 0)
    const [line = ''] = lines
    assert.match(line, /blog\/b\.md quotes blog\/a\.md/)
    assert.match(line, /also in [^.]*feed\.xml/)
    assert.match(line, /also in .*search\.json/)
  })

  it('a search index into which a script put the private post', async () => {
    const message = await refusal({}, indexOf(['Rye bread rises overnight.', TEXT]))
    assert.match(message, /blog\/a\.md/)
    assert.match(message, /pagefind\//)
    site?.dispose()
    const built = await build({}, indexOf(['Rye bread rises overnight.']))
    assert.ok(built.files.some((file) => file.startsWith('pagefind/')))
  })
})
