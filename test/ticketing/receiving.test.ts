import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { discoverIndieAuthEndpoints } from '../../lib/indieauth/discovery.ts'
import { createPeerTokens } from '../../lib/jwt/peer-tokens.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { nameOfResource, resourcesAbove } from '../../lib/ticketing/resource.ts'
import { discoverTicketIssuer, redemptionRequest } from '../../lib/ticketing/redemption.ts'
import { ticketNotification } from '../../lib/ticketing/sender.ts'
import { createTicketEndpoint } from '../../lib/ticketing/ticket-endpoint.ts'
import { createTicketTokens, refreshRequest } from '../../lib/ticketing/ticket-tokens.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { createPubl } from '../support/ticketing-peers.ts'
import { createWeb } from '../support/web.ts'

const BOB = 'https://bob.example/'
const ALICE = 'https://alice.example/'
const ISSUER = 'https://alice.example/indieauth/'
const RESOURCE = 'https://alice.example/private/'
const PAGE = new URL('https://alice.example/private/1')
const ENDPOINT = 'https://bob.example/indieauth/ticket'

interface IssuerOptions {
  readonly metadata?: Record<string, unknown>
  readonly token?: Record<string, unknown>
  readonly status?: number
}

/** Alice, an issuer by the newest text. */
function createIssuer({ metadata = {}, token = {}, status = 200 }: IssuerOptions = {}): Endpoint {
  let at = 0
  return async ({ url, method }) => {
    if (method === 'POST') {
      at++
      const fresh = {
        access_token: `token-${at}`,
        refresh_token: `refresh-${at}`,
        expires_in: 3600,
      }
      return Response.json({ ...fresh, token_type: 'Bearer', me: BOB, ...token }, { status })
    }
    if (new URL(url).pathname !== '/indieauth/metadata') {
      return new Response('issuer', {
        headers: { link: '</indieauth/metadata>; rel="indieauth-metadata"' },
      })
    }
    return Response.json({
      issuer: ISSUER,
      token_endpoint: `${ISSUER}token`,
      grant_types_supported: ['authorization_code', 'ticket'],
      ...metadata,
    })
  }
}

/** Bob's ticket endpoint, and the tokens that he has. */
function createBob(alice: Endpoint = createIssuer(), others: Record<string, Endpoint> = {}) {
  let time = Date.parse('2026-11-21T12:00:00Z')
  const now = () => new Date(time)
  const posts: string[] = []
  const recordPosts =
    (endpoint: Endpoint): Endpoint =>
    async (request) => {
      if (request.method === 'POST') posts.push(await request.clone().text())
      return endpoint(request)
    }
  const sites: Record<string, Endpoint> = { 'https://alice.example': recordPosts(alice), ...others }
  const web = createWeb(sites)
  const site = new URL(BOB)
  const store = createMemoryStore({ now })
  const secrets = createSecrets({ keys: [new Uint8Array(32).fill(7)], site, store, now })
  const endpoint = createTicketEndpoint({
    ...{ ...web, store, secrets, now, me: site },
    discover: discoverIndieAuthEndpoints,
  })
  const tickets = createTicketTokens({
    tokens: createPeerTokens({ store, secrets, now }),
    ...web,
    now,
  })
  const form = { ticket: 'tttttttttt', resource: RESOURCE, subject: BOB, iss: ISSUER }
  const bring = (
    fields: Record<string, string> | [string, string][] = form,
    works?: Promise<unknown>[],
  ) =>
    endpoint(
      new Request(ENDPOINT, { method: 'POST', body: new URLSearchParams(fields) }),
      works && { waitUntil: (work) => void works.push(work) },
    )
  const wait = (seconds: number) => {
    time += seconds * 1000
  }
  return { web, posts, sites, store, secrets, endpoint, tickets, bring, form, wait }
}

describe('createTicketEndpoint()', () => {
  it('finds the token endpoint at iss, redeems the ticket there, and keeps the token for its resource', async () => {
    const { bring, web, posts, tickets } = createBob()
    assert.equal((await bring()).status, 200)
    assert.deepEqual(web.log, [`GET ${ISSUER}`, `GET ${ISSUER}metadata`, `POST ${ISSUER}token`])
    assert.deepEqual(posts, ['grant_type=ticket&ticket=tttttttttt'])
    assert.equal(await tickets.find(PAGE), 'token-1')
  })

  it('answers 202 and redeems afterwards where the host lets it', async () => {
    const works: Promise<unknown>[] = []
    const { bring, form, tickets } = createBob()
    assert.equal((await bring(form, works)).status, 202)
    await Promise.all(works)
    assert.equal(await tickets.find(PAGE), 'token-1')
  })

  it("takes Publ's tickets, without iss", async () => {
    const { bring, sites, web, tickets } = createBob()
    const publ = createPubl({ ...web, site: new URL(ALICE) })
    sites['https://alice.example'] = publ.endpoint
    // Publ reads the legacy rel of Bob's home page.
    sites['https://bob.example'] = async (request) =>
      request.method === 'POST'
        ? bring(Object.fromEntries(new URLSearchParams(await request.text())))
        : new Response('<link rel="ticket_endpoint" href="/indieauth/ticket">')
    assert.equal((await publ.sendTicket(new URL(BOB)))?.status, 200)
    assert.equal(await tickets.find(PAGE), 'token-1')
  })

  for (const [name, values] of [
    ['ticket', ['', 'x'.repeat(2049)]],
    [
      'resource',
      ['', 'private', 'http://alice.example/', 'https://u:p@alice.example/', 'ftp://a.example/'],
    ],
    ['subject', ['', 'https://eve.example/', 'bob.example']],
    [
      'iss',
      [
        'http://alice.example/indieauth/',
        'https://alice.example/indieauth/?x',
        'https://alice.example/indieauth/#x',
        'https://u:p@alice.example/indieauth/',
        'https://alice.example/x/../indieauth/',
        'https://alice.example/%2e%2E/indieauth/',
        'alice.example',
      ],
    ],
  ] as const) {
    for (const value of values) {
      it(`refuses the ${name} ${JSON.stringify(value.slice(0, 50))}, and visits nobody`, async () => {
        const { bring, form, web } = createBob()
        const response = await bring({ ...form, [name]: value })
        assert.equal(response.status, 400)
        assert.match(await response.text(), new RegExp(`\\\\"${name}\\\\"`))
        assert.deepEqual(web.log, [])
      })
    }
  }

  it('refuses a form in which something is there twice', async () => {
    const { bring, form } = createBob()
    assert.equal((await bring([...Object.entries(form), ['iss', ISSUER]])).status, 400)
  })

  for (const [what, options] of [
    ['does not list "ticket" among its grants', { metadata: { grant_types_supported: ['x'] } }],
    ['has no token endpoint', { metadata: { token_endpoint: undefined } }],
    [
      'has its token endpoint in the clear',
      { metadata: { token_endpoint: 'http://alice.example/t' } },
    ],
    ['calls itself otherwise', { metadata: { issuer: 'https://alice.example/' } }],
    ['refuses the ticket', { status: 400 }],
    ['answers for somebody else', { token: { me: 'https://eve.example/' } }],
    ['answers for nobody', { token: { me: undefined } }],
    ['gives no token', { token: { access_token: undefined } }],
    ['gives a token of another kind', { token: { token_type: 'mac' } }],
  ] as const satisfies readonly (readonly [string, IssuerOptions])[]) {
    it(`keeps nothing of an issuer that ${what}`, async () => {
      const { bring, tickets } = createBob(createIssuer(options))
      const response = await bring()
      assert.equal(response.status, 400)
      assert.doesNotMatch(await response.text(), /tttttttttt|token-1|eve/)
      assert.equal(await tickets.find(PAGE), undefined)
    })
  }

  it('takes an issuer that does not say which grants it has', async () => {
    const { bring } = createBob(createIssuer({ metadata: { grant_types_supported: undefined } }))
    assert.equal((await bring()).status, 200)
  })

  it("lets nobody replace the token of somebody else's resource", async () => {
    const eve: Endpoint = async (request) => {
      const answer = await createIssuer({ token: { access_token: 'of-eve' } })(request)
      const text = (await answer.text()).replaceAll('alice.example', 'eve.example')
      return new Response(text, { headers: answer.headers })
    }
    const { bring, form, tickets } = createBob(createIssuer(), { 'https://eve.example': eve })
    await bring()
    const hers = { ...form, iss: 'https://eve.example/indieauth/' }
    assert.equal((await bring(hers)).status, 400)
    assert.equal(await tickets.find(PAGE), 'token-1')
    assert.equal((await bring({ ...hers, resource: 'https://eve.example/private/' })).status, 200)
    assert.equal(await tickets.find(new URL('https://eve.example/private/')), 'of-eve')
  })

  it('takes an issuer elsewhere that the resource itself names', async () => {
    const link = '<https://alice.example/indieauth/token>; rel="token_endpoint"'
    const { bring, form, tickets } = createBob(createIssuer(), {
      'https://blog.example': async () => new Response(null, { status: 401, headers: { link } }),
    })
    assert.equal((await bring({ ...form, resource: 'https://blog.example/private/' })).status, 200)
    assert.equal(await tickets.find(new URL('https://blog.example/private/2')), 'token-1')
  })

  it('does not follow a redirect of the token endpoint', async () => {
    const issuer = createIssuer()
    const { bring, web } = createBob(async (request) =>
      request.method === 'POST'
        ? new Response(null, { status: 308, headers: { location: 'https://eve.example/' } })
        : issuer(request),
    )
    assert.equal((await bring()).status, 400)
    assert.ok(!web.log.some((line) => line.includes('eve.example')))
  })

  it('visits one host twenty times a minute at most', async () => {
    const { bring, form, web } = createBob()
    for (let at = 0; at < 30; at++) await bring({ ...form, ticket: `t${at}` })
    assert.equal(web.log.filter((line) => line === `GET ${ISSUER}`).length, 20)
    assert.equal((await bring()).status, 429)
  })

  it('takes twenty tickets a minute from one client, a network of IPv6 being one', async () => {
    const { endpoint, form } = createBob()
    const bring = async (clientAddress: string, at: number) => {
      const iss = `https://h${at}.example/`
      const body = new URLSearchParams({ ...form, iss, resource: `${iss}private/` })
      const request = new Request(ENDPOINT, { method: 'POST', body })
      return (await endpoint(request, { waitUntil() {}, clientAddress })).status
    }
    for (let at = 1; at <= 20; at++) assert.equal(await bring(`2001:db8:1:2::${at}`, at), 202)
    assert.equal(await bring('2001:db8:1:2:ffff::1', 21), 429)
    assert.equal(await bring('2001:db8:1:3::1', 22), 202)
  })

  it('keeps tokens encrypted, and tickets not at all', async () => {
    const { bring, store } = createBob()
    await bring()
    const kept = JSON.stringify(await store.list(''))
    assert.ok(kept.length > 100)
    assert.doesNotMatch(kept, /token-1|refresh-1|tttttttttt|alice\.example/)
  })
})

describe('requests that carry a secret', () => {
  it('follow no redirects', async () => {
    const init: (RequestInit | undefined)[] = []
    const fetch = async (_: URL, options?: RequestInit) => {
      init.push(options)
      return new Response()
    }
    const endpoint = new URL(`${ISSUER}token`)
    const refresh = { refresh_token: 'x', token_endpoint: endpoint.href }
    const urls = { subject: new URL(BOB), resource: new URL(RESOURCE), iss: new URL(ISSUER) }
    await redemptionRequest(endpoint, { ticket: 'x' }, { fetch })
    await refreshRequest(refresh, RESOURCE, { fetch })
    await ticketNotification(endpoint, { ticket: 'x', ...urls }, { fetch })
    assert.deepEqual(
      init.map((options) => [options?.method, options?.redirect]),
      Array.from({ length: 3 }, () => ['POST', 'manual']),
    )
  })
})

describe('discoverTicketIssuer()', () => {
  it('takes no token endpoint in the clear from an issuer that has https', async () => {
    for (const [scheme, isTaken] of [
      ['http', false],
      ['https', true],
    ] as const) {
      const tokenEndpoint = new URL(`${scheme}://alice.example/token`)
      const discover = async () => ({ tokenEndpoint })
      const ticket = { ticket: 'x', resources: [new URL(RESOURCE)], iss: ISSUER } as const
      const found = discoverTicketIssuer(ticket, { ...createWeb({}), discover })
      if (isTaken) assert.equal((await found).href, tokenEndpoint.href)
      else await assert.rejects(found, { name: 'ResponseError' })
    }
  })
})

describe('createTicketTokens()', () => {
  it('refreshes a token that is too old, and keeps the next refresh token', async () => {
    const { bring, tickets, wait, posts } = createBob()
    await bring()
    wait(3601)
    assert.equal(await tickets.find(PAGE), 'token-2')
    assert.equal(await tickets.find(PAGE), 'token-2')
    const refresh = (at: number) =>
      `grant_type=refresh_token&refresh_token=refresh-${at}&resource=${encodeURIComponent('https://alice.example/private')}`
    assert.deepEqual(posts.slice(1), [refresh(1)])
    wait(3601)
    assert.equal(await tickets.find(PAGE), 'token-3')
    assert.deepEqual(posts.slice(2), [refresh(2)])
  })

  it('forgets a token that its issuer will not renew', async () => {
    let works = true
    const issuer = createIssuer()
    const { bring, tickets, wait, web } = createBob(async (request) =>
      works || request.method === 'GET' ? issuer(request) : new Response(null, { status: 400 }),
    )
    await bring()
    works = false
    wait(3601)
    assert.equal(await tickets.find(PAGE), undefined)
    web.log.length = 0
    assert.equal(await tickets.find(PAGE), undefined)
    assert.deepEqual(web.log, [])
  })

  it('keeps its refresh token while the issuer cannot be reached', async () => {
    const { bring, tickets, wait, sites } = createBob()
    await bring()
    const alice = sites['https://alice.example']
    wait(3601)
    delete sites['https://alice.example']
    assert.equal(await tickets.find(PAGE), undefined)
    if (alice) sites['https://alice.example'] = alice
    assert.equal(await tickets.find(PAGE), 'token-2')
  })
})

describe('resourcesAbove()', () => {
  const covers = (resource: string, page: string) =>
    resourcesAbove(new URL(page)).includes(nameOfResource(new URL(resource)))

  for (const [resource, page, expected] of [
    ['https://alice.example/', 'https://alice.example/private/1', true],
    ['https://alice.example/private', 'https://alice.example/private', true],
    ['https://alice.example/private/', 'https://alice.example/private/1/2', true],
    ['https://alice.example/private', 'https://alice.example/private/1', true],
    ['https://alice.example/private', 'https://alice.example/privateer', false],
    ['https://alice.example/private/1', 'https://alice.example/private/', false],
    ['https://alice.example/', 'http://alice.example/', false],
    ['https://alice.example/', 'https://alice.example:8443/', false],
    ['https://alice.example/', 'https://alice.example.eve.example/', false],
    ['https://alice.example/Private/', 'https://alice.example/private/', false],
  ] as const) {
    it(`${resource} ${expected ? 'covers' : 'does not cover'} ${page}`, () => {
      assert.equal(covers(resource, page), expected)
    })
  }

  it('names the nearest first', () => {
    assert.deepEqual(resourcesAbove(new URL('https://alice.example/a/b')), [
      'https://alice.example/a/b',
      'https://alice.example/a',
      'https://alice.example',
    ])
  })
})
