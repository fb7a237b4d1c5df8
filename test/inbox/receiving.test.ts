import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Message } from '../../lib/delivery/message.ts'
import { idOf, stateOf } from '../../lib/inbox/entry.ts'
import { MAX_WAITING } from '../../lib/inbox/door.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Store } from '../../lib/store/store.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import {
  createBench,
  listed,
  ME,
  message,
  NOW,
  POLICY,
  POST,
  publishedSources,
} from './messages.ts'

const FRIEND = { ...POLICY, allow: ['bob.example'] }

describe('accept()', () => {
  it('lets a public mention wait until the owner approves it', async () => {
    const bench = createBench()
    const source = await bench.accept()
    const [entry] = await listed(bench)
    assert.deepEqual([entry && stateOf(entry), entry?.isPrivate], ['held', false])
    assert.deepEqual(await publishedSources(bench), [])
    assert.equal(await bench.inbox.approve(idOf(source)), 'done')
    assert.deepEqual(await publishedSources(bench), [source])
  })

  it('shows at once what an allowed sender says in public', async () => {
    const bench = createBench({ policy: FRIEND })
    const source = await bench.accept()
    await bench.accept({ source: 'https://eve.example/1', host: 'eve.example' })
    assert.deepEqual(await publishedSources(bench), [source])
  })

  it('takes in a private message without asking, and shows it to nobody', async () => {
    const bench = createBench({ policy: { ...POLICY, otherwise: 'accept' } })
    await bench.accept({ privacy: 'private' })
    const [entry] = await listed(bench)
    assert.deepEqual([entry && stateOf(entry), entry?.isPrivate], ['unread', true])
    assert.deepEqual(await publishedSources(bench), [])
  })

  for (const target of [
    ME.href,
    'http://alice.example',
    'https://alice.example/index.html',
    'https://alice.example/?utm=1#me',
  ]) {
    it(`takes a mention of ${target} for a message to the owner`, async () => {
      const bench = createBench({ policy: FRIEND })
      await bench.accept({ target })
      const [entry] = await listed(bench)
      assert.equal(entry?.isPrivate, true)
      assert.deepEqual(await publishedSources(bench), [])
      await bench.inbox.approve(entry?.id ?? '')
      assert.deepEqual(await publishedSources(bench), [])
    })
  }

  it('knows the home page of the site and the profile page, which may be two', async () => {
    const me = new URL('https://alice.example/about/')
    const bench = createBench({
      policy: FRIEND,
      me,
      site: new URL('https://alice.example/blog/'),
    })
    const post = 'https://alice.example/blog/hello/'
    const targets = [me.href, 'https://alice.example/', 'https://alice.example/blog/', post]
    for (const target of targets) await bench.accept({ target })
    const hidden = (await listed(bench)).filter(({ isPrivate }) => isPrivate)
    assert.deepEqual(
      hidden.map(({ envelope }) => envelope.target).toSorted(),
      targets.slice(0, 3).toSorted(),
    )
  })

  it('never publishes a message of a messaging protocol', async () => {
    const bench = createBench({ policy: FRIEND })
    await bench.accept({ type: 'message' })
    assert.deepEqual(await publishedSources(bench), [])
  })

  it('holds on doubt, and counts it as private until the owner says otherwise', async () => {
    const bench = createBench({ policy: FRIEND })
    const source = await bench.accept({ privacy: 'unsure' })
    const [entry] = await listed(bench)
    assert.deepEqual([entry && stateOf(entry), entry?.isPrivate], ['held', true])
    assert.deepEqual(await publishedSources(bench), [])
    assert.equal(await bench.inbox.approve(idOf(source)), 'done')
    assert.deepEqual(await publishedSources(bench), [source])
    assert.equal((await listed(bench))[0]?.isPrivate, false)
  })

  it('asks only once about the same doubt', async () => {
    const bench = createBench()
    const doubtful = message({ privacy: 'unsure' })
    await bench.inbox.accept('k', doubtful)
    await bench.inbox.approve(idOf('k'))
    await bench.inbox.accept('k', doubtful)
    assert.deepEqual(await publishedSources(bench), [doubtful.source])
    await bench.inbox.accept('k', { ...doubtful, text: 'Something else.' })
    assert.deepEqual(await publishedSources(bench), [])
  })

  it('holds what has a warning, also from a friend, also in private', async () => {
    const bench = createBench({ policy: FRIEND })
    await bench.accept({ warnings: ['redirected to another site'] })
    await bench.accept({ warnings: ['redirected to another site'], privacy: 'private' })
    assert.deepEqual((await listed(bench)).map(stateOf), ['held', 'held'])
    await bench.accept({ warnings: [] })
    assert.equal((await publishedSources(bench)).length, 1)
  })

  it('holds what the list says to hold, also in private', async () => {
    const bench = createBench({ policy: { ...POLICY, hold: ['bob.example'] } })
    await bench.accept({ privacy: 'private' })
    await bench.accept({ privacy: 'private', source: 'https://eve.example/', host: 'eve.example' })
    assert.deepEqual((await listed(bench)).map(stateOf), ['unread', 'held'])
  })

  it('keeps nothing of whom the list denies, by whichever host it came', async () => {
    const bench = createBench({ policy: { ...FRIEND, deny: ['eve.example'] } })
    await bench.accept({ source: 'https://eve.example/1', host: 'eve.example' })
    await bench.accept({ hosts: ['bob.example', 'eve.example'] })
    await bench.accept({ host: 'eve.example' })
    assert.deepEqual(await listed(bench), [])
    await bench.accept({ hosts: ['bob.example', 'carol.example'] })
    assert.equal((await listed(bench)).length, 1)
    const stored = await bench.store.list('')
    assert.ok(!JSON.stringify(stored).includes('eve.example'))
  })

  it('keeps nothing of whom the list denies, whoever says to bring it', async () => {
    const claims = [
      { author: { name: 'Nora', url: 'https://toot.example/@nora' } },
      { author: { name: 'Nora' }, url: 'https://toot.example/@nora/5' },
    ]
    for (const claim of claims) {
      for (const [denied, count] of [
        ['toot.example', 0],
        ['toot.example/@nora/**', 0],
        ['toot.example/@ed/**', 1],
        ['other.example', 1],
      ] as const) {
        const bench = createBench({ policy: { ...FRIEND, deny: [denied] } })
        await bench.accept(claim)
        assert.equal((await listed(bench)).length, count, denied)
      }
    }
  })

  it('gives nobody the rights of whom they say to be', async () => {
    const author = { name: 'Friend', url: 'https://toot.example/@friend' }
    const of = { source: 'https://eve.example/1', host: 'eve.example', author }
    const stateWith = async (allow: string) => {
      const bench = createBench({ policy: { ...POLICY, allow: [allow] } })
      await bench.accept(of)
      return (await listed(bench)).map(stateOf)
    }
    assert.deepEqual(await stateWith('toot.example'), ['held'])
    assert.deepEqual(await stateWith('eve.example'), ['unread'])
  })

  it('is told of a pattern that is none at start, not by a request', () => {
    assert.throws(() => createBench({ policy: { ...POLICY, deny: ['[eve'] } }), ConfigurationError)
  })

  it('replaces a message by its next version, which is new again', async () => {
    const bench = createBench({ policy: FRIEND })
    const first = message()
    await bench.inbox.accept('k', first)
    await bench.inbox.markRead(idOf('k'), true)
    await bench.inbox.accept('k', first)
    assert.deepEqual((await listed(bench)).map(stateOf), ['read'])
    bench.later(60)
    await bench.inbox.accept('k', { ...first, text: 'Better said.' })
    const [entry, ...others] = await listed(bench)
    assert.deepEqual([others.length, entry?.summary], [0, 'Better said.'])
    assert.equal(entry && stateOf(entry), 'unread')
    assert.ok(entry && entry.received < entry.updated)
    assert.equal((await bench.inbox.find('k'))?.text, 'Better said.')
  })

  it('lets a changed mention wait again, unless its sender is allowed', async () => {
    for (const [policy, visible] of [
      [POLICY, 0],
      [FRIEND, 1],
    ] as const) {
      const bench = createBench({ policy })
      const first = message()
      await bench.inbox.accept('k', first)
      await bench.inbox.approve(idOf('k'))
      await bench.inbox.accept('k', { ...first, text: 'Buy watches!' })
      assert.equal((await publishedSources(bench)).length, visible)
    }
  })

  it('lets private win over public, before and after', async () => {
    const bench = createBench({ policy: FRIEND })
    const open = message()
    await bench.inbox.accept('k', open)
    assert.deepEqual(await publishedSources(bench), [open.source])
    await bench.inbox.accept('k', { ...open, privacy: 'private' })
    assert.deepEqual(await publishedSources(bench), [])
    await bench.inbox.accept('k', open)
    assert.deepEqual(await publishedSources(bench), [])
    assert.equal((await bench.inbox.find('k'))?.privacy, 'private')
    assert.deepEqual(await bench.store.list('inbox-public/content/'), [])
  })

  it('lets doubt that is cleared up be public', async () => {
    const bench = createBench({ policy: FRIEND })
    const doubtful = message({ privacy: 'unsure' })
    await bench.inbox.accept('k', doubtful)
    await bench.inbox.accept('k', { ...doubtful, privacy: 'public' })
    assert.deepEqual(await publishedSources(bench), [doubtful.source])
    assert.equal((await listed(bench)).length, 1)
  })

  it('takes back what a blocked author shows to nobody any more', async () => {
    const bench = createBench({ policy: FRIEND })
    const open = message()
    await bench.inbox.accept('k', open)
    await bench.inbox.decisions.block('bob.example')
    await bench.inbox.accept('k', { ...open, text: 'Changed' })
    assert.equal((await bench.inbox.find('k'))?.text, open.text)
    await bench.inbox.accept('k', { ...open, privacy: 'private' })
    assert.equal(await bench.inbox.find('k'), undefined)
  })

  it('never lets two versions of one message lie on both shelves, whoever is faster', async () => {
    for (let round = 0; round < 20; round++) {
      const bench = createBench({ policy: FRIEND })
      const open = message()
      await Promise.all([
        bench.inbox.accept('k', { ...open, privacy: 'private' }),
        bench.inbox.accept('k', open),
        bench.inbox.accept('k', { ...open, privacy: 'unsure' }),
        bench.inbox.approve(idOf('k')),
      ])
      assert.equal((await bench.inbox.find('k'))?.privacy === 'public', false)
      assert.deepEqual(await publishedSources(bench), [])
    }
  })
})

/** A store in which something else happens just before the first public message is written. */
function interruptedStore(interruption: () => Promise<unknown>): Store {
  const store = createMemoryStore({ now: () => NOW })
  let isDue = true
  const interrupt = async (key: string) => {
    if (!isDue || !key.startsWith('inbox-public/message/')) return
    isDue = false
    await interruption()
  }
  return {
    ...store,
    async createIfAbsent(key, ...rest) {
      await interrupt(key)
      return store.createIfAbsent(key, ...rest)
    },
    async replaceIf(key, ...rest) {
      await interrupt(key)
      return store.replaceIf(key, ...rest)
    },
  }
}

describe('a private version that comes in between', () => {
  it('wins over the public one that is just being kept', async () => {
    const open = message()
    const hidden: Message = { ...open, privacy: 'private' }
    const store = interruptedStore(() => bench.inbox.accept('k', hidden))
    const bench = createBench({ store, policy: FRIEND })
    await bench.inbox.accept('k', open)
    assert.deepEqual(await publishedSources(bench), [])
    assert.deepEqual(await bench.inbox.find('k'), hidden)
  })

  it('is not removed with the doubtful one that a public one replaces', async () => {
    const doubtful = message({ privacy: 'unsure' })
    const hidden: Message = { ...doubtful, privacy: 'private' }
    const store = interruptedStore(() => bench.inbox.accept('k', hidden))
    const bench = createBench({ store, policy: FRIEND })
    await bench.inbox.accept('k', doubtful)
    await bench.inbox.accept('k', { ...doubtful, privacy: 'public' })
    assert.deepEqual(await publishedSources(bench), [])
    assert.deepEqual(await bench.inbox.find('k'), hidden)
  })

  it('wins over the approval of the one before', async () => {
    const doubtful = message({ privacy: 'unsure' })
    const hidden: Message = { ...doubtful, privacy: 'private', text: 'Only for you.' }
    const store = interruptedStore(() => bench.inbox.accept('k', hidden))
    const bench = createBench({ store })
    await bench.inbox.accept('k', doubtful)
    assert.equal(await bench.inbox.approve(idOf('k')), 'changed')
    assert.deepEqual(await publishedSources(bench), [])
    assert.deepEqual(await bench.inbox.find('k'), hidden)
  })
})

describe('limits of what is kept', () => {
  it('cuts long texts, and leaves out what cannot be cut', async () => {
    const bench = createBench()
    await bench.inbox.accept(
      'k',
      message({
        text: 'x'.repeat(50_000),
        html: '<p>'.repeat(50_000),
        title: 't'.repeat(500),
        author: {
          name: 'n\u202e\u0000\n'.repeat(500),
          url: `https://bob.example/${'u'.repeat(3000)}`,
        },
        inReplyTo: `https://alice.example/${'u'.repeat(3000)}`,
        published: 'last Tuesday',
        warnings: Array.from({ length: 50 }, () => 'w'.repeat(500)),
      }),
    )
    const kept = await bench.inbox.find('k')
    assert.ok(kept)
    assert.equal(kept.text.length, 10_000)
    assert.equal(kept.title?.length, 200)
    assert.ok(kept.author.name.length <= 200 && !/[\u202e\p{Cc}]/u.test(kept.author.name))
    assert.equal(kept.warnings?.length, 5)
    assert.deepEqual(
      [kept.html, kept.author.url, kept.inReplyTo, kept.published],
      [undefined, undefined, undefined, undefined],
    )
    assert.ok(JSON.stringify(await bench.store.list('')).length < 30_000)
  })

  it('keeps all of a message that is within them', async () => {
    const bench = createBench()
    const whole = message({
      ...{ title: 'Title', html: '<p>Text</p>', published: '2026-11-20T10:00:00+01:00' },
      ...{
        rsvp: 'yes',
        inReplyTo: POST,
        threadRoot: POST,
        hosts: ['bob.example'],
        warnings: ['odd'],
      },
      text: 'First line\n\n\tsecond 😀',
    })
    await bench.inbox.accept('k', whole)
    assert.deepEqual(await bench.inbox.find('k'), whole)
  })

  it('keeps long messages whole, too, and nothing of those that are gone', async () => {
    const bench = createBench()
    const long = message({ text: 'x'.repeat(5000) })
    await bench.inbox.accept('k', long)
    assert.equal((await bench.inbox.find('k'))?.text.length, 5000)
    await bench.inbox.accept('k', { ...long, text: 'y'.repeat(5000) })
    assert.equal((await bench.store.list('inbox-public/content/')).length, 1)
    await bench.inbox.withdraw('k')
    assert.equal((await bench.store.list('inbox-public/content/')).length, 0)
    assert.equal(await bench.inbox.find('k'), undefined)
  })

  it('refuses an address that it would have to cut', async () => {
    const bench = createBench()
    await bench.accept({ source: `https://bob.example/${'x'.repeat(3000)}` })
    assert.deepEqual(await listed(bench), [])
  })

  it('has room for what the owner has not decided on, up to a limit for each host, and for all of whom they allow', async () => {
    const bench = createBench()
    const hasRoom = (host: string) => bench.inbox.hasRoom?.(host, `https://${host}/`)
    for (let i = 0; i < MAX_WAITING; i++) {
      assert.equal(await hasRoom('eve.example'), true)
      const host = i % 2 === 0 ? 'eve.example' : `eve.example:${8000 + i}`
      await bench.accept({ source: `https://${host}/${i}`, host })
    }
    assert.equal(await hasRoom('eve.example'), false)
    assert.equal(await hasRoom('eve.example:9999'), false)
    assert.equal(await hasRoom('bob.example'), true)
    const [one] = await listed(bench)
    assert.equal(await bench.inbox.approve(one?.id ?? ''), 'done')
    assert.equal(await hasRoom('eve.example'), true)
    await bench.accept({ source: 'https://eve.example/more', host: 'eve.example' })
    assert.equal(await hasRoom('eve.example'), false)
    await bench.inbox.allow(one?.id ?? '')
    assert.equal(await hasRoom('eve.example'), true)
    assert.equal((await listed(bench)).length, MAX_WAITING + 1)
  })

  it('stays usable with thousands of messages', async () => {
    const bench = createBench({ policy: { ...POLICY, otherwise: 'accept' } })
    for (let i = 0; i < 3000; i++)
      await bench.inbox.accept(`k${i}`, message({ text: `Number ${i}` }))
    const page = await bench.inbox.list('all', { page: 100, perPage: 20 })
    // Counted no further than to what is shown.
    assert.deepEqual([page.total, page.items.length], [2021, 20])
    const oldest = await bench.inbox.list('all', { page: 149, perPage: 20 })
    assert.equal(oldest.items.length, 20)
  })
})

describe('withdraw()', () => {
  it('forgets the message, private or public', async () => {
    const bench = createBench({ policy: FRIEND })
    const open = await bench.accept()
    const hidden = await bench.accept({ privacy: 'private' })
    await bench.inbox.withdraw(open)
    assert.deepEqual((await listed(bench)).length, 1)
    await bench.inbox.withdraw(hidden)
    assert.deepEqual(await listed(bench), [])
    await bench.inbox.withdraw('never seen')
  })
})

describe('onApproved', () => {
  it('is called whenever what everybody may see has changed, and only then', async () => {
    const bench = createBench({ policy: FRIEND })
    const open = message()
    const steps: [string, () => Promise<unknown>, number][] = [
      ['a private message', () => bench.accept({ privacy: 'private' }), 0],
      [
        'one that waits',
        () =>
          bench.inbox.accept('s', message({ source: 'https://eve.example/', host: 'eve.example' })),
        0,
      ],
      ['an approval', () => bench.inbox.approve(idOf('s')), 1],
      ['the same again', () => bench.inbox.approve(idOf('s')), 1],
      ['a friend', () => bench.inbox.accept('k', open), 2],
      ['no change', () => bench.inbox.accept('k', open), 2],
      ['a change', () => bench.inbox.accept('k', { ...open, text: 'New' }), 3],
      ['reading', () => bench.inbox.markRead(idOf('k'), true), 3],
      ['going private', () => bench.inbox.accept('k', { ...open, privacy: 'private' }), 4],
      ['deleting a private one', () => bench.inbox.remove(idOf('k')), 4],
      ['deleting a public one', () => bench.inbox.remove(idOf('s')), 5],
    ]
    for (const [what, step, expected] of steps) {
      await step()
      assert.equal(bench.announced(), expected, what)
    }
  })
})
