import webc from '@11ty/eleventy-plugin-webc'
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { run } from '../../lib/cli/run.ts'
import { checkCommand } from '../../lib/cli/check.ts'
import { createSite, type BuildOptions, type Files, type Site } from '../support/site.ts'
import { CORRECT, HEAD_ACCIDENTS } from './accident-table.ts'
import { ORDINARY_WORDS, PRIVATE_ALL_THE_SAME, WORD_ACCIDENTS } from './word-accident-table.ts'

const LINES = 'visibility: private\naudience: [Mum]'
const HARMLESS = 'title: An evening\nlayout: false'
/** Languages of text templates; the last one is made up, and added by the site's configuration. */
const LANGUAGES = ['md', 'njk', 'liquid', 'html', 'quokka'] as const
const secret = (number: number) =>
  `The zanzibar lanterns of number${number} hang over the long table.`
const open = { 'open.md': '---\ntitle: Open\n---\nAn open letter.\n' }

let site: Site | undefined
afterEach(() => site?.dispose())

/** The posts of a table, each with a name of its own, all in one site. */
function filesOf<Row>(
  rows: readonly Row[],
  language: string,
  write: (row: Row) => string | Buffer,
): Files {
  return Object.fromEntries(
    rows.map((row, number) => {
      const head = write(row)
      const text = secret(number)
      const content =
        typeof head === 'string' ? `${head}${text}\n` : Buffer.concat([head, Buffer.from(text)])
      return [`posts/post${number}.${language}`, content]
    }),
  )
}

function build(files: Files, more: BuildOptions = {}) {
  site = createSite({ ...open, ...files })
  const config: BuildOptions['config'] = (eleventyConfig) => {
    eleventyConfig.addTemplateFormats('quokka')
    eleventyConfig.addExtension('quokka', { compile: (text: string) => () => `<p>${text}</p>` })
    more.config?.(eleventyConfig)
  }
  return site.build({ ...more, config })
}

async function refused(files: Files, more: BuildOptions = {}): Promise<string> {
  const error = await build(files, more).then(
    () => assert.fail('the build went through'),
    (reason: unknown) => reason,
  )
  const { message, originalError } = error as Error & { originalError?: Error }
  return `${message}\n${originalError?.message ?? ''}`
}

/** What `private-posts check` says of the site as it was built last. */
async function check(): Promise<{ code: number; files: string[] }> {
  let out = ''
  const code = await run([checkCommand], ['check', '--json'], {
    cwd: site?.folder ?? '',
    environment: {},
    terminal: { out: (text) => void (out += text), error: () => undefined, isInteractive: false },
    now: () => new Date('2026-11-21T12:00:00Z'),
    readSecret: async () => '',
    signal: new AbortController().signal,
  })
  const { findings } = JSON.parse(out) as {
    findings: { file: string; kind: string; line: number }[]
  }
  return {
    code,
    files: findings.filter(({ kind }) => kind === 'front-matter').map(({ file }) => file),
  }
}

/** The lines of the error that name a post. */
const sayOf = (message: string, path: string) =>
  message.split('\n').filter((line) => line.includes(`${path}: `) || line.includes(`${path}, line`))

describe('front matter that Eleventy does not read stops the build', () => {
  for (const language of LANGUAGES) {
    describe(`in .${language}`, async () => {
      let message: Promise<string> | undefined
      const path = (number: number) => `posts/post${number}.${language}`
      const files = filesOf(HEAD_ACCIDENTS, language, ({ head }) => head(LINES))
      for (const [number, { name }] of HEAD_ACCIDENTS.entries()) {
        it(`with ${name}`, async () => {
          message ??= refused(files)
          const [line = '', ...others] = sayOf(await message, path(number))
          assert.match(line, /(?:, line \d+|: meta\.visibility): .+ To do: /)
          assert.deepEqual(others, [])
          assert.doesNotMatch(line, /Mum|zanzibar/)
        })
      }

      it('and each is private when it is written correctly', async () => {
        const correct = filesOf(HEAD_ACCIDENTS, language, () => CORRECT(LINES))
        const built = await build(correct)
        for (const number of HEAD_ACCIDENTS.keys()) {
          assert.match(built.copy(path(number), 'Mum'), new RegExp(`number${number} hang`))
        }
        assert.doesNotMatch(built.publicBytes(), /zanzibar/)
      })

      it('and each is public when it says nothing of readers', async () => {
        const rows = HEAD_ACCIDENTS.filter(({ isAlwaysStopped }) => !isAlwaysStopped)
        const built = await build(filesOf(rows, language, ({ head }) => head(HARMLESS)))
        for (const [number, { name }] of rows.entries()) {
          assert.ok(built.files.includes(`posts/post${number}/index.html`), name)
        }
        assert.ok((built.publicBytes().match(/zanzibar/g) ?? []).length >= rows.length - 1)
      })
    })
  }

  it('writes nothing', async () => {
    await refused(filesOf(HEAD_ACCIDENTS, 'md', ({ head }) => head(LINES)))
    const built = await site?.build({ json: true }).catch(() => undefined)
    assert.equal(built, undefined)
  })
})

describe('the head of a layout is read like that of a post', () => {
  const LAYOUT = '{{ content | safe }}\n'
  let tried = 0
  // Eleventy remembers layouts by their names as long as the process lives.
  const renamed = (files: Files): Files => {
    tried += 1
    const name = (text: string) => text.replaceAll(/\b(letter|base)\b/g, `$1${tried}`)
    return Object.fromEntries(
      Object.entries(files).map(([path, text]) => [name(path), name(String(text))]),
    )
  }
  const page = (layout: string) => `---\nlayout: ${layout}\n---\n${secret(1)}\n`
  const chains: Record<string, (head: string) => Files> = {
    'the layout of a post': (head) => ({
      '_includes/letter.njk': `${head}${LAYOUT}`,
      'a.md': page('letter.njk'),
    }),
    'the layout of a layout': (head) => ({
      '_includes/base.njk': `${head}${LAYOUT}`,
      '_includes/letter.njk': `---\nlayout: base.njk\n---\n${LAYOUT}`,
      'a.md': page('letter.njk'),
    }),
    'a layout that the folder names, without its extension': (head) => ({
      '_includes/letter.njk': `${head}${LAYOUT}`,
      'notes/notes.json': '{ "layout": "letter" }',
      'notes/a.md': secret(1),
    }),
  }
  const heads = ['\n---\nvisibility: private\n---\n', '<!-- visibility: private -->\n']
  for (const [name, files] of Object.entries(chains)) {
    it(`of ${name}`, async () => {
      for (const head of heads) {
        const message = await refused(renamed(files(head)))
        assert.match(
          message,
          /^_includes\/(?:letter|base)\d+\.njk, line \d: "visibility".* To do: /m,
        )
        assert.ok(!existsSync(join(site?.folder ?? '', '_site')))
        site?.dispose()
        await build(renamed(files(head)), { withoutPlugin: true })
        const { code, files: found } = await check()
        assert.deepEqual([code, found.length], [1, 1])
        assert.match(found[0] ?? '', /^_includes\//)
        site?.dispose()
      }
    })

    it(`and builds with ${name}, where it says nothing, or is private by it`, async () => {
      const harmless = await build(renamed(files('\n<!-- the letter -->\n')))
      assert.match(harmless.publicBytes(), /zanzibar/)
      site?.dispose()
      const isPrivate = await build(renamed(files('---\nvisibility: private\n---\n')))
      assert.doesNotMatch(isPrivate.publicBytes(), /zanzibar/)
    })
  }

  it('of a layout that the configuration adds', async () => {
    const files = renamed({ 'a.md': page('letter.njk') })
    const add = (head: string) => ({
      config: (eleventyConfig: { addTemplate(path: string, content: string): void }) =>
        eleventyConfig.addTemplate(`_includes/letter${tried}.njk`, `${head}${LAYOUT}`),
    })
    assert.match(await refused(files, add(heads[0] ?? '')), /^_includes\/letter\d+\.njk, line 3: /m)
    site?.dispose()
    const open = renamed({ 'a.md': page('letter.njk') })
    assert.match((await build(open, add('<p>A letter</p>\n'))).publicBytes(), /zanzibar/)
  })
})

describe('the head of any file that Eleventy builds is read', () => {
  for (const extension of ['webc', 'vue', 'pug', 'haml', 'ejs', 'mustache', 'hbs', 'mdx', 'adoc']) {
    const config: BuildOptions['config'] = (eleventyConfig) => {
      if (extension === 'webc') return void eleventyConfig.addPlugin(webc)
      eleventyConfig.addTemplateFormats(extension)
      eleventyConfig.addExtension(extension, { compile: (text: string) => () => text })
    }
    const written = (lines: string) =>
      filesOf(
        HEAD_ACCIDENTS.filter(({ isAlwaysStopped }) => !isAlwaysStopped),
        extension,
        ({ head }) => head(lines),
      )

    it(`in .${extension}`, async () => {
      const message = await refused(written(LINES), { config })
      for (const path of Object.keys(written(LINES))) {
        assert.equal(sayOf(message, path).length, 1, path)
      }
    })

    it(`and .${extension} is built where it says nothing of readers`, async () => {
      const built = await build(
        { 'posts/a.html': CORRECT(HARMLESS), ...written(HARMLESS) },
        { config },
      )
      assert.ok((built.publicBytes().match(/zanzibar/g) ?? []).length > 80)
    })
  }
})

/** How a template gets data with a word in it. */
const WAYS: Record<string, (data: unknown, number: number) => Files> = {
  ...Object.fromEntries(
    LANGUAGES.map((language) => [
      `the front matter of .${language}`,
      (data: unknown, number: number) => ({
        [`posts/post${number}.${language}`]: `---json\n${JSON.stringify(data)}\n---\n${secret(number)}\n`,
      }),
    ]),
  ),
  'the data of .11ty.cjs': (data, number) => ({
    [`posts/post${number}.11ty.cjs`]: `module.exports = { data: ${JSON.stringify(data)}, render: () => "${secret(number)}" }`,
  }),
  'the data of a class': (data, number) => ({
    [`posts/post${number}.11ty.mjs`]: `export default class { data() { return ${JSON.stringify(data)} } render() { return "${secret(number)}" } }`,
  }),
  'a directory data file': (data, number) => ({
    [`posts/post${number}/post${number}.json`]: JSON.stringify(data),
    [`posts/post${number}/index.md`]: secret(number),
  }),
  'a directory data file in JavaScript': (data, number) => ({
    [`posts/post${number}/post${number}.11tydata.cjs`]: `module.exports = ${JSON.stringify(data)}`,
    [`posts/post${number}/index.md`]: secret(number),
  }),
}

function written<Row>(rows: readonly Row[], way: (data: Row, number: number) => Files): Files {
  return Object.assign({}, ...rows.map(way)) as Files
}

describe('words that Eleventy does not know stop the build', () => {
  for (const [name, way] of Object.entries(WAYS)) {
    describe(`in ${name}`, () => {
      let message: Promise<string> | undefined
      const files = written(WORD_ACCIDENTS, way)
      for (const [number, data] of WORD_ACCIDENTS.entries()) {
        it(JSON.stringify(data), async () => {
          message ??= refused(files)
          const [line = ''] = (await message)
            .split('\n')
            .filter((text) => new RegExp(`posts/post${number}[./]`).test(text))
          assert.match(line, / To do: /)
          assert.doesNotMatch(line, /zanzibar|sesame|bob|Mum|Dad/)
        })
      }

      it('and what is written oddly is private all the same', async () => {
        const built = await build(written(PRIVATE_ALL_THE_SAME, way))
        assert.match(built.publicBytes(), /An open letter/)
        assert.doesNotMatch(built.publicBytes(), /zanzibar/)
        const pages = built.files.filter((path) => /^p\/[0-9a-z]{26}\/index\.html$/.test(path))
        assert.ok(pages.length >= PRIVATE_ALL_THE_SAME.length)
      })

      it('and without the word, or with "visibility: public" beside a doubtful one, it is public', async () => {
        const built = await build(written(ORDINARY_WORDS, way))
        for (const number of ORDINARY_WORDS.keys()) {
          assert.match(built.publicBytes(), new RegExp(`number${number} hang`))
        }
      })
    })
  }
})

describe('a script that says who may read it outside of its data', () => {
  const rows = [
    'module.exports = { visibility: "private", render: () => "TEXT" }',
    'exports.date = { visibility: "private", audience: ["Mum"] }\nexports.render = () => "TEXT"',
    'exports.visibility = "private"\nexports.render = () => "TEXT"',
    'const data = { private: true }\nexports.render = () => "TEXT"',
    'exports.recipients = ["https://bob.example/"]\nexports.render = () => "TEXT"',
  ]
  const files = (code: readonly string[]) =>
    Object.fromEntries(
      code.map((text, number) => [`post${number}.11ty.cjs`, text.replace('TEXT', secret(number))]),
    )

  it('stops the build', async () => {
    const message = await refused(files(rows))
    for (const number of rows.keys())
      assert.match(message, new RegExp(`post${number}\\.11ty.cjs: .*To do: `))
  })

  it('and builds when it says so in a comment, or compares', async () => {
    const ordinary = [
      '// visibility: "private"\nexports.render = () => "TEXT"',
      'exports.render = ({ visibility }) => visibility === "private" ? "" : "TEXT"',
      'exports.render = () => `<p style="visibility: hidden">TEXT</p>`',
    ]
    const built = await build(files(ordinary))
    for (const number of ordinary.keys()) {
      assert.match(built.publicBytes(), new RegExp(`number${number} hang`))
    }
  })
})

describe('ordinary pages build', () => {
  const PAGES: Files = {
    'about-the-plugin.md':
      '---\ntitle: How to write a private post\n---\nWrite `visibility: private`:\n\n```yaml\n---\nvisibility: private\naudience: [Mum]\n---\n```\n\nvisibility: private makes it so.\n',
    'code-first.md': '---\ntitle: Code\n---\n```yaml\n---\nvisibility: private\n---\n```\n',
    'indented.md': '# Doc\n\n    ---\n    visibility: private\n    ---\n',
    'example.html':
      '<!doctype html>\n<html lang="en"><body>\n<pre>\n---\nvisibility: private\n---\n</pre></body></html>\n',
    'tutorial.md':
      '# Keeping a post private\n\nThis is how it is done, step by step:\n\n1. Write a post.\n2. Say who may read it.\n\n~~~yaml\n---\nvisibility: private\naudience: [Mum]\n---\n~~~\n\n| key | value | meaning |\n| --- | --- | --- |\n| visibility | private | for its readers |\n| `audience` | `[Mum]` | who they are |\n\n> visibility: private\n\n- visibility: public\n- **visibility**: private\n\nThat is all.\n',
    'tutorial.njk':
      '---\npermalink: /tutorial-njk/\n---\n<h1>Private posts</h1>\n<p>Write this line, and build:</p>\n<pre><code>\n---\nvisibility: private\n---\n</code></pre>\n<p>Use <code>visibility</code>.</p>\n<style>\n.a {\nvisibility: hidden;\n}\n</style>\n{% if visibility == "private" %}never{% endif %}\n',
    'about.html':
      '<!doctype html>\n<html lang="en">\n<head>\n<meta name="description" content="private">\n<meta name="audience" content="all">\n<title>Private</title>\n</head>\n<body><h1>Private</h1></body></html>\n',
    'hashtags.md': '#food #family\n\nSoup.\n',
    'heading.md': '# visibility: private\n\nWhat this line does.\n',
    'nav.md': 'Home | About | Privacy\n\nText.\n',
    'chat.md': 'Bob: private?\nAlice: yes.\n\nThey laughed.\n',
    'dive.md': 'Place: Reef\nVisibility: limited\n\nFish.\n',
    'break.md': '***\n\nText after a break.\n',
    'rule.md': '\n---\n\nText between rules.\n\n---\n\nMore: text.\n',
    'recipe.md': 'To: taste\nSalt: a spoon\n\nStir.\n',
    'letter.md': '---\ntitle: A letter\n---\nTo: Bob\nFrom: Alice\n\nDear Bob,\n',
    'letter-in-lines.md':
      '---\ntitle: A letter\n---\n\n---\n\nTo: Bob\nDate: today\n\n---\n\nDear Bob,\n',
    'memo.md': 'Audience: Developers\n\nThis document is for developers.\n',
    'weather.md': 'Visibility: 10 km\nWind: 3\n\nGrey.\n',
    'comment.md': '---\ntitle: Wish\n# visibility: private\n---\nThe author changed their mind.\n',
    'only-comment.md': '---\n# nothing yet\n---\nText.\n',
    'empty.md': '---\n---\nText.\n',
    'schema.md': '---\ntitle: x\nschema:\n  audience: Developers\n---\nText.\n',
    'css.liquid': '---\npermalink: /a.css\n---\n.a { visibility: hidden }\n',
    'windows.md': '---\r\ntitle: Windows\r\n---\r\nText.\r\n',
    'bom.md': '\ufeff---\ntitle: BOM\n---\nText.\n',
    'trip.md': '---\nfrom: Munich\nto: Berlin\n---\nBy train.\n',
    'redirect.njk':
      '---\npermalink: /old/index.html\nfrom: /old/\nto: https://new.example/\n---\nMoved.\n',
    'band.md': '---\nmembers: [John, Paul]\n---\nMusic.\n',
    'team/team.json': '{ "members": [{ "name": "Bob" }], "status": "published" }',
    'team/index.md': 'Team.\n',
    '_data/readers.json': '["https://bob.example/"]',
    '_data/status.json': '"private"',
    '_data/site.json': '{ "private": true, "visibility": "private" }',
    'draft.md': '---\ndraft: true\n---\nNot ready.\n',
    'unpublished.md': '---\npublished: false\npermalink: false\n---\nNo page.\n',
  }

  it('whatever they say about privacy', async () => {
    const built = await build(PAGES)
    for (const path of Object.keys(PAGES).filter(
      (name) => name.endsWith('.md') && name !== 'unpublished.md',
    )) {
      const page = path.replace(/(?:\/index)?\.md$/, '/index.html')
      assert.ok(built.files.includes(page), page)
    }
    assert.ok(!built.files.some((path) => path.startsWith('p/')))
    assert.match(built.printed.join('\n'), /A draft has a public page: draft\.md\..*To do: /)
    assert.doesNotMatch(built.printed.join('\n'), /unpublished/)
  })

  it('and the same word in the front matter counts, although the site has data of this name', async () => {
    const message = await refused({
      ...PAGES,
      'a.md': '---\nreaders: [Mum]\nstatus: private\n---\nHi.\n',
    })
    assert.match(message, /a\.md, line [23]: (?:readers|status): /)
  })

  it('and TOML does where the site asks for it', async () => {
    const config: BuildOptions['config'] = (eleventyConfig) =>
      eleventyConfig.setFrontMatterParsingOptions({
        delimiters: '+++',
        language: 'toml',
        engines: { toml: () => ({ title: 'x', visibility: 'private', audience: ['Mum'] }) },
      })
    const files = {
      'open.md': '+++\ntitle = "Open"\n+++\n',
      'a.md': '+++\nvisibility = "private"\n+++\nHi.',
    }
    const built = await build(files, { config })
    assert.match(built.copy('a.md', 'Mum'), /Hi/)
    site?.dispose()
    const message = await refused(
      { ...files, 'a.md': '\n+++\nvisibility = "private"\n+++\n' },
      { config },
    )
    assert.match(message, /a\.md, line 3: "visibility"/)
  })

  it('and a virtual template is read like a file', async () => {
    const add = (content: string) => ({
      config: (eleventyConfig: { addTemplate(path: string, content: string): void }) =>
        eleventyConfig.addTemplate('virtual.md', content),
    })
    assert.match(
      await refused({}, add('\n---\nvisibility: private\n---\nHi.')),
      /virtual\.md, line 3/,
    )
    site?.dispose()
    const built = await build({}, add('---\nvisibility: private\n---\nHi virtual.'))
    assert.doesNotMatch(built.publicBytes(), /Hi virtual/)
  })
})

describe('private-posts check, where the plugin is lost', () => {
  for (const language of ['md', 'html', 'quokka']) {
    it(`finds the accidents in .${language}`, async () => {
      await build(
        filesOf(HEAD_ACCIDENTS, language, ({ head }) => head(LINES)),
        { withoutPlugin: true },
      )
      const { code, files } = await check()
      assert.equal(code, 1)
      assert.deepEqual(
        files,
        HEAD_ACCIDENTS.map((_, number) => `posts/post${number}.${language}`).sort(),
      )
    })
  }

  it('and finds nothing in ordinary pages', async () => {
    await build(
      { 'a.md': CORRECT('title: x'), 'recipe.md': 'To: taste\n' },
      { withoutPlugin: true },
    )
    assert.deepEqual(await check(), { code: 0, files: [] })
  })
})
