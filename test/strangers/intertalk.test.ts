import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Parcel } from '../../lib/delivery/delivery.ts'
import type { Letter } from '../../lib/delivery/letter.ts'
import { letterIdOf } from '../../lib/delivery/letter.ts'
import { createIntertalkDelivery } from '../../lib/intertalk/delivery.ts'
import { inboxOf } from '../../lib/site/inbox.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { acctUrl, parseUserAddress } from '../../lib/web/user-address.ts'
import { createWeb } from '../support/web.ts'
import { createWholeSite } from '../support/whole-site.ts'
import { createStrictProvider } from './intertalk-provider.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const now = () => NOW
const ALICE = 'alice@alice.example'
const BOB = 'bob@chat.example'

function createPair(claims: Readonly<Record<string, unknown>>) {
  const sites: Record<string, Endpoint> = {}
  const web = createWeb(sites)
  const alice = createWholeSite('https://alice.example/', { ...web, now })
  const chat = createStrictProvider({ domain: 'chat.example', fetch: web.fetch, claims })
  sites['https://alice.example'] = alice.endpoint
  sites['https://chat.example'] = chat.endpoint
  const say = (message: string, sentAt = NOW.toISOString()) =>
    chat.send({ to: [ALICE, BOB], from: BOB, sentAt, message }, 'alice.example')
  const messages = async () => {
    const { items } = await inboxOf(alice.parts).list('all', { page: 0, perPage: 50 })
    return items.map(({ envelope, summary }) => [summary, envelope.published])
  }
  return { ...web, alice, chat, say, messages }
}

const seconds = NOW.getTime() / 1000

describe('a provider that was written from the text of intertalk alone', () => {
  for (const [what, claims] of [
    ['an hour', { exp: seconds + 3600 }],
    ['a day', { exp: seconds + 24 * 3600 }],
    ['an unknown time, from now on', { iat: seconds }],
    ['an unknown time', {}],
  ] as const) {
    it(`sends several messages with one token that lasts ${what}`, async () => {
      const { say, messages } = createPair(claims)
      const texts = ['One.', 'Two.', 'Three.']
      for (const text of texts) assert.equal(await say(text), 201)
      const found = (await messages()).map(([summary]) => summary)
      assert.deepEqual(found.toSorted(), texts.toSorted())
    })
  }

  it('cannot be imitated by a replay, nor with another key', async () => {
    const { say, messages, fetch } = createPair({})
    assert.equal(await say('One.'), 201)
    assert.equal(await say('One.'), 401, 'a replay')
    const eve = createStrictProvider({ domain: 'chat.example', fetch })
    const message = { to: [ALICE, BOB], from: BOB, sentAt: NOW.toISOString(), message: 'Two.' }
    assert.equal(await eve.send(message, 'alice.example'), 401, 'another key')
    assert.equal((await messages()).length, 1)
  })

  for (const [form, iso] of [
    ['2026-11-21T11:00:00Z', '2026-11-21T11:00:00Z'],
    ['2026-11-21T11:00:00.5Z', '2026-11-21T11:00:00.5Z'],
    ['2026-11-21T12:00:00+01:00', '2026-11-21T12:00:00+01:00'],
    ['2026-11-21T12:00:00+0100', '2026-11-21T11:00:00.000Z'],
    ['2026-11-21T12+01', '2026-11-21T11:00:00.000Z'],
    ['2026-11-21T11:00', '2026-11-21T11:00:00.000Z'],
    ['20261121T110000Z', '2026-11-21T11:00:00.000Z'],
    ['2026-W47-6T11:00:00Z', '2026-11-21T11:00:00.000Z'],
    ['2026W476T110000Z', '2026-11-21T11:00:00.000Z'],
    ['2026-325T11:00:00Z', '2026-11-21T11:00:00.000Z'],
    ['2026325T11,5Z', '2026-11-21T11:30:00.000Z'],
    ['2026-11-20T24:00:00Z', '2026-11-21T00:00:00.000Z'],
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
  ] as const) {
    it(`may write "sentAt" as ${form}`, async () => {
      const { say, messages } = createPair({ exp: seconds + 60 })
      assert.equal(await say('Hello.', form), 201)
      const [[, published] = []] = await messages()
      assert.equal(new Date(String(published)).toISOString(), new Date(iso).toISOString())
    })
  }

  for (const form of ['yesterday', '11:00', '2026-02-30T10:00Z', '1795258800']) {
    it(`is told that "sentAt" is no time: ${form}`, async () => {
      const { say, messages } = createPair({ exp: seconds + 60 })
      assert.equal(await say('Hello.', form), 400)
      assert.deepEqual(await messages(), [])
    })
  }

  it('receives from us, and finds our key at /{kid}', async () => {
    const { alice, chat, fetch, log } = createPair({})
    const address = parseUserAddress(ALICE)
    const recipient = parseUserAddress(BOB)
    assert.ok(address && recipient)
    const delivery = createIntertalkDelivery({ address, secrets: alice.secrets, now })
    const destination = acctUrl(recipient)
    const endpoint = await delivery.discover(destination, { fetch })
    assert.ok(endpoint)
    const url = 'https://alice.example/p/0123456789abcdefghjkmnpqrs/'
    const letter: Letter = {
      ...{ id: letterIdOf(url), version: '1', url, audience: [BOB] },
      text: 'At seven.',
    }
    const parcel: Parcel = {
      ...{ recipient: BOB, destination, target: destination, source: new URL(url) },
      exposure: 'capability',
      letter: async () => letter,
    }
    const receipt = await delivery.deliver(parcel, endpoint, { fetch })
    assert.equal(receipt.outcome, 'delivered')
    assert.equal(chat.received[0]?.['message'], `At seven.\n\n${url}`)
    assert.match(log.at(-1) ?? '', /^GET https:\/\/alice\.example\/intertalk-key-[\w-]+$/)
  })
})
