import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { explainRoute, formatTrace } from '../../lib/fmtp/explain-route.ts'
import { announceStatus } from '../../lib/fmtp/presence.ts'
import { addHouse, addPeer, addressOf, createWorld, parcelTo } from './route-world.ts'

const LOST = 'lost@lenore.org'

describe('STATUS: "a client might request the user object of each buddy when it starts up"', () => {
  it('is shown with the route, and not older than a minute', async () => {
    const world = createWorld()
    const poe = await addHouse(world, 'edgar@poe.net')
    const lost = addPeer(world, 'lenore.org').addUser('lost', { STATUS: 'online' })
    const introduction = async () =>
      formatTrace(await explainRoute(addressOf(LOST), poe.client)).find((line) =>
        line.includes('this is'),
      )
    assert.equal(await introduction(), `domain: lenore.org – found: this is ${LOST} (online)`)
    lost.attributes['STATUS'] = 'away\n until Monday'
    world.pass(59)
    assert.equal(
      await introduction(),
      `local cache: – found: this is ${LOST} (online), as at lenore.org`,
    )
    world.pass(1)
    assert.equal(
      await introduction(),
      `domain: lenore.org – found: this is ${LOST} (away until Monday)`,
    )
    delete world.sites['https://lenore.org']
    world.pass(60)
    assert.match((await introduction()) ?? '', /^local cache: – found: .* as at lenore\.org$/)
  })
})

describe('announceStatus(): "the client may also send its user object to each online buddy"', () => {
  async function createScene() {
    const world = createWorld()
    const poe = await addHouse(world, 'edgar@poe.net')
    const lenore = addPeer(world, 'lenore.org')
    const lost = lenore.addUser('lost')
    const bob = addPeer(world, 'bob.example')
    bob.addUser('bob', { STATUS: 'offline' })
    const announce = (status?: string, limits = {}) => {
      const { fmtp: _, ...settings } = poe.parts.settings
      return announceStatus(
        {
          ...poe.parts,
          settings: {
            ...settings,
            policy: { ...settings.policy, allow: [LOST, '*@chat.example', 'lenore.org'] },
            recipients: {
              'https://bob.example/': { address: 'bob@bob.example' },
              [LOST]: {},
              'edgar@poe.net': {},
            },
            fmtp: { encrypt: 'none', children: [], ...(status !== undefined && { status }) },
          },
        },
        limits,
      )
    }
    const told = () => {
      const log = world.takeLog()
      assert.ok(
        !log.some((line) => /chat\.example|poe\.net\//.test(line)),
        'nobody else is asked for',
      )
      return log.filter((line) => line.startsWith('POST'))
    }
    return { world, poe, lenore, lost, announce, told }
  }
  const TO_LENORE = [
    'POST https://lenore.org/fmtp/greeting',
    'POST https://lenore.org/fmtp/objects',
  ]

  it('tells people whom the author names of a change, once, and who is offline nothing', async () => {
    const { announce, told } = await createScene()
    await announce()
    assert.deepEqual(told(), [], 'there is nothing to tell')
    await announce('busy')
    assert.deepEqual(told(), ['POST https://bob.example/fmtp/greeting', ...TO_LENORE])
    await announce('busy')
    assert.deepEqual(told(), [])
    await announce()
    assert.deepEqual(told(), TO_LENORE.slice(1), 'that there is none any more')
  })

  it('begins with nobody when the time is over', async () => {
    const { announce, told } = await createScene()
    await announce('busy', { budgetMs: 0 })
    assert.deepEqual(told(), [])
  })

  it('reaches somebody of ours who knows us', async () => {
    const world = createWorld()
    const poe = await addHouse(world, 'edgar@poe.net')
    const lenore = await addHouse(world, LOST)
    const parcel = parcelTo(LOST)
    await poe.delivery.deliver(parcel, parcel.destination, poe.web)
    const policy = { ...poe.parts.settings.policy, allow: [LOST] }
    const fmtp = { ...poe.parts.settings.fmtp, status: 'away' }
    await announceStatus({ ...poe.parts, settings: { ...poe.parts.settings, policy, fmtp } })
    const trace = formatTrace(await explainRoute(addressOf('edgar@poe.net'), lenore.client))
    assert.match(trace[0] ?? '', /^local cache: – found: this is edgar@poe\.net \(away\)/)
  })
})
