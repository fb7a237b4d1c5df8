import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FetchError } from '../../lib/web/errors.ts'
import { parsePage, type PageParser } from '../../lib/web/page-parser.ts'
import { discoverRels, relsInHeader } from '../../lib/web/rel-discovery.ts'
import { followRedirects } from '../support/web-redirects.ts'
import { createWeb } from '../support/web.ts'

const page = new URL('https://bob.example/page')
const HTML = { 'content-type': 'text/html' }

const answers = (body: string, init: ResponseInit = {}) =>
  createWeb({
    'https://bob.example': async () =>
      new Response(body, { ...init, headers: { ...HTML, ...init.headers } }),
  })

/** What was found, in a form that is easily compared. */
async function find(
  web: ReturnType<typeof answers>,
  rels: readonly string[],
  options: Omit<Parameters<typeof discoverRels>[2], 'fetch'> = {},
) {
  const { found } = await discoverRels(page, rels, { ...options, fetch: web.fetch })
  return Object.fromEntries([...found].map(([rel, url]) => [rel, url?.href]))
}

describe('discoverRels()', () => {
  for (const [what, body, parses] of [
    ['has the word', '<p>About webmention, or <a rel=WebMention href=/wm>here</a></p>', 1],
    ['could spell it with references', '<a rel="web&#109;ention" href="/wm">here</a>', 1],
    ['has neither', '<link rel="pingback" href="/ping"><p>&amp; other words</p>', 0],
  ] as const) {
    it(`gives a page to the parser ${parses} times if it ${what}`, async () => {
      let count = 0
      const counting: PageParser = (...given) => (count++, parsePage(...given))
      const found = await find(answers(body), ['webmention'], {
        alsoRead: ['pingback'],
        parse: counting,
      })
      assert.equal(count, parses)
      assert.equal(found['webmention'] !== undefined, parses === 1)
    })
  }

  it('finds several rels with one request, the header before the HTML for each of them', async () => {
    const link = '<wm>; rel="webmention", </m1>; rel="micropub other"'
    const web = answers(
      '<base href="/b/"><link rel="micropub hub" href=m2><link rel=token_endpoint href=t><link rel=HUB href=h>',
      { headers: { link } },
    )
    const rels = ['webmention', 'micropub', 'token_endpoint', 'hub', 'ticket_endpoint']
    assert.deepEqual(await find(web, rels), {
      webmention: 'https://bob.example/wm',
      micropub: 'https://bob.example/m1',
      token_endpoint: 'https://bob.example/b/t',
      hub: 'https://bob.example/b/m2',
    })
    assert.deepEqual(web.log, ['GET https://bob.example/page'])
  })

  it('reads whatever status the page has, and says which', async () => {
    for (const status of [200, 401, 403, 404, 410, 500]) {
      const web = answers('<link rel=hub href=/h>', { status })
      const discovery = await discoverRels(page, ['hub'], web)
      assert.equal(discovery.status, status)
      assert.equal(discovery.found.get('hub')?.href, 'https://bob.example/h')
    }
  })

  it('counts only the elements that it was told to', async () => {
    const web = answers('<a rel=hub href=/a>a</a><link rel=hub href=/link>')
    assert.deepEqual(await find(web, ['hub']), { hub: 'https://bob.example/a' })
    assert.deepEqual(await find(web, ['hub'], { elements: ['link'] }), {
      hub: 'https://bob.example/link',
    })
  })

  it('takes the first link for what it is, even where it leads nowhere', async () => {
    const web = answers('<link rel=hub href="mailto:bob@bob.example"><link rel=hub href=/later>')
    assert.deepEqual(await find(web, ['hub']), { hub: undefined })
    assert.deepEqual(await find(answers('<link rel=hub><link rel=hub href="">'), ['hub']), {
      hub: page.href,
    })
  })

  it('resolves against the final URL, and says which that is', async () => {
    const web = createWeb({
      'https://bob.example': async () =>
        new Response(null, { status: 301, headers: { location: 'https://www.bob.example/a/' } }),
      'https://www.bob.example': async () =>
        new Response('<link rel=hub href=h>', { headers: HTML }),
    })
    const { documentUrl, found } = await discoverRels(page, ['hub'], followRedirects(web))
    assert.equal(documentUrl.href, 'https://www.bob.example/a/')
    assert.equal(found.get('hub')?.href, 'https://www.bob.example/a/h')
  })

  describe('with a body that never comes', () => {
    const stalled = (headers: Record<string, string>) =>
      createWeb({
        'https://bob.example': async () =>
          new Response(new ReadableStream(), { headers: { ...HTML, ...headers } }),
      })

    it('does not read it once the header has every rel', { timeout: 5_000 }, async () => {
      const web = stalled({ link: '</h>; rel=hub, </s>; rel=self' })
      assert.deepEqual(Object.keys(await find(web, ['hub', 'self'])), ['hub', 'self'])
    })

    it(
      'does not read it once the header has the rel that settles',
      { timeout: 5_000 },
      async () => {
        const web = stalled({ link: '</h>; rel=hub' })
        const settled = await find(web, ['hub', 'other'], { settledBy: 'hub' })
        assert.deepEqual(settled, { hub: 'https://bob.example/h' })
      },
    )

    it('does not read what is no HTML', { timeout: 5_000 }, async () => {
      assert.deepEqual(await find(stalled({ 'content-type': 'image/png' }), ['hub']), {})
    })
  })

  it('reads on if the header has only one of several, and none of them settles', async () => {
    const web = answers('<link rel=other href=/o>', { headers: { link: '</h>; rel=hub' } })
    assert.deepEqual(Object.keys(await find(web, ['hub', 'other'])).sort(), ['hub', 'other'])
    const settled = await find(web, ['hub', 'other'], { settledBy: 'other' })
    assert.deepEqual(Object.keys(settled).sort(), ['hub', 'other'])
  })

  it('throws when the page is asked to be left alone and has none of them', async () => {
    const now = () => new Date('2026-11-21T12:00:00Z')
    const init = { status: 503, headers: { 'retry-after': '60' } }
    await assert.rejects(find(answers('busy', init), ['hub'], { now }), (error) => {
      assert.ok(error instanceof FetchError)
      assert.equal(error.notBefore?.toISOString(), '2026-11-21T12:01:00.000Z')
      return true
    })
    const found = await find(answers('<link rel=other href=/o>', init), ['hub', 'other'])
    assert.deepEqual(found, { other: 'https://bob.example/o' })
  })
})

describe('relsInHeader()', () => {
  it('reads headers alone, for those who asked with HEAD', () => {
    const headers = new Headers()
    headers.append('link', '</no>; rel=token_endpoint; anchor="/elsewhere"')
    headers.append('link', '<t>; rel="oauth2-token TOKEN_endpoint", </later>; rel=token_endpoint')
    const found = relsInHeader({ headers }, page, ['token_endpoint', 'oauth2-token', 'hub'])
    assert.deepEqual(
      [...found].map(([rel, url]) => [rel, url?.href]),
      [
        ['token_endpoint', 'https://bob.example/t'],
        ['oauth2-token', 'https://bob.example/t'],
      ],
    )
  })
})
