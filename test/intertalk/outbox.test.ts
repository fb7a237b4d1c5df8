import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseMessage } from '../../lib/intertalk/message.ts'
import {
  acceptMessage,
  deliverAccepted,
  recoverOutbox,
  sweepOutbox,
} from '../../lib/intertalk/outbox.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { createProvider, messageOf } from '../support/intertalk-provider.ts'
import { createWeb } from '../support/web.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const ALICE = 'alice@alice.example'

interface Answer {
  readonly status: number
  readonly headers?: Record<string, string>
}

/** Alice, and two providers who answer what they are told to answer. */
function start(answers: { bob?: Answer; carol?: Answer } = {}) {
  let time = Date.parse('2026-11-21T12:00:00Z')
  const now = () => new Date(time)
  const got: string[] = []
  const peer = (name: 'bob' | 'carol') => async (request: Request) => {
    const { message } = (await request.json()) as { message: string }
    got.push(`${name}: ${message}`)
    const { status, headers = {} } = answers[name] ?? { status: 201 }
    return new Response(null, { status, headers })
  }
  const web = createWeb({
    'https://bob.example': peer('bob'),
    'https://carol.example': peer('carol'),
  })
  const store = createMemoryStore({ now })
  const alice = createProvider(ALICE, { fetch: web.fetch, store, now })
  const events = async () => (await alice.log.since('0')).events
  const waiting = async () => (await store.list('intertalk-outbox/')).length
  return {
    ...{ alice, answers, got, events, waiting, store },
    options: alice.parts,
    pass: (ms: number) => (time += ms),
  }
}

const toBoth = (extra: object = {}) =>
  parseMessage({
    ...messageOf(ALICE, ['bob@bob.example', 'bea@bob.example', 'carol@carol.example'], 'Hello'),
    ...extra,
  })

async function deliver(message: ReturnType<typeof toBoth>, { options }: ReturnType<typeof start>) {
  const claim = await acceptMessage(message, options)
  if (claim) await deliverAccepted(claim, options)
  return claim !== undefined
}

describe('acceptMessage()', () => {
  it('has written a message down and logged it when it resolves', async () => {
    const setup = start()
    await acceptMessage(toBoth(), setup.options)
    assert.deepEqual(setup.got, [])
    assert.equal(await setup.waiting(), 1)
    assert.equal((await setup.events()).length, 1)
  })

  it('gives a message a name, so that a provider who gets it twice can tell', async () => {
    const setup = start()
    await acceptMessage(toBoth(), setup.options)
    const [event] = await setup.events()
    assert.ok(event?.type === 'message' && /^[\w-]{22}$/.test(event.message.id ?? ''))
  })

  it('takes the same message of the same sender once, also at once and later on', async () => {
    const setup = start()
    const message = toBoth({ id: 'one' })
    const claims = await Promise.all([1, 2, 3].map(() => acceptMessage(message, setup.options)))
    const [claim, ...others] = claims.filter((claim) => claim !== undefined)
    assert.ok(claim && others.length === 0)
    await deliverAccepted(claim, setup.options)
    assert.equal(await deliver(message, setup), false)
    assert.equal((await setup.events()).length, 1)
    assert.equal(setup.got.length, 2)
    assert.equal(await setup.waiting(), 0)
    assert.equal(await deliver(toBoth({ id: 'two' }), setup), true)
  })
})

describe('deliverAccepted()', () => {
  it('sends one message to each provider, however many recipients it has there', async () => {
    const setup = start()
    await deliver(toBoth(), setup)
    assert.deepEqual(setup.got.toSorted(), ['bob: Hello', 'carol: Hello'])
    assert.equal(await setup.waiting(), 0)
  })

  it('sends what stays at home to nobody', async () => {
    const setup = start()
    await deliver(parseMessage(messageOf(ALICE, ['ann@alice.example'])), setup)
    assert.deepEqual(setup.got, [])
    assert.equal(await setup.waiting(), 0)
    assert.equal((await setup.events()).length, 1)
  })

  it('tells the sender of a final no, and goes on with the others', async () => {
    const setup = start({ bob: { status: 403 } })
    await deliver(toBoth({ id: 'x' }), setup)
    assert.equal(await setup.waiting(), 0)
    const [, failed, ...rest] = await setup.events()
    assert.deepEqual(rest, [])
    assert.ok(failed?.type === 'failed')
    assert.deepEqual(
      { ...failed, reason: '' },
      {
        ...{ type: 'failed', cursor: '2', id: 'x', from: ALICE, domain: 'bob.example', reason: '' },
        recipients: ['bob@bob.example', 'bea@bob.example'],
        failedAt: '2026-11-21T12:00:00.000Z',
      },
    )
    assert.match(failed.reason, /403/)
  })
})

describe('sweepOutbox()', () => {
  it('tries those again who had not taken it, and only those', async () => {
    const setup = start({ carol: { status: 503 } })
    await deliver(toBoth(), setup)
    assert.equal(await sweepOutbox(setup.options), 0)
    setup.pass(MINUTE)
    setup.answers.carol = { status: 201 }
    assert.equal(await sweepOutbox(setup.options), 1)
    assert.deepEqual(setup.got.toSorted(), ['bob: Hello', 'carol: Hello', 'carol: Hello'])
    assert.equal(await setup.waiting(), 0)
  })

  it('waits longer each time, and gives up after three days', async () => {
    const setup = start({ carol: { status: 500 } })
    await deliver(toBoth(), setup)
    const waits: number[] = []
    for (let minutes = 1; (await setup.waiting()) > 0; minutes++) {
      setup.pass(MINUTE)
      if ((await sweepOutbox(setup.options)) > 0) waits.push(minutes)
    }
    const distances = waits.map((minutes, n) => minutes - (waits[n - 1] ?? 0))
    assert.deepEqual(distances, [1, 5, 15, 60, 180, 360, 720, 1440, 1440])
    const events = await setup.events()
    assert.deepEqual(
      events.map(({ type }) => type),
      ['message', 'failed'],
    )
  })

  it('respects how long a provider wants to be left alone, up to four hours', async () => {
    const setup = start({ carol: { status: 429, headers: { 'retry-after': '3600' } } })
    await deliver(toBoth(), setup)
    setup.pass(59 * MINUTE)
    assert.equal(await sweepOutbox(setup.options), 0)
    setup.answers.carol = { status: 429, headers: { 'retry-after': '9999999' } }
    setup.pass(MINUTE)
    assert.equal(await sweepOutbox(setup.options), 1)
    setup.pass(4 * 60 * MINUTE)
    assert.equal(await sweepOutbox(setup.options), 1)
  })

  it('takes over what was cut off, once nobody can be at it any more', async () => {
    const setup = start()
    await acceptMessage(toBoth(), setup.options)
    setup.pass(MINUTE)
    assert.equal(await sweepOutbox(setup.options), 0)
    setup.pass(MINUTE)
    assert.equal(await sweepOutbox(setup.options), 1)
    assert.equal(setup.got.length, 2)
    assert.equal((await setup.events()).length, 1)
  })

  it('takes it over at once where whoever was at it is known to have died', async () => {
    const setup = start()
    await acceptMessage(toBoth(), setup.options)
    assert.equal(await sweepOutbox(setup.options), 0)
    await recoverOutbox(setup.options)
    assert.equal(await sweepOutbox(setup.options), 1)
    assert.deepEqual([setup.got.length, await setup.waiting()], [2, 0])
    assert.equal((await setup.events()).length, 1)
  })

  it('leaves what only waits for its next try to wait', async () => {
    const setup = start({ carol: { status: 503 } })
    await deliver(toBoth(), setup)
    await recoverOutbox(setup.options)
    assert.equal(await sweepOutbox(setup.options), 0)
    setup.pass(MINUTE)
    assert.equal(await sweepOutbox(setup.options), 1)
  })

  it('logs what was cut off before it could be logged', async () => {
    const setup = start()
    const broken = { ...setup.alice.log, append: () => Promise.reject(new Error('cut off')) }
    const accepted = acceptMessage(toBoth(), { ...setup.options, log: broken })
    await assert.rejects(accepted, /cut off/)
    assert.equal((await setup.events()).length, 0)
    setup.pass(2 * MINUTE)
    assert.equal(await sweepOutbox(setup.options), 1)
    assert.equal((await setup.events()).length, 1)
    assert.equal(setup.got.length, 2)
  })

  it('begins no other once the process is to stop', async () => {
    const setup = start()
    await acceptMessage(toBoth(), setup.options)
    setup.pass(2 * MINUTE)
    const stopping = { signal: AbortSignal.abort() }
    assert.equal(await sweepOutbox(setup.options, stopping), 0)
    assert.equal(setup.got.length, 0)
    assert.equal(await sweepOutbox(setup.options, { signal: new AbortController().signal }), 1)
  })

  it('lets one of many sweeps at once have a message', async () => {
    const setup = start()
    await acceptMessage(toBoth(), setup.options)
    setup.pass(2 * MINUTE)
    const taken = await Promise.all([1, 2, 3, 4].map(() => sweepOutbox(setup.options)))
    assert.deepEqual(taken.toSorted(), [0, 0, 0, 1])
    assert.equal(setup.got.length, 2)
  })

  it('reports what breaks, does not try it at once again, and ends it after as many tries', async () => {
    const setup = start()
    const fetch = () => Promise.reject(new TypeError('broken'))
    await acceptMessage(toBoth(), setup.options)
    let troubles = 0
    for (let tries = 0; tries < 30 && (await setup.waiting()) > 0; tries++) {
      setup.pass(2 * MINUTE)
      await sweepOutbox({ ...setup.options, fetch }).catch(() => (troubles += 1))
    }
    assert.equal(troubles, 9)
    assert.equal(await setup.waiting(), 0)
    assert.equal((await setup.events()).filter(({ type }) => type === 'failed').length, 2)
  })

  it('takes up no more than it is told to', async () => {
    const setup = start()
    for (const id of ['a', 'b', 'c']) await acceptMessage(toBoth({ id }), setup.options)
    setup.pass(2 * MINUTE)
    assert.equal(await sweepOutbox(setup.options, { limit: 2 }), 2)
    assert.equal(await sweepOutbox(setup.options, { budgetMs: 0 }), 0)
    assert.equal(await sweepOutbox(setup.options), 1)
  })

  it('forgets in the end that a message was sent', async () => {
    const setup = start()
    await deliver(toBoth({ id: 'x' }), setup)
    setup.pass(3 * DAY)
    assert.equal(await deliver(toBoth({ id: 'x' }), setup), false)
    setup.pass(2 * DAY)
    assert.deepEqual(await setup.store.list('intertalk-outbox-done/'), [])
  })
})
