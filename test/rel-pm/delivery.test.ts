import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { processStateResponse } from '../../lib/rel-pm/delivery.ts'
import { processCheckResponse, processPmResponse } from '../../lib/rel-pm/sender.ts'
import { forgetStanding } from '../../lib/rel-pm/standing-tokens.ts'
import {
  BOB,
  createNeighbours,
  createResident,
  createTown,
  fieldsOf,
  PM_ALICE,
  PM_BOB,
  SOURCE,
} from './lab.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const answer = (status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers })

describe('createRelPmDelivery()', () => {
  it('reaches profiles, carries what is private, and takes nothing back', () => {
    const { alice } = createNeighbours()
    const { name, reaches, takesBack, carries } = alice.delivery
    assert.deepEqual([name, reaches, takesBack], ['rel-pm', 'profile', false])
    const exposures = ['public', 'capability', 'gated'] as const
    assert.deepEqual(
      exposures.map((exposure) => carries?.(exposure)),
      [false, true, true],
    )
  })

  it('takes a home page without the rel, or over http, for somebody who does not speak it', async () => {
    const { town, alice } = createNeighbours()
    assert.equal((await alice.delivery.discover(BOB, town))?.href, PM_BOB.href)
    assert.equal(await alice.delivery.discover(new URL('http://bob.example.com/'), town), undefined)
    town.sites[BOB.origin] = async () => new Response('home')
    assert.equal(await alice.delivery.discover(BOB, town), undefined)
  })

  it('skips what says nothing to the recipient', async () => {
    const { town, alice } = createNeighbours()
    const parcel = alice.parcel(SOURCE, BOB)
    const missing = { ...parcel, letter: async () => undefined }
    assert.equal((await alice.delivery.deliver(missing, PM_BOB, town)).outcome, 'skipped')
    const nobody = { ...parcel, recipient: null }
    assert.equal((await alice.delivery.deliver(nobody, PM_BOB, town)).outcome, 'skipped')
    assert.deepEqual(town.log, [])
  })

  const outcomes = [
    [202, 'delivered'],
    [200, 'delivered'],
    [400, 'failed'],
    [401, 'failed'],
    [404, 'failed'],
    [307, 'failed'],
    [429, 'pending'],
    [503, 'pending'],
  ] as const
  for (const [status, outcome] of outcomes) {
    it(`is ${outcome} where an announcement is answered ${status}`, async () => {
      const { town, alice } = createNeighbours()
      town.sites[PM_BOB.origin] = async () => answer(status, { location: '/', 'retry-after': '60' })
      const receipt = await alice.deliver(SOURCE, BOB)
      assert.equal(receipt?.outcome, outcome)
      if (receipt?.outcome !== 'pending') return
      assert.equal(receipt.notBefore?.getTime(), NOW.getTime() + 60_000)
    })
  }

  it('asks not to be redirected with anything that it posts', async () => {
    const { town, alice } = createNeighbours()
    const redirects: unknown[] = []
    const endpoints = [PM_ALICE.href, PM_BOB.href]
    for (const { origin } of [PM_ALICE, PM_BOB]) {
      const { [origin]: site } = town.sites
      town.sites[origin] = async (request, context) => {
        if (endpoints.includes(request.url)) redirects.push(request.redirect)
        return site?.(request, context) ?? answer(404)
      }
    }
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    await alice.deliver(SOURCE, BOB)
    assert.deepEqual(redirects, Array(5).fill('manual'))
  })

  it('is pending where nobody answers', async () => {
    const { town, alice } = createNeighbours()
    delete town.sites[PM_BOB.origin]
    assert.equal((await alice.deliver(SOURCE, BOB))?.outcome, 'pending')
  })

  it('is failed or pending where a standing token is, but not its message', async () => {
    for (const [status, outcome] of [
      [403, 'failed'],
      [413, 'failed'],
      [500, 'pending'],
    ] as const) {
      const { town, alice } = createNeighbours()
      await alice.deliver(SOURCE, BOB)
      await town.settle()
      town.sites[PM_BOB.origin] = async () => answer(status)
      assert.equal((await alice.deliver(SOURCE, BOB))?.outcome, outcome)
    }
  })

  it('announces each from a machine that has no standing tokens', async () => {
    const { town, alice, bob } = createNeighbours()
    const terminal = createTown()
    const away = createResident({ ...terminal, fetch: town.fetch }, alice.me, PM_ALICE)
    away.write(SOURCE, BOB)
    for (let count = 0; count < 2; count++) {
      const receipt = await away.deliver(SOURCE, BOB)
      assert.ok(receipt?.outcome === 'delivered' && receipt.statusUrl)
      assert.equal(receipt.statusUrl.origin, PM_ALICE.origin)
      await town.settle()
      assert.equal(await away.delivery.follow?.(receipt.statusUrl, town), 'accepted')
    }
    assert.deepEqual(bob.received(), ['Dinner at eight?'])
  })

  it('names the message alike for each version, and for nobody else', async () => {
    const { town, alice, message } = createNeighbours()
    assert.equal(message.length, 55)
    assert.equal(alice.write(SOURCE, BOB, { text: 'Other words.' }), message)
    assert.ok(!message.includes(SOURCE.pathname.slice(3, -1)))
    await alice.deliver(SOURCE, BOB)
    const sent = town.sentTo(PM_BOB)
    assert.equal(fieldsOf(sent[0] ?? '')['message'], message)
    assert.doesNotMatch(sent.join(), /Other|0123456789abc/)
  })

  it('does not take what became of an earlier version for its own', async () => {
    const { town, alice } = createNeighbours()
    const first = await alice.deliver(SOURCE, BOB)
    await town.settle()
    alice.write(SOURCE, BOB, { text: 'Dinner at nine?' })
    await forgetStanding({ to: BOB, endpoint: PM_BOB }, alice.options)
    const second = await alice.deliver(SOURCE, BOB)
    assert.ok(first?.outcome === 'delivered' && first.statusUrl)
    assert.ok(second?.outcome === 'delivered' && second.statusUrl)
    assert.equal(await alice.delivery.follow?.(second.statusUrl, town), 'processing')
    await town.settle()
    assert.equal(await alice.delivery.follow?.(second.statusUrl, town), 'accepted')
  })

  it('shows the others in the audience where the letter does', async () => {
    const { town, alice, bob } = createNeighbours()
    const audience = [BOB.href, 'https://carol.example/', 'Grandma']
    alice.write(SOURCE, BOB, {
      audience,
      title: 'Invitation',
      inReplyTo: 'https://carol.example/1',
    })
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    const [received] = bob.messages.values()
    assert.deepEqual(received?.audience, audience)
    assert.equal(received?.title, 'Invitation')
    assert.equal(received?.inReplyTo, 'https://carol.example/1')
  })

  it('knows its recipient by another name than their profile', async () => {
    const { town, alice, bob } = createNeighbours()
    const id = 'bob@chat.example'
    const parcel = alice.parcel(SOURCE, BOB)
    const letter = await parcel.letter()
    assert.ok(letter)
    const files = async () =>
      new TextEncoder().encode(
        JSON.stringify({ version: 1, letters: { [id]: { ...letter, audience: [id] } } }),
      )
    const other = createResident(town, alice.me, PM_ALICE, { files })
    const receipt = await other.delivery.deliver({ ...parcel, recipient: id }, PM_BOB, town)
    assert.equal(receipt.outcome, 'delivered')
    await town.settle()
    const [received] = bob.messages.values()
    assert.deepEqual(received?.audience, [BOB.href])
  })
})

describe('processPmResponse()', () => {
  for (const [status, outcome] of [
    [200, 'taken'],
    [201, 'taken'],
    [204, 'taken'],
    [302, 'refused'],
    [400, 'refused'],
    [401, 'unauthorized'],
    [403, 'refused'],
    [408, 'deferred'],
    [429, 'deferred'],
    [500, 'deferred'],
  ] as const) {
    it(`takes ${status} for "${outcome}"`, async () => {
      assert.equal((await processPmResponse(answer(status), NOW)).status, outcome)
    })
  }

  it('says nothing of what the peer says', async () => {
    const told = await processPmResponse(new Response('token xxxxxxx', { status: 400 }), NOW)
    assert.doesNotMatch(JSON.stringify(told), /xxxxxxx/)
  })
})

describe('processCheckResponse()', () => {
  for (const [status, outcome] of [
    [200, 'taken'],
    [202, 'taken'],
    [400, 'taken'],
    [405, 'taken'],
    [415, 'taken'],
    [422, 'taken'],
    [501, 'taken'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [410, 'refused'],
    [301, 'refused'],
    [429, 'deferred'],
    [503, 'deferred'],
  ] as const) {
    it(`takes ${status} for "${outcome}"`, async () => {
      assert.equal((await processCheckResponse(answer(status), NOW)).status, outcome)
    })
  }
})

describe('processStateResponse()', () => {
  const cases = [
    [{ state: 'waiting' }, 'processing'],
    [{ state: 'handed over' }, 'accepted'],
    [{ state: 'refused', reason: 'no' }, { rejected: 'no' }],
    [{ state: 'refused' }, { rejected: 'their server did not take it' }],
    [{ state: 'else' }, 'processing'],
  ] as const
  for (const [state, progress] of cases) {
    it(`takes ${JSON.stringify(state)} for ${JSON.stringify(progress)}`, async () => {
      assert.deepEqual(await processStateResponse(Response.json(state)), progress)
    })
  }

  it('is an error where it is no answer', async () => {
    await assert.rejects(processStateResponse(answer(503)), { name: 'ResponseError' })
  })

  it('says what to do where our own endpoint does not know us, or is not there', async () => {
    for (const [status, remedy] of [
      [401, /PRIVATE_POSTS_SECRET has to be the one of the site's functions/],
      [404, /answered 404: the site's functions are not there/],
      [405, /answered 405: the site's functions are not there/],
    ] as const) {
      const progress = await processStateResponse(answer(status))
      assert.match(typeof progress === 'string' ? progress : progress.rejected, remedy)
    }
  })
})
