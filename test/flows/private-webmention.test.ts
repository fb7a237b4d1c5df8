import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createPrivateWebmentionDelivery } from '../../lib/private-webmention/delivery.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { createParcel } from '../support/parcel.ts'
import {
  createIndiewebUtilsReceiver,
  createPrivateSite,
  createWebmentionIo,
  sendWithIndiewebUtils,
  sendWithTelegraph,
} from '../support/private-webmention-peers.ts'
import { createWeb } from '../support/web.ts'
import { createWholeSite } from '../support/whole-site.ts'

const ALICE = 'https://alice.example/'
const BOB = 'https://bob.example/'
const SOURCE = new URL('https://alice.example/private/4x7k2m9qwert/')
const WEBMENTION = new URL('https://bob.example/webmention')
const page = (whom: string) =>
  `<article class="h-entry"><p class="p-content">Dinner, <a href="${whom}">you</a>?</p></article>`
const now = () => new Date('2026-11-21T12:00:00Z')
const parcel = createParcel({
  source: SOURCE,
  target: new URL(BOB),
  exposure: 'gated',
  recipient: BOB,
})

/** Alice's site is ours; what Bob's is, the test says. */
function createNeighbourhood(sites: Record<string, Endpoint> = {}) {
  const all: Record<string, Endpoint> = { ...sites }
  const web = createWeb(all)
  const posts = {
    '4x7k2m9qwert': { [BOB]: page(BOB), 'https://eve.example/': page('https://eve.example/') },
  }
  const alice = createWholeSite(ALICE, { ...web, now, posts })
  all['https://alice.example'] ??= alice.endpoint
  const delivery = createPrivateWebmentionDelivery({ secrets: alice.secrets, now })
  return { web, alice, sites: all, delivery }
}

async function outcomeAt(location: string | null, web: ReturnType<typeof createWeb>) {
  const status = await web.fetch(new URL(location ?? ''), {
    headers: { accept: 'application/json' },
  })
  return ((await status.json()) as { status: string }).status
}

describe('Private-Webmention, request by request', () => {
  it('between two sites of ours: one code, one token, one page', async () => {
    const { web, sites, delivery } = createNeighbourhood()
    const bob = createWholeSite(BOB, { ...web, now })
    sites['https://bob.example'] = bob.endpoint
    const endpoint = await delivery.discover(parcel.target, web)
    assert.equal(endpoint?.href, WEBMENTION.href)
    const receipt = await delivery.deliver(parcel, WEBMENTION, web)
    await bob.settle()
    assert.deepEqual(web.log, [
      `GET ${BOB}`,
      `POST ${WEBMENTION}`,
      `HEAD ${SOURCE}`,
      'POST https://alice.example/indieauth/token',
      `GET ${SOURCE}`,
    ])
    assert.ok(receipt.outcome === 'delivered')
    assert.equal(await outcomeAt(receipt.statusUrl?.href ?? null, web), 'success')
  })

  it('with webmention.io: HEAD, headers, JSON', async () => {
    const { web, sites, delivery } = createNeighbourhood()
    const io = createWebmentionIo(web)
    sites['https://webmention.io'] = io.endpoint
    const endpoint = new URL('https://webmention.io/bob.example/webmention')
    const receipt = await delivery.deliver(parcel, endpoint, web)
    assert.equal(receipt.outcome, 'delivered')
    assert.deepEqual(io.received, [{ verified: true, html: page(BOB), private: true }])
    assert.deepEqual(web.log.slice(1), [
      `HEAD ${SOURCE}`,
      'POST https://alice.example/indieauth/token',
      `GET ${SOURCE}`,
    ])
  })

  it('with indieweb-utils, up to its own last step, which no strict 401 survives', async () => {
    const { web, sites, delivery } = createNeighbourhood()
    const utils = createIndiewebUtilsReceiver(web)
    sites['https://bob.example'] = utils.endpoint
    assert.equal((await delivery.deliver(parcel, WEBMENTION, web)).outcome, 'delivered')
    assert.deepEqual(utils.received, ['verified, then HEAD said 401'])
  })

  it('with a receiver that knows no codes: it cannot read the source, and learns nothing', async () => {
    const { web, sites, delivery } = createNeighbourhood()
    const shown: string[] = []
    sites['https://bob.example'] = async (request) => {
      const source = new URL(new URLSearchParams(await request.text()).get('source') ?? '')
      const response = await web.fetch(source)
      shown.push(`${response.status} ${await response.text()}`)
      return new Response(null, { status: 202 })
    }
    await delivery.deliver(parcel, WEBMENTION, web)
    assert.match(shown[0] ?? '', /^401/)
    assert.doesNotMatch(shown[0] ?? '', /Dinner/)
  })

  it("the code of Bob's opens Bob's copy and no other", async () => {
    const { web, sites, delivery } = createNeighbourhood()
    const io = createWebmentionIo(web)
    sites['https://bob.example'] = io.endpoint
    await delivery.deliver(parcel, WEBMENTION, web)
    assert.ok(!JSON.stringify(io.received).includes('eve.example'))
  })
})

describe("other people's senders, to a site of ours", () => {
  const fields = { source: SOURCE.href, target: BOB, code: 'xxxxxxx', realm: 'rrrrrrr' }

  function createBob(headers?: Record<string, string>) {
    const alice = createPrivateSite({
      pages: { yyyyyyyyyy: page(BOB) },
      codes: { xxxxxxx: 'yyyyyyyyyy' },
      ...(headers && { headers }),
    })
    const { web, sites } = createNeighbourhood({ 'https://alice.example': alice })
    const bob = createWholeSite(BOB, { ...web, now })
    sites['https://bob.example'] = bob.endpoint
    return { web, bob }
  }

  for (const [name, send] of [
    ['Telegraph', sendWithTelegraph],
    ['indieweb-utils', sendWithIndiewebUtils],
  ] as const) {
    it(`${name}, with code and realm`, async () => {
      const { web, bob } = createBob()
      const response = await send(WEBMENTION, fields, web)
      assert.equal(response.status, 201)
      await bob.settle()
      assert.equal(await outcomeAt(response.headers.get('location'), web), 'success')
      assert.equal((await bob.received()).length, 1)
    })
  }

  it('Telegraph, with a code alone', async () => {
    const { web, bob } = createBob()
    const { realm: _, ...rest } = fields
    const response = await sendWithTelegraph(WEBMENTION, rest, web)
    await bob.settle()
    assert.equal(await outcomeAt(response.headers.get('location'), web), 'success')
  })

  it('indieweb-utils, with a code alone, which it leaves out: the source stays closed', async () => {
    const { web, bob } = createBob()
    const { realm: _, ...rest } = fields
    const response = await sendWithIndiewebUtils(WEBMENTION, rest, web)
    await bob.settle()
    assert.equal(await outcomeAt(response.headers.get('location'), web), 'processed')
    assert.deepEqual(await bob.types(), ['unopened'])
  })

  it('one whose 401 names no token endpoint', async () => {
    const { web, bob } = createBob({ 'www-authenticate': 'Bearer' })
    const response = await sendWithTelegraph(WEBMENTION, fields, web)
    await bob.settle()
    assert.equal(await outcomeAt(response.headers.get('location'), web), 'processed')
    assert.deepEqual(await bob.types(), ['unopened'])
  })

  it('keeps neither code nor realm nor token in the clear', async () => {
    const { web, bob } = createBob()
    await sendWithTelegraph(WEBMENTION, fields, web)
    await bob.settle()
    const kept = JSON.stringify(await bob.store.list(''))
    assert.match(kept, /alice\.example/)
    assert.doesNotMatch(kept, /xxxxxxx|rrrrrrr|yyyyyyyyyy/)
  })
})
