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
  it('writes what Eleventy writes, and nothing else', async () => {
    const { folder, ...one } = create()
    const before = listFiles(folder)
    await one.build({ withoutPlugin: true })
    const plain = listFiles(folder)
    one.remove('_site')
    assert.deepEqual(listFiles(folder), before)
    await one.build()
    assert.deepEqual(listFiles(folder), plain)
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
})
