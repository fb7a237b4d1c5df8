import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FetchError } from '../../lib/web/errors.ts'
import { addHouse, addPeer, createWorld, parcelTo } from '../fmtp/route-world.ts'

/** The example conversation of the document, with the words in which Lenore says how to reach her user. */
async function createConversation(contact: string) {
  const world = createWorld()
  world.zone.mx['lenore.org'] = ['mail.lenore.org']
  const poe = await addHouse(world, 'edgar@poe.net')
  const lenore = addPeer(world, 'lenore.org', ['mail.lenore.org'])
  const lost = lenore.addUser('lost', { CONTACT: contact })
  const send = () =>
    poe.delivery.deliver(parcelTo('lost@lenore.org'), new URL('https://x.example/'), world)
  const posts = () => world.takeLog().filter((line) => line.startsWith('POST'))
  return { world, poe, lenore, lost, send, posts }
}

describe('the example conversation of FMTP', () => {
  for (const contact of [
    'lost.lenore.org, port 8000 tcp',
    'Connect to lost.lenore.org, port 8000 tcp',
    'lost.lenore.org 8000 TCP',
  ]) {
    it(`"${contact}": Poe writes there`, async () => {
      const { world, lenore, lost, send, posts } = await createConversation(contact)
      world.sites['https://lost.lenore.org:8000'] = lenore.endpoint
      assert.equal((await send()).outcome, 'delivered')
      assert.equal(posts().at(-1), 'POST https://lost.lenore.org:8000/fmtp/objects')
      assert.equal(lost.inbox[0]?.from, 'edgar@poe.net')
    })

    it(`"${contact}": "Poe cannot reach lost.lenore.org, so reconnects to mail.lenore.org"`, async () => {
      const { world, lost, send, posts } = await createConversation(contact)
      world.sites['https://lost.lenore.org:8000'] = async () => {
        throw new FetchError('it cannot be reached')
      }
      assert.equal((await send()).outcome, 'delivered')
      assert.equal(posts().at(-1), 'POST https://mail.lenore.org/fmtp/objects')
      assert.equal(lost.inbox.length, 1)
    })
  }

  it('a way by UDP is none for us: Poe writes to mail.lenore.org', async () => {
    const { send, posts } = await createConversation('lost.lenore.org, port 8000 udp')
    assert.equal((await send()).outcome, 'delivered')
    assert.ok(!posts().some((line) => line.includes('lost.lenore.org')))
  })

  it('Lost answers in the thread, and so does Edgar: PARENT is the message before, TOP the first', async () => {
    const { poe, lenore, lost, send, world } = await createConversation('')
    await send()
    const first = String(lost.inbox[0]?.message['ID'])
    const server = new URL('https://poe.net/fmtp')
    const session = await lenore.greet(server, 'poe.net')
    const reply = lenore.messageObject({
      ...{ from: lost.address, to: ['edgar@poe.net'], nonce: '1239583738491' },
      attributes: { PARENT: first, TOP: first },
    })
    const taken = await lenore.send(server, session, [lenore.userObject(lost), reply])
    assert.equal(taken.status, 202)
    assert.equal(poe.messages()[0]?.inReplyTo, `fmtp:${first}`)

    const url = 'https://poe.net/p/aaaaaaaaaaaaaaaaaaaaaaaaaa/'
    const inReplyTo = 'fmtp:1239583738491.lost@lenore.org'
    const parcel = parcelTo('lost@lenore.org', { url, id: 'a'.repeat(32), inReplyTo })
    await poe.delivery.deliver(parcel, new URL('https://x.example/'), world)
    const { PARENT, TOP } = lost.inbox[1]?.message ?? {}
    assert.deepEqual([PARENT, TOP], ['1239583738491.lost@lenore.org', first])
  })

  it('a public object names its author in TO, and the list of public objects names it', async () => {
    const { world, lenore } = await createConversation('')
    const letter = {
      id: 'b'.repeat(32),
      version: '1',
      url: 'https://raven.example/1/',
      text: 'Hi.',
    }
    await addHouse(world, 'raven@raven.example', {
      files: { 'public-letters.json': { version: 1, letters: [{ ...letter, audience: [] }] } },
    })
    const object = await lenore.ask(
      new URL('https://raven.example/fmtp'),
      `${letter.id}.raven@raven.example`,
    )
    assert.deepEqual(object?.['TO'], ['raven@raven.example'])
    assert.equal(object?.['PUBLIC'], true)
  })
})
