import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { createPrivateSite, type PrivateSiteOptions } from '../support/private-webmention-peers.ts'
import { followRedirects } from '../support/web-redirects.ts'
import { createWeb } from '../support/web.ts'
import { BOB, createClock, createTestSite, SOURCE, TARGET, type TestSiteOptions } from './sites.ts'

const TOKEN = 'yyyyyyyyyy'
const REALM = 'rrrrrrrrrr'
const offer = { source: SOURCE, code: 'xxxxxxx', realm: REALM }
const page = `<a href="${BOB}">Bob</a>`

/** Bob's receiver, and Alice's site as somebody else wrote it. */
function createBob(
  alice: Partial<PrivateSiteOptions> | Endpoint = {},
  {
    others = {},
    ...options
  }: Partial<TestSiteOptions> & { others?: Record<string, Endpoint> } = {},
) {
  const clock = createClock()
  const asked: Request[] = []
  const codes = { xxxxxxx: TOKEN, 'second code': 'zzzzzzzzzz' }
  const answer =
    typeof alice === 'function'
      ? alice
      : createPrivateSite({ pages: { [TOKEN]: page }, codes, ...alice })
  const record =
    (endpoint: Endpoint): Endpoint =>
    async (request) => {
      asked.push(request.clone())
      return endpoint(request)
    }
  const sites = { 'https://alice.example': answer, ...others }
  const web = createWeb(
    Object.fromEntries(Object.entries(sites).map(([origin, site]) => [origin, record(site)])),
  )
  // By default this sender cannot be told who we are: the codes are the subject here.
  const access = { mayIdentifyTo: () => false }
  const fetch: Fetch = (url, init) =>
    init?.method === 'POST' ? web.fetch(url, init) : followRedirects(web).fetch(url, init)
  const site = createTestSite(BOB, { fetch, now: clock.now, access, ...options })
  const bearers = () =>
    asked
      .filter((request) => request.headers.has('authorization'))
      .map((request) => `${request.url} ${request.headers.get('authorization')}`)
  return { ...site, clock, web, asked, bearers }
}

describe('createSourceAccess(): redeem()', () => {
  it('exchanges the code at once: HEAD, then exactly grant_type and code', async () => {
    const { access, web, asked } = createBob()
    assert.deepEqual(await access.redeem(offer), { redeemed: true })
    assert.deepEqual(web.log, [`HEAD ${SOURCE}`, 'POST https://alice.example/token'])
    const exchange = asked[1]
    assert.equal(await exchange?.text(), 'grant_type=authorization_code&code=xxxxxxx')
    assert.equal(exchange?.headers.get('accept'), 'application/json')
    assert.equal(exchange?.redirect, 'manual')
  })

  it('then fetches the source with the token', async () => {
    const { access, web, bearers } = createBob()
    await access.redeem(offer)
    web.log.length = 0
    const { response, authenticated, chain } = await access.fetch(SOURCE, TARGET)
    assert.equal(await response.text(), page)
    assert.equal(authenticated, true)
    assert.equal(response.url, SOURCE.href)
    assert.deepEqual(chain, [SOURCE])
    assert.deepEqual(web.log, [`GET ${SOURCE}`])
    assert.deepEqual(bearers(), [`${SOURCE} Bearer ${TOKEN}`])
  })

  for (const [what, headers] of [
    ['an absolute URL', { link: '<https://alice.example/token>; rel="token_endpoint"' }],
    ['the older rel', { link: '<./../../token>; rel="oauth2-token"' }],
    ['the newer of both', { link: '</nowhere>; rel=oauth2-token, </token>; rel=token_endpoint' }],
  ] as const) {
    it(`finds the token endpoint in ${what}`, async () => {
      const { access, web } = createBob({ headers })
      assert.deepEqual(await access.redeem(offer), { redeemed: true })
      assert.equal(web.log.at(-1), 'POST https://alice.example/token')
    })
  }

  it('finds it by GET where HEAD has none: in headers, and in HTML last', async () => {
    for (const html of [true, false]) {
      const site = createPrivateSite({ pages: {}, codes: { xxxxxxx: TOKEN }, headers: {} })
      const { access, web } = createBob(async (request) => {
        if (request.method === 'POST') return site(request)
        if (request.method === 'HEAD') return new Response(null, { status: 405 })
        return html
          ? new Response('<link rel="token_endpoint" href="/token">', {
              status: 401,
              headers: { 'content-type': 'text/html' },
            })
          : new Response(null, { status: 401, headers: { link: '</token>; rel=token_endpoint' } })
      })
      assert.deepEqual(await access.redeem(offer), { redeemed: true })
      const expected = [`HEAD ${SOURCE}`, `GET ${SOURCE}`, 'POST https://alice.example/token']
      assert.deepEqual(web.log, expected)
    }
  })

  for (const [what, link] of [
    ['that is no web address', '<javascript:alert(1)>; rel="token_endpoint"'],
    ['in the clear, of an https source', '<http://alice.example/token>; rel="token_endpoint"'],
    ['with a password', '<https://u:p@alice.example/token>; rel="token_endpoint"'],
  ] as const) {
    it(`visits no token endpoint ${what}`, async () => {
      const { access, web } = createBob({ headers: { link } })
      assert.deepEqual(await access.redeem(offer), { redeemed: false, reason: 'no_token_endpoint' })
      assert.ok(web.log.every((line) => !line.startsWith('POST')))
    })
  }

  it('takes no token endpoint from another origin that the source redirects to', async () => {
    for (const [location, expected] of [
      ['https://eve.example/', { redeemed: false, reason: 'no_token_endpoint' }],
      ['/here', { redeemed: true }],
    ] as const) {
      const headers = { link: '<https://alice.example/token>; rel="token_endpoint"' }
      const alice = createPrivateSite({ pages: {}, codes: { xxxxxxx: TOKEN }, headers })
      const moved: Endpoint = async (request) =>
        request.url === SOURCE.href
          ? new Response(null, { status: 302, headers: { location } })
          : alice(request)
      const { access } = createBob(moved, {
        others: { 'https://eve.example': async () => new Response(null, { headers }) },
      })
      assert.deepEqual(await access.redeem(offer), expected)
    }
  })

  it('does not follow a redirect of the token endpoint', async () => {
    const alice: Endpoint = async ({ method }) =>
      method === 'POST'
        ? new Response(null, { status: 307, headers: { location: 'https://eve.example/token' } })
        : new Response(null, { status: 401, headers: { link: '</token>; rel=token_endpoint' } })
    const { access, web } = createBob(alice)
    assert.deepEqual(await access.redeem(offer), { redeemed: false, reason: 'access_token_error' })
    assert.equal(web.log.at(-1), 'POST https://alice.example/token')
  })

  for (const [what, answer] of [
    ['says no', () => Response.json({ error: 'invalid_grant' }, { status: 400 })],
    ['has no token', () => Response.json({ token_type: 'bearer' })],
    ['has a token of another type', () => Response.json({ access_token: 'y', token_type: 'mac' })],
    ['has a token with a line break', () => Response.json({ access_token: 'y\r\nx: y' })],
    ['has an endless token', () => Response.json({ access_token: 'y'.repeat(5000) })],
    ['is no JSON object', () => Response.json(['y'])],
    ['is broken', () => new Response('{', { headers: { 'content-type': 'application/json' } })],
    ['is far too long', () => new Response(`access_token=${'y'.repeat(70_000)}`)],
  ] as const) {
    it(`gets no token from an answer that ${what}`, async () => {
      const { access, store } = createBob({ tokenAnswer: answer })
      assert.equal((await access.redeem(offer)).redeemed, false)
      assert.deepEqual(await store.list('peer-token/'), [])
    })
  }

  it('gets one from an answer in form encoding, with numbers as text', async () => {
    const { access } = createBob({
      tokenAnswer: (token) => new Response(`access_token=${token}&expires_in=60`),
    })
    assert.deepEqual(await access.redeem(offer), { redeemed: true })
  })

  it('takes codes of up to 1024 characters', async () => {
    const long = 'x'.repeat(1024)
    const { access, web } = createBob({ codes: { [long]: TOKEN } })
    const refused = { redeemed: false, reason: 'invalid_code' }
    assert.deepEqual(await access.redeem({ ...offer, code: `${long}x` }), refused)
    assert.deepEqual(await access.redeem({ ...offer, code: '' }), refused)
    assert.deepEqual(web.log, [])
    assert.deepEqual(await access.redeem({ ...offer, code: long }), { redeemed: true })
  })

  it('says that a sender could not be reached, and throws nothing', async () => {
    const { access } = createBob()
    const source = new URL('https://nowhere.example/1')
    assert.deepEqual(await access.redeem({ ...offer, source }), {
      redeemed: false,
      reason: 'unreachable',
    })
  })

  it('SHOULD skip the exchange for a realm at that origin with an unexpired token', async () => {
    const { access, web, clock, bearers } = createBob()
    await access.redeem(offer)
    web.log.length = 0
    const source = new URL('https://alice.example/message/2')
    // Nobody has proven anything by it: only what the token then opens is proof.
    assert.deepEqual(await access.redeem({ ...offer, source, code: 'of no use' }), {
      redeemed: false,
      reason: 'known_realm',
    })
    assert.deepEqual(web.log, [])
    assert.equal((await access.fetch(source, TARGET)).authenticated, true)
    assert.deepEqual(bearers(), [`${source} Bearer ${TOKEN}`])

    clock.wait(3601)
    const late = { ...offer, source, code: 'of no use' }
    assert.equal((await access.redeem(late)).redeemed, false)
  })

  it('lets no guess of a known realm contest a source, or read it as somebody else', async () => {
    const pages = { [TOKEN]: page, zzzzzzzzzz: 'for eve' }
    const { access, bearers } = createBob({ pages })
    await access.redeem(offer)
    const source = new URL('https://alice.example/message/2')
    await access.redeem({ source, code: 'second code', realm: 'of eve' })
    const guess = { source: SOURCE, code: 'made up', realm: 'of eve' }
    assert.deepEqual(await access.redeem(guess), { redeemed: false, reason: 'contested' })
    assert.equal((await access.fetch(SOURCE, TARGET)).authenticated, true)
    assert.deepEqual(bearers(), [`${SOURCE} Bearer ${TOKEN}`])
  })

  it('gives a source to the realm whose lent token opened it', async () => {
    const { access } = createBob({ pages: { [TOKEN]: page, zzzzzzzzzz: 'for eve' } })
    await access.redeem(offer)
    const source = new URL('https://alice.example/message/2')
    await access.redeem({ ...offer, source })
    assert.equal((await access.fetch(source, TARGET)).authenticated, true)
    const hers = { source, code: 'second code', realm: 'of eve' }
    assert.deepEqual(await access.redeem(hers), { redeemed: false, reason: 'contested' })
  })

  it('exchanges the code for another realm, and for that realm at another origin', async () => {
    const eve = createPrivateSite({ pages: {} })
    const { access, web } = createBob({}, { others: { 'https://eve.example': eve } })
    await access.redeem(offer)
    const atEve = { ...offer, source: new URL('https://eve.example/message/1') }
    assert.equal((await access.redeem(atEve)).redeemed, false)
    assert.equal(web.log.at(-1), 'POST https://eve.example/token')
    const source = new URL('https://alice.example/message/2')
    await access.redeem({ source, code: 'second code', realm: 'another' })
    assert.equal(web.log.at(-1), 'POST https://alice.example/token')
  })

  it('exchanges the next code after the token was refused', async () => {
    const pages: Record<string, string> = { [TOKEN]: page }
    const { access, web } = createBob({ pages })
    await access.redeem(offer)
    delete pages[TOKEN]
    assert.equal((await access.fetch(SOURCE, TARGET)).response.status, 401)
    pages['zzzzzzzzzz'] = page
    web.log.length = 0
    assert.deepEqual(await access.redeem({ ...offer, code: 'second code' }), { redeemed: true })
    assert.equal((await access.fetch(SOURCE, TARGET)).authenticated, true)
  })

  it('keeps tokens encrypted, and codes not at all', async () => {
    const { access, store } = createBob()
    await access.redeem(offer)
    const kept = JSON.stringify(await store.list(''))
    assert.ok(kept.length > 100)
    for (const secret of [TOKEN, 'xxxxxxx', REALM, 'alice.example'])
      assert.ok(!kept.includes(secret))
  })
})

describe('createSourceAccess(): fetch()', () => {
  it('just fetches what everybody may read', async () => {
    const { access, web, bearers } = createBob(async () => new Response(page))
    const { response, authenticated } = await access.fetch(SOURCE, TARGET)
    assert.equal(await response.text(), page)
    assert.equal(authenticated, false)
    assert.deepEqual(web.log, [`GET ${SOURCE}`])
    assert.deepEqual(bearers(), [])
  })

  it('shows a token to no other source of the same origin', async () => {
    const { access, bearers } = createBob()
    await access.redeem(offer)
    await access.fetch(new URL('https://alice.example/message/2'), TARGET)
    assert.deepEqual(bearers(), [])
    await access.fetch(new URL('#here', SOURCE), TARGET)
    assert.equal(bearers().length, 1)
  })

  it('never forwards a token to another origin, nor back from there', async () => {
    const alice = createPrivateSite({ pages: {}, codes: { xxxxxxx: TOKEN } })
    const hop = (location: string) => new Response(null, { status: 302, headers: { location } })
    const { access, bearers } = createBob(
      async (request) => {
        if (request.method !== 'GET') return alice(request)
        return new URL(request.url).pathname === '/back'
          ? new Response(page)
          : hop('https://eve.example/')
      },
      { others: { 'https://eve.example': async () => hop('https://alice.example/back') } },
    )
    await access.redeem(offer)
    const { response, authenticated, chain } = await access.fetch(SOURCE, TARGET)
    assert.equal(authenticated, false)
    assert.equal(response.url, 'https://alice.example/back')
    assert.deepEqual(
      chain.map(({ origin }) => origin),
      ['https://alice.example', 'https://eve.example', 'https://alice.example'],
    )
    assert.deepEqual(bearers(), [`${SOURCE} Bearer ${TOKEN}`])
  })

  it('keeps the token on the way within its origin', async () => {
    const alice = createPrivateSite({ pages: { [TOKEN]: page }, codes: { xxxxxxx: TOKEN } })
    const { access, bearers } = createBob(async (request) =>
      request.method === 'GET' && request.url === SOURCE.href
        ? new Response(null, { status: 301, headers: { location: '/message/1' } })
        : alice(request),
    )
    await access.redeem(offer)
    assert.equal((await access.fetch(SOURCE, TARGET)).authenticated, true)
    assert.equal(bearers().length, 2)
  })

  it('follows eight redirects, and not a ninth', async () => {
    for (const [hops, works] of [
      [8, true],
      [9, false],
    ] as const) {
      const { access } = createBob(async ({ url }) => {
        const at = Number(new URL(url).searchParams.get('at'))
        return at === hops
          ? new Response(page)
          : new Response(null, { status: 302, headers: { location: `?at=${at + 1}` } })
      })
      const fetched = access.fetch(new URL('?at=0', SOURCE), TARGET)
      if (works) assert.equal((await fetched).chain.length, 9)
      else await assert.rejects(fetched, { name: 'FetchError' })
    }
  })

  for (const [status, expected] of [
    [200, true],
    [404, true],
    [410, true],
    [401, false],
    [403, false],
  ] as const) {
    it(`says of ${status}, answered to a token, that it was ${expected ? '' : 'not '}for us`, async () => {
      const alice = createPrivateSite({ pages: {}, codes: { xxxxxxx: TOKEN } })
      const { access } = createBob(async (request) =>
        request.headers.has('authorization') ? new Response(null, { status }) : alice(request),
      )
      await access.redeem(offer)
      assert.equal((await access.fetch(SOURCE, TARGET)).authenticated, expected)
    })
  }

  it('trusts no code any more where two realms claim a source', async () => {
    // Eve is another reader of the same post; her copy has no link to Bob.
    const pages = { [TOKEN]: page, zzzzzzzzzz: 'for eve' }
    const { access, bearers, asked } = createBob({ pages })
    await access.redeem(offer)
    const hers = { source: SOURCE, code: 'second code', realm: 'of eve' }
    assert.deepEqual(await access.redeem(hers), { redeemed: false, reason: 'contested' })
    const { response, authenticated } = await access.fetch(SOURCE, TARGET)
    assert.equal(response.status, 401)
    assert.equal(authenticated, false)
    assert.deepEqual(bearers(), [])
    assert.ok(asked.length > 0)
    assert.deepEqual(await access.redeem(offer), { redeemed: false, reason: 'contested' })
  })

  it('is not led to contest a source by a code that is not good', async () => {
    const { access } = createBob()
    await access.redeem(offer)
    assert.equal((await access.redeem({ ...offer, code: 'junk', realm: 'eve' })).redeemed, false)
    assert.equal((await access.fetch(SOURCE, TARGET)).authenticated, true)
  })
})
