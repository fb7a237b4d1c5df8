import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRelPmDelivery } from '../../lib/rel-pm/delivery.ts'
import { findStanding, forgetStanding, revokeStanding } from '../../lib/rel-pm/standing-tokens.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import {
  ALICE,
  BOB,
  createNeighbours,
  fieldsOf,
  formOf,
  PM_ALICE,
  PM_BOB,
  pushOf,
  SIX_STEPS,
  SOURCE,
} from './lab.ts'

const PLACE = { to: BOB, endpoint: PM_BOB }
const DIRECT = [`GET ${BOB}`, `GET ${BOB}`, `POST ${PM_BOB}`]
const DAY = 24 * 60 * 60

/** Alice and Bob after the first message. `again` is the log of one more. */
async function acquainted() {
  const neighbours = createNeighbours()
  const { town, alice } = neighbours
  await alice.deliver(SOURCE, BOB)
  await town.settle()
  const { standing_token = '' } =
    town
      .sentTo(PM_ALICE)
      .map(fieldsOf)
      .find((fields) => 'standing_token' in fields) ?? {}
  return {
    ...neighbours,
    standing: standing_token,
    async again(text: string) {
      town.log.length = 0
      alice.write(SOURCE, BOB, { text })
      await alice.deliver(SOURCE, BOB)
      await town.settle()
      return [...town.log]
    },
  }
}

describe('a standing token', () => {
  it('carries many messages in a row, until it expires', async () => {
    const { town, bob, again } = await acquainted()
    assert.deepEqual(await again('Two.'), DIRECT)
    town.pass(29 * DAY)
    assert.deepEqual(await again('Three.'), DIRECT)
    town.pass(1 * DAY)
    assert.deepEqual(await again('Four.'), SIX_STEPS)
    assert.deepEqual(bob.received(), ['Four.'])
  })

  it('carries the same message once more, and it is one', async () => {
    const { town, bob, standing } = await acquainted()
    const entry = pushOf({ type: 'entry', uid: 'm', content: 'Hello.' }, standing)
    for (const _ of [1, 2]) assert.equal((await town.fetch(PM_BOB, entry)).status, 201)
    assert.deepEqual(bob.received(), ['Dinner at eight?', 'Hello.'])
  })

  it('has to say which message it carries', async () => {
    const { town, standing } = await acquainted()
    const entry = pushOf({ type: 'entry', content: 'Hello.' }, standing)
    assert.equal((await town.fetch(PM_BOB, entry)).status, 400)
  })

  it('is given to nobody who does not ask for it', async () => {
    const { town, message } = createNeighbours()
    await town.fetch(PM_BOB, formOf({ message, from: ALICE.href, to: BOB.href }))
    await town.settle()
    assert.ok(!town.sentTo(PM_ALICE).join().includes('standing_token'))
    const asking = { message, from: ALICE.href, to: BOB.href, standing: 'true' }
    await town.fetch(PM_BOB, formOf(asking))
    await town.settle()
    assert.ok(town.sentTo(PM_ALICE).join().includes('standing_token'))
  })

  it('is kept only where the home page of the recipient names who gave it', async () => {
    for (const endpoint of [new URL('https://pm.eve.example/pm'), PM_BOB]) {
      const { town, alice, message } = createNeighbours()
      const offer = { message, to: BOB.href, deliver_to: endpoint.href, token: 'xxxxxxx' }
      const fields = { ...offer, standing_token: 'yyyyyyy', expires_in: '3600' }
      await town.fetch(PM_ALICE, formOf(fields))
      await town.settle()
      const kept = await findStanding({ to: BOB, endpoint }, alice.options)
      assert.equal(kept, endpoint === PM_BOB ? 'yyyyyyy' : undefined)
      const all = JSON.stringify(await alice.store.list('peer-token/'))
      assert.ok(!all.includes('yyyyyyy'), 'and never in the clear')
    }
  })

  it('is kept no longer than it lives, and no longer than 30 days', async () => {
    for (const [seconds, kept] of [
      ['60', 60],
      ['9999999999', 30 * DAY],
    ] as const) {
      const { town, alice, message } = createNeighbours()
      const offer = { message, to: BOB.href, deliver_to: PM_BOB.href, token: 'xxxxxxx' }
      const fields = { ...offer, standing_token: 'yyyyyyy', expires_in: seconds }
      await town.fetch(PM_ALICE, formOf(fields))
      await town.settle()
      town.pass(kept - 1)
      assert.equal(await findStanding(PLACE, alice.options), 'yyyyyyy')
      town.pass(1)
      assert.equal(await findStanding(PLACE, alice.options), undefined)
    }
  })

  it('with a life that is no number is refused with its request', async () => {
    const { town, message } = createNeighbours()
    const offer = { message, to: BOB.href, deliver_to: PM_BOB.href, token: 'xxxxxxx' }
    const fields = { ...offer, standing_token: 'yyyyyyy' }
    const statusOf = async (more: object) =>
      (await town.fetch(PM_ALICE, formOf({ ...fields, ...more }))).status
    assert.equal(await statusOf({}), 202)
    assert.equal(await statusOf({ expires_in: 'soon' }), 400)
    assert.equal(await statusOf({ standing_token: 'a b' }), 400)
  })
})

describe('a machine away from the site, which has no tokens', () => {
  /** A terminal of Alice's, with a store of its own. */
  async function atTheTerminal() {
    const neighbours = await acquainted()
    const { town, alice } = neighbours
    const delivery = createRelPmDelivery({
      ...alice.options,
      store: createMemoryStore({ now: town.now }),
      isAway: true,
    })
    return {
      ...neighbours,
      async send(text: string) {
        town.log.length = 0
        alice.write(SOURCE, BOB, { text })
        const receipt = await delivery.deliver(alice.parcel(SOURCE, BOB), PM_BOB, town)
        const log = [...town.log]
        await town.settle()
        return { receipt, log }
      },
    }
  }

  it('has the site bring the message with its own', async () => {
    const { town, bob, send } = await atTheTerminal()
    for (const text of ['Two.', 'Three.']) {
      const { receipt, log } = await send(text)
      assert.deepEqual(receipt, { outcome: 'delivered', reason: 'handed over' })
      assert.match(
        log[0] ?? '',
        /^POST https:\/\/pm\.alice\.example\.uk\/pm\/[0-9a-f]{32}\.[\w-]{22}\?version=/,
      )
      assert.deepEqual(log.slice(1), [`GET ${BOB}`, `POST ${PM_BOB}`])
      assert.deepEqual(bob.received(), [text])
    }
    town.pass(30 * DAY)
    const { receipt, log } = await send('Four.')
    assert.match(receipt.reason, /announced/)
    assert.deepEqual(log.slice(1), [`GET ${BOB}`, `GET ${ALICE}`, `POST ${PM_BOB}`])
    assert.deepEqual(bob.received(), ['Four.'])
  })

  it('announces it where the token is not good any more, or the recipient cannot be had', async () => {
    for (const disturb of ['revoked', 'moved', 'down'] as const) {
      const { town, bob, send } = await atTheTerminal()
      if (disturb === 'revoked') await revokeStanding(ALICE, bob.options)
      if (disturb === 'moved') town.home(BOB, new URL('https://pm.eve.example/pm'))
      if (disturb === 'down')
        town.sites[BOB.origin] = async () => new Response(null, { status: 503 })
      const { receipt, log } = await send('Two.')
      assert.match(receipt.reason, /announced/, disturb)
      assert.equal(
        log.filter((line) => line === `POST ${PM_BOB}`).length,
        disturb === 'revoked' ? 2 : 1,
      )
    }
  })

  it('announces nothing where the site is not there, or does not know it, and says so', async () => {
    for (const [status, outcome, words] of [
      [401, 'refused', /PRIVATE_POSTS_SECRET has to be the one of the site's functions/],
      [404, 'refused', /answered 404: the site's functions are not there/],
      [503, 'pending', /^your own endpoint: /],
      [0, 'pending', /no such site/],
    ] as const) {
      const { town, send } = await atTheTerminal()
      const { [PM_ALICE.origin]: endpoint } = town.sites
      if (status === 0) delete town.sites[PM_ALICE.origin]
      else town.sites[PM_ALICE.origin] = async () => new Response(null, { status })
      const { receipt, log } = await send('Two.')
      assert.equal(receipt.outcome, outcome)
      assert.match(receipt.reason, words)
      assert.equal(receipt.outcome === 'refused' && receipt.remediable, outcome === 'refused')
      assert.deepEqual(log.slice(1), [])
      if (endpoint) town.sites[PM_ALICE.origin] = endpoint
      assert.equal((await send('Two.')).receipt.reason, 'handed over')
    }
  })
})

describe('the endpoint, asked to bring a message at once', () => {
  async function ask(
    { town, alice, message }: Awaited<ReturnType<typeof acquainted>>,
    { purpose = 'pm', version = '', to = BOB.href, name = message } = {},
  ) {
    town.log.length = 0
    const letter = await alice.parcel(SOURCE, BOB).letter()
    const url = new URL(`/pm/${name}?version=${version || letter?.version}`, PM_ALICE)
    const call = await alice.secrets.issue('call', { purpose })
    const headers = { authorization: `Bearer ${call}` }
    const response = await town.fetch(url, { ...formOf({ to }), headers })
    return [response.status, (await response.text()).trim(), town.log.length - 1] as const
  }
  const HANDED = [200, '{"state":"handed over"}', 2]
  const WAITING = [200, '{"state":"waiting"}', 0]

  it('does so for its owner alone', async () => {
    const neighbours = await acquainted()
    const [status, , asked] = await ask(neighbours, { purpose: 'deliver' })
    assert.deepEqual([status, asked], [401, 0])
    assert.deepEqual(await ask(neighbours), HANDED)
  })

  it('does so for the version that is deployed, and for whom it is for', async () => {
    const neighbours = await acquainted()
    const { alice, message } = neighbours
    alice.write(SOURCE, BOB, { text: 'Two.' })
    assert.deepEqual(await ask(neighbours, { version: 'older' }), WAITING)
    assert.deepEqual(await ask(neighbours, { to: 'https://eve.example/' }), WAITING)
    assert.deepEqual(await ask(neighbours, { name: message.replace(/.$/, '~') }), WAITING)
    assert.equal((await ask(neighbours, { to: 'nobody' }))[0], 400)
    assert.deepEqual(await ask(neighbours), HANDED)
  })

  it('leaves it to an announcement where there is no token', async () => {
    const neighbours = await acquainted()
    await forgetStanding(PLACE, neighbours.alice.options)
    neighbours.alice.write(SOURCE, BOB, { text: 'Two.' })
    assert.deepEqual(await ask(neighbours), [200, '{"state":"waiting"}', 1])
  })
})

describe('a standing token is revoked', () => {
  it('by its recipient, with all others of that sender: the six steps begin anew', async () => {
    const { town, bob, standing, again } = await acquainted()
    await revokeStanding(ALICE, bob.options)
    const entry = pushOf({ type: 'entry', uid: 'm', content: 'x' }, standing)
    assert.equal((await town.fetch(PM_BOB, entry)).status, 401)
    assert.deepEqual(await again('Two.'), [...DIRECT, ...SIX_STEPS.slice(1)])
    assert.deepEqual(bob.received(), ['Two.'])
    assert.deepEqual(await again('Three.'), DIRECT, 'with a token of a new family')
  })

  it('by the first message of a sender who was blocked meanwhile: it is taken, and forgotten', async () => {
    const { town, bob, standing, again } = await acquainted()
    const push = async () => {
      const entry = pushOf({ type: 'entry', uid: 'm', content: 'x' }, standing)
      return (await town.fetch(PM_BOB, entry)).status
    }
    assert.equal(await push(), 201)
    bob.denied.push(ALICE.href)
    assert.deepEqual([await push(), await push()], [201, 401])
    assert.deepEqual(bob.received(), ['Dinner at eight?', 'x'])
    bob.denied.length = 0
    assert.equal(await push(), 401, 'and it stays so when they are welcome again')
    assert.deepEqual(await again('Two.'), [...DIRECT, ...SIX_STEPS.slice(1)])
  })

  it('by its recipient, and that of no other sender', async () => {
    const { bob, again } = await acquainted()
    await revokeStanding(new URL('https://eve.example/'), bob.options)
    assert.deepEqual(await again('Two.'), DIRECT)
  })

  it('by whoever has it; what is none is answered alike (RFC 7009)', async () => {
    const { town, standing } = await acquainted()
    const answers = []
    for (const token of ['xxxxxxx', standing, standing]) {
      const response = await town.fetch(PM_BOB, formOf({ token }))
      answers.push([response.status, [...response.headers], await response.text()])
    }
    assert.deepEqual(answers, [answers[0], answers[0], answers[0]])
    assert.equal(answers[0]?.[0], 200)
  })

  it('by being forgotten when it is refused, before the six steps', async () => {
    const { town, alice, bob, standing, again } = await acquainted()
    await town.fetch(PM_BOB, formOf({ token: standing }))
    await alice.deliver(SOURCE, BOB)
    assert.equal(await findStanding(PLACE, alice.options), undefined)
    await town.settle()
    await town.fetch(PM_BOB, formOf({ token: (await findStanding(PLACE, alice.options)) ?? '' }))
    assert.deepEqual(await again('Two.'), [...DIRECT, ...SIX_STEPS.slice(1)])
    assert.notEqual(await findStanding(PLACE, alice.options), standing)
    assert.deepEqual(bob.received(), ['Two.'])
  })
})
