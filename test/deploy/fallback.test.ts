import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeliveryProtocol } from '../../lib/delivery/delivery.ts'
import type { Link } from '../../lib/ledger/ledger.ts'
import { FetchError } from '../../lib/web/errors.ts'
import { START } from '../support/deployed-site.ts'
import {
  DELIVERED,
  FAILED,
  PENDING,
  REFUSED,
  scriptedProtocol,
  takeGiven,
} from '../support/scripted-protocol.ts'
import {
  createSiteWithProtocols as setUp,
  BOB,
  LOST,
  none,
  only,
  silent,
} from '../support/site-with-protocols.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * 60_000

describe('sendDeliveries(), after a permanent refusal', () => {
  for (const [why, receipt] of [
    ['we refuse', REFUSED],
    ['they refuse', FAILED],
    ['there is nothing to send', { outcome: 'skipped', reason: 'no words' } as const],
  ] as const) {
    it(`goes on with the next that is spoken, and says so, when ${why}`, async (t) => {
      const { site, page, profile, send } = await setUp(t)
      page.answer = () => receipt
      profile.spoken = () => 'https://pm.example/'
      const row = only(await send())
      assert.deepEqual([row.outcome, row.protocol], ['delivered', 'profile'])
      assert.match(
        row.reason,
        /^delivered by profile, because page (refused|failed|carried nothing): /,
      )
      assert.ok(row.reason.includes(receipt.reason))
      assert.deepEqual(row.tried, [
        { protocol: 'page', outcome: receipt.outcome, reason: receipt.reason },
        { protocol: 'profile', outcome: 'delivered', reason: 'taken' },
      ])
      assert.equal((await site.ledger()).routes[0]?.protocol, 'profile', 'remembers what worked')
      assert.equal(only(await send()).reason, 'unchanged')
      assert.deepEqual([page.given.length, profile.given.length], [1, 1])
    })
  }

  it('passes over what is not spoken on the way to the next', async (t) => {
    const { site, page, profile, address, send } = await setUp(t)
    await site.configure({ recipients: { [BOB]: { address: 'bob@chat.example' } } })
    page.answer = () => FAILED
    profile.spoken = none
    assert.equal(only(await send()).protocol, 'address')
    assert.equal(address.given.length, 1)
  })

  it('goes on where a protocol would lead to a place that we do not visit', async (t) => {
    const { page, profile, send } = await setUp(t)
    page.spoken = () => {
      throw new FetchError('it is on this machine', { kind: 'refused' })
    }
    const row = only(await send())
    assert.deepEqual([row.outcome, profile.given.length], ['delivered', 1])
    assert.match(row.reason, /because page refused: it is on this machine/)
  })

  it('says of each what came of it when all refuse, and tries again under another policy', async (t) => {
    const { page, profile, send } = await setUp(t)
    page.answer = () => REFUSED
    profile.answer = () => FAILED
    const row = only(await send())
    assert.deepEqual([row.outcome, row.protocol], ['refused', 'page'])
    assert.equal(
      row.reason,
      'page refused: that would publish it; profile failed: they will not have it',
    )
    assert.equal(only(await send()).outcome, 'refused')
    assert.deepEqual([page.given.length, profile.given.length], [1, 1], 'nobody is asked again')
    page.answer = () => DELIVERED
    assert.equal(only(await send({ policy: 'allow' })).outcome, 'delivered')
  })

  it('learns of a rejection for as long as its protocol tells of it, and goes on with the next', async (t) => {
    for (const [followed, outcome] of [
      [undefined, 'skipped'],
      [30 * DAY, 'delivered'],
    ] as const) {
      const { site, page, profile, send } = await setUp(t)
      const statusUrl = new URL('https://alice.example/pm/1')
      page.answer = () => ({ outcome: 'delivered', reason: 'announced', statusUrl })
      const slow: DeliveryProtocol = {
        ...page,
        ...(followed !== undefined && { followed }),
        follow: async () =>
          site.clock.now().getTime() < START.getTime() + DAY ? 'processing' : { rejected: 'late' },
      }
      await send({ protocols: [slow, profile] })
      site.clock.advance(7 * DAY)
      const row = only(await send({ protocols: [slow, profile] }))
      assert.equal(row.outcome, outcome)
      assert.equal(profile.given.length, outcome === 'delivered' ? 1 : 0)
    }
  })

  const REMEDIABLE = { ...REFUSED, remediable: true } as const
  it('looks again in the next run at what the author can put right', async (t) => {
    const { page, profile, send } = await setUp(t)
    page.spoken = none
    profile.answer = () => REMEDIABLE
    assert.equal(only(await send()).nextTry, null, 'there is nothing to wait for')
    assert.equal(only(await send()).outcome, 'refused')
    profile.answer = () => DELIVERED
    assert.equal(only(await send()).outcome, 'delivered')
    assert.equal(only(await send()).reason, 'unchanged')
    assert.equal(profile.given.length, 3)
  })

  it('looks again at it where we refuse the others, too, and bothers nobody who has said no', async (t) => {
    for (const [receipt, tries] of [
      [REFUSED, 2],
      [FAILED, 1],
    ] as const) {
      const { page, profile, send } = await setUp(t)
      page.answer = () => receipt
      profile.answer = () => REMEDIABLE
      await send()
      assert.equal(only(await send()).outcome, 'refused')
      assert.deepEqual([page.given.length, profile.given.length], [tries, tries])
    }
  })

  it('says once what two refuse for one reason', async (t) => {
    const { page, profile, send } = await setUp(t)
    page.answer = profile.answer = () => FAILED
    const row = only(await send())
    assert.equal(row.reason, 'page and profile failed: they will not have it')
    assert.equal(row.outcome, 'failed')
  })

  it('goes on when the receiver rejects what it had taken, in the same run or in a later one', async (t) => {
    for (const isLater of [false, true]) {
      const { page, profile, send } = await setUp(t)
      page.answer = () => ({ ...DELIVERED, statusUrl: new URL('https://page.example/status') })
      let isSettled = !isLater
      page.follow = async () => (isSettled ? { rejected: 'blocked' } : 'processing')
      if (isLater) {
        assert.equal(only(await send()).reason, 'accepted, still processing')
        assert.deepEqual(takeGiven(profile), [])
        isSettled = true
      }
      const row = only(await send())
      assert.deepEqual([row.outcome, row.protocol], ['delivered', 'profile'])
      assert.match(row.reason, /because page failed: rejected: blocked/)
      assert.deepEqual([page.given.length, profile.given.length], [1, 1])
      assert.equal(only(await send()).reason, 'unchanged')
    }
  })

  it('leaves it at a rejection where no other is spoken', async (t) => {
    const { site, page, profile, send } = await setUp(t)
    profile.spoken = none
    page.answer = () => PENDING
    await send()
    page.answer = () => ({ ...DELIVERED, statusUrl: new URL('https://page.example/status') })
    page.follow = async () => ({ rejected: 'blocked' })
    site.clock.advance(MINUTE)
    const { outcome, reason, attempts } = only(await send())
    assert.deepEqual([outcome, reason, attempts], ['failed', 'rejected: blocked', 2])
  })

  it('asks again what became of what another protocol carried', async (t) => {
    const { page, profile, send } = await setUp(t)
    page.answer = () => FAILED
    profile.answer = () => ({ ...DELIVERED, statusUrl: new URL('https://alice.example/pm/1') })
    let progress: 'processing' | 'accepted' = 'processing'
    profile.follow = async () => progress
    assert.match(only(await send()).reason, /profile: accepted, still processing$/)
    progress = 'accepted'
    assert.match(only(await send()).reason, /delivered by profile, because .*profile: accepted$/)
    assert.equal(profile.given.length, 1)
  })
})

describe('sendDeliveries(), what may have arrived', () => {
  it('is tried again by the same protocol, and by no other', async (t) => {
    const { site, page, profile, send } = await setUp(t)
    page.spoken = none
    profile.answer = () => PENDING
    assert.equal(only(await send()).outcome, 'pending')
    page.spoken = () => 'https://page.example/'
    site.clock.advance(MINUTE)
    assert.equal(only(await send()).protocol, 'profile')
    profile.spoken = silent
    site.clock.advance(2 * MINUTE)
    assert.equal(only(await send()).outcome, 'pending')
    profile.spoken = () => 'https://profile.example/'
    profile.answer = () => DELIVERED
    site.clock.advance(4 * MINUTE)
    assert.equal(only(await send()).outcome, 'delivered')
    assert.deepEqual([page.given.length, profile.given.length], [0, 3])
  })

  it('is given up after three days, and sent by no other even then', async (t) => {
    const { site, page, profile, send } = await setUp(t)
    page.answer = () => PENDING
    for (let day = 0; day < 3; day++) {
      await send()
      page.spoken = silent
      site.clock.advance(DAY)
    }
    await send()
    site.clock.advance(DAY)
    const row = only(await send())
    assert.equal(row.outcome, 'failed')
    assert.match(row.reason, /given up after 5 attempts/)
    assert.deepEqual([profile.asked, profile.given], [[], []])
  })

  it('is sent by another when it has changed since', async (t) => {
    const { page, profile, send, publish } = await setUp(t)
    page.spoken = none
    profile.answer = () => PENDING
    await send()
    page.spoken = () => 'https://page.example/'
    await publish('two')
    assert.equal(only(await send()).protocol, 'page')
  })

  it('goes by another after all where its recipient has given the protocol up', async (t) => {
    const { site, page, profile, send } = await setUp(t)
    page.answer = () => PENDING
    await send()
    page.spoken = none
    site.clock.advance(MINUTE)
    assert.equal(only(await send()).protocol, 'profile')
    assert.deepEqual([page.given.length, profile.given.length], [1, 1])
  })
})

describe('sendDeliveries(), a protocol that could not be asked', () => {
  it('keeps the delivery pending, and no other takes its place', async (t) => {
    const { site, page, profile, send } = await setUp(t)
    page.spoken = silent
    const row = only(await send())
    assert.deepEqual([row.outcome, row.reason], ['pending', 'bob.example did not answer'])
    assert.deepEqual(row.tried, [
      { protocol: 'page', outcome: 'pending', reason: 'bob.example did not answer' },
    ])
    assert.deepEqual(profile.asked, [])
    page.spoken = () => 'https://page.example/'
    site.clock.advance(MINUTE)
    assert.equal(only(await send()).protocol, 'page')
  })

  it('does not matter where another is remembered', async (t) => {
    const { page, profile, send, publish } = await setUp(t)
    page.spoken = none
    await send()
    page.spoken = silent
    await publish('two')
    assert.equal(only(await send()).protocol, 'profile')
    assert.equal(profile.given.length, 2)
  })

  it('passes for not spoken after three days of silence', async (t) => {
    const { site, page, profile, send } = await setUp(t)
    page.spoken = silent
    for (let attempt = 0; attempt < 4; attempt++) {
      assert.equal(only(await send()).outcome, 'pending')
      site.clock.advance(DAY)
    }
    const row = only(await send())
    assert.deepEqual([row.outcome, row.protocol], ['delivered', 'profile'])
    assert.match(row.reason, /because page could not be asked: bob\.example did not answer/)
    assert.equal(profile.given.length, 1)
  })

  it('is given up when nothing else is spoken either', async (t) => {
    const { site, page, profile, send } = await setUp(t)
    page.spoken = silent
    profile.spoken = none
    for (let attempt = 0; attempt < 4; attempt++) {
      await send()
      site.clock.advance(DAY)
    }
    const row = only(await send())
    assert.deepEqual([row.outcome], ['failed'])
    assert.match(row.reason, /given up after 5 attempts: bob\.example did not answer/)
  })
})

describe('sendDeliveries(), what is removed', () => {
  const revoke = (link: Link): Link => ({
    ...link,
    revoked: { at: START.toISOString(), reason: 'revoked' },
  })

  it('is told by the protocol that delivered it, whatever comes first now', async (t) => {
    const { site, page, profile, send, links, publish } = await setUp(t)
    const gone: string[] = []
    const other = scriptedProtocol('other')
    page.spoken = none
    await send({ protocols: [page, other, profile] })
    page.spoken = () => 'https://page.example/'
    await site.configure({ recipients: { [BOB]: { protocol: 'fmtp' } } })
    await publish('one', links.map(revoke))
    other.answer = ({ destination }) => {
      gone.push(destination.href)
      return DELIVERED
    }
    const row = only(await send({ protocols: [page, profile, other] }))
    assert.deepEqual([row.outcome, row.protocol, gone], ['delivered', 'other', [BOB]])
    assert.deepEqual(takeGiven(page), [])
    assert.deepEqual((await site.ledger()).deliveries, [])
  })

  it('is said to be past recall once where words were sent, and nothing is sent', async (t) => {
    const { site, address, send, links, publish } = await setUp(t, [LOST])
    await send()
    takeGiven(address)
    address.asked.length = 0
    await publish('one', links.map(revoke))
    const row = only(await send())
    assert.deepEqual(
      [row.outcome, row.reason],
      ['skipped', 'what was sent by address cannot be taken back'],
    )
    assert.deepEqual([address.asked, address.given], [[], []])
    assert.deepEqual((await site.ledger()).deliveries, [])
    assert.deepEqual(await send(), [])
  })

  it('is known to whom it was told, though a newer version did not get there', async (t) => {
    const { page, profile, send, links, publish } = await setUp(t)
    page.spoken = none
    await send()
    profile.spoken = silent
    await publish('two')
    assert.deepEqual([only(await send()).outcome, profile.given.length], ['pending', 1])
    await publish('two', links.map(revoke))
    assert.equal(only(await send()).reason, 'what was sent by profile cannot be taken back')
    assert.deepEqual(page.given, [])
  })

  it('is told to nobody by a protocol that the site speaks no more', async (t) => {
    const { page, profile, send, links, publish } = await setUp(t)
    await send({ protocols: [page] })
    takeGiven(page)
    await publish('one', links.map(revoke))
    assert.match(only(await send({ protocols: [profile] })).reason, /by page, which this site does/)
    assert.deepEqual([page.given, profile.given], [[], []])
  })
})

describe('sendDeliveries(), a ledger that cannot be written', () => {
  it('is written after the fact, with what it taught us, in one piece', async (t) => {
    const { site, page, profile, send } = await setUp(t)
    const { ledger } = site.sendOptions()
    page.answer = () => FAILED
    let writes = 0
    const counting = {
      ...ledger,
      update: ((change) => {
        writes++
        assert.equal(profile.given.length, 1, 'not before it was handed over')
        return ledger.update(change)
      }) as typeof ledger.update,
    }
    await send({ ledger: counting })
    assert.equal(writes, 1)
    const { deliveries, routes } = await site.ledger()
    assert.deepEqual([deliveries[0]?.protocol, routes[0]?.protocol], ['profile', 'profile'])
  })

  it('leaves an interrupted delivery to the next run, which begins it anew', async (t) => {
    const { site, page, profile, send } = await setUp(t)
    const stop = new AbortController()
    page.answer = () => {
      stop.abort()
      return FAILED
    }
    const row = only(await send({ signal: stop.signal }))
    assert.match(row.reason, /interrupted: send again/)
    assert.deepEqual((await site.ledger()).deliveries, [])
    assert.deepEqual(profile.given, [])
    page.answer = () => FAILED
    assert.equal(only(await send()).protocol, 'profile')
    assert.equal(profile.given.length, 1)
  })
})
