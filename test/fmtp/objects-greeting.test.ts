import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { buildGreeting, verifyGreetingAnswer } from '../../lib/fmtp/greeting.ts'
import { createSigner } from '../../lib/fmtp/signature.ts'
import type { Attributes } from '../support/fmtp-peer.ts'
import { createScene, SERVER } from '../support/fmtp-site.ts'

const TO = 'alice.example'

describe('POST greeting: "Hi, I\'m bob.example. Here\'s my hash."', () => {
  it('answers with our own greeting and a session, after the key of the server was looked up', async () => {
    const { bob, post, asked, keysOf } = createScene()
    const greeting = bob.greetingTo(TO)
    const response = await post('greeting', greeting)
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    const answer = (await response.json()) as Attributes
    assert.equal(answer['SERVER'], TO)
    assert.equal(answer['TO'], 'bob.example')
    assert.equal(answer['ANSWERS'], greeting['NONCE'])
    assert.notEqual(answer['NONCE'], greeting['NONCE'])
    assert.deepEqual(asked, ['TXT fmtpkey.bob.example'])
    assert.equal((await keysOf(TO)).length, 2)
  })

  it('convinces an independent peer of who we are', async () => {
    const { session } = createScene()
    assert.match(await session(), /^ey/)
  })

  for (const [name, change] of [
    ['TO another server', { TO: 'eve.example' }],
    ['AT another host: somebody stands between us', { AT: 'mail.eve.example' }],
    ['TIME five minutes and a second ago', { TIME: '2026-11-21T11:54:59Z' }],
    ['TIME five minutes and a second ahead', { TIME: '2026-11-21T12:05:01Z' }],
    ['TIME on no day', { TIME: '2026-02-31T12:00:00Z' }],
    ['our own name', { SERVER: TO }],
    ['the name of a domain that publishes no key', { SERVER: 'nobody.example' }],
    ['the name of another domain', { SERVER: 'eve.example' }],
    ['the name of a machine of this one', { SERVER: 'bob.localhost' }],
  ] as const) {
    it(`refuses (401) a greeting with ${name}`, async () => {
      const { bob, post, sites } = createScene()
      sites['https://nobody.example'] = async () => new Response(null, { status: 404 })
      const refused = await post('greeting', bob.greetingTo(TO, change))
      assert.equal(refused.status, 401)
      assert.match(refused.headers.get('www-authenticate') ?? '', /^Bearer realm="fmtp"/)
      assert.equal((await post('greeting', bob.greetingTo(TO))).status, 200)
    })
  }

  for (const change of [
    { TIME: '2026-11-21T11:55:00Z' },
    { TIME: '2026-11-21T13:05:00+01:00' },
    { AT: 'alice.example' },
    { AT: 'mail.alice.example' },
    { AT: 'Mail.Alice.example' },
  ]) {
    it(`takes one with ${JSON.stringify(change)}`, async () => {
      const { bob, post } = createScene()
      assert.equal((await post('greeting', bob.greetingTo(TO, change))).status, 200)
    })
  }

  it('takes the host that the owner recommends for our own', async () => {
    const contact = 'https://lost.alice.example:8000/fmtp'
    const { bob, post } = createScene({
      settings: { fmtp: { encrypt: 'none', children: [], contact } },
    })
    const greeting = bob.greetingTo(TO, { AT: 'lost.alice.example:8000' })
    assert.equal((await post('greeting', greeting)).status, 200)
  })

  it('takes a greeting once', async () => {
    const { bob, post, wait } = createScene()
    const greeting = bob.greetingTo(TO)
    assert.equal((await post('greeting', greeting)).status, 200)
    const replayed = await post('greeting', greeting)
    assert.equal(replayed.status, 401)
    assert.match(await replayed.text(), /was here before/)
    wait(5 * 60)
    assert.equal((await post('greeting', greeting)).status, 401)
    wait(60)
    assert.equal((await post('greeting', greeting)).status, 401)
    assert.equal((await post('greeting', bob.greetingTo(TO))).status, 200)
  })

  it('of two at once takes one', async () => {
    const { bob, post } = createScene()
    const greeting = bob.greetingTo(TO)
    const both = await Promise.all([post('greeting', greeting), post('greeting', greeting)])
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 401])
  })

  it('does not let somebody else spend the nonce of a server', async () => {
    const { bob, post } = createScene()
    const greeting = bob.greetingTo(TO)
    assert.equal((await post('greeting', { ...greeting, SIGNATURE: 'x'.repeat(86) })).status, 401)
    assert.equal((await post('greeting', greeting)).status, 200)
  })

  for (const [name, change] of [
    ['changed', (greeting: Attributes) => ({ ...greeting, TIME: '2026-11-21T12:00:01Z' })],
    ['not signed', ({ SIGNATURE: _, ...greeting }: Attributes) => greeting],
    ['without HASH', ({ HASH: _, ...greeting }: Attributes) => greeting],
  ] as const) {
    it(`refuses one that is ${name}`, async () => {
      const { bob, post } = createScene()
      const greeting = bob.greetingTo(TO)
      assert.equal((await post('greeting', change(greeting))).status, 401)
      assert.equal((await post('greeting', greeting)).status, 200)
    })
  }

  it('refuses one that another domain has signed', async () => {
    const { eve, bob, post } = createScene()
    const refused = await post('greeting', eve.greetingTo(TO, { SERVER: 'bob.example' }))
    assert.equal(refused.status, 401)
    assert.equal((await post('greeting', bob.greetingTo(TO))).status, 200)
  })

  it('refuses one of our own: nobody is greeted by themselves', async () => {
    const { secrets, now, post } = createScene()
    const signer = await createSigner(secrets, TO)
    assert.equal((await post('greeting', buildGreeting(TO, TO, { signer, now }))).status, 401)
  })

  it('refuses (400) one that does not say at which host: anybody could have passed it on', async () => {
    const { bob, post } = createScene()
    const { HASH: _h, SIGNATURE: _s, AT: _, ...attributes } = bob.greetingTo(TO)
    const refused = await post('greeting', bob.signed(attributes))
    assert.equal(refused.status, 400)
    assert.match(await refused.text(), /AT/)
    assert.equal((await post('greeting', bob.signed({ ...attributes, AT: TO }))).status, 200)
  })

  it('refuses (400) an answer for a greeting: ours cannot be turned against us', async () => {
    const { bob, post } = createScene()
    assert.equal((await post('greeting', bob.greetingTo(TO, { ANSWERS: 'x' }))).status, 400)
  })

  it('says "come back later" (503) where the key could not be asked for, and then takes the same one', async () => {
    const { bob, post, records } = createScene()
    const greeting = bob.greetingTo(TO)
    records.set('fmtpkey.bob.example', 'failure')
    const response = await post('greeting', greeting)
    assert.equal(response.status, 503)
    assert.equal(response.headers.get('retry-after'), '60')
    records.set('fmtpkey.bob.example', [bob.record])
    assert.equal((await post('greeting', greeting)).status, 200)
  })

  it('takes no more than thirty a minute from one client', async () => {
    const { alice, bob } = createScene()
    const greet = (clientAddress: string) =>
      alice(
        new Request(`${SERVER}/greeting`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(bob.greetingTo(TO)),
        }),
        { waitUntil: () => {}, clientAddress },
      )
    for (let at = 0; at < 30; at++) assert.equal((await greet('192.0.2.1')).status, 200)
    const response = await greet('192.0.2.1')
    assert.equal(response.status, 429)
    assert.ok(Number(response.headers.get('retry-after')) > 0)
    assert.equal((await greet('192.0.2.2')).status, 200)
  })
})

describe('verifyGreetingAnswer(): "Nice to meet you. Here\'s my hash."', () => {
  async function greetBob() {
    const scene = createScene()
    const signer = await createSigner(scene.secrets, TO)
    const ours = buildGreeting('bob.example', 'bob.example', { signer, now: scene.now })
    const answer = (more: Attributes = {}, by = scene.bob) =>
      by.greetingTo(TO, { ANSWERS: ours.NONCE, SESSION: 'ssssssssss', ...more })
    const verify = (value: unknown) =>
      verifyGreetingAnswer(value, ours, { ...scene.options, domain: TO })
    return { ...scene, ours, answer, verify }
  }

  it('verifies the answer of the server that we greeted, once', async () => {
    const { answer, verify } = await greetBob()
    const value = answer()
    const outcome = await verify(value)
    assert.ok(outcome.verified && outcome.greeting.SESSION === 'ssssssssss')
    assert.deepEqual(await verify(value), { verified: false, reason: 'replayed' })
  })

  for (const [name, change, reason] of [
    ['to another greeting', { ANSWERS: 'x'.repeat(24) }, 'not for us'],
    ['to another server', { TO: 'eve.example' }, 'not for us'],
    ['of another server', { SERVER: 'eve.example' }, 'not from them'],
    ['that is old', { TIME: '2026-11-21T11:00:00Z' }, 'time'],
    ['without a session', { SESSION: '' }, 'shape'],
    ['that is no greeting', { TYPE: 'user' }, 'shape'],
  ] as const) {
    it(`refuses one ${name}`, async () => {
      const { answer, verify } = await greetBob()
      assert.deepEqual(await verify(answer(change)), { verified: false, reason })
      assert.equal((await verify(answer())).verified, true)
    })
  }

  it('refuses one that somebody else has signed in their name', async () => {
    const { answer, verify, eve } = await greetBob()
    const forged = answer({ SERVER: 'bob.example' }, eve)
    assert.deepEqual(await verify(forged), { verified: false, reason: 'signature' })
    assert.equal((await verify(answer())).verified, true)
  })

  it('refuses one whose session was exchanged on the way', async () => {
    const { answer, verify } = await greetBob()
    const exchanged = { ...answer(), SESSION: 'eeeeeeeeee' }
    assert.deepEqual(await verify(exchanged), { verified: false, reason: 'hash' })
  })
})
