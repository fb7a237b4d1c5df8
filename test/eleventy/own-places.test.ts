import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { PrivatePostsOptions } from '../../lib/eleventy/options.ts'
import { createSite, post, type Site } from '../support/site.ts'

const SECRET = 'The zanzibar lanterns hang over the long table.'

let site: Site | undefined
afterEach(() => site?.dispose())

function build(path: string, frontMatter: string, options: Partial<PrivatePostsOptions> = {}) {
  site = createSite({
    'open.md': post('title: Open', 'An open letter.'),
    'other.md': post('visibility: private', 'An evening of quokkas in the trees.'),
    [path]: post(frontMatter, SECRET),
  })
  return site.build({ options })
}

const PRIVATE = 'visibility: private\naudience: [Mum]'

describe('a private post whose own address is a place of the plugin', () => {
  for (const [path, frontMatter, said, options] of [
    ['p.md', PRIVATE, /by its name.* would be \/p\/,.*another name, or set the option "prefix"/],
    ['p.md', 'visibility: unlisted', /by its name.* would be \/p\//],
    ['p.md', `${PRIVATE}\naccess: gate`, /by its name.* would be \/p\//],
    ['p/index.md', PRIVATE, /by its name.* would be \/p\//],
    ['2026-01-02-p.njk', PRIVATE, /by its name.* would be \/p\//],
    ['x.md', `${PRIVATE}\npermalink: /p/`, /by its permalink.* would be \/p\//],
    ['x.md', `${PRIVATE}\npermalink: /p/index.html`, /by its permalink.* would be \/p\//],
    ['x.md', `${PRIVATE}\npermalink: /_headers`, /would be \/_headers, a file .* the host/],
    ['x.md', `${PRIVATE}\npermalink: _redirects`, /would be \/_redirects, a file .* the host/],
    ['letters/index.md', PRIVATE, /would be \/letters\//, { prefix: '/letters/' }],
  ] as [string, string, RegExp, Partial<PrivatePostsOptions>?][]) {
    it(`stops the build: ${path} with ${JSON.stringify(frontMatter)}`, async () => {
      await assert.rejects(build(path, frontMatter, options), (error: Error) => {
        assert.match(error.message, said)
        assert.match(error.message, new RegExp(`^${path}: .* To do: give it another`))
        assert.doesNotMatch(error.message, /something private/)
        return true
      })
    })
  }

  for (const [path, frontMatter, options] of [
    ['p.md', PRIVATE, { prefix: '/letters/' }],
    ['p/a.md', PRIVATE],
    ['pp.md', PRIVATE],
    ['private/index.md', `${PRIVATE}\naccess: gate`],
    ['x.md', `${PRIVATE}\npermalink: /index.html`],
  ] as [string, string, Partial<PrivatePostsOptions>?][]) {
    it(`is not meant: ${path} with ${JSON.stringify(frontMatter)}`, async () => {
      const built = await build(path, frontMatter, options)
      assert.match(built.read('open/index.html'), /An open letter/)
      const links = (options?.prefix ?? '/p/').slice(1)
      const open = built.files.filter((file) => !new RegExp(`^${links}[0-9a-z]{26}/`).test(file))
      assert.doesNotMatch(open.map((file) => built.read(file)).join(), /zanzibar/)
    })
  }
})
