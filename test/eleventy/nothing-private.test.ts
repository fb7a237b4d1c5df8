import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { secretText } from '../support/secrets.ts'
import { createSite, listFiles, post, type Site } from '../support/site.ts'

const LEDGER = 'private-posts.ledger.json'
const PUBLIC = {
  'index.md': post('title: Home\npermalink: /', 'Welcome.'),
  'posts/hello.md': post('title: Hello\ntags: [post]', 'Hello, [world](https://bob.example/).'),
  '_data/authors.json': '[{ "name": "Alice" }]',
  'static/style.css': 'body { color: black }',
}

let site: Site | undefined
afterEach(() => site?.dispose())

const create = (files: Readonly<Record<string, string>> = PUBLIC): Site =>
  (site = createSite(files))

describe('a build of a site that has nothing private', () => {
  it('writes what Eleventy writes, and nothing else but its cache', async () => {
    const { folder, ...one } = create()
    const before = listFiles(folder)
    await one.build({ withoutPlugin: true })
    const plain = listFiles(folder)
    one.remove('_site')
    assert.deepEqual(listFiles(folder), before)
    await one.build()
    const isCache = (path: string) => path.startsWith('.cache/eleventy-plugin-private-posts/')
    assert.deepEqual(
      listFiles(folder).filter((path) => !isCache(path)),
      plain,
    )
  })

  it('keeps a ledger that is there', async () => {
    const one = create({ ...PUBLIC, 'private/dinner.md': post('audience: [Bob]', 'Zanzibar.') })
    await one.build()
    one.remove('private/dinner.md')
    const { ledger } = await one.build()
    assert.deepEqual(
      Object.values(ledger.posts).map(({ absent }) => absent?.why),
      ['gone'],
    )
  })

  it('leaves what functions need, where there is a secret for them', async () => {
    const one = create()
    await one.build({ variables: { PRIVATE_POSTS_SECRET: secretText() } })
    assert.ok(existsSync(join(one.folder, LEDGER)))
    assert.ok(existsSync(join(one.folder, '.private-posts/deploy/targets.json')))
  })

  it('is none as soon as one post is private', async () => {
    const one = create()
    await one.eleventy()
    assert.ok(!existsSync(join(one.folder, LEDGER)))
    one.write({ 'private/dinner.md': post('audience: [Bob]', 'Zanzibar.') })
    const built = await one.eleventy()
    assert.ok(existsSync(join(one.folder, LEDGER)))
    assert.doesNotMatch(built.publicBytes(), /Zanzibar/)
  })

  it('still stops where a public page has a secret of somebody else', async () => {
    const url = 'https://bob.example/p/0123456789abcdefghjkmnpqrs/'
    const one = create({ ...PUBLIC, 'posts/oops.md': post('title: Oops', `See ${url}`) })
    await assert.rejects(one.build(), /posts\/oops\.md/)
    one.remove('_site')
    one.remove('posts/oops.md')
    one.write({ 'posts/fine.md': post('title: Fine', 'See https://bob.example/notes/') })
    await one.build()
  })

  it('still stops where a file of a private folder is copied', async () => {
    const one = create({
      ...PUBLIC,
      'private/letter.txt': 'We meet in Zanzibar, at the ninth hour.',
    })
    const config = (eleventyConfig: { addPassthroughCopy(path: string): void }) =>
      eleventyConfig.addPassthroughCopy('private')
    await assert.rejects(one.build({ config }), /private\/letter\.txt/)
    one.remove('_site')
    await one.build()
  })

  it('still stops where a template that Eleventy does not build is copied with its front matter', async () => {
    const files = {
      ...PUBLIC,
      'notes/plan.njk': '---\naudience: [Bob]\n---\nZanzibar is the place to be in spring.',
    }
    const one = create(files)
    const config = (eleventyConfig: {
      addPassthroughCopy(path: string): void
      setTemplateFormats(formats: string[]): void
    }) => {
      eleventyConfig.setTemplateFormats(['md'])
      eleventyConfig.addPassthroughCopy('notes')
    }
    await assert.rejects(one.build({ config }), /notes\/plan\.njk/)
    one.write({ 'notes/plan.njk': '---\ntitle: Plan\n---\nA plan.' })
    await one.build({ config })
    assert.match(readFileSync(join(one.folder, '_site/notes/plan.njk'), 'utf8'), /A plan/)
  })

  for (const [what, files, formats] of [
    [
      'its directory data',
      {
        'diary/diary.json': '{"visibility":"private"}',
        'diary/plan.md': 'Zanzibar in the spring.',
      },
      ['njk'],
    ],
    [
      'its layout',
      {
        '_includes/closed.njk': '---\nvisibility: private\n---\n{{ content }}',
        'diary/plan.md': '---\nlayout: closed.njk\n---\nZanzibar in the spring.',
      },
      ['njk'],
    ],
    [
      'a key that only private posts have',
      { 'diary/plan.md': '---\naccess: gate\n---\nZanzibar.' },
      ['njk'],
    ],
  ] as const) {
    it(`still stops where a source that Eleventy does not build is private by ${what}, and is copied`, async () => {
      const one = create({ 'index.njk': '---\npermalink: /\n---\nWelcome.', ...files })
      const config = (eleventyConfig: {
        addPassthroughCopy(paths: Record<string, string>): void
        setTemplateFormats(formats: readonly string[]): void
      }) => {
        eleventyConfig.setTemplateFormats(formats)
        eleventyConfig.addPassthroughCopy({ diary: 'x' })
      }
      await assert.rejects(one.build({ config }), /diary\/plan\.md/)
      one.remove('_site')
      one.write({ 'diary/plan.md': '---\ntitle: Plan\nlayout: null\n---\nA plan.' })
      one.write({ 'diary/diary.json': '{}' })
      await one.build({ config })
    })
  }

  it('still stops where a private folder beside the input folder is copied', async () => {
    const one = create({
      'src/index.md': '---\npermalink: /\n---\nWelcome.',
      'private/letter.txt': 'We meet in Zanzibar, at the ninth hour.',
    })
    const config = (eleventyConfig: { addPassthroughCopy(paths: Record<string, string>): void }) =>
      eleventyConfig.addPassthroughCopy({ private: 'files' })
    await assert.rejects(one.build({ config, input: 'src' }), /private\/letter\.txt/)
    one.remove('_site')
    await one.build({ input: 'src' })
  })

  it('still stops where another plugin writes a secret of somebody else', async () => {
    const one = create()
    const writing = (text: string) => ({
      config: (eleventyConfig: { on(event: string, then: () => void): void }) =>
        eleventyConfig.on('eleventy.after', () => one.write({ '_site/feed.json': text })),
    })
    const secret = '{"url":"https://bob.example/p/0123456789abcdefghjkmnpqrs/"}'
    await assert.rejects(one.build(writing(secret)), /feed\.json/)
    one.remove('_site')
    await one.build(writing('{"url":"https://bob.example/notes/"}'))
  })

  it('knows in the next build which page a post had before it became private', async () => {
    const one = create({
      ...PUBLIC,
      'posts/short.md': post('title: Short\npermalink: /odd/', 'Zanzibar.'),
    })
    await one.eleventy()
    assert.ok(existsSync(join(one.folder, '_site/odd/index.html')))
    one.write({ 'posts/short.md': post('visibility: private\naudience: [Bob]', 'Other.') })
    await one.eleventy()
    assert.ok(!existsSync(join(one.folder, '_site/odd/index.html')))
  })
})
