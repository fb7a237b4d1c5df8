import assert from 'node:assert/strict'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import * as pagefind from 'pagefind'
import { configureLab, LAB, PRIVATE_WORDS } from '../support/lab.ts'
import { createSite, post, type Site } from '../support/site.ts'
import { countFiles, until, watch, type Watcher } from '../support/watch.ts'

const GROUPS = { groups: { family: ['https://bob.example/', 'mailto:mum@example.com'] } }
const OPTIONS = { config: configureLab, options: GROUPS }
const COMMAND = { configuredBy: 'configureLab', options: GROUPS } as const

let site: Site | undefined
let watcher: Watcher | undefined
afterEach(() => {
  watcher?.stop()
  site?.dispose()
})

describe('the lab: no private word in any public byte', () => {
  it('of feeds, sitemap, tags, pagination, navigation, previous and next, globs and search', async () => {
    site = createSite(LAB)
    const built = await site.build(OPTIONS)

    for (const file of [
      'feed.xml',
      'feed2.xml',
      'sitemap.xml',
      'by-glob/index.html',
      'list/0/index.html',
    ]) {
      assert.match(built.read(file), /\/posts\/(one|two|three)\//, `${file} lists public posts`)
    }
    assert.ok(built.files.includes('tags/topic1/index.html'))
    assert.doesNotMatch(built.publicBytes(), PRIVATE_WORDS)
    assert.doesNotMatch(built.console, PRIVATE_WORDS)
    const links = built.tokens('posts/surprise-party.md')
    assert.deepEqual(Object.keys(links), ['https://bob.example/', 'mailto:mum@example.com'])
    const copy = built.copy('posts/surprise-party.md', 'https://bob.example/')
    assert.match(copy, /zanzibar lanterns/)
    assert.doesNotMatch(copy, /canonical|og:url|ld\+json|atom\+xml/)
  })

  it('of JSON output', async () => {
    site = createSite(LAB)
    const { pages } = await site.build({ ...OPTIONS, json: true })
    assert.ok(pages.some(({ url }) => url === '/posts/one/'))
    assert.doesNotMatch(JSON.stringify(pages), PRIVATE_WORDS)
  })

  it('of JSON output line by line, which no plugin can take back', async () => {
    site = createSite(LAB)
    const { console: output } = await site.eleventy(['--to=ndjson', '--quiet'], COMMAND)
    const lines = output.split('\n').filter((line) => line.startsWith('{'))
    assert.ok(lines.some((line) => JSON.parse(line).url === '/posts/one/'))
    assert.doesNotMatch(lines.join('\n'), PRIVATE_WORDS)
  })

  it('of a Pagefind index over the whole output', async () => {
    site = createSite(LAB)
    await site.build(OPTIONS)
    const { index: search } = await pagefind.createIndex()
    assert.ok(search)
    const { page_count: pages } = await search.addDirectory({ path: join(site.folder, '_site') })
    assert.ok(pages > 0)
    const { files } = await search.getFiles()
    await pagefind.close()
    const index = files.map(({ content }) => {
      const bytes = Buffer.from(content)
      return bytes[0] === 0x1f && bytes[1] === 0x8b
        ? gunzipSync(bytes).toString()
        : bytes.toString()
    })
    assert.ok(index.some((text) => text.includes('everybody may know')))
    assert.doesNotMatch(index.join('\n'), PRIVATE_WORDS)
  })

  it('of what other plugins get of the build', async () => {
    site = createSite(LAB)
    const seen: string[] = []
    await site.build({
      ...OPTIONS,
      config(eleventyConfig) {
        configureLab(eleventyConfig)
        eleventyConfig.on('eleventy.after', ({ results }: { results: unknown }) => {
          seen.push(JSON.stringify(results))
        })
        eleventyConfig.on(
          'eleventy.contentMap',
          (map: unknown) => void seen.push(JSON.stringify(map)),
        )
      },
    })
    assert.match(seen.join(), /posts\/one/)
    assert.doesNotMatch(seen.join(), /zanzibar|hushtag/i)
    assert.doesNotMatch(seen.join(), /\/p\/[0-9a-hjkmnp-tv-z]{26}\//, 'no token')
  })

  it('after a post was switched from public to private, into the same output', async () => {
    const open = post(
      'title: Open then Secret\ntags: [post, whispertag]',
      'The quokka of zanzibar.',
    )
    site = createSite({ ...LAB, 'posts/open-then-secret.md': open })
    const before = await site.eleventy([], COMMAND)
    assert.ok(before.files.includes('posts/open-then-secret/index.html'))
    assert.ok(before.files.includes('tags/whispertag/index.html'))

    site.write({
      'posts/open-then-secret.md': open.replace(
        'tags:',
        'visibility: private\naudience: [Bob]\ntags:',
      ),
    })
    const after = await site.eleventy([], COMMAND)
    assert.doesNotMatch(after.publicBytes(), PRIVATE_WORDS)
    assert.match(after.copy('posts/open-then-secret.md', 'Bob'), /quokka of zanzibar/)
  })

  it('of an incremental build after the same switch', async () => {
    const open = post('title: Open then Secret\ntags: [post]', 'The quokka of zanzibar.')
    site = createSite({ ...LAB, 'posts/open-then-secret.md': open })
    await site.eleventy([], COMMAND)
    const output = join(site.folder, '_site')
    watcher = watch(site, ['--watch', '--incremental'])
    const { log } = watcher
    await until(() => /Watching/.test(log()), log)
    assert.ok(countFiles(output, PRIVATE_WORDS).public > 0)

    const closed = open.replace('tags:', 'visibility: private\naudience: [Bob]\ntags:')
    await until(
      () => countFiles(output, PRIVATE_WORDS).public === 0,
      log,
      () => site?.write({ 'posts/open-then-secret.md': closed }),
    )
    await until(() => countFiles(output, /quokka of zanzibar/).private === 1, log)
    assert.equal(countFiles(output, /zanzibar lanterns/).private, 2, 'other private posts stay')
  })
})
