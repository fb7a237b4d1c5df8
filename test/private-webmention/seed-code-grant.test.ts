import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  createSeedCodeMint,
  processVerificationResponse,
  verificationRequest,
} from '../../lib/private-webmention/seed-code.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { createWeb } from '../support/web.ts'
import { ALICE, BOB, createClock, createTestSite, form } from './sites.ts'

const AUTH = 'https://bob.example/auth'

interface BobOptions {
  readonly home?: Endpoint
  readonly answer?: () => Response
}

/** Alice's site, and whatever Bob's site answers. */
function createAlice({
  home = async () =>
    new Response(null, { headers: { link: '</auth>; rel="authorization_endpoint"' } }),
  answer = () => new Response(`me=${BOB}`),
}: BobOptions = {}) {
  const clock = createClock()
  const asked: Request[] = []
  const web = createWeb({
    'https://bob.example': async (request) => {
      asked.push(request.clone())
      return request.method === 'POST' ? answer() : home(request)
    },
  })
  const site = createTestSite(ALICE, { ...web, now: clock.now })
  const redeem = (
    fields: Record<string, string>,
    headers: Record<string, string> = {},
    clientAddress: string | null = '192.0.2.1',
  ) => {
    const context = { waitUntil() {}, ...(clientAddress !== null && { clientAddress }) }
    return site.token(new Request(site.tokenEndpoint, form(fields, headers)), context)
  }
  return { ...site, clock, web, asked, redeem }
}

const offer = { code: 'xxxxxxx', me: BOB }

describe('seedCodeGrant()', () => {
  it("gives a token only after Bob's own site has confirmed the code, to which it sends nothing else", async () => {
    const { redeem, web, asked, secrets } = createAlice()
    const response = await redeem(offer, { accept: 'application/json' })
    const { access_token, me } = (await response.json()) as { access_token: string; me: string }
    assert.equal(me, BOB)
    const opened = await secrets.open('access-token', access_token)
    assert.deepEqual(opened.valid && opened.claims, { me: BOB, scope: ['read'] })
    assert.deepEqual(web.log, [`GET ${BOB}`, `POST ${AUTH}`])
    assert.equal(await asked[1]?.text(), 'code=xxxxxxx')
    assert.equal(asked[1]?.redirect, 'manual')
  })

  for (const accept of [undefined, '*/*', 'text/html, */*;q=0.1']) {
    it(`answers as in the seed where nobody asks for JSON: ${accept}`, async () => {
      const { redeem } = createAlice()
      const response = await redeem(offer, accept === undefined ? {} : { accept })
      assert.equal(response.status, 200)
      assert.match(await response.text(), /^access_token=[\w.-]+$/)
      assert.match(
        response.headers.get('content-type') ?? '',
        /^application\/x-www-form-urlencoded/,
      )
      assert.equal(response.headers.get('cache-control'), 'no-store')
    })
  }

  it('understands a confirmation in form encoding, JSON, and of the wrong media type', async () => {
    const json = JSON.stringify({ me: BOB })
    for (const answer of [
      () => new Response(`me=${BOB}`),
      () => new Response(`me=${BOB}\n`),
      () => new Response(new URLSearchParams({ me: BOB })),
      () => Response.json({ me: BOB }),
      () => new Response(json),
      () => new Response(`me=${encodeURIComponent('https://BOB.example')}`),
    ]) {
      assert.equal((await createAlice({ answer }).redeem(offer)).status, 200)
    }
  })

  it('finds the authorization endpoint in metadata first, in a legacy rel second', async () => {
    const metadata = { issuer: BOB, authorization_endpoint: 'https://bob.example/other-auth' }
    const home: Endpoint = async ({ url }) =>
      new URL(url).pathname === '/metadata'
        ? Response.json(metadata)
        : new Response('<link rel="authorization_endpoint" href="/auth">', {
            headers: { 'content-type': 'text/html', link: '</metadata>; rel="indieauth-metadata"' },
          })
    const { redeem, web } = createAlice({ home })
    assert.equal((await redeem(offer)).status, 200)
    assert.equal(web.log.at(-1), 'POST https://bob.example/other-auth')
  })

  for (const [what, options] of [
    ['somebody else', { answer: () => new Response('me=https://eve.example/') }],
    ['a page below', { answer: () => new Response(`me=${BOB}eve`) }],
    ['nobody', { answer: () => new Response('ok') }],
    ['two', { answer: () => new Response(`me=${BOB}&me=${BOB}`) }],
    ['no text', { answer: () => Response.json({ me: [BOB] }) }],
    ['an error', { answer: () => new Response(`me=${BOB}`, { status: 400 }) }],
    [
      'another address',
      { answer: () => new Response(null, { status: 307, headers: { location: AUTH } }) },
    ],
    [
      'another audience',
      { answer: () => Response.json({ me: BOB, aud: 'https://eve.example/token' }) },
    ],
    [
      'an odd audience',
      { answer: () => Response.json({ me: BOB, aud: ['https://eve.example/'] }) },
    ],
    ['an endless text', { answer: () => new Response(`me=${BOB}&x=${'x'.repeat(70_000)}`) }],
    ['no endpoint', { home: async () => new Response('hello') }],
    [
      'an endpoint in the clear',
      {
        home: async () =>
          new Response(null, {
            headers: { link: '<http://bob.example/auth>; rel="authorization_endpoint"' },
          }),
      },
    ],
  ] as const satisfies readonly (readonly [string, BobOptions])[]) {
    it(`gives no token where the site of me answers with ${what}, and does not say why`, async () => {
      const response = await createAlice(options).redeem(offer)
      assert.equal(response.status, 400)
      assert.deepEqual(await response.json(), {
        error: 'invalid_grant',
        error_description: '"me" has not confirmed the code',
      })
    })
  }

  it('takes a code that was made for this very endpoint', async () => {
    const { redeem, tokenEndpoint } = createAlice({
      answer: () => Response.json({ me: BOB, aud: 'https://alice.example/indieauth/token' }),
    })
    assert.equal(tokenEndpoint.href, 'https://alice.example/indieauth/token')
    assert.equal((await redeem(offer)).status, 200)
  })

  it('says the same of a site that cannot be reached', async () => {
    const { redeem } = createAlice()
    const response = await redeem({ ...offer, me: 'https://nowhere.example/' })
    assert.equal(response.status, 400)
    assert.match(await response.text(), /has not confirmed/)
  })

  for (const me of [
    'http://10.0.0.1/',
    'http://localhost/',
    'https://bob.example:8443/',
    'https://u:p@bob.example/',
    'ftp://bob.example/',
    'https://bob.example/#x',
    '',
  ]) {
    it(`visits nobody for a me that is no profile URL: ${JSON.stringify(me)}`, async () => {
      const { redeem, web } = createAlice()
      assert.equal((await redeem({ code: 'xxxxxxx', me })).status, 400)
      assert.deepEqual(web.log, [])
    })
  }

  it('visits nobody for a code that is none, or for a request of another kind', async () => {
    const { redeem, web } = createAlice()
    assert.equal((await redeem({ me: BOB })).status, 400)
    assert.equal((await redeem({ me: BOB, code: 'x'.repeat(1025) })).status, 400)
    assert.equal((await redeem({ ...offer, client_id: BOB })).status, 400)
    assert.equal((await redeem({ ...offer, grant_type: 'ticket' })).status, 400)
    assert.deepEqual(web.log, [])
    assert.equal((await redeem({ ...offer, grant_type: 'authorization_code' })).status, 200)
  })

  it('gives one token for a code, however often its maker confirms it', async () => {
    const { redeem } = createAlice()
    const responses = await Promise.all(Array.from({ length: 20 }, () => redeem(offer)))
    assert.equal(responses.filter(({ status }) => status === 200).length, 1)
    assert.equal((await redeem({ ...offer, code: 'another' })).status, 200)
  })

  it('visits a site thirty times a minute at most, and says when to come back', async () => {
    const { redeem, web, clock } = createAlice()
    const many = Array.from({ length: 100 }, (_, at) =>
      redeem({ ...offer, code: `x${at}` }, {}, null),
    )
    const statuses = (await Promise.all(many)).map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 429).length, 70)
    assert.equal(web.log.filter((line) => line === `GET ${BOB}`).length, 30)
    const late = await redeem({ ...offer, code: 'late' }, {}, null)
    assert.match(late.headers.get('retry-after') ?? '', /^\d+$/)
    clock.wait(61)
    assert.equal((await redeem({ ...offer, code: 'later' }, {}, null)).status, 200)
  })

  it('counts an IPv6 network as one client', async () => {
    const { redeem } = createAlice()
    const visit = async (at: number, from: string) =>
      (await redeem({ code: 'x', me: `https://site-${at}.example/` }, {}, from)).status
    for (let at = 0; at < 30; at++) await visit(at, `2001:db8:0:1::${at.toString(16)}`)
    assert.equal(await visit(30, '2001:db8:0:1:ffff::1'), 429)
    assert.equal(await visit(31, '2001:db8:0:2::1'), 400)
  })

  it('makes thirty visits a minute for one client at most, wherever they lead', async () => {
    const { redeem } = createAlice()
    const visit = (at: number, from?: string) =>
      redeem({ code: 'x', me: `https://site-${at}.example/` }, {}, from)
    const statuses: number[] = []
    for (let at = 0; at < 32; at++) statuses.push((await visit(at)).status)
    assert.deepEqual(statuses.slice(28), [400, 400, 429, 429])
    assert.equal((await visit(40, '192.0.2.2')).status, 400)
  })
})

describe('verificationRequest() and processVerificationResponse()', () => {
  it('send the code alone, and follow no redirect', async () => {
    let sent: RequestInit | undefined
    const fetch = async (_: URL, init?: RequestInit) => {
      sent = init
      return new Response()
    }
    await verificationRequest(new URL(AUTH), 'xxxxxxx', { fetch })
    assert.equal(String(sent?.body), 'code=xxxxxxx')
    assert.equal(sent?.redirect, 'manual')
  })

  it('read whom the code speaks for, and to whom', async () => {
    const aud = 'https://alice.example/token'
    for (const [response, audience] of [
      [new Response(`me=${BOB}`), undefined],
      [new Response(new URLSearchParams({ me: BOB, aud })), aud],
      [Response.json({ me: BOB, aud }), aud],
      [Response.json({ me: BOB, aud: null }), ''],
    ] as const) {
      assert.deepEqual(await processVerificationResponse(response), { me: BOB, audience })
    }
  })
})

describe('seed codes', () => {
  it('are good for a minute, once, and for one token endpoint', async () => {
    const clock = createClock()
    const bob = createTestSite(BOB, { ...createWeb({}), now: clock.now })
    const mint = createSeedCodeMint({ secrets: bob.secrets, me: new URL(BOB) })
    const audience = new URL('https://alice.example/indieauth/token')
    const opened = await bob.secrets.open('seed-code', await mint(audience))
    assert.deepEqual(opened.valid && opened.claims, { me: BOB, audience: audience.href })
    const late = await mint(audience)
    assert.ok(late.length <= 1024)
    clock.wait(61)
    assert.equal((await bob.secrets.open('seed-code', late)).valid, false)
  })
})
