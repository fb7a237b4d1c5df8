import assert from 'node:assert/strict'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { createSite, post, type BuildOptions, type Files, type Site } from '../support/site.ts'
import { countFiles, until, watch, type Watcher } from '../support/watch.ts'

const SECRET = 'Zanzibar lanterns at midnight'
const PATH = 'private/secret.md'

let site: Site | undefined
let watcher: Watcher | undefined
afterEach(() => {
  watcher?.stop()
  site?.dispose()
})

/** What an author may write so that a post has no page as long as it is a draft. */
interface Way {
  readonly files?: (isDraft: boolean) => Files
  readonly config?: (isDraft: boolean) => Pick<BuildOptions, 'config' | 'configAfter'>
  readonly path?: string
}

const written = (frontMatter: string): Way => ({
  files: (isDraft) => ({
    [PATH]: post(`audience: [Bob]\ndraft: ${isDraft}\n${frontMatter}`, SECRET),
  }),
})
const marked = (isDraft: boolean) => ({
  [PATH]: post(`audience: [Bob]\ndraft: ${isDraft}`, SECRET),
})
const beside = (name: string, text: string): Way => ({
  files: (isDraft) => ({ ...marked(isDraft), [name]: text }),
})
const configured = (
  config: Exclude<BuildOptions['config'], undefined>,
  when: 'config' | 'configAfter' = 'config',
): Way => ({ files: marked, config: () => ({ [when]: config }) })

const WAYS: Record<string, Way> = {
  'a permalink of false': {
    files: (isDraft) => ({
      [PATH]: post(`audience: [Bob]\npermalink: ${isDraft ? 'false' : '/guess/'}`, SECRET),
    }),
  },
  'a permalink in a template language': written(
    'permalink: "{% if draft %}false{% else %}/guess/{% endif %}"',
  ),
  'a permalink that comes out empty': written(
    'permalink: "{% unless draft %}/guess/{% endunless %}"',
  ),
  'a permalink without a place to build': {
    files: (isDraft) => ({
      [PATH]: post(
        `audience: [Bob]\npermalink:\n  build: ${isDraft ? 'false' : '/guess/'}`,
        SECRET,
      ),
    }),
  },
  'a permalink for another host only': {
    files: (isDraft) => ({
      [PATH]: post(
        `audience: [Bob]\npermalink:\n  ${isDraft ? 'other' : 'build'}: /guess/`,
        SECRET,
      ),
    }),
  },
  'a computed permalink in its front matter': written(
    'eleventyComputed:\n  permalink: "{% if draft %}false{% else %}/guess/{% endif %}"',
  ),
  'directory data in JSON': {
    files: (isDraft) => ({
      [PATH]: post('audience: [Bob]', SECRET),
      'private/private.json': JSON.stringify(isDraft ? { permalink: false } : {}),
    }),
  },
  'a function in directory data': beside(
    'private/private.11tydata.js',
    'module.exports = { permalink: ({ draft, page }) => draft ? false : `/guess/${page.fileSlug}/` }',
  ),
  'a function of an earlier date': {
    files: (isDraft) => ({
      [PATH]: post(`audience: [Bob]\ndate: ${isDraft ? 2999 : 1999}-01-01`, SECRET),
      'private/private.11tydata.js':
        'module.exports = { permalink: ({ page }) => page.date > new Date() ? false : `/guess/` }',
    }),
  },
  'a computed function in directory data': beside(
    'private/private.11tydata.js',
    'module.exports = { eleventyComputed: { permalink: (data) => data.draft ? false : `/guess/${data.page.fileSlug}/` } }',
  ),
  'a computed function of computed data': beside(
    'private/private.11tydata.js',
    'module.exports = { eleventyComputed: { isReady: (data) => !data.draft, permalink: (data) => data.isReady ? "/guess/" : false } }',
  ),
  'a computed function in the data of the site': beside(
    '_data/eleventyComputed.js',
    'module.exports = { permalink: (data) => data.draft ? false : data.permalink }',
  ),
  'a computed function of the configuration': configured((eleventyConfig) =>
    eleventyConfig.addGlobalData(
      'eleventyComputed.permalink',
      () => (data: { draft: boolean; permalink: unknown }) => (data.draft ? false : data.permalink),
    ),
  ),
  'a preprocessor that leaves it out': configured((eleventyConfig) =>
    eleventyConfig.addPreprocessor('drafts', '*', (data: { draft: boolean }) =>
      data.draft ? false : undefined,
    ),
  ),
  'a preprocessor that leaves it out, added later': configured(
    (eleventyConfig) =>
      eleventyConfig.addPreprocessor('drafts', '*', (data: { draft: boolean }) =>
        data.draft ? false : undefined,
      ),
    'configAfter',
  ),
  'a preprocessor that takes its page': configured((eleventyConfig) =>
    eleventyConfig.addPreprocessor('drafts', '*', (data: Record<string, unknown>) => {
      if (data['draft']) data['permalink'] = false
    }),
  ),
  'a preprocessor that takes its page, added later': configured(
    (eleventyConfig) =>
      eleventyConfig.addPreprocessor('drafts', '*', (data: Record<string, unknown>) => {
        if (data['draft']) data['permalink'] = false
      }),
    'configAfter',
  ),
  'a permalink function in JavaScript': {
    path: 'private/secret.11ty.cjs',
    files: (isDraft) => ({
      'private/secret.11ty.cjs': `module.exports = class { data() { return { audience: ["Bob"], draft: ${isDraft}, permalink: ({ draft }) => draft ? false : "/guess/" } } render() { return "<p>${SECRET}</p>" } }`,
    }),
  },
  'a permalink of each page of its pagination': {
    path: 'private/secret.njk',
    files: (isDraft) => ({
      'private/secret.njk': post(
        `audience: [Bob]\ndraft: ${isDraft}\npagination: { data: parts, size: 1 }\nparts: [one, two]\npermalink: "{% if draft %}false{% else %}/guess/{{ pagination.pageNumber }}/{% endif %}"`,
        `${SECRET} {{ pagination.items[0] }}`,
      ),
    }),
  },
}

async function build(way: Way, isDraft: boolean, access: 'link' | 'gate' = 'link') {
  site = createSite({ 'open.md': post('title: Open', 'An open letter.'), ...way.files?.(isDraft) })
  const built = await site.build({
    ...way.config?.(isDraft),
    variables: {},
    ...(access === 'gate' ? { options: { netlify: true } } : {}),
  })
  return { built, path: way.path ?? PATH }
}

describe('a private post has no page, no link, and nobody is told', () => {
  for (const [name, way] of Object.entries(WAYS)) {
    it(`when it is a draft by ${name}`, async () => {
      const { built, path } = await build(way, true)
      assert.deepEqual(built.tokens(path), {})
      const texts = built.files.map((file) => `${file}\n${built.read(file)}`)
      assert.ok(texts.every((text) => !/Zanzibar|secret|guess/i.test(text)))
      assert.match(built.publicBytes(), /An open letter/)
      assert.ok(built.printed.some((line) => line.includes('1 private draft without a page')))
      assert.ok(built.printed.every((line) => !/secret|link/.test(line.replace(/no link/, ''))))
    })

    it(`but has them as soon as it is none, with ${name}`, async () => {
      const { built, path } = await build(way, false)
      assert.match(built.copy(path, 'Bob'), /Zanzibar/)
      assert.doesNotMatch(built.publicBytes(), /Zanzibar|guess/)
      assert.ok(built.printed.every((line) => !line.includes('draft')))
    })
  }
})

describe('a private post that is a draft now', () => {
  it('has no page any more, and gets its link back', async () => {
    const way = written('permalink: "{% if draft %}false{% else %}/guess/{% endif %}"')
    site = createSite(way.files?.(false) ?? {})
    const { Bob: token } = (await site.eleventy()).tokens(PATH)

    site.write(way.files?.(true) ?? {})
    const draft = await site.eleventy()
    assert.ok(draft.files.every((file) => !file.includes(String(token))))

    site.write(way.files?.(false) ?? {})
    const again = await site.eleventy()
    assert.equal(again.tokens(PATH)['Bob'], token)
    assert.match(again.copy(PATH, 'Bob'), /Zanzibar/)
  })

  for (const args of [['--watch'], ['--watch', '--incremental']]) {
    it(`comes and goes with ${args.join(' ')}, and nothing else does`, async () => {
      const tea = (isDraft: boolean, word: string) =>
        post(`audience: [Bob]${isDraft ? '\npermalink: false' : ''}`, `Tea for a ${word}.`)
      site = createSite({
        'open.md': post('title: Open', 'An open letter.'),
        'private/trip.md': post('audience: [Bob]', SECRET),
        'private/tea.md': tea(false, 'kiwi'),
      })
      await site.eleventy()
      const output = join(site.folder, '_site')
      watcher = watch(site, args)
      const { log } = watcher
      const trips = () => countFiles(output, /Zanzibar/)
      const write = (path: string, text: string) => () => site?.write({ [path]: text })
      await until(() => /Watching/.test(log()), log)
      const isGone = () => countFiles(output, /Tea for/).private === 0
      await until(isGone, log, write('private/tea.md', tea(true, 'kiwi')))
      const open = post('title: Open', 'A second open letter.')
      await until(() => countFiles(output, /second/).public === 1, log, write('open.md', open))
      assert.ok(isGone())
      assert.deepEqual(trips(), { private: 1, public: 0 })
      const isBack = () => countFiles(output, /Tea for a emu/).private === 1
      await until(isBack, log, write('private/tea.md', tea(false, 'emu')))
      assert.deepEqual(trips(), { private: 1, public: 0 })
    })
  }

  it('asks the permalink with the data that the author has', async () => {
    site = createSite({
      [PATH]: post('title: Lanterns\naudience: [Bob]\ntags: [evening]', SECRET),
      'private/private.11tydata.js':
        'module.exports = { permalink(data) { return data.title === "Lanterns" && data.page.fileSlug === "secret" && data.page.filePathStem === "/private/secret" && data.page.date && data.tags[0] === "evening" && this.slugify("A b") === "a-b" && data.collections.all ? false : "/guess/" } }',
    })
    const built = await site.build()
    assert.deepEqual(built.tokens(PATH), {})
  })
})
