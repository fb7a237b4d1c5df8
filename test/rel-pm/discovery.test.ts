import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { discoverPmEndpoint, type PmDiscoveryOptions } from '../../lib/rel-pm/discovery.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { createWeb } from '../support/web.ts'

const BOB = new URL('https://bob.example/')
const now = () => new Date('2026-11-21T12:00:00Z')

const html = (body: string, init: ResponseInit = {}) =>
  new Response(body, { ...init, headers: { 'content-type': 'text/html' } })
const linked = (link: string, init: ResponseInit = {}) =>
  new Response('', { ...init, headers: { link } })
const to = (location: string, status = 302) => new Response(null, { status, headers: { location } })

function find(
  pages: Readonly<Record<string, () => Response>>,
  options: Partial<PmDiscoveryOptions> = {},
  profile = BOB,
) {
  const answer: Endpoint = async ({ url }) =>
    pages[url]?.() ?? new Response('not found', { status: 404 })
  const origins = Object.keys(pages).map((page) => [new URL(page).origin, answer])
  const web = createWeb(Object.fromEntries(origins))
  return discoverPmEndpoint(profile, { ...web, now, ...options })
}

const at = (page: () => Response) => ({ [BOB.href]: page })
const refused = (pattern: RegExp) => ({ name: 'FetchError', kind: 'refused', message: pattern })

describe('discoverPmEndpoint()', () => {
  const PM = 'https://pm.example/'
  const cases: readonly [string, () => Response, string | undefined][] = [
    ['a Link header', () => linked('<https://pm.example/>; rel=pm'), PM],
    [
      'a Link header with several rels',
      () => linked('</pm>; rel="me pm"'),
      'https://bob.example/pm',
    ],
    ['one of several Link headers', () => linked('</x>; rel=me, </pm>; rel="pm"'), `${BOB}pm`],
    ['a <link> of the page', () => html('<link rel="pm" href="https://pm.example/">'), PM],
    ['an <a> of the page', () => html('<a rel=PM href=pm>'), `${BOB}pm`],
    [
      'the header before the page',
      () =>
        new Response('<link rel=pm href=/html>', {
          headers: { 'content-type': 'text/html', link: '</header>; rel=pm' },
        }),
      `${BOB}header`,
    ],
    ['the first of two', () => html('<link rel=pm href=/1><link rel=pm href=/2>'), `${BOB}1`],
    [
      'the first, even if it is of no use',
      () => linked('<mailto:b@x>; rel=pm, </2>; rel=pm'),
      undefined,
    ],
    ['a page that only some may read', () => linked('</pm>; rel=pm', { status: 401 }), `${BOB}pm`],
    ['none in a comment', () => html('<!-- <link rel=pm href=/x> -->'), undefined],
    [
      'none of another rel',
      () => html('<link rel="pmx" href=/x><link rel=webmention href=/y>'),
      undefined,
    ],
    [
      'none of another document',
      () => linked('</pm>; rel=pm; anchor="https://eve.example/"'),
      undefined,
    ],
    ['nothing', () => html('hello'), undefined],
  ]
  for (const [name, page, endpoint] of cases) {
    it(`finds ${name}`, async () => {
      assert.equal((await find(at(page)))?.href, endpoint)
    })
  }

  it('resolves against where the page came from', async () => {
    const moved = new URL('https://www.bob.example/home/')
    const pages = { [BOB.href]: () => to(moved.href), [moved.href]: () => linked('<pm>; rel=pm') }
    assert.equal((await find(pages))?.href, 'https://www.bob.example/home/pm')
  })

  it('follows a redirect to another host for a recipient, and not for a sender', async () => {
    const other = 'https://bob.github.example/'
    const pages = { [BOB.href]: () => to(other, 301), [other]: () => linked('</pm>; rel=pm') }
    assert.equal((await find(pages))?.href, `${other}pm`)
    await assert.rejects(find(pages, { asSender: true }), refused(/another site/))
    const www = 'https://www.bob.example/'
    const near = { [BOB.href]: () => to(www, 308), [www]: () => linked('</pm>; rel=pm') }
    assert.equal((await find(near, { asSender: true }))?.href, `${www}pm`)
  })

  it('refuses a way that is not encrypted, even if its end is', async () => {
    const [plain, end] = ['http://bob.example/', 'https://bob.example/end']
    const pages = {
      [BOB.href]: () => to(plain),
      [plain]: () => to(end),
      [end]: () => linked('</pm>; rel=pm'),
    }
    await assert.rejects(find(pages), refused(/not encrypted/))
    assert.ok(await find({ ...pages, [BOB.href]: () => to(end) }))
  })

  it('refuses a home page that is not encrypted, whatever it names', async () => {
    const profile = new URL('http://bob.example/')
    const page = () => linked('<https://pm.example/>; rel=pm')
    await assert.rejects(find({ [profile.href]: page }, {}, profile), refused(/not encrypted/))
    assert.ok(await find(at(page)))
  })

  it('refuses a redirect to a private address, and one in circles', async () => {
    await assert.rejects(find(at(() => to('https://192.168.0.1/'))), refused(/public web/))
    await assert.rejects(find(at(() => to(BOB.href))), refused(/more than 20 times/))
  })

  it('asks to come back where the page is down, and takes a 404 for an answer', async () => {
    const down = new Response(null, { status: 503, headers: { 'retry-after': '60' } })
    await assert.rejects(find(at(() => down)), {
      name: 'FetchError',
      kind: 'failed',
      notBefore: new Date('2026-11-21T12:01:00Z'),
    })
    assert.equal(await find(at(() => new Response(null, { status: 404 }))), undefined)
  })

  it('does not read more than the beginning of a page without end', async () => {
    const link = '<link rel=pm href=/pm>'
    const padding = ' '.repeat(2 * 1024 * 1024)
    assert.ok(await find(at(() => html(link + padding))))
    assert.equal(await find(at(() => html(padding + link))), undefined)
  })

  it('takes http, and any port, on this machine in development', async () => {
    const profile = new URL('http://bob.localhost:8380/')
    const page = () => linked('</pm>; rel=pm')
    const found = await find({ [profile.href]: page }, { allowLoopback: true }, profile)
    assert.equal(found?.href, 'http://bob.localhost:8380/pm')
    await assert.rejects(find({ [profile.href]: page }, {}, profile), refused(/on this machine/))
    const away = at(() => linked('<http://pm.example/>; rel=pm'))
    await assert.rejects(find(away, { allowLoopback: true }), refused(/not encrypted/))
  })
})
