import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inboxTable, wholeMessage } from '../../lib/cli/inbox-text.ts'
import { idOf } from '../../lib/inbox/entry.ts'
import { atomFeed } from '../../lib/inbox/feed.ts'
import { messageCard } from '../../lib/inbox/message-card.ts'
import { messagePage } from '../../lib/inbox/message-page.ts'
import { messageRow } from '../../lib/inbox/message-row.ts'
import { createBench, message, ME, NOW, POLICY, publishedSources } from './messages.ts'

const INBOX = new URL('https://alice.example/inbox')
const SOURCE = 'https://bob.example/private/7/'

/** An inbox with a notice of something at Bob's. */
async function noticed(options: Parameters<typeof createBench>[0] = {}) {
  const bench = createBench(options)
  const key = await bench.deliver(
    message({
      ...{ source: SOURCE, type: 'unopened', privacy: 'private', text: '' },
      author: { name: 'bob.example' },
    }),
  )
  const letter = await bench.inbox.letter(idOf(key))
  assert.ok(letter)
  return { ...bench, key, id: idOf(key), letter }
}

describe('a notice of what cannot be opened', () => {
  it('waits, and is private, whoever it is from', async () => {
    for (const policy of [POLICY, { ...POLICY, allow: ['bob.example'] }]) {
      const { letter } = await noticed({ policy })
      assert.deepEqual([letter.entry.isHeld, letter.entry.isPrivate], [true, true])
    }
  })

  it('leaves no trace where its host is denied', async () => {
    const bench = createBench({ policy: { ...POLICY, deny: ['bob.example'] } })
    await bench.deliver(message({ source: SOURCE, type: 'unopened', privacy: 'private', text: '' }))
    assert.deepEqual((await bench.inbox.counts()).all, 0)
  })

  it('becomes public by nothing that its owner does', async () => {
    const { inbox, id } = await noticed()
    for (const press of [() => inbox.approve(id), () => inbox.allow(id)]) {
      await press()
      assert.deepEqual(await publishedSources({ inbox }), [])
    }
    assert.equal((await inbox.counts()).private, 1)
    const open = createBench()
    const key = await open.deliver(message({ source: SOURCE, type: 'unopened', text: '' }))
    await open.inbox.approve(idOf(key))
    assert.deepEqual(await publishedSources(open), [])
  })

  it('can be deleted, and its host blocked', async () => {
    const deleted = await noticed()
    assert.equal(await deleted.inbox.remove(deleted.id), 'done')
    const { inbox, id } = await noticed()
    assert.equal(await inbox.block(id), 'done')
    assert.deepEqual((await inbox.counts()).all, 0)
    assert.equal(await inbox.policy.isDenied(SOURCE), true)
  })

  it('is shown with a link that does not say where it was followed from', async () => {
    const { letter } = await noticed()
    const card = messageCard({ entry: letter.entry, inbox: INBOX, homes: [ME], now: NOW }).markup
    const common = { thread: undefined, inbox: INBOX, me: ME, csrf: 'x', news: undefined, now: NOW }
    const page = await (await messagePage({ ...common, letter })).text()
    for (const shown of [card, page]) {
      const words = shown.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
      assert.match(words, /bob\.example has something for you: open it there/)
      assert.match(
        shown,
        /<a class="button" href="https:\/\/bob\.example\/private\/7\/" rel="[^"]*noreferrer[^"]*"\s*>Open it there/,
      )
      assert.match(shown, /value="delete\./)
      assert.match(shown, /Block bob\.example/)
      assert.doesNotMatch(shown, /value="approve\.|Begin a new post/)
    }
  })

  it('is in the terminal, in JSON and in the feed', async () => {
    const { letter } = await noticed()
    const row = messageRow(letter.entry)
    assert.deepEqual(
      [row.type, row.state, row.private, row.source],
      [...['unopened', 'held', true, SOURCE]],
    )
    const table = inboxTable([row], NOW)
    assert.match(table, /bob\.example has something for you: open it there/)
    assert.ok(table.includes(SOURCE))
    assert.doesNotMatch(table, /the whole address/)
    const cut = inboxTable([{ ...row, source: 'https://bob.example/private/abcd…/' }], NOW)
    assert.ok(cut.includes(`the whole address: private-posts inbox show ${row.id.slice(0, 8)}`))
    const whole = wholeMessage({ ...row, content: letter.content })
    assert.ok(whole.includes(SOURCE))
    assert.doesNotMatch(whole, /To answer/)
    const self = new URL('https://alice.example/inbox/feed/x')
    const feed = atomFeed({ self, inbox: INBOX, me: ME, letters: [letter] })
    assert.match(feed, /<title>bob\.example has something for you: open it there/)
    assert.ok(feed.includes(SOURCE))
  })
})
