import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { discoverIndieAuthEndpoints } from '../../lib/indieauth/discovery.ts'
import {
  discoverTicketEndpoint,
  processTicketResponse,
  sendTicket,
} from '../../lib/ticketing/sender.ts'
import { createWordPress } from '../support/ticketing-peers.ts'
import { createWeb } from '../support/web.ts'
import { createWholeSite } from '../support/whole-site.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'

const ALICE = 'https://alice.example/'
const BOB = 'https://bob.example/'
const TOKEN = new URL('https://alice.example/indieauth/token')
const START = new Date('2026-11-21T12:00:00Z')
const ticketOf = {
  subject: new URL(BOB),
  resource: new URL('https://alice.example/private/'),
  iss: new URL('https://alice.example/indieauth/'),
}

/** Alice's site, ours; and whatever Bob's is. */
function createAlice(bob?: Endpoint) {
  let time = START.getTime()
  const sites: Record<string, Endpoint> = {}
  const web = createWeb(sites)
  const posts = { '4x7k2m9qwert': { [BOB]: 'for bob' } }
  const alice = createWholeSite(ALICE, { ...web, now: () => new Date(time), posts })
  sites['https://alice.example'] = alice.endpoint
  if (bob) sites['https://bob.example'] = bob
  const ask = async (fields: Record<string, string>) =>
    alice.endpoint(new Request(TOKEN, { method: 'POST', body: new URLSearchParams(fields) }))
  const redeem = (ticket: string) => ask({ grant_type: 'ticket', ticket })
  const issue = () =>
    alice.secrets.issue('ticket', { subject: BOB, resource: ticketOf.resource.href })
  const sender = { ...web, secrets: alice.secrets, discover: discoverIndieAuthEndpoints }
  const wait = (seconds: number) => {
    time += seconds * 1000
  }
  const read = (path: string, token: string) =>
    web.fetch(new URL(path, ALICE), { headers: { authorization: `Bearer ${token}` } })
  return { ...alice, web, sites, ask, redeem, issue, sender, wait, read }
}

describe('ticketGrant()', () => {
  it('answers with a token for the subject, the resource, and a refresh token', async () => {
    const { redeem, issue, read } = createAlice()
    const response = await redeem(await issue())
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    const answer = (await response.json()) as Record<string, string>
    const { access_token = '', refresh_token, ...rest } = answer
    assert.ok(refresh_token)
    assert.deepEqual(rest, {
      token_type: 'Bearer',
      scope: 'read',
      me: BOB,
      resource: ticketOf.resource.href,
      expires_in: 24 * 60 * 60,
    })
    assert.equal(await (await read('/private/4x7k2m9qwert/', access_token)).text(), 'for bob')
  })

  it('MUST redeem a ticket once, however many bring it at the same time', async () => {
    const { redeem, issue } = createAlice()
    const ticket = await issue()
    const all = await Promise.all(Array.from({ length: 200 }, () => redeem(ticket)))
    assert.equal(all.filter(({ status }) => status === 200).length, 1)
  })

  it('MUST refuse a ticket after ten minutes', async () => {
    const { redeem, issue, wait } = createAlice()
    const [early, late] = [await issue(), await issue()]
    wait(599)
    assert.equal((await redeem(early)).status, 200)
    wait(2)
    assert.equal((await redeem(late)).status, 400)
  })

  it('takes no token for a ticket, and no ticket for a token', async () => {
    const { redeem, issue, secrets, read, ask } = createAlice()
    const token = await secrets.issue('access-token', { me: BOB, scope: ['read'] })
    const code = await secrets.issue('webmention-code', { recipient: BOB })
    assert.equal((await redeem(token)).status, 400)
    assert.equal((await redeem(code)).status, 400)
    const ticket = await issue()
    assert.equal((await read('/private/4x7k2m9qwert/', ticket)).status, 401)
    assert.equal((await ask({ grant_type: 'authorization_code', code: ticket })).status, 400)
    assert.equal((await ask({ grant_type: 'refresh_token', refresh_token: ticket })).status, 400)
    assert.equal((await redeem(ticket)).status, 200)
  })

  it('gives refresh tokens that are rotated', async () => {
    const { redeem, issue, ask } = createAlice()
    const first = (await (await redeem(await issue())).json()) as Record<string, string>
    const refresh_token = first['refresh_token'] ?? ''
    const next = await ask({ grant_type: 'refresh_token', refresh_token })
    assert.equal(next.status, 200)
    const second = (await next.json()) as Record<string, string>
    assert.notEqual(second['refresh_token'], refresh_token)
    assert.equal(second['me'], BOB)
    assert.equal((await ask({ grant_type: 'refresh_token', refresh_token })).status, 400)
  })
})

describe('sendTicket()', () => {
  it('brings ticket, resource, subject and iss to WordPress, which redeems it at once', async () => {
    const { web, sites, sender } = createAlice()
    const bob = createWordPress({ ...web, user: new URL(BOB) })
    sites['https://bob.example'] = bob.endpoint
    assert.deepEqual(await sendTicket(ticketOf, sender), { sent: true, redeemed: true })
    assert.equal(bob.tokens.length, 1)
    assert.equal(bob.tokens[0]?.['me'], BOB)
    assert.deepEqual(web.log, [
      `GET ${BOB}`,
      'GET https://bob.example/metadata',
      'POST https://bob.example/ticket',
      'GET https://alice.example/indieauth/',
      'GET https://alice.example/indieauth/metadata',
      `POST ${TOKEN}`,
    ])
  })

  it('finds the endpoint by the legacy rel, as Publ has it', async () => {
    const forms: URLSearchParams[] = []
    const { sender } = createAlice(async (request) => {
      if (request.method === 'POST') {
        forms.push(new URLSearchParams(await request.text()))
        return new Response('Accepted', { status: 202 })
      }
      return new Response('<link rel="ticket_endpoint" href="/_ticket">', {
        headers: { 'content-type': 'text/html' },
      })
    })
    assert.deepEqual(await sendTicket(ticketOf, sender), { sent: true, redeemed: false })
    assert.deepEqual([...(forms[0]?.keys() ?? [])], ['ticket', 'resource', 'subject', 'iss'])
    assert.equal(forms[0]?.get('iss'), ticketOf.iss.href)
    assert.equal(forms[0]?.get('subject'), BOB)
  })

  it('prefers the metadata', async () => {
    const { web, sender } = createAlice(async ({ url, method }) => {
      if (method === 'POST') return new Response(null, { status: 200 })
      if (new URL(url).pathname === '/metadata') {
        return Response.json({ issuer: BOB, ticket_endpoint: 'https://bob.example/new' })
      }
      const link = '</metadata>; rel="indieauth-metadata", </old>; rel="ticket_endpoint"'
      return new Response(null, { headers: { link } })
    })
    assert.equal((await sendTicket(ticketOf, sender)).sent, true)
    assert.equal(web.log.at(-1), 'POST https://bob.example/new')
  })

  it('issues nothing for somebody without an endpoint, or with one in the clear', async () => {
    const none = createAlice(async () => new Response('hello'))
    const expected = { sent: false, reason: 'no ticket endpoint' }
    assert.deepEqual(await sendTicket(ticketOf, none.sender), expected)
    const link = '<http://bob.example/ticket>; rel="ticket_endpoint"'
    const plain = createAlice(async () => new Response(null, { headers: { link } }))
    assert.deepEqual(await sendTicket(ticketOf, plain.sender), expected)
    assert.ok(plain.web.log.every((line) => line.startsWith('GET')))
    const subject = new URL(BOB)
    assert.equal(await discoverTicketEndpoint(subject, none.sender), undefined)
    assert.equal(await discoverTicketEndpoint(subject, plain.sender), undefined)
  })

  it('says that somebody cannot be reached', async () => {
    const receipt = await sendTicket(ticketOf, createAlice().sender)
    assert.equal(receipt.sent, false)
  })

  for (const [status, expected] of [
    [200, { sent: true, redeemed: true }],
    [201, { sent: true, redeemed: true }],
    [202, { sent: true, redeemed: false }],
    [307, { sent: false, reason: 'the ticket endpoint answered 307' }],
    [400, { sent: false, reason: 'the ticket endpoint answered 400' }],
    [500, { sent: false, reason: 'the ticket endpoint answered 500' }],
  ] as const) {
    it(`understands ${status}`, async () => {
      assert.deepEqual(await processTicketResponse(new Response(null, { status })), expected)
    })
  }
})

describe('ticketRequest()', () => {
  const bobsEndpoint: Endpoint = async ({ method }) =>
    method === 'POST'
      ? new Response(null, { status: 202 })
      : new Response(null, { headers: { link: '</ticket>; rel="ticket_endpoint"' } })

  it("sends a ticket to the subject's own endpoint, and answers 202", async () => {
    const { ask, settle, web } = createAlice(bobsEndpoint)
    const response = await ask({ action: 'ticket', subject: BOB })
    assert.equal(response.status, 202)
    assert.equal(await response.text(), '')
    await settle()
    assert.equal(web.log.at(-1), 'POST https://bob.example/ticket')
  })

  it('must not reveal who is in an audience: the same 202, and no visit', async () => {
    const { ask, settle, web } = createAlice(bobsEndpoint)
    const known = await ask({ action: 'ticket', subject: BOB })
    const unknown = await ask({ action: 'ticket', subject: 'https://eve.example/' })
    assert.deepEqual([...known.headers], [...unknown.headers])
    assert.equal(unknown.status, known.status)
    assert.equal(await unknown.text(), await known.text())
    await settle()
    assert.ok(!web.log.some((line) => line.includes('eve.example')))
  })

  it('answers one client twenty times a minute, a network of IPv6 being one', async () => {
    const { endpoint } = createAlice()
    const ask = async (clientAddress: string) => {
      const body = new URLSearchParams({ action: 'ticket', subject: BOB })
      const context = { waitUntil() {}, clientAddress }
      return (await endpoint(new Request(TOKEN, { method: 'POST', body }), context)).status
    }
    for (let at = 1; at <= 20; at++) assert.equal(await ask(`2001:db8:1:2::${at}`), 202)
    assert.equal(await ask('2001:db8:1:2:ffff::1'), 429)
    assert.equal(await ask('2001:db8:1:3::1'), 202)
  })

  it('knocks at one subject five times in ten minutes at most, and still answers 202', async () => {
    const { ask, settle, web, wait } = createAlice(bobsEndpoint)
    const visits = () => web.log.filter((line) => line.startsWith('POST')).length
    for (let at = 0; at < 20; at++) {
      assert.equal((await ask({ action: 'ticket', subject: BOB })).status, 202)
    }
    await settle()
    assert.equal(visits(), 5)
    wait(601)
    await ask({ action: 'ticket', subject: BOB })
    await settle()
    assert.equal(visits(), 6)
  })

  it('refuses a subject that is no address', async () => {
    const { ask, web } = createAlice()
    for (const subject of ['', 'bob', 'mailto:bob@bob.example', `https://${'x'.repeat(600)}/`]) {
      assert.equal((await ask({ action: 'ticket', subject })).status, 400)
    }
    assert.deepEqual(web.log, [])
  })
})
