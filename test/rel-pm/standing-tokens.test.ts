import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findStanding, giveUpStanding, revokeStanding } from '../../lib/rel-pm/standing-tokens.ts'
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

  it('by its recipient, and that of no other sender', async () => {
    const { bob, again } = await acquainted()
    await revokeStanding(new URL('https://eve.example/'), bob.options)
    assert.deepEqual(await again('Two.'), DIRECT)
  })

  it('by its sender, at the endpoint that gave it and at home', async () => {
    const { town, alice, standing, again } = await acquainted()
    town.log.length = 0
    await giveUpStanding(PLACE, alice.options)
    assert.deepEqual(town.log, [`POST ${PM_BOB}`])
    assert.equal(await findStanding(PLACE, alice.options), undefined)
    const entry = pushOf({ type: 'entry', uid: 'm', content: 'x' }, standing)
    assert.equal((await town.fetch(PM_BOB, entry)).status, 401)
    assert.deepEqual(await again('Two.'), SIX_STEPS)
    town.log.length = 0
    await giveUpStanding({ to: ALICE, endpoint: PM_ALICE }, alice.options)
    assert.deepEqual(town.log, [], 'of what there is none, nobody is told')
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
