import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inboxTable, wholeMessage } from '../../lib/cli/inbox-text.ts'
import { idOf } from '../../lib/inbox/entry.ts'
import { atomFeed } from '../../lib/inbox/feed.ts'
import { messageCard } from '../../lib/inbox/message-card.ts'
import { messagePage } from '../../lib/inbox/message-page.ts'
import { messageRow } from '../../lib/inbox/message-row.ts'
import { describeTimes, timeOf } from '../../lib/inbox/message-time.ts'
import { createBench, letter, ME, NOW } from './messages.ts'

const INBOX = new URL('https://alice.example/inbox')

/** A message that arrives on 21 November 2026 at 12:00 UTC. */
async function received(published: string | undefined) {
  const bench = createBench()
  const one = letter('intertalk', 'bob@chat.example', {
    ...(published !== undefined && { published }),
  })
  const key = await bench.deliver(one)
  const found = await bench.inbox.letter(idOf(key))
  assert.ok(found)
  return found
}

describe('describeTimes()', () => {
  for (const [published, words] of [
    ['2026-11-21T11:42:00Z', '21 Nov 2026, 11:42 · arrived 12:00 UTC'],
    ['2026-11-21T12:42+01:00', '21 Nov 2026, 11:42 · arrived 12:00 UTC'],
    ['2026-11-20T23:50:00Z', '20 Nov 2026, 23:50 · arrived 21 Nov 2026, 12:00 UTC'],
    ['2026-11-19', '19 Nov 2026 · arrived 21 Nov 2026, 12:00 UTC'],
    ['2009-01-02T03:04:05Z', '2 Jan 2009, 03:04 · arrived 21 Nov 2026, 12:00 UTC'],
    ['2026-11-21T11:55:00Z', undefined],
    ['2026-11-21', undefined],
    ['2026-11-21T13:00:00Z', undefined],
    ['2027-11-21', undefined],
    ['1998-11-21', undefined],
    [undefined, undefined],
  ] as const) {
    it(`says of ${published}: ${words}`, async () => {
      assert.equal(describeTimes((await received(published)).entry), words)
    })
  }
})

describe('the time of a message', () => {
  const SENT = '2026-11-21T12:42:00+01:00'

  it('is that of its author in the list, with its arrival', async () => {
    const { entry } = await received(SENT)
    const card = messageCard({ entry, inbox: INBOX, homes: [ME], now: NOW }).markup
    const time = '<time datetime="2026-11-21T11:42:00.000Z">'
    assert.ok(card.includes(`${time}21 Nov 2026, 11:42 · arrived 12:00 UTC</time>`))
  })

  it('is its arrival in the list where it came at once', async () => {
    const { entry } = await received('2026-11-21T11:59:00Z')
    const card = messageCard({ entry, inbox: INBOX, homes: [ME], now: NOW }).markup
    assert.ok(card.includes('>just now</time>'))
  })

  it('stands on its page', async () => {
    const common = { thread: undefined, inbox: INBOX, me: ME, csrf: 'x', news: undefined, now: NOW }
    const pageOf = async (published: string) =>
      (await messagePage({ ...common, letter: await received(published) })).text()
    assert.match(await pageOf(SENT), /Written 21 Nov 2026, 11:42 UTC, came just now\./)
    assert.match(await pageOf('1998-11-21'), /Came just now, dated 1998-11-21\./)
    assert.match(await pageOf('2026-11-21T11:59:00Z'), /Came just now\./)
  })

  it('is in JSON beside the arrival, where it counts', async () => {
    const row = messageRow((await received(SENT)).entry)
    assert.equal(row.published, '2026-11-21T11:42:00.000Z')
    assert.equal(row.received, NOW.toISOString())
    assert.equal(messageRow((await received('2027-01-01')).entry).published, undefined)
  })

  it('is in the terminal, in the list and in full', async () => {
    const { entry, content } = await received(SENT)
    const row = messageRow(entry)
    assert.match(inboxTable([row], NOW), /11:42 UTC, arrived 12:00 UTC/)
    const whole = wholeMessage({ ...row, content })
    assert.match(whole, /^received {2}2026-11-21 12:00 UTC$/m)
    assert.match(whole, /^written {3}2026-11-21 11:42 UTC$/m)
    const undated = await received(undefined)
    const plain = wholeMessage({ ...messageRow(undated.entry), content: undated.content })
    assert.doesNotMatch(plain, /^written/m)
  })

  it('is in the feed', async () => {
    const self = new URL('https://alice.example/inbox/feed/x')
    const letters = [await received(SENT)]
    const feed = atomFeed({ self, inbox: INBOX, me: ME, letters })
    assert.match(feed, /<published>2026-11-21T11:42:00\.000Z<\/published>/)
    assert.match(feed, /<updated>2026-11-21T12:00:00\.000Z<\/updated>\n<content/)
    assert.match(feed, /21 Nov 2026, 11:42 · arrived 12:00 UTC\./)
  })

  it('is its arrival where the date cannot be so', async () => {
    for (const published of ['2026-11-21T12:00:01Z', '9999-12-31', '1990-01-02']) {
      assert.equal(timeOf((await received(published)).entry), NOW.toISOString())
    }
    const before = await received('2026-11-21T11:59:59Z')
    assert.equal(timeOf(before.entry), '2026-11-21T11:59:59.000Z')
  })
})
