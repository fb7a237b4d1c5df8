import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ANNOUNCEMENT_LIFETIME, ANNOUNCEMENT_RETRIES } from '../../lib/rel-pm/limits.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import {
  ALICE,
  BOB,
  createNeighbours,
  createResident,
  createTown,
  PM_ALICE,
  PM_BOB,
  PM_EVE,
  SOURCE,
} from './lab.ts'

const page = (html: string) => async () =>
  new Response(html, { headers: { 'content-type': 'text/html' } })

/** Hands Alice's letter over by a delivery that has not looked at her home page yet. */
async function deliver(home?: Endpoint) {
  const { town, alice } = createNeighbours()
  if (home) town.sites[ALICE.origin] = home
  const parcel = alice.parcel(SOURCE, BOB)
  const receipt = await alice.delivery.deliver(parcel, PM_BOB, town)
  return { town, alice, parcel, receipt }
}

describe('our own home page, before anything is announced', () => {
  it('has to name our endpoint', async () => {
    const { town, receipt } = await deliver()
    assert.equal(receipt.outcome, 'delivered')
    assert.deepEqual(town.log, [`GET ${ALICE}`, `POST ${PM_BOB}`])
    const link = `<link rel="pm" href="${PM_ALICE}">`
    assert.equal((await deliver(page(link))).receipt.outcome, 'delivered')
  })

  for (const [what, home, words] of [
    ['names none', page('home'), /alice\.example\.org\/ names no endpoint for messages\. Put/],
    ['names another', page(`<link rel="pm" href="${PM_EVE}">`), /names https:\/\/pm\.eve\.example/],
    [
      'names one that is almost ours',
      page(`<link rel="pm" href="${PM_ALICE}/">`),
      /names https:\/\/pm\.alice\.example\.uk\/pm\/\. Put/,
    ],
    [
      'names another first',
      page(`<link rel="pm" href="${PM_EVE}"><link rel="pm" href="${PM_ALICE}">`),
      /names https:\/\/pm\.eve\.example/,
    ],
    [
      'is on another host, where recipients do not follow',
      async (request: Request) =>
        request.url === ALICE.href ? Response.redirect(BOB, 302) : new Response(''),
      /names no endpoint for messages that is safe .*redirects to another site/,
    ],
  ] as const) {
    it(`keeps a message back where it ${what}, with the remedy`, async () => {
      const { town, receipt } = await deliver(home)
      assert.deepEqual([receipt.outcome, town.sentTo(PM_BOB)], ['refused', []])
      assert.match(receipt.reason, words)
      assert.match(receipt.reason, /Put <link rel="pm" href="https:\/\/pm\.alice[^"]+\/pm">/)
      assert.ok(receipt.outcome === 'refused' && receipt.remediable)
    })
  }

  it('is told the shorter link where the endpoint is on its own host', async () => {
    const town = createTown()
    const alice = createResident(town, ALICE, new URL('/pm', ALICE))
    town.sites[ALICE.origin] = page('home')
    alice.write(SOURCE, BOB)
    const receipt = await alice.delivery.deliver(alice.parcel(SOURCE, BOB), PM_BOB, town)
    assert.match(receipt.reason, /Put <link rel="pm" href="\/pm"> into its head/)
  })

  it('is tried again where it cannot be had', async () => {
    const { receipt, town } = await deliver(async () => new Response(null, { status: 503 }))
    assert.deepEqual([receipt.outcome, town.sentTo(PM_BOB)], ['pending', []])
  })

  it('is asked once, for however many messages', async () => {
    const { town, alice, parcel } = await deliver(page('home'))
    await alice.delivery.deliver(parcel, PM_BOB, town)
    await alice.delivery.objects?.('capability', PM_BOB, town)
    assert.deepEqual(town.log, [`GET ${ALICE}`])
  })

  it('is explained to an author who asks, and so is that it could not be had', async () => {
    const explain = async (home?: Endpoint) => {
      const { town, alice } = createNeighbours()
      if (home) town.sites[ALICE.origin] = home
      return await alice.delivery.objects?.('gated', PM_BOB, town)
    }
    assert.equal(await explain(), undefined)
    assert.match((await explain(page('home'))) ?? '', /Put <link rel="pm"/)
    const down = explain(async () => new Response(null, { status: 503 }))
    await assert.rejects(down, { name: 'FetchError', kind: 'failed' })
  })

  it('says nothing against a message that a standing token brings', async () => {
    const { town, alice } = createNeighbours()
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    town.sites[ALICE.origin] = page('home')
    assert.equal((await alice.deliver(SOURCE, BOB))?.reason, 'handed over')
  })
})

describe('an announcement', () => {
  const DAY = 24 * 60 * 60

  it('that nobody comes for is rejected after a day, and not before', async () => {
    const { town, alice } = createNeighbours()
    town.sites[PM_BOB.origin] = async () => new Response(null, { status: 202 })
    const receipt = await alice.deliver(SOURCE, BOB)
    assert.ok(receipt?.outcome === 'delivered' && receipt.statusUrl)
    town.pass(DAY - 1)
    assert.equal(await alice.delivery.follow?.(receipt.statusUrl, town), 'processing')
    town.pass(1)
    const progress = await alice.delivery.follow?.(receipt.statusUrl, town)
    assert.deepEqual(progress, { rejected: 'their server has not come for it within a day' })
  })

  it('that was answered in time is accepted, however late its author asks', async () => {
    const { town, alice } = createNeighbours()
    const receipt = await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.ok(receipt?.outcome === 'delivered' && receipt.statusUrl)
    town.pass(29 * DAY)
    assert.equal(await alice.delivery.follow?.(receipt.statusUrl, town), 'accepted')
  })

  it('outlives every look that we would take at a home page', () => {
    assert.ok(
      ANNOUNCEMENT_RETRIES.reduce((sum, one) => sum + one, 0) * 1000 < ANNOUNCEMENT_LIFETIME,
    )
  })
})
