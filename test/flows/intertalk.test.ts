import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeliveryProtocol, Parcel, Receipt } from '../../lib/delivery/delivery.ts'
import { letterIdOf, type Letter } from '../../lib/delivery/letter.ts'
import { parseMessage } from '../../lib/intertalk/message.ts'
import { sendToProviders } from '../../lib/intertalk/sender.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { acctUrl, parseUserAddress } from '../../lib/web/user-address.ts'
import { createProvider, type Provider } from '../intertalk/provider.ts'
import { createIntertalkPeer, type IntertalkPeer } from '../support/intertalk-peer.ts'
import { createWeb } from '../support/web.ts'

const START = Date.parse('2026-11-21T12:00:00Z')
const ALICE = 'alice@alice.example'
const BOB = 'bob@bob.example'
const CAROL = 'carol@ecorp.example'

/** Alice's and Bob's sites, and a provider that others have written. */
interface Street {
  readonly alice: Provider
  readonly bob: Provider
  readonly ecorp: IntertalkPeer
  readonly fetch: Fetch
  /** Requests since it was last asked for. */
  log(): readonly string[]
  pass(seconds: number): void
  now(): Date
}

function createStreet(publishes: 'each' | 'set' = 'each'): Street {
  let time = START
  const now = () => new Date(time)
  const sites: Record<string, Endpoint> = {}
  const web = createWeb(sites)
  const { fetch } = web
  const alice = createProvider({ address: ALICE, fetch, now })
  const bob = createProvider({ address: BOB, fetch, now })
  const ecorp = createIntertalkPeer({ domain: 'ecorp.example', publishes, fetch, now })
  sites['https://alice.example'] = alice.endpoint
  sites['https://bob.example'] = bob.endpoint
  sites['https://ecorp.example'] = ecorp.endpoint
  const log = () => web.log.splice(0)
  return { alice, bob, ecorp, fetch, log, now, pass: (seconds) => (time += seconds * 1000) }
}

const PAGE = 'https://alice.example/p/0123456789abcdefghjkmnpqrs/'

const LETTER: Letter = {
  id: letterIdOf(PAGE),
  version: '1',
  url: PAGE,
  title: 'Dinner',
  text: 'At seven.',
  html: '<p>At <em>seven</em>.</p>',
  audience: [],
}

/** As the deploy does it: discovers the provider, and hands the post over. */
async function deliver(
  delivery: DeliveryProtocol,
  recipient: string,
  { fetch }: Street,
  letter: Letter = { ...LETTER, audience: [recipient] },
): Promise<Receipt | undefined> {
  const address = parseUserAddress(recipient)
  assert.ok(address)
  const destination = acctUrl(address)
  const source = new URL(letter.url)
  const parcel: Parcel = {
    ...{ recipient, destination, source, target: destination, exposure: 'capability' },
    letter: async () => letter,
  }
  const endpoint = await delivery.discover(destination, { fetch })
  return endpoint && delivery.deliver(parcel, endpoint, { fetch })
}

/** The kid that Alice signs with now. */
async function kidOf({ endpoint }: Provider, origin: string): Promise<string> {
  const response = await endpoint(new Request(`${origin}/keys`))
  const { keys } = (await response.json()) as { keys: { kid: string }[] }
  return keys[0]?.kid ?? ''
}

const outcomes = (answers: Record<string, Response>) =>
  Object.fromEntries(Object.entries(answers).map(([domain, { status }]) => [domain, status]))

describe('intertalk, between two sites of ours', () => {
  it("Alice's post comes to Bob, who answers it: request by request", async () => {
    const street = createStreet()
    const { alice, bob, fetch, now } = street
    const receipt = await deliver(alice.delivery, BOB, street)
    assert.equal(receipt?.outcome, 'delivered')
    const kid = await kidOf(alice, 'https://alice.example')
    assert.deepEqual(street.log(), [
      'GET https://bob.example/keys',
      'POST https://bob.example/messages',
      `GET https://alice.example/keys/${kid}`,
    ])
    const [message] = bob.inbox.values()
    assert.equal(message?.source, PAGE)
    assert.equal(message.sender, ALICE)
    assert.equal(message.text, `Dinner\n\nAt seven.\n\n${PAGE}`)
    assert.match(message.html ?? '', /<em>seven<\/em>/)
    assert.equal(message.warnings, undefined)

    const reply = parseMessage({
      to: [ALICE, BOB],
      from: BOB,
      sentAt: now().toISOString(),
      message: 'I will be there.',
      id: 'r1',
      inReplyTo: PAGE,
    })
    const sent = await sendToProviders(reply, { secrets: bob.secrets(), fetch, now })
    assert.deepEqual(
      sent.map(({ domain, receipt: { outcome } }) => [domain, outcome]),
      [['alice.example', 'delivered']],
    )
    const bobsKid = await kidOf(bob, 'https://bob.example')
    assert.deepEqual(street.log(), [
      'POST https://alice.example/messages',
      `GET https://bob.example/keys/${bobsKid}`,
    ])
    const [answer] = alice.inbox.values()
    assert.equal(answer?.type, 'reply')
    assert.equal(answer.target, PAGE)
    assert.equal(answer.text, 'I will be there.')
  })

  it('a post that is sent again is in the inbox once; a changed one comes, too', async () => {
    const street = createStreet()
    const { alice, bob } = street
    for (const version of ['1', '1', '2']) {
      await deliver(alice.delivery, BOB, street, { ...LETTER, version, audience: [BOB] })
      street.pass(60)
    }
    assert.equal(bob.told.length, 2)
  })

  it('a key is replaced: both are good while they overlap, and then the new one alone', async () => {
    const street = createStreet()
    const { alice, bob } = street
    const send = (version: string) =>
      deliver(alice.delivery, BOB, street, { ...LETTER, version, audience: [BOB] })
    const before = alice.delivery
    await send('1')
    alice.rotate({ overlap: true })
    assert.equal((await send('2'))?.outcome, 'delivered', 'Bob asks for the new key')
    street.pass(600)
    const old = await deliver(before, BOB, street, { ...LETTER, version: '3', audience: [BOB] })
    assert.equal(old?.outcome, 'delivered', 'of a function that still has the old secret')
    assert.equal(bob.told.length, 3)

    alice.rotate({ overlap: false })
    assert.equal((await send('4'))?.outcome, 'delivered')
    street.pass(600)
    const gone = await deliver(before, BOB, street, { ...LETTER, version: '5', audience: [BOB] })
    assert.equal(gone?.outcome, 'failed')
    assert.equal(bob.told.length, 4)
  })

  it('a user that Bob does not have: Alice is told nothing', async () => {
    const street = createStreet()
    const receipt = await deliver(street.alice.delivery, 'nobody@bob.example', street)
    assert.equal(receipt?.outcome, 'delivered')
    assert.equal(street.bob.inbox.size, 0)
  })

  it('Eve, who took a request of Alice down, gets nowhere with it', async () => {
    const street = createStreet()
    const { alice, bob } = street
    const taken: Request[] = []
    const fetch: Fetch = async (url, init) => {
      if (init?.method === 'POST') taken.push(new Request(url, init))
      return street.fetch(url, init)
    }
    await deliver(alice.delivery, BOB, { ...street, fetch })
    const [request] = taken
    assert.ok(request)
    const { url, headers } = request
    const body = await request.text()
    const post = (init: { readonly body: string; readonly url?: string }) =>
      street.fetch(new URL(init.url ?? url), { method: 'POST', headers, body: init.body })

    assert.equal((await post({ body })).status, 401, 'again')
    const changed = JSON.stringify({ ...JSON.parse(body), message: 'Send money', id: 'x' })
    assert.equal((await post({ body: changed })).status, 401, 'with other words')
    const forCarol = JSON.stringify({ ...JSON.parse(body), to: [ALICE, BOB, CAROL] })
    const elsewhere = await post({ body: forCarol, url: 'https://ecorp.example/messages' })
    assert.equal(elsewhere.status, 403, 'at another provider')
    assert.equal(bob.inbox.size, 1)
  })
})

for (const publishes of ['each', 'set'] as const) {
  const name = publishes === 'each' ? '/keys/{kid} alone' : '/keys alone'

  describe(`intertalk, with somebody else's provider that has ${name}`, () => {
    it('Alice writes to Carol there: request by request', async () => {
      const street = createStreet(publishes)
      const { alice, ecorp } = street
      const receipt = await deliver(alice.delivery, CAROL, street)
      assert.deepEqual(receipt, { outcome: 'delivered', reason: 'the provider answered 201' })
      const kid = await kidOf(alice, 'https://alice.example')
      const [asked, key] =
        publishes === 'each'
          ? [['POST https://ecorp.example/messages'], `/keys/${kid}`]
          : [[], '/keys']
      assert.deepEqual(street.log(), [
        'GET https://ecorp.example/keys',
        ...asked,
        'POST https://ecorp.example/messages',
        `GET https://alice.example${key}`,
      ])
      assert.equal(ecorp.received.length, 1)
      assert.equal(ecorp.received[0]?.message, `Dinner\n\nAt seven.\n\n${PAGE}`)
      assert.equal(ecorp.received[0]?.format, 'text/html')
    })

    it('Carol writes to Alice: request by request', async () => {
      const street = createStreet(publishes)
      const { alice, ecorp } = street
      const answers = await ecorp.send({
        to: [ALICE, CAROL],
        messageFormatted: 'Where _are_ you?',
        format: 'text/markdown',
      })
      assert.deepEqual(outcomes(answers), { 'alice.example': 201 })
      const single = 'GET https://ecorp.example/keys/key%201%2Fa'
      const set = publishes === 'each' ? [] : ['GET https://ecorp.example/keys']
      assert.deepEqual(street.log(), ['POST https://alice.example/messages', single, ...set])
      const [message] = alice.inbox.values()
      assert.equal(message?.author.name, CAROL)
      assert.equal(message.html, '<p>Where <em>are</em> you?</p>')
      assert.equal(message.warnings, undefined)
    })

    it("Carol's provider has another key from one message to the next", async () => {
      const { alice, ecorp } = createStreet(publishes)
      await ecorp.send({ to: [ALICE, CAROL], message: 'one' })
      ecorp.rotate()
      const answers = await ecorp.send({ to: [ALICE, CAROL], message: 'two' })
      assert.deepEqual(outcomes(answers), { 'alice.example': 201 })
      assert.equal(alice.inbox.size, 2)
    })

    it('Carol writes to Alice and Bob: one request for each provider, one conversation', async () => {
      const street = createStreet(publishes)
      const { alice, bob, ecorp } = street
      const to = [CAROL, ALICE, BOB, 'jane@bob.example', 'joe@ecorp.example']
      assert.deepEqual(outcomes(await ecorp.send({ to })), {
        'alice.example': 201,
        'bob.example': 201,
      })
      const posts = street.log().filter((request) => request.startsWith('POST'))
      assert.deepEqual(posts, [
        'POST https://alice.example/messages',
        'POST https://bob.example/messages',
      ])
      const roots = [...alice.inbox.values(), ...bob.inbox.values()].map(
        ({ threadRoot }) => threadRoot,
      )
      assert.equal(roots.length, 2)
      assert.equal(new Set(roots).size, 1)
    })

    it('Alice writes to several there and to Bob: one request for each provider', async () => {
      const street = createStreet(publishes)
      const { alice, bob, ecorp } = street
      const audience = [CAROL, 'joe@ecorp.example', 'jane@ecorp.example', BOB]
      const { delivery } = alice
      for (const recipient of audience) {
        const receipt = await deliver(delivery, recipient, street, { ...LETTER, audience })
        assert.equal(receipt?.outcome, 'delivered')
      }
      assert.equal(ecorp.received.length, 1)
      assert.deepEqual(ecorp.received[0]?.to, [
        ALICE,
        BOB,
        CAROL,
        ...audience.slice(1, 3).reverse(),
      ])
      assert.equal(bob.inbox.size, 1)
      assert.ok(!JSON.stringify([ecorp.received, ...bob.inbox.values()]).includes(PAGE))
    })

    it('somebody else cannot write as Carol', async () => {
      const street = createStreet(publishes)
      const { alice, fetch, now } = street
      const eve = createIntertalkPeer({ domain: 'ecorp.example', publishes, fetch, now })
      assert.deepEqual(outcomes(await eve.send({ to: [ALICE, CAROL] })), { 'alice.example': 401 })
      const from = CAROL
      const other = createIntertalkPeer({ domain: 'eve.example', publishes, fetch, now })
      assert.deepEqual(outcomes(await other.send({ from, to: [ALICE, CAROL] })), {
        'alice.example': 403,
        'ecorp.example': 403,
      })
      assert.equal(alice.inbox.size, 0)
    })
  })
}
