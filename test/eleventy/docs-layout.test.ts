import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { mf2 } from 'microformats-parser'
import { secretText } from '../support/secrets.ts'
import { createSite, REPOSITORY, type BuiltSite } from '../support/site.ts'

const HOME = 'https://alice.example/'
const PICTURE = Buffer.from('/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//', 'base64')

/** The guides, with the post that each of them makes. */
const GUIDES: readonly {
  readonly guide: string
  readonly made: string
  readonly reader?: string
}[] = [
  { guide: 'public-posts.md', made: 'posts/hello.md' },
  { guide: 'link-posts.md', made: 'private/birthday.md', reader: 'https://bob.example/' },
  { guide: 'unlisted-posts.md', made: 'posts/crab.md', reader: '' },
]

/** The files that a guide prints: each is named in a line of its own before its block. */
function filesOf(guide: string): Record<string, string> {
  const text = readFileSync(join(REPOSITORY, 'docs', guide), 'utf8')
  const blocks = text.matchAll(/^`([\w./]+\.(?:md|njk))`:\n\n```\w+\n([^]*?)^```$/gm)
  return Object.fromEntries(Array.from(blocks, ([, name = '', content = '']) => [name, content]))
}

async function build(guide: string, picture: boolean): Promise<BuiltSite> {
  const files = filesOf(guide)
  const layout = `${guide.replace('.md', '')}-${picture}.njk`
  const named = Object.entries(files).map(([name, content]) => [
    name.replace('page.njk', layout),
    content.replaceAll('page.njk', layout),
  ])
  const site = createSite({
    ...Object.fromEntries(named),
    ...(picture && { 'alice.jpg': PICTURE }),
  })
  after(() => site.dispose())
  return site.build({
    config: (eleventyConfig) => void eleventyConfig.addPassthroughCopy('alice.jpg'),
    options: {
      tokens: 'derived',
      groups: { family: ['https://bob.example/', 'mailto:mum@example.com'] },
    },
    variables: { PRIVATE_POSTS_SECRET: secretText() },
  })
}

function pageOf(built: BuiltSite, made: string, reader: string | undefined) {
  if (reader === undefined) {
    return { path: '/posts/hello/', html: built.read('posts/hello/index.html') }
  }
  return { path: `/p/${built.tokens(made)[reader]}/`, html: built.copy(made, reader) }
}

describe('the layout in the guides', () => {
  for (const { guide, made, reader } of GUIDES) {
    it(`says who wrote a post, where it is and when it was written: ${guide}`, async () => {
      const built = await build(guide, true)
      const { path, html } = pageOf(built, made, reader)
      const { items } = mf2(html, { baseUrl: new URL(path, HOME).href })
      const [entry, ...others] = items.filter(({ type }) => type?.includes('h-entry'))
      assert.equal(others.length, 0)
      const { name, url, published, author } = entry?.properties ?? {}
      assert.equal(name?.length, 1)
      assert.deepEqual(url, [new URL(path, HOME).href])
      assert.deepEqual(published, ['2026-11-21T00:00:00.000Z'])
      const [card] = author ?? []
      assert.ok(card && typeof card === 'object' && 'properties' in card)
      assert.deepEqual(card.properties['name'], ['Alice'])
      assert.deepEqual(card.properties['url'], [HOME])
      assert.deepEqual(card.properties['photo'], [`${HOME}alice.jpg`])
    })
  }

  it('is the same for each kind of private post; gated posts need a token endpoint as well', () => {
    const layoutOf = (guide: string) => filesOf(guide)['_includes/page.njk'] ?? assert.fail(guide)
    const serverLine =
      /^ *<link rel="(indieauth-metadata|authorization_endpoint|token_endpoint)".*\n/gm
    const layout = layoutOf('link-posts.md')
    const gated = layoutOf('gated-posts.md')
    assert.equal(gated.match(serverLine)?.length, 3)
    assert.deepEqual(
      [layoutOf('unlisted-posts.md'), gated.replace(serverLine, '')],
      [layout, layout],
    )
  })

  it('leaves the date out where the post has none: a build server would make it anew each time', async () => {
    const built = await build('public-posts.md', false)
    assert.ok(!built.read('index.html').includes('dt-published'))
    assert.ok(built.read('posts/hello/index.html').includes('dt-published'))
  })
})
