import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { InputPathToUrlTransformPlugin } from '@11ty/eleventy'
import type { EleventyConfig } from '../../lib/eleventy/eleventy-config.ts'
import { addPrivatePosts } from '../../lib/eleventy/plugin.ts'
import { createSite, listFiles, post, type BuildOptions, type Site } from '../support/site.ts'

const SENTENCE = 'The zanzibar lanterns hang over the long table from six in the evening on.'
const PRIVATE = {
  'private/party.md': post(
    'title: Surprise for Quokka\naudience: [Bob]\ntags: [hushtag]',
    SENTENCE,
  ),
}
const TOKEN = /[0-9a-hjkmnp-tv-z]{26}/

let site: Site | undefined
afterEach(() => site?.dispose())

/** Ways in which a site of its own accord publishes something private, and what they are called. */
const LEAKS: Record<
  string,
  [files: Record<string, string>, named: RegExp, options?: BuildOptions]
> = {
  'a link from a public post, rewritten to the private address': [
    { 'open.md': post('title: Open', '[the party](./private/party.md)') },
    /open\.md links to private\/party\.md, which is private: open\/index\.html, line \d+ \(a link to the private post\)/,
    { config: (eleventyConfig) => eleventyConfig.addPlugin(InputPathToUrlTransformPlugin) },
  ],
  'an index that a script of the site made of all sources': [
    { 'index.11ty.cjs': sourcesAs('(source) => source.split("---").at(-1)', '/index.json') },
    /index\.json, line \d+ \(sentence\)/,
  ],
  'a list of titles': [
    { 'list.11ty.cjs': sourcesAs('(source) => /title: (.*)/.exec(source)?.[1]', '/list.txt') },
    /list\.txt, line \d+ \(title\)/,
  ],
  'a list of tags': [
    { 'list.11ty.cjs': sourcesAs('(source) => /tags: .(\\w+)/.exec(source)?.[1]', '/list.json') },
    /list\.json, line \d+ \(tag\)/,
  ],
  'a list of files': [
    { 'list.11ty.cjs': sourcesAs('() => "private/party.md"', '/list.txt') },
    /list\.txt, line \d+ \(input-path\)/,
  ],
  'a copy of an attachment under another name': [
    {
      'private/party.md': post('audience: [Bob]', '![](table.jpg)'),
      'private/table.jpg': 'a picture of the table',
    },
    /other\.jpg \(attachment\)/,
    {
      config: (eleventyConfig) =>
        eleventyConfig.on('eleventy.after', () => {
          mkdirSync('_site/pictures', { recursive: true })
          copyFileSync('private/table.jpg', '_site/pictures/other.jpg')
        }),
    },
  ],
}

describe('the leak audit at the end of a build', () => {
  for (const [what, [files, named, options]] of Object.entries(LEAKS)) {
    it(`fails the build for ${what}, and tells no secret`, async () => {
      site = createSite({ ...PRIVATE, ...files })
      await assert.rejects(site.build(options), (error: Error) => {
        assert.match(error.message, named)
        assert.match(error.message, /private\/(party\.md|table\.jpg)/)
        assert.match(error.message, /To do: /)
        assert.doesNotMatch(error.message, /Quokka|zanzibar|hushtag/i)
        assert.doesNotMatch(error.message, TOKEN)
        return true
      })
    })
  }

  it('does not cry wolf over common words', async () => {
    site = createSite({
      'private/party.md': post(
        'title: Dinner\naudience: [Bob]\ntags: [family]',
        'Dinner is at seven. Bring wine, bread and a good story, as you always do.',
      ),
      'dinner.md': post('title: Dinner\ntags: [food]', 'Dinner is at seven. My family eats late.'),
      'about.md': post('title: About', 'I like dinner parties, wine and bread.'),
    })
    const built = await site.build()
    assert.match(built.read('dinner/index.html'), /My family eats late/)
  })

  it('lets pass what the author has excepted, with a reason', async () => {
    const list = { 'list.11ty.cjs': sourcesAs('() => "private/party.md"', '/list.txt') }
    site = createSite({ ...PRIVATE, ...list })
    const why = 'a list of all files that I publish on purpose'
    const exception = { file: 'list.txt', kind: 'input-path', post: 'private/**', why } as const
    const built = await site.build({ options: { auditExceptions: [exception] } })
    assert.match(built.read('list.txt'), /private\/party\.md/)
    await assert.rejects(
      site.build({ options: { auditExceptions: [{ ...exception, file: 'other.txt' }] } }),
      /list\.txt/,
    )
    await assert.rejects(
      site.build({ options: { auditExceptions: [{ ...exception, why: '' }] } }),
      /why/,
    )
  })
})

describe('sources outside of the project', () => {
  it('are known to the audit, the public ones too', async () => {
    const sources = createSite({
      'private/party.md': post('title: Dinner tonight\naudience: [Bob]', SENTENCE),
      'open.md': post('title: Open', 'Dinner tonight is open to all.'),
    })
    site = createSite({})
    const input = relative(realpathSync(site.folder), realpathSync(sources.folder))
    const built = await site.build({ input })
    assert.match(built.read('open/index.html'), /Dinner tonight/)
    assert.equal(built.files.filter((file) => /^p\/\w{26}\//.test(file)).length, 1)

    sources.write({ 'leak.11ty.cjs': leakOf(join(sources.folder, 'private/party.md')) })
    await assert.rejects(site.build({ input }), /leak\.txt, line \d+ \(sentence\)/)
    sources.dispose()
  })
})

describe('what works against the plugin', () => {
  it('gives no private post another address by a preprocessor', async () => {
    site = createSite(PRIVATE)
    const built = await site.build({
      configAfter: (eleventyConfig) =>
        eleventyConfig.addPreprocessor('mine', '*', (data: Record<string, unknown>) => {
          data['permalink'] = '/guess/'
        }),
    })
    const [token] = Object.values(built.tokens('private/party.md'))
    assert.deepEqual(textsWith(site, /zanzibar/), [`p/${token}/index.html`])
  })

  it('fails the build when computed data gives a private post another address', async () => {
    site = createSite(PRIVATE)
    await assert.rejects(
      site.build({
        config: (eleventyConfig) => {
          eleventyConfig.setFreezeReservedData(false)
          eleventyConfig.addGlobalData('eleventyComputed', { page: { url: () => '/guess/' } })
        },
      }),
      /private\/party\.md: something gave the page another address/,
    )
    assert.deepEqual(textsWith(site, /zanzibar/), [])
  })

  it('publishes nothing when it stops the build half way', async () => {
    site = createSite(PRIVATE)
    await assert.rejects(
      site.build({
        configAfter: (eleventyConfig) =>
          eleventyConfig.addTransform('mine', () => {
            throw new Error('half way')
          }),
      }),
    )
    assert.deepEqual(textsWith(site, /zanzibar/), [])
  })
})

describe('options', () => {
  for (const [what, options, named] of [
    ['no profile URL', { me: undefined }, /"me".*is missing.*To do: write .*me: "https:/],
    ['a profile URL that is none', { me: 'alice' }, /"me".*https:\/\/alice\.example/],
    ['an option that is not known', { grups: {} }, /"grups".*not known.*"groups"/],
    ['an option that is nothing known', { zoo: {} }, /"zoo".*not known.*correct or remove/],
    [
      'a policy of regular expressions',
      { policy: { deny: [/spam/] } },
      /policy\.deny.*regular expressions/,
    ],
    ['a policy that cannot be read', { policy: { allow: ['bob.example['] } }, /bob\.example\[/],
    ['two places that are one', { gatePrefix: '/p/' }, /"gatePrefix" and "prefix".*share/],
    ['a gate before the private links', { prefix: '/private/p/' }, /"gatePrefix" and "prefix"/],
    [
      'a function behind the gate',
      { paths: { inbox: '/private/inbox' } },
      /"gatePrefix" and "paths\.inbox"/,
    ],
    [
      'a token in the place of its name',
      { mentions: { webmentionIo: { domain: 'a', tokenVariable: 'abc' } } },
      /"mentions/,
    ],
    ['a prefix without slashes', { prefix: 'p' }, /"prefix".*\/p\//],
    ['a word that is not known', { exposure: 'maybe' }, /"exposure"/],
    ['another word that is not known', { onExposure: 'revoke' }, /"onExposure"/],
    [
      'a group with a bad member',
      { groups: { family: ['bob.example'] } },
      /"groups", family.*https:/,
    ],
    ['a group that contains itself', { groups: { a: ['b'], b: ['a'] } }, /circle/],
    ['a glob from the root of the disk', { posts: '/private/**' }, /"posts".*"private\/\*\*"/],
    ['a glob with backslashes', { posts: ['private\\**'] }, /"posts/],
    ['a glob that is empty', { posts: '' }, /"posts"/],
    ['a ledger that would be published', { ledger: '_site/ledger.json' }, /"ledger".*published/],
  ] as const) {
    it(`stop the build with ${what}`, async () => {
      site = createSite(PRIVATE)
      const build = site.build({ options: options as unknown as BuildOptions['options'] & object })
      await assert.rejects(build, (error: Error) => {
        assert.match(String(error.message) + String((error as { cause?: unknown }).cause), named)
        return true
      })
    })
  }
})

describe('the option "posts"', () => {
  for (const posts of ['letters', 'letters/', './letters', 'letters/**', 'letters/party.md']) {
    it(`makes a file private by ${JSON.stringify(posts)}, and no other`, async () => {
      site = createSite({
        'letters/party.md': post('title: Party', SENTENCE),
        'letters/letters.json': '{}',
        'letters.md': post('title: Letters', 'I like letters.'),
      })
      const alone = await site.build({ options: { posts } })
      assert.match(alone.copy('letters/party.md', 'https://alice.example/'), /zanzibar/)
      assert.doesNotMatch(alone.publicBytes(), /zanzibar/)
      site.write({ 'letters/party.md': post('audience: [Bob]', SENTENCE) })
      site.remove('letters/letters.json')
      const built = await site.eleventy([], { options: { posts } })
      assert.match(built.copy('letters/party.md', 'Bob'), /zanzibar/)
      assert.match(built.read('letters/index.html'), /I like letters/)
    })
  }
})

describe('a file that a glob covers on some file systems', () => {
  for (const [what, path, posts] of [
    ['in capital letters', 'Private/party.md', 'private/**'],
    ['in letters taken apart', 'secre\u0301t/party.md', 'secr\u00e9t/**'],
  ] as const) {
    it(`is private ${what}, and another is not`, async () => {
      site = createSite({ [path]: SENTENCE })
      const options = { posts }
      const alone = await site.build({ options })
      assert.match(alone.copy(path, 'https://alice.example/'), /zanzibar/)
      assert.doesNotMatch(alone.publicBytes(), /zanzibar/)
      site.dispose()
      site = createSite({ 'privately/party.md': SENTENCE, [path]: 'Another secret.' })
      assert.match((await site.build({ options })).read('privately/party/index.html'), /zanzibar/)
    })
  }
})

describe('the plugin', () => {
  it('refuses to be added twice, because each would revoke the links of the other', async () => {
    site = createSite(PRIVATE)
    const { folder: cwd } = site
    const environment = { cwd, variables: {}, now: () => new Date(), print() {} }
    const add = (eleventyConfig: EleventyConfig) =>
      addPrivatePosts(eleventyConfig, { me: 'https://alice.example/' }, environment)
    await assert.rejects(site.build({ configAfter: add }), /added twice.*To do: remove one/)
    const built = await site.build({ withoutPlugin: true, configAfter: add })
    assert.match(built.copy('private/party.md', 'Bob'), /zanzibar/)
  })
})

/** A template that publishes something made of every source, as search indexes do. */
function sourcesAs(each: string, permalink: string): string {
  return `const { readdirSync, readFileSync } = require('node:fs')
module.exports = class {
  data() { return { permalink: ${JSON.stringify(permalink)}, eleventyExcludeFromCollections: true } }
  render() {
    return JSON.stringify(readdirSync('private').filter((name) => name.endsWith('.md')).map((name) => readFileSync('private/' + name, 'utf8')).map(${each}))
  }
}`
}

/** A template that publishes one source. */
function leakOf(path: string): string {
  return `module.exports = class {
  data() { return { permalink: '/leak.txt' } }
  render() { return require('node:fs').readFileSync(${JSON.stringify(path)}, 'utf8') }
}`
}

function textsWith({ folder }: Site, words: RegExp): string[] {
  const output = join(folder, '_site')
  return listFiles(output).filter((file) => words.test(readFileSync(join(output, file), 'utf8')))
}
