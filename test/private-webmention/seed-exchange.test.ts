import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createPeerTokens } from '../../lib/jwt/peer-tokens.ts'
import { createTicketTokens } from '../../lib/ticketing/ticket-tokens.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { followRedirects } from '../support/web-redirects.ts'
import { createWeb } from '../support/web.ts'
import { BOB, createClock, createTestSite, SOURCE, TARGET, type TestSiteOptions } from './sites.ts'

const TOKEN_ENDPOINT = 'https://alice.example/token'
const LINK = '</token>; rel="token_endpoint"'
const page = `<a href="${BOB}">Bob</a>`

interface AliceOptions {
  /** Headers of the 401. */
  readonly headers?: Record<string, string>
  readonly home?: () => Response
  readonly token?: () => Response
  readonly isGoodToken?: (token: string) => boolean
}

/** Bob's receiver, and a sender who takes any code. */
function createBob(
  {
    headers = { 'www-authenticate': 'IndieAuth', link: LINK },
    home = () => new Response('home'),
    token = () => new Response('access_token=yyyyyyyyyy'),
    isGoodToken = (text) => text === 'yyyyyyyyyy',
  }: AliceOptions = {},
  { access }: Pick<TestSiteOptions, 'access'> = {},
  others: Record<string, Endpoint> = {},
) {
  const clock = createClock()
  const asked: Request[] = []
  const alice: Endpoint = async (request) => {
    asked.push(request.clone())
    if (request.method === 'POST') return token()
    const { pathname } = new URL(request.url)
    if (pathname === '/') return home()
    if (pathname === '/home') return new Response('', { headers: { link: LINK } })
    if (pathname === '/away') {
      return new Response(null, { status: 302, headers: { location: 'https://eve.example/' } })
    }
    const bearer = request.headers.get('authorization')?.slice('Bearer '.length)
    if (bearer !== undefined && isGoodToken(bearer)) return new Response(page)
    return new Response('sign in', { status: 401, headers })
  }
  const web = createWeb({ 'https://alice.example': alice, ...others })
  const fetch: Fetch = (url, init) =>
    init?.method === 'POST' ? web.fetch(url, init) : followRedirects(web).fetch(url, init)
  const site = createTestSite(BOB, {
    ...{ fetch, now: clock.now },
    ...(access && { access }),
  })
  const read = (source = SOURCE) => site.access.fetch(source, TARGET)
  const posts = () => web.log.filter((line) => line.startsWith('POST'))
  return { ...site, clock, web, asked, read, posts }
}

describe('createSourceAccess(): a 401 without a code', () => {
  it('posts code and me to the token endpoint of the 401, and nothing else', async () => {
    const { read, web, asked } = createBob()
    const { response, authenticated } = await read()
    assert.equal(await response.text(), page)
    assert.equal(authenticated, true)
    assert.deepEqual(web.log, [`GET ${SOURCE}`, `POST ${TOKEN_ENDPOINT}`, `GET ${SOURCE}`])
    const form = new URLSearchParams(await asked[1]?.text())
    assert.deepEqual([...form.keys()], ['code', 'me'])
    assert.equal(form.get('me'), BOB)
    assert.equal(asked[1]?.redirect, 'manual')
  })

  for (const [what, home] of [
    ['header', () => new Response('', { headers: { link: LINK } })],
    [
      'HTML',
      () =>
        new Response('<link rel="token_endpoint" href="/token">', {
          headers: { 'content-type': 'text/html' },
        }),
    ],
  ] as const) {
    it(`else finds the token endpoint on the home page: in its ${what}`, async () => {
      const { read, web } = createBob({ headers: { 'www-authenticate': 'IndieAuth' }, home })
      assert.equal((await read()).authenticated, true)
      assert.deepEqual(web.log.slice(1, 3), [
        'GET https://alice.example/',
        `POST ${TOKEN_ENDPOINT}`,
      ])
    })
  }

  for (const [what, headers] of [
    ['a Bearer challenge', { 'www-authenticate': 'Bearer realm="x"', link: LINK }],
    ['several challenges', { 'www-authenticate': 'Basic realm="x", indieauth', link: LINK }],
    ['no challenge, but a token endpoint', { link: LINK }],
    [
      'no challenge, but a token endpoint by its older name',
      { link: '</token>; rel=oauth2-token' },
    ],
  ] as const) {
    it(`understands ${what}`, async () => {
      const { read } = createBob({ headers })
      assert.equal((await read()).authenticated, true)
    })
  }

  for (const [what, headers] of [
    ['no challenge', {}],
    ['another challenge', { 'www-authenticate': 'Basic realm="x"' }],
    [
      'a token endpoint of another origin',
      { link: '<https://eve.example/token>; rel=token_endpoint' },
    ],
    ['a token endpoint in the clear', { link: '<http://alice.example/token>; rel=token_endpoint' }],
  ] as const) {
    it(`says to nobody who we are where the 401 has ${what}`, async () => {
      const home = () => new Response('', { headers: { link: LINK } })
      const { read, posts } = createBob({ headers, home })
      const { response, authenticated } = await read()
      assert.equal(response.status, 401)
      assert.equal(authenticated, false)
      assert.deepEqual(posts(), [])
    })
  }

  describe('with a token endpoint on another host', () => {
    const headers = (at = 'https://tokens.example/token') => ({
      link: `<${at}>; rel=token_endpoint`,
    })
    const asked: string[] = []
    const others: Record<string, Endpoint> = {
      'https://tokens.example': async (request) => {
        asked.push(new URLSearchParams(await request.text()).get('me') ?? '')
        return Response.json({ access_token: 'yyyyyyyyyy' })
      },
    }

    it('shows it a code where the host of the source is trusted, and the token to the source alone', async () => {
      asked.length = 0
      const isTrusted = ({ host }: URL) => host === 'alice.example'
      const { read, web } = createBob({ headers: headers() }, { access: { isTrusted } }, others)
      assert.equal((await read()).authenticated, true)
      assert.deepEqual(asked, [BOB])
      assert.deepEqual(web.log, [
        `GET ${SOURCE}`,
        'POST https://tokens.example/token',
        `GET ${SOURCE}`,
      ])
    })

    for (const [what, access, at] of [
      ['nobody is trusted', {}, undefined],
      [
        'only its own host is',
        { isTrusted: (url: URL) => url.host === 'tokens.example' },
        undefined,
      ],
      [
        'its host is denied',
        { isTrusted: () => true, mayIdentifyTo: (url: URL) => url.host === 'alice.example' },
        undefined,
      ],
      ['it is in the clear', { isTrusted: () => true }, 'http://tokens.example/token'],
      ['it has a password', { isTrusted: () => true }, 'https://a:b@tokens.example/token'],
    ] as const) {
      it(`shows it nothing where ${what}`, async () => {
        asked.length = 0
        const { read, posts } = createBob({ headers: headers(at) }, { access }, others)
        assert.equal((await read()).response.status, 401)
        assert.deepEqual([posts(), asked], [[], []])
      })
    }
  })

  it('says to nobody who we are where the owner does not let it, or has another server', async () => {
    const no = createBob({}, { access: { mayIdentifyTo: ({ host }) => host === 'carol.example' } })
    assert.equal((await no.read()).response.status, 401)
    assert.deepEqual(no.posts(), [])
    const yes = createBob({}, { access: { mayIdentifyTo: async () => true } })
    assert.equal((await yes.read()).authenticated, true)
  })

  it('makes the code for that token endpoint alone', async () => {
    const audiences: string[] = []
    const mintSeedCode = async (audience: URL) => {
      audiences.push(audience.href)
      return 'xxxxxxx'
    }
    await createBob({}, { access: { mintSeedCode } }).read()
    assert.deepEqual(audiences, [TOKEN_ENDPOINT])
  })

  it('says to nobody who we are for the 401 of a place that the source redirects to', async () => {
    const home = () => new Response('', { headers: { link: LINK } })
    const eve: Endpoint = async () =>
      new Response(null, { status: 401, headers: { 'www-authenticate': 'IndieAuth' } })
    const bob = createBob({ home }, {}, { 'https://eve.example': eve })
    const away = new URL('https://alice.example/away')
    const { response, chain } = await bob.read(away)
    assert.equal(response.status, 401)
    assert.equal(chain.length, 2)
    assert.deepEqual(bob.posts(), [])
    assert.equal((await bob.read()).authenticated, true)
  })

  it('takes no token endpoint from where the home page redirects to', async () => {
    const elsewhere: Endpoint = async () =>
      new Response('', { headers: { link: `<${TOKEN_ENDPOINT}>; rel=token_endpoint` } })
    for (const [location, expected] of [
      ['https://eve.example/', 401],
      ['/home', 200],
    ] as const) {
      const headers = { 'www-authenticate': 'IndieAuth' }
      const home = () => new Response(null, { status: 302, headers: { location } })
      const bob = createBob({ headers, home }, {}, { 'https://eve.example': elsewhere })
      assert.equal((await bob.read()).response.status, expected, location)
    }
  })

  it('does not follow where the token endpoint redirects', async () => {
    const location = 'https://eve.example/token'
    const { read, web } = createBob({
      token: () => new Response(null, { status: 307, headers: { location } }),
    })
    assert.equal((await read()).response.status, 401)
    assert.deepEqual(web.log, [`GET ${SOURCE}`, `POST ${TOKEN_ENDPOINT}`])
  })

  it('leaves the 401 as it is where no token comes of it, readable to the end', async () => {
    for (const token of [
      () => new Response('no', { status: 400 }),
      () => new Response('hello'),
      () => Response.json({ access_token: '' }),
    ]) {
      const { response, authenticated } = await createBob({ token }).read()
      assert.equal(await response.text(), 'sign in')
      assert.equal(authenticated, false)
    }
  })

  it('does not take a token for a welcome', async () => {
    const { response, authenticated } = await createBob({ isGoodToken: () => false }).read()
    assert.equal(response.status, 401)
    assert.equal(authenticated, false)
  })

  it('leaves the 401 as it is where the token leads away: what lies there is not the source', async () => {
    for (const location of ['https://eve.example/', '/private/loop/']) {
      const hop = () => new Response(null, { status: 302, headers: { location } })
      const alice: Endpoint = async (request) => {
        if (request.method === 'POST') return new Response('access_token=yyyyyyyyyy')
        if (request.headers.has('authorization')) return hop()
        return new Response('sign in', { status: 401, headers: { link: LINK } })
      }
      const web = createWeb({
        'https://alice.example': alice,
        'https://eve.example': async () => new Response(page),
      })
      const { access } = createTestSite(BOB, { fetch: web.fetch, now: createClock().now })
      const { response, authenticated } = await access.fetch(SOURCE, TARGET)
      assert.deepEqual([response.status, authenticated], [401, false])
      assert.equal(await response.text(), 'sign in')
    }
  })

  it('reads the token in JSON, too', async () => {
    const token = () => Response.json({ access_token: 'yyyyyyyyyy', token_type: 'bearer' })
    assert.equal((await createBob({ token }).read()).authenticated, true)
  })

  it('shows the token again at that origin until it expires, after a 401 only', async () => {
    const { read, web, posts, clock } = createBob()
    await read()
    web.log.length = 0
    const other = new URL('https://alice.example/private/other/')
    assert.equal((await read(other)).authenticated, true)
    assert.deepEqual(web.log, [`GET ${other}`, `GET ${other}`])
    clock.wait(3601)
    await read()
    assert.deepEqual(posts(), [`POST ${TOKEN_ENDPOINT}`])
  })

  it('gets another one when the old one is not taken any more', async () => {
    let at = 0
    const { read } = createBob({
      token: () => new Response(`access_token=token-${++at}`),
      isGoodToken: (text) => text === `token-${Math.max(at, 2)}`,
    })
    assert.equal((await read()).response.status, 401)
    assert.equal((await read()).authenticated, true)
  })

  it('tells one site thirty times in ten minutes at most who we are', async () => {
    const { read, posts, clock } = createBob({ token: () => new Response('', { status: 400 }) })
    for (let at = 0; at < 40; at++) await read()
    assert.equal(posts().length, 30)
    clock.wait(601)
    await read()
    assert.equal(posts().length, 31)
  })

  it('trusts no code for a source to which we have proven ourselves', async () => {
    const { read, access } = createBob()
    await read()
    const hers = { source: SOURCE, code: 'of eve', realm: 'of eve' }
    assert.deepEqual(await access.redeem(hers), { redeemed: false, reason: 'contested' })
    assert.equal((await read()).authenticated, true)
  })
})

describe('createSourceAccess(): tickets', () => {
  it('shows a ticket token to a 401 below its resource, before it says who we are', async () => {
    const bob = createBob()
    const { store, secrets, clock, web, read, posts } = bob
    const tokens = createPeerTokens({ store, secrets, now: clock.now })
    const tickets = createTicketTokens({ tokens, ...web, now: clock.now })
    const resource = new URL('https://alice.example/private/')
    const token = { access_token: 'yyyyyyyyyy', token_type: 'Bearer' }
    await tickets.keep(resource, new URL(TOKEN_ENDPOINT), token)
    assert.equal((await read()).authenticated, true)
    assert.deepEqual(posts(), [])
    assert.deepEqual(web.log, [`GET ${SOURCE}`, `GET ${SOURCE}`])

    await read(new URL('https://alice.example/privateer'))
    assert.deepEqual(posts(), [`POST ${TOKEN_ENDPOINT}`])
  })
})
