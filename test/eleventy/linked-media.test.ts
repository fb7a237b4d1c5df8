import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createSite, post, type BuildOptions, type Site } from '../support/site.ts'

const PRIVATE = 'visibility: private\naudience: [Bob]'
const IMAGES: BuildOptions = {
  config: (eleventyConfig) => eleventyConfig.addPassthroughCopy({ photos: 'img' }),
}

let site: Site
let album: string
beforeEach(() => {
  album = mkdtempSync(join(tmpdir(), 'private-posts-album-'))
  writeFileSync(join(album, 'table.jpg'), 'a picture of the secret table')
  writeFileSync(join(album, 'plan.json'), '"who sits where"')
})
afterEach(() => {
  site.dispose()
  rmSync(album, { recursive: true })
})

function linkedSite(markup: string, link: string, target: string): Site {
  site = createSite({
    'open.md': post('title: Open', '![](/img/open.jpg)'),
    'photos/open.jpg': 'open',
    'posts/q.md': post(PRIVATE, markup),
  })
  symlinkSync(target, join(site.folder, 'photos', link))
  return site
}

describe('a picture that is linked into a folder for all', () => {
  it('goes with the post that alone names it, and the original stays', async () => {
    linkedSite('![](/img/near.jpg)', 'near.jpg', join(album, 'table.jpg'))
    const built = await site.build(IMAGES)
    assert.ok(!existsSync(join(site.folder, '_site/img/near.jpg')))
    const folder = `p/${built.tokens('posts/q.md')['Bob']}/`
    assert.match(built.read(`${folder}media/near.jpg`), /secret table/)
    assert.ok(existsSync(join(album, 'table.jpg')))
  })

  for (const [what, markup] of [
    ['a picture', '![](/img/album/table.jpg)'],
    ['data', '<div data-x="/img/album/plan.json"></div>'],
    ['all of it', '<div data-x="/img/album/"></div>'],
  ] as const) {
    it(`stops the build when its folder is a link, and the original stays: ${what}`, async () => {
      linkedSite(markup, 'album', album)
      await assert.rejects(
        site.build(IMAGES),
        /posts\/q\.md: img\/album\/\w+\.\w+ is public by a link to a folder.* \(media\)\. To do: /,
      )
      assert.match(readFileSync(join(album, 'table.jpg'), 'utf8'), /secret table/)
    })
  }

  it('stays public when a public page shows it too, or when nobody does', async () => {
    linkedSite('![](/img/album/table.jpg)', 'album', album)
    site.write({ 'too.md': post('title: Too', '![](/img/album/table.jpg)') })
    await site.build(IMAGES)
    for (const file of ['table.jpg', 'plan.json']) {
      assert.ok(existsSync(join(site.folder, '_site/img/album', file)), file)
    }
  })

  it('keeps no build from its end when a link leads to a folder above it', async () => {
    linkedSite('![](/img/open.jpg)', 'up', '..')
    assert.ok((await site.build(IMAGES)).files.includes('img/open.jpg'))
  })
})
