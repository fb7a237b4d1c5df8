import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { START } from '../support/deployed-site.ts'
import { scriptedProtocol, takeGiven } from '../support/scripted-protocol.ts'
import {
  createSiteWithProtocols as setUp,
  BOB,
  LOST,
  POST,
  none,
  only,
} from '../support/site-with-protocols.ts'

const DAY = 24 * 60 * 60_000

describe('sendDeliveries(), recipients of several kinds', () => {
  it('asks each protocol where it begins: at the page, the profile, or the address', async (t) => {
    const { page, profile, address, send } = await setUp(t, [BOB, LOST])
    page.spoken = profile.spoken = none
    const rows = await send()
    assert.deepEqual(page.asked, [BOB])
    assert.deepEqual(profile.asked, [BOB])
    assert.deepEqual(address.asked, [`acct:${LOST}`])
    assert.deepEqual(
      rows.map(({ recipient, target, protocol, outcome }) => [
        ...[recipient, target, protocol, outcome],
      ]),
      [
        [BOB, BOB, null, 'skipped'],
        [LOST, `acct:${LOST}`, 'address', 'delivered'],
      ],
    )
    assert.equal(rows[0]?.reason, 'no page or profile endpoint')
  })

  it('hands over the letter of the one whom it is for', async (t) => {
    const { address, send } = await setUp(t, [LOST, BOB])
    await send()
    const [parcel] = address.given
    assert.equal(parcel?.destination.href, `acct:${LOST}`)
    assert.equal(parcel?.recipient, LOST)
    const letter = await parcel?.letter()
    assert.equal(letter?.url, parcel?.source.href)
    assert.match(letter?.text ?? '', /one/)
    assert.deepEqual(letter?.audience, [LOST])
  })

  it('knows by the options what an audience does not say', async (t) => {
    const { site, page, profile, address, send } = await setUp(t, [BOB, LOST, 'Aunt May'])
    await site.configure({
      recipients: {
        [BOB]: { address: 'bob@chat.example' },
        [LOST]: { profile: 'https://lenore.example/' },
        'Aunt May': { address: 'may@chat.example' },
      },
    })
    page.spoken = none
    profile.spoken = ({ href }) => (href === BOB ? undefined : 'https://pm.example/')
    await send()
    assert.deepEqual(takeGiven(profile), ['https://lenore.example/'])
    assert.deepEqual(takeGiven(address).toSorted(), [
      'acct:bob@chat.example',
      'acct:may@chat.example',
    ])
  })

  it('gives public posts to no protocol that carries none', async (t) => {
    const { site, page, profile, send } = await setUp(t, [])
    page.spoken = none
    await site.publish('posts/a', [BOB])
    assert.equal(only(await send()).reason, 'no page endpoint')
    assert.deepEqual(profile.asked, [])
  })
})

describe('sendDeliveries(), a pinned recipient', () => {
  it('is told by that protocol alone', async (t) => {
    const { site, page, profile, address, send } = await setUp(t, [BOB, 'https://carol.example/'])
    const protocol = 'rel-pm'
    await site.configure({ recipients: { [BOB]: { protocol } } })
    const pinned = { ...profile, name: protocol }
    const rows = await send({ protocols: [page, pinned, address] })
    assert.deepEqual(takeGiven(page), ['https://carol.example/'])
    assert.deepEqual(takeGiven(profile), [BOB])
    assert.equal(rows[0]?.protocol, protocol)
  })

  it('is told by none if that protocol cannot be', async (t) => {
    const { site, page, send } = await setUp(t)
    await site.configure({ recipients: { [BOB]: { protocol: 'fmtp' } } })
    const row = only(await send())
    assert.deepEqual([row.outcome, takeGiven(page)], ['skipped', []])
    assert.match(row.reason, /pinned to fmtp, which this site does not speak/)
    await site.configure({ recipients: {} })
    assert.equal(only(await send()).outcome, 'delivered', 'at once, when the options have changed')
  })
})

describe('sendDeliveries(), the first protocol that the recipient speaks', () => {
  it('carries the post, and the others are not asked', async (t) => {
    const { page, profile, send } = await setUp(t)
    assert.equal(only(await send()).protocol, 'page')
    assert.deepEqual([page.given.length, profile.asked], [1, []])
  })

  it('is remembered for a week, and its endpoint is discovered anew', async (t) => {
    const { site, page, profile, send, publish } = await setUp(t)
    page.spoken = none
    await send()
    const { routes } = await site.ledger()
    assert.deepEqual(
      routes.map(({ to, exposure, protocol, expires }) => [to, exposure, protocol, expires]),
      [[BOB, 'capability', 'profile', new Date(START.getTime() + 7 * DAY).toISOString()]],
    )
    page.asked.length = profile.asked.length = 0
    profile.spoken = () => 'https://moved.example/'
    await publish('two')
    assert.equal(only(await send()).endpoint, 'https://moved.example/')
    assert.deepEqual([page.asked, profile.asked], [[], [BOB]])
  })

  it('is looked for in the whole order again when that week is over', async (t) => {
    const { site, page, profile, send, publish } = await setUp(t)
    page.spoken = none
    await send()
    page.spoken = () => 'https://page.example/'
    site.clock.advance(7 * DAY - 1)
    await publish('two')
    assert.equal(only(await send()).protocol, 'profile')
    site.clock.advance(1)
    await publish('three')
    assert.equal(only(await send()).protocol, 'page')
    assert.deepEqual([takeGiven(page), takeGiven(profile)], [[BOB], [BOB, BOB]])
    const [route, ...others] = (await site.ledger()).routes
    assert.deepEqual([route?.protocol, others], ['page', []])
  })

  it('is looked for in the whole order again when it is spoken no more', async (t) => {
    const { page, profile, send, publish } = await setUp(t)
    page.spoken = none
    await send()
    page.spoken = () => 'https://page.example/'
    profile.spoken = none
    await publish('two')
    assert.equal(only(await send()).protocol, 'page')
  })

  describe('is chosen anew', () => {
    /** The second is remembered, though the first is spoken by now. */
    async function remembering(t: TestContext) {
      const all = await setUp(t)
      const { page, profile, address, send, publish } = all
      const other = scriptedProtocol('other')
      const protocols = [page, other, profile, address]
      page.spoken = none
      await send({ protocols })
      page.spoken = () => 'https://page.example/'
      await publish('two')
      assert.equal(only(await send({ protocols })).protocol, 'other', 'nothing has changed')
      await publish('three')
      return { ...all, other, inOrder: protocols }
    }

    it('when the order has changed', async (t) => {
      const { page, profile, other, send } = await remembering(t)
      assert.equal(only(await send({ protocols: [page, profile, other] })).protocol, 'page')
    })

    it('when something else is allowed', async (t) => {
      const { inOrder, send } = await remembering(t)
      assert.equal(only(await send({ protocols: inOrder, policy: 'another' })).protocol, 'page')
    })

    it('when more is known of the recipient', async (t) => {
      const { site, inOrder, send } = await remembering(t)
      await site.configure({ recipients: { [BOB]: { address: 'bob@chat.example' } } })
      assert.equal(only(await send({ protocols: inOrder })).protocol, 'page')
    })
  })

  it('is remembered of each recipient, and of each kind of post, by itself', async (t) => {
    const carol = 'https://carol.example/'
    const { site, page, send } = await setUp(t, [BOB, carol])
    page.spoken = ({ href }) => (href === BOB ? undefined : 'https://page.example/')
    await send()
    const { routes } = await site.ledger()
    assert.deepEqual(
      routes.map(({ to, protocol }) => [to, protocol]).toSorted(),
      [
        [BOB, 'profile'],
        [carol, 'page'],
      ].toSorted(),
    )
  })

  it('is nothing to remember where there is no choice', async (t) => {
    const { site, page, send } = await setUp(t)
    await site.publish('posts/a', ['https://dave.example/1'])
    await send({ protocols: [page] })
    assert.deepEqual((await site.ledger()).routes, [])
  })

  it('is not remembered for a memory from a clock that was wrong', async (t) => {
    const { site, page, send, publish } = await setUp(t)
    page.spoken = none
    site.clock.advance(1000 * DAY)
    await send()
    site.clock.advance(-1000 * DAY)
    page.spoken = () => 'https://page.example/'
    await publish('two')
    assert.equal(only(await send()).protocol, 'page')
  })
})

describe('sendDeliveries(), a reply', () => {
  const PARENT = 'https://bob.example/notes/7'

  it('goes to the page that it answers, or else to the one who wrote it', async (t) => {
    const { site, page, profile, address, send, links } = await setUp(t)
    await site.configure({ recipients: { [BOB]: { address: 'bob@chat.example' } } })
    await site.publishPrivately({ path: POST, inReplyTo: PARENT, implied: BOB, links })
    assert.equal(only(await send()).target, PARENT)
    assert.deepEqual(takeGiven(page), [PARENT])

    page.spoken = profile.spoken = none
    const row = only(await send({ force: true }))
    assert.deepEqual([row.target, row.protocol], [PARENT, 'address'])
    assert.deepEqual(takeGiven(address), ['acct:bob@chat.example'])
  })

  it('goes to its recipient once, also where they are named besides', async (t) => {
    const { site, page, profile, send, links } = await setUp(t)
    await site.publishPrivately({ path: POST, inReplyTo: PARENT, links })
    page.spoken = none
    const rows = await send()
    assert.deepEqual(
      rows.map(({ target, outcome }) => [target, outcome]),
      [
        [BOB, 'delivered'],
        [PARENT, 'skipped'],
      ],
    )
    assert.deepEqual(takeGiven(profile), [BOB])
  })
})

describe('sendDeliveries(), a recipient whom no protocol reaches', () => {
  it('is left to the author, with what was asked and what to do', async (t) => {
    const { site, page, profile, address, send } = await setUp(t, [LOST])
    address.spoken = none
    const row = only(await send())
    assert.equal(row.outcome, 'skipped')
    assert.equal(
      row.reason,
      `no address endpoint: hand the link over: private-posts links ${POST}; if this is a mail address, write mailto:${LOST}`,
    )
    await site.configure({ recipients: { [LOST]: { profile: BOB } } })
    profile.spoken = page.spoken = none
    assert.equal(only(await send()).reason, 'no page, profile or address endpoint')
  })

  it('is left to the author also where nobody can be asked', async (t) => {
    const { page, send } = await setUp(t, [LOST])
    const row = only(await send({ protocols: [page] }))
    assert.match(row.reason, /^no protocol can carry it \(page: .*\): hand the link over/)
    assert.equal(row.outcome, 'skipped')
  })

  it('is told at once when the options say more of them', async (t) => {
    const { site, page, profile, send } = await setUp(t)
    page.spoken = profile.spoken = none
    assert.equal(only(await send()).outcome, 'skipped')
    assert.match(
      only(await send()).reason,
      /^no page or profile endpoint, looked at again after 2026-03-02$/,
    )
    await site.configure({ recipients: { [BOB]: { address: 'bob@chat.example' } } })
    assert.equal(only(await send()).protocol, 'address')
  })
})
