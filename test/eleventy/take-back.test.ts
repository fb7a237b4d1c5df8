import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import { TOMBSTONE } from '../../lib/web/tombstone.ts'
import { createSite, EMPTY_LEDGER, post, type Files, type Site } from '../support/site.ts'

const HELLO = 'posts/hello.md'
const RULE = '/posts/hello/ /410.html 410'

/** A site that has told others of its page `/posts/hello/`, without a ledger of private posts before. */
async function told(t: TestContext, files: Files = {}, options = {}): Promise<Site> {
  const site = createSite({
    ...EMPTY_LEDGER,
    ...{ [HELLO]: post('title: Hello'), 'index.md': 'Alice' },
    ...files,
  })
  t.after(() => site.dispose())
  await site.build({ options })
  await openLedgerFile(join(site.folder, 'private-posts.ledger.json')).update(async (ledger) => ({
    ledger: {
      ...ledger,
      deliveries: ['https://bob.example/1', 'https://carol.example/'].map((target) => ({
        ...{
          post: 'posts/hello/',
          recipient: null,
          target,
          content: 'x',
          known: true,
          attempts: 1,
        },
        ...{ source: 'https://alice.example/posts/hello/', outcome: 'delivered', reason: '' },
      })),
    },
    result: undefined,
  }))
  return site
}

describe('a public page that others were told of', () => {
  it('is 410 on Netlify, once, before the rules of the author, and nowhere else', async (t) => {
    const options = { netlify: true }
    const site = await told(t, { _redirects: '/* /index.html 200\n' }, options)
    site.remove(HELLO)
    site.write({ '_site/_redirects': '/* /index.html 200\n' })
    const built = await site.build({ options })
    const lines = built.read('_redirects').split('\n')
    assert.deepEqual(
      lines.filter((line) => line.startsWith('/')),
      [RULE, '/* /index.html 200'],
    )
    assert.match(built.read('410.html'), /no longer works/)
    assert.ok(!built.files.includes('posts/hello/index.html'))
    assert.deepEqual(Object.keys(built.ledger.gone ?? {}), ['posts/hello/'])
  })

  for (const [where, files] of [
    ['in _redirects', { '_site/_redirects': '/posts/* /essays/:splat 301\n' }],
    [
      'in netlify.toml',
      {
        'netlify.toml':
          '[build]\n  publish = "_site"\n[[redirects]]\n  from = "/posts/:name"\n  to = "/essays/:name"\n[[headers]]\n  for = "/*"\n',
      },
    ],
  ] as const) {
    for (const netlify of [true, undefined]) {
      it(`has moved where the author says so ${where} (netlify: ${netlify})`, async (t) => {
        const options = netlify === undefined ? {} : { netlify }
        const site = await told(t, {}, options)
        site.remove(HELLO)
        site.write(files)
        const built = await site.build({ options })
        assert.ok(!built.files.includes('_redirects') || !built.read('_redirects').includes(RULE))
        assert.ok(!existsSync(join(built.folder, '_site/posts/hello/index.html')))
      })
    }
  }

  it('is not gone while its page, or another at its address, is there', async (t) => {
    const site = await told(t)
    site.remove(HELLO)
    site.write({ 'posts/other.md': post('title: Other\npermalink: /posts/hello.html') })
    const built = await site.build()
    assert.notEqual(built.read('posts/hello/index.html'), TOMBSTONE)
    assert.equal(built.ledger.gone, undefined)
  })

  it('leaves no tombstone where nobody was told', async (t) => {
    const site = createSite({ [HELLO]: post('title: Hello'), 'index.md': 'Alice' })
    t.after(() => site.dispose())
    await site.build()
    site.remove(HELLO)
    const built = await site.build()
    assert.notEqual(built.read('posts/hello/index.html'), TOMBSTONE)
  })

  it('may become private: the rule and the tombstone at its old address are no leak', async (t) => {
    for (const options of [{ netlify: true }, {}]) {
      const site = await told(t, {}, options)
      site.remove(HELLO)
      await site.build({ options })
      site.write({ [HELLO]: post('title: Hello\nvisibility: private\naudience: [Bob]', 'Quokka.') })
      const built = await site.eleventy([], { options })
      assert.equal(built.exitCode, 0, built.console)
      if (options.netlify) assert.ok(built.read('_redirects').includes(RULE))
      else assert.equal(built.read('posts/hello/index.html'), TOMBSTONE)
    }
  })

  it('is no page that could be mentioned', async (t) => {
    const site = await told(t)
    site.remove(HELLO)
    const before = targets(site)
    await site.build()
    assert.equal(targets(site), before - 1)
  })
})

function targets({ folder }: Site): number {
  const file = join(folder, '.private-posts/deploy/targets.json')
  return JSON.parse(readFileSync(file, 'utf8')).public.length
}
