import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { letterIdOf, type Letter } from '../../lib/delivery/letter.ts'
import { FetchError } from '../../lib/web/errors.ts'
import { acctUrl } from '../../lib/web/user-address.ts'
import { addHouse, addPeer, addressOf, createWorld, parcelTo } from './route-world.ts'

const LOST = acctUrl(addressOf('lost@lenore.org'))
const ANYWHERE = new URL('https://lenore.org/fmtp/')

async function createScene() {
  const world = createWorld()
  const poe = await addHouse(world, 'edgar@poe.net')
  const lenore = addPeer(world, 'lenore.org')
  const lost = lenore.addUser('lost')
  const send = (letter: Partial<Letter> = {}, to = 'lost@lenore.org') =>
    poe.delivery.deliver(parcelTo(to, letter), ANYWHERE, world)
  return { world, poe, lenore, lost, send, discover: () => poe.delivery.discover(LOST, world) }
}

describe('createFmtpDelivery()', () => {
  it('finds its way by an address, cannot take back, and carries no public posts', async () => {
    const { poe } = await createScene()
    const { name, reaches, takesBack, carries } = poe.delivery
    assert.deepEqual([name, reaches, takesBack], ['fmtp', 'address', false])
    assert.deepEqual(
      (['public', 'capability', 'gated'] as const).map((exposure) => carries?.(exposure)),
      [false, true, true],
    )
  })
})

describe('discover()', () => {
  it('answers the server that contact is to be made with', async () => {
    const { world, discover, lost } = await createScene()
    assert.equal((await discover())?.href, 'https://lenore.org/fmtp/')
    lost.attributes['CONTACT'] = 'https://home.lost.example/fmtp?x#y'
    world.pass(3600)
    assert.equal((await discover())?.href, 'https://home.lost.example/fmtp/')
  })

  it('answers nothing for a domain that does not speak FMTP', async () => {
    const { world, discover } = await createScene()
    world.zone.txt['fmtpkey.lenore.org'] = []
    world.sites['https://lenore.org'] = async () => new Response('', { status: 404 })
    assert.equal(await discover(), undefined)
  })

  it('answers nothing for a profile URL, nor for an address at our own domain', async () => {
    const { world, poe } = await createScene()
    world.takeLog()
    for (const destination of ['https://lenore.org/', 'acct:allan@poe.net', 'acct:nobody']) {
      assert.equal(await poe.delivery.discover(new URL(destination), world), undefined)
    }
    assert.deepEqual(world.takeLog(), [])
  })

  it('throws where nobody could be asked, with the moment that they named', async () => {
    const { world, discover } = await createScene()
    const headers = { 'retry-after': '60' }
    world.sites['https://lenore.org'] = async () => new Response('', { status: 503, headers })
    await assert.rejects(discover, (error) => {
      assert.ok(error instanceof FetchError)
      assert.match(error.message, /lenore\.org: it has no time for a greeting \(503\)/)
      return error.notBefore?.getTime() === world.clock.time + 60_000
    })
  })
})

describe('deliver()', () => {
  it('sends the words of the post as a message of its author to this recipient alone', async () => {
    const { lost, send } = await createScene()
    const audience = ['lost@lenore.org', 'eve@eve.example']
    assert.equal((await send({ audience })).outcome, 'delivered')
    const [{ from, message } = { from: '', message: {} }] = lost.inbox
    const url = 'https://poe.net/p/4x7k2m9qwertyasdfghzxcvbn0/'
    assert.equal(from, 'edgar@poe.net')
    const { ID, TO, SUBJECT, URL, BODY, DATE, PARENT } = message
    assert.equal(ID, `${letterIdOf(url)}.edgar@poe.net`)
    assert.deepEqual([TO, SUBJECT, URL], [['lost@lenore.org'], 'Dinner', url])
    assert.deepEqual(BODY, { text: 'Dinner at eight?', html: '<p>Dinner at <b>eight</b>?</p>' })
    assert.deepEqual([DATE, PARENT], ['2026-11-20T18:00:00.000Z', undefined])
  })

  it('asks again what they want where it is refused, and sends it as they want it now', async () => {
    const { world, lenore, lost, send } = await createScene()
    assert.equal((await send()).outcome, 'delivered')
    lost.encryptPolicy = 'required'
    assert.equal((await send({ text: 'Lunch?' })).outcome, 'delivered')
    const [first, second] = lost.inbox.map(({ message }) => message)
    assert.ok(first && second && !('ENCRYPTED' in first) && 'ENCRYPTED' in second)

    const posts = () => world.takeLog().filter((line) => line.startsWith('POST'))
    posts()
    world.sites['https://lenore.org'] = async (request) =>
      request.method === 'POST' ? new Response('', { status: 403 }) : lenore.endpoint(request)
    assert.equal((await send()).outcome, 'failed')
    assert.equal(posts().length, 1, 'nothing has changed')
  })

  it('names the message or post that it answers', async () => {
    const answers = [
      ['fmtp:1.lost@lenore.org', '1.lost@lenore.org'],
      ['https://lenore.org/hello/', `${letterIdOf('https://lenore.org/hello/')}.lost@lenore.org`],
      ['https://elsewhere.example/', undefined],
    ] as const
    for (const [inReplyTo, parent] of answers) {
      const { lost, send } = await createScene()
      await send({ inReplyTo })
      assert.equal(lost.inbox[0]?.message['PARENT'], parent, inReplyTo)
    }
  })

  describe('TOP: the first message of the thread', () => {
    for (const [what, thread, top] of [
      [
        'the TOP of the parent',
        { PARENT: '5.eve@eve.example', TOP: '1.eve@eve.example' },
        '1.eve@eve.example',
      ],
      ['the PARENT of a parent without TOP', { PARENT: '5.eve@eve.example' }, '5.eve@eve.example'],
      ['the parent that begins a thread', {}, '7.lost@lenore.org'],
    ] as const) {
      it(`is ${what}`, async () => {
        const { lenore, lost, send, world } = await createScene()
        const parent = { from: lost.address, to: ['edgar@poe.net'], nonce: '7', attributes: thread }
        lenore.publish(lenore.messageObject(parent))
        await send({ inReplyTo: 'fmtp:7.lost@lenore.org' })
        const { PARENT, TOP } = lost.inbox[0]?.message ?? {}
        assert.deepEqual([PARENT, TOP], ['7.lost@lenore.org', top])
        world.takeLog()
        await send({ inReplyTo: 'fmtp:7.lost@lenore.org' })
        const asked = world.takeLog().filter((line) => line.includes('/objects/7.'))
        assert.deepEqual(asked, [], 'it is remembered')
      })
    }

    it('is looked for from PARENT to PARENT where no message names it', async () => {
      const { lenore, lost, send, world } = await createScene()
      for (const [nonce, before] of [[1], [2, 1], [3, 2], [4, 3], [5, 4]] as const) {
        const attributes = before === undefined ? {} : { PARENT: `${before}.lost@lenore.org` }
        const place = { from: lost.address, to: ['edgar@poe.net'], nonce: String(nonce) }
        lenore.publish(lenore.messageObject({ ...place, attributes }))
      }
      await send({ inReplyTo: 'fmtp:5.lost@lenore.org' })
      assert.equal(lost.inbox[0]?.message['TOP'], '1.lost@lenore.org')
      world.takeLog()
      await send({ inReplyTo: 'fmtp:3.lost@lenore.org' })
      assert.equal(lost.inbox[1]?.message['TOP'], '1.lost@lenore.org')
      assert.ok(
        !world.takeLog().some((line) => /\/objects\/[1-5]\./.test(line)),
        'it is remembered',
      )
    })

    it('is known of a message that we sent, whose answer names it alone', async () => {
      const { lenore, lost, send } = await createScene()
      const from = { from: lost.address, to: ['edgar@poe.net'] }
      const attributes = { PARENT: '5.eve@eve.example', TOP: '1.eve@eve.example' }
      lenore.publish(lenore.messageObject({ ...from, nonce: '7', attributes }))
      await send({ inReplyTo: 'fmtp:7.lost@lenore.org' })
      const PARENT = String(lost.inbox[0]?.message['ID'])
      lenore.publish(lenore.messageObject({ ...from, nonce: '8', attributes: { PARENT } }))
      await send({ inReplyTo: 'fmtp:8.lost@lenore.org' })
      assert.equal(lost.inbox[1]?.message['TOP'], '1.eve@eve.example')
    })

    it('ends where messages name each other, or go on for ever', async () => {
      const { lenore, lost, send } = await createScene()
      for (const [nonce, before] of [
        ['a', 'b'],
        ['b', 'a'],
        ...Array.from({ length: 40 }, (_, at) => [`c${at}`, `c${at + 1}`] as const),
      ] as const) {
        const place = { from: lost.address, to: ['edgar@poe.net'], nonce }
        const attributes = { PARENT: `${before}.lost@lenore.org` }
        lenore.publish(lenore.messageObject({ ...place, attributes }))
      }
      for (const nonce of ['a', 'c0']) {
        await send({ inReplyTo: `fmtp:${nonce}.lost@lenore.org` })
        assert.match(String(lost.inbox.at(-1)?.message['TOP']), /^[abc]\d*\.lost@lenore\.org$/)
      }
    })

    it('is the parent where nobody tells us more, or somebody lies', async () => {
      const { lenore, lost, send, world } = await createScene()
      const eve = addPeer(world, 'eve.example')
      const forged = { FROM: 'lost@lenore.org', ID: '7.lost@lenore.org', TYPE: 'message' }
      lenore.publish({ ...eve.signed(forged), TO: ['edgar@poe.net'], TOP: '1.eve@eve.example' })
      await send({ inReplyTo: 'fmtp:7.lost@lenore.org' })
      assert.equal(lost.inbox[0]?.message['TOP'], '7.lost@lenore.org')
    })

    it('is known of a message that came to us', async () => {
      const { lenore, lost, send, poe, world } = await createScene()
      const session = await lenore.greet(new URL('https://poe.net/fmtp'), 'poe.net')
      const attributes = { PARENT: '5.eve@eve.example', TOP: '1.eve@eve.example' }
      const letter = { from: lost.address, to: ['edgar@poe.net'], nonce: '7', attributes }
      const objects = [lenore.userObject(lost), lenore.messageObject(letter)]
      assert.equal(
        (await lenore.send(new URL('https://poe.net/fmtp'), session, objects)).status,
        202,
      )
      assert.equal(poe.messages().length, 1)
      world.takeLog()
      await send({ inReplyTo: 'fmtp:7.lost@lenore.org' })
      assert.equal(lost.inbox[0]?.message['TOP'], '1.eve@eve.example')
      assert.ok(!world.takeLog().some((line) => line.includes('/objects/7.')))
    })
  })

  for (const [format, isHtml] of [
    [['text/plain'], false],
    ['text', false],
    ['HTML attachments', true],
    [['text/plain', 'text/html'], true],
  ] as const) {
    it(`sends ${isHtml ? 'HTML and text' : 'text alone'} to who accepts ${format}`, async () => {
      const { lost, send } = await createScene()
      lost.attributes['FORMAT'] = typeof format === 'string' ? format : [...format]
      await send()
      const { BODY } = lost.inbox[0]?.message ?? {}
      assert.deepEqual(Object.keys(Object(BODY)), isHtml ? ['text', 'html'] : ['text'])
    })
  }

  it('has nothing to send where the words are not known', async () => {
    const { poe, world } = await createScene()
    const parcel = { ...parcelTo('lost@lenore.org'), letter: async () => undefined }
    assert.equal((await poe.delivery.deliver(parcel, ANYWHERE, world)).outcome, 'skipped')
  })

  it('fails where the domain does not know the user', async () => {
    const { send } = await createScene()
    assert.deepEqual(await send({}, 'nobody@lenore.org'), {
      outcome: 'failed',
      reason: 'lenore.org does not know nobody@lenore.org, or does not tell us',
    })
  })

  it('fails where the domain has stopped to speak FMTP', async () => {
    const { world, send } = await createScene()
    world.zone.txt['fmtpkey.lenore.org'] = ['v=FMTP1; k=ed25519; p=']
    const receipt = await send()
    assert.equal(receipt.outcome, 'failed')
    assert.match(receipt.reason, /publishes no key/)
  })

  it('waits where DNS does not answer', async () => {
    const { world, send } = await createScene()
    world.zone.txt['fmtpkey.lenore.org'] = 'fails'
    const receipt = await send()
    assert.equal(receipt.outcome, 'pending')
    assert.match(receipt.reason, /DNS did not answer/)
  })
})

describe('deliver(): ENCRYPT-POLICY', () => {
  const sentTo = async (policy: 'required' | 'optional' | 'none', method?: string) => {
    const scene = await createScene()
    scene.lost.encryptPolicy = policy
    if (method !== undefined) scene.lost.attributes['ENCRYPT-METHOD'] = method
    const receipt = await scene.send()
    const wire = scene.lost.inbox[0]?.message
    return { receipt, isEncrypted: wire?.['ENCRYPTED'] !== undefined, wire }
  }

  it('encrypts what has to be, and nothing of the content is to be seen', async () => {
    const { receipt, isEncrypted, wire } = await sentTo('required')
    assert.deepEqual([receipt.outcome, isEncrypted], ['delivered', true])
    assert.deepEqual(wire?.['SUBJECT'], 'Dinner', 'as the recipient decrypts it')
  })

  it('encrypts what may be, where it can', async () => {
    assert.equal((await sentTo('optional')).isEncrypted, true)
    const unknown = await sentTo('optional', 'ROT13 13')
    assert.deepEqual([unknown.receipt.outcome, unknown.isEncrypted], ['delivered', false])
  })

  it('does not encrypt for who does not want it', async () => {
    assert.equal((await sentTo('none')).isEncrypted, false)
  })

  it('refuses to write in the clear to who requires a method that we do not know', async () => {
    const { receipt, wire } = await sentTo('required', 'RSA mypublicencryptionkey')
    assert.deepEqual(receipt, {
      outcome: 'refused',
      reason: 'lost@lenore.org takes encrypted messages only, by a method that we do not know',
    })
    assert.equal(wire, undefined)
  })
})
