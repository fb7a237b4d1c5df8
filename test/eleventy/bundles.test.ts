import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { secretText } from '../support/secrets.ts'
import { createSite, type BuildOptions, type BuiltSite, type Site } from '../support/site.ts'

let site: Site | undefined
afterEach(() => site?.dispose())

const BUNDLES = { configuredBy: 'configureBundles' } as const
const LAYOUT = `<!doctype html><html><head><title>{{ title }}</title>
<link rel="stylesheet" href="{% getBundleFileUrl "css" %}">
<script src="{% getBundleFileUrl "js" %}"></script></head>
<body>{{ content | safe }}<a href="{% getBundleFileUrl "html" %}">more</a></body></html>`

/** A page with something in each of its bundles. */
function page(frontMatter: string, name: string): string {
  return `---\nlayout: bundled.njk\n${frontMatter}\n---
{% css %}.${name} { color: teal } /* ${name} wears teal to the ball */{% endcss %}
{% js %}console.log("${name} has read the letter of the ball"){% endjs %}
{% html %}<p>${name} dances until the morning light comes in</p>{% endhtml %}
Words of ${name}.`
}

function bundlesOf(built: BuiltSite): string[] {
  return built.files.filter((file) => file.startsWith('bundle/')).map((file) => built.read(file))
}

describe('bundles that private pages write', () => {
  for (const gate of [false, true]) {
    it(`do not reach public files, with ${gate ? 'a gate' : 'a link'}`, async () => {
      const name = gate ? 'quokka' : 'wombat'
      site = createSite({
        '_includes/bundled.njk': LAYOUT,
        'open.njk': page('title: Open', gate ? 'heron' : 'egret'),
        'private/ball.njk': page(`audience: [Bob]\n${gate ? 'access: gate' : ''}`, name),
      })
      const built = await site.eleventy([], {
        ...BUNDLES,
        options: { netlify: true },
        variables: { PRIVATE_POSTS_SECRET: secretText() },
      })
      assert.equal(built.exitCode, 0, built.console)
      assert.doesNotMatch(built.publicBytes(), new RegExp(name))
      const open = bundlesOf(built)
      assert.equal(open.length, 3)
      assert.ok(open.every((text) => /heron|egret/.test(text)))
    })
  }

  it('go with each copy, and its page names them there', async () => {
    site = createSite({
      '_includes/bundled.njk': LAYOUT,
      'private/ball.njk': page('audience: [Bob]', 'lynx'),
    })
    const built = await site.eleventy([], BUNDLES)
    const folder = `p/${built.tokens('private/ball.njk')['Bob']}/`
    const copy = built.copy('private/ball.njk', 'Bob')
    for (const [pattern, text] of [
      [/href="([^"]+\.css)"/, /lynx wears teal/],
      [/src="([^"]+\.js)"/, /lynx has read/],
      [/href="([^"]+\.html)"/, /lynx dances/],
    ] as const) {
      const [, reference = ''] = pattern.exec(copy) ?? []
      assert.doesNotMatch(reference, /^\//)
      assert.match(built.read(folder + reference), text)
    }
    assert.deepEqual(bundlesOf(built), [])
  })

  it('stay public when a public page has the same', async () => {
    const shared = 'layout: bundled.njk\n---\n{% css %}.shared { color: plum }{% endcss %}'
    site = createSite({
      '_includes/bundled.njk': LAYOUT,
      'open.njk': `---\n${shared}`,
      'private/ball.njk': `---\naudience: [Bob]\n${shared}`,
    })
    const built = await site.eleventy([], BUNDLES)
    assert.deepEqual(bundlesOf(built), ['.shared { color: plum }'])
    assert.match(built.copy('private/ball.njk', 'Bob'), /href="\/bundle\/\w+\.css"/)
  })

  it('stand in their own pages alone when layouts print them', async () => {
    const inline =
      '<!doctype html><html><head><title>x</title><style>{% getBundle "css" %}</style></head><body>{{ content | safe }}{% getBundle "html" %}</body></html>'
    site = createSite({
      '_includes/bundled.njk': inline,
      'open.njk': page('title: Open', 'curlew'),
      'private/ball.njk': page('audience: [Bob]', 'ocelot'),
      // What a page adds to the bundle of another.
      'private/other.njk':
        '---\nlayout: bundled.njk\naudience: [Bob]\n---\n{% css "default", "/open/" %}.marten { color: red }{% endcss %}',
    })
    const built = await site.eleventy([], BUNDLES)
    assert.match(built.read('open/index.html'), /curlew wears teal[^]*curlew dances/)
    assert.doesNotMatch(built.publicBytes(), /ocelot|marten/)
    assert.match(built.copy('private/ball.njk', 'Bob'), /ocelot wears teal[^]*ocelot dances/)
  })
})

describe('what a private template does to the state of the site', () => {
  /** Both pages print all that was noted before them, and public ones are built before and after. */
  const NOTED =
    '{% note %}{{ title }} was here on the night of the ball{% endnote %}<p>{% noted %}</p>'
  const NOTES: BuildOptions = {
    config(eleventyConfig) {
      const notes: string[] = []
      eleventyConfig.on('eleventy.before', () => notes.splice(0))
      eleventyConfig.addPairedShortcode('note', (text: string) => {
        notes.push(text)
        return ''
      })
      eleventyConfig.addShortcode('noted', () => `${notes.length}: ${notes.join(', ')}`)
    },
  }
  const files = {
    '_includes/noted.njk': `<!doctype html><html><head><title>x</title></head><body>{{ content | safe }} ${NOTED}</body></html>`,
    'a.njk': `---\ntitle: Ann\nlayout: noted.njk\n---\n${NOTED}`,
    'm.njk': `---\ntitle: Mia\nvisibility: private\naudience: [Bob]\nlayout: noted.njk\n---\n${NOTED}`,
    'z.njk': `---\ntitle: Zoe\nlayout: noted.njk\n---\n${NOTED}`,
  }

  it('comes after every public page', async () => {
    site = createSite(files)
    const built = await site.build(NOTES)
    assert.match(built.read('z/index.html'), /2: Ann was here[^]*Zoe/)
    assert.doesNotMatch(built.publicBytes(), /Mia/)
    assert.match(built.copy('m.njk', 'Bob'), /Zoe[^]*Mia/)

    site.remove('m.njk')
    site.remove('_site')
    const without = await site.build(NOTES)
    assert.equal(without.read('a/index.html'), built.read('a/index.html'))
    assert.equal(without.read('z/index.html'), built.read('z/index.html'))
  })

  it('stops the build when a file tells of it that is written later', async () => {
    const words = 'The zanzibar lanterns hang over the long table from six on.'
    site = createSite({ ...files, 'm.njk': `${files['m.njk']} ${words}` })
    await assert.rejects(
      site.build({
        config(eleventyConfig) {
          NOTES.config?.(eleventyConfig)
          const noted: string[] = []
          // What a site's own code has seen of a page, and writes when Eleventy is done.
          eleventyConfig.addTransform('noted', (content: string) => {
            noted.push(content)
            return content
          })
          eleventyConfig.on('eleventy.after', async () => {
            const { writeFileSync } = await import('node:fs')
            writeFileSync('_site/noted.txt', noted.join('\n'))
          })
        },
      }),
      /m\.njk: something private of it is public: noted\.txt/,
    )
  })
})
