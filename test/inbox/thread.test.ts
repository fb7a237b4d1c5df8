import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { threadId } from '../../lib/inbox/thread.ts'
import { letterIdOf } from '../../lib/delivery/letter.ts'
import { idOf } from '../../lib/inbox/entry.ts'
import { createBench, letter, listed, ME, message, POST, type Bench } from './messages.ts'

const OTHER = 'https://alice.example/2026/other/'

/** The last letters of the sources in each thread, the threads as they are listed. */
async function threads({ inbox }: Bench, view: 'all' | 'unread' = 'all'): Promise<string[]> {
  const { items } = await inbox.threads(view, { page: 0, perPage: 100 })
  return items.map(({ entries }) => entries.map(({ envelope }) => envelope.source.at(-1)).join(''))
}

const at = (letter: string) => `https://bob.example/${letter}`

describe('threadsOf()', () => {
  it('groups by the page that is mentioned, the latest first', async () => {
    const bench = createBench()
    await bench.accept({ source: at('a') })
    await bench.accept({ source: at('b'), target: OTHER })
    await bench.accept({ source: at('c'), target: `${POST}#part` })
    assert.deepEqual(await threads(bench), ['ac', 'b'])
  })

  it('follows in-reply-to, however long the conversation', async () => {
    const bench = createBench()
    const letter = { target: ME.href, privacy: 'private' } as const
    await bench.accept({ ...letter, source: at('a') })
    await bench.accept({ ...letter, source: at('b') })
    await bench.accept({ ...letter, source: at('c'), inReplyTo: at('a') })
    await bench.accept({ ...letter, source: at('d'), inReplyTo: at('c') })
    assert.deepEqual(await threads(bench), ['acd', 'b'])
  })

  it('takes the first message of a thread from the protocol that knows it', async () => {
    const bench = createBench()
    await bench.accept({ source: at('a'), threadRoot: 'https://carol.example/1' })
    await bench.accept({ source: at('b'), target: OTHER, threadRoot: 'https://carol.example/1' })
    await bench.accept({ source: at('c'), target: OTHER })
    assert.deepEqual(await threads(bench), ['c', 'ab'])
  })

  it('is not led in circles', async () => {
    const bench = createBench()
    await bench.accept({ source: at('a'), inReplyTo: at('b') })
    await bench.accept({ source: at('b'), inReplyTo: at('a') })
    await bench.accept({ source: at('c'), inReplyTo: at('c') })
    assert.deepEqual(await threads(bench), ['abc'])
  })

  it('takes two comments on a page for two messages', async () => {
    const bench = createBench()
    const page = 'https://forum.example/t'
    const letter = { target: ME.href, host: 'forum.example' }
    await bench.accept({ ...letter, source: `${page}#c1` })
    await bench.accept({ ...letter, source: `${page}#c2` })
    assert.deepEqual(await threads(bench), ['2', '1'])
    await bench.accept({ ...letter, source: 'https://forum.example/a', inReplyTo: `${page}/#c2` })
    await bench.accept({ ...letter, source: 'https://forum.example/b', inReplyTo: `${page}#c9` })
    assert.deepEqual(await threads(bench), ['b', '2a', '1'])
    // Which of them is meant is not known: a comment stands for its page where the page itself is not here.
    await bench.accept({ ...letter, source: 'https://forum.example/c', inReplyTo: page })
    assert.deepEqual(await threads(bench), ['1c', 'b', '2a'])
    await bench.accept({ ...letter, source: page })
    assert.deepEqual(await threads(bench), ['tbc', '2a', '1'])
  })

  it('shows of a thread what the view is about', async () => {
    const bench = createBench()
    await bench.accept({ source: at('a'), target: ME.href })
    await bench.accept({ source: at('b'), target: ME.href, inReplyTo: at('a') })
    const [thread] = (await bench.inbox.threads('all', { page: 0, perPage: 1 })).items
    await bench.inbox.markRead(thread?.entries[0]?.id ?? '', true)
    assert.deepEqual(await threads(bench, 'unread'), ['b'])
    assert.equal(thread && (await bench.inbox.thread(threadId(thread)))?.entries.length, 2)
    assert.equal(await bench.inbox.thread('0123456789abcdef'), undefined)
  })
})

/** Sources of the threads, the threads as they are listed. */
async function sources({ inbox }: Bench): Promise<string[][]> {
  const { items } = await inbox.threads('all', { page: 0, perPage: 100 })
  return items.map(({ entries }) => entries.map(({ envelope }) => envelope.source))
}

/** Sources of messages that say of themselves what is not so. */
async function strays(bench: Bench): Promise<string[]> {
  const isStray = /in which its sender has no part/
  return (await listed(bench))
    .filter(({ envelope }) => envelope.warnings?.some((warning) => isStray.test(warning)))
    .map(({ envelope }) => envelope.source)
}

describe('threads of all protocols', () => {
  const BOB = 'bob@chat.example'
  const CAROL = 'carol@mail.example'

  it('stand with the webmentions of the page that they answer', async () => {
    const bench = createBench()
    const reply = { target: POST, inReplyTo: POST, type: 'reply' } as const
    const all = [
      await bench.accept({ source: at('a') }),
      await bench.deliver(letter('intertalk', BOB, reply)),
      await bench.deliver(letter('fmtp', CAROL, reply)),
      await bench.deliver(letter('rel-pm', 'https://dan.example/', reply)),
    ]
    assert.deepEqual(await sources(bench), [all])
    const [thread] = (await bench.inbox.threads('all', { page: 0, perPage: 1 })).items
    assert.equal(thread?.about, POST)
  })

  it("follow FMTP's PARENT and TOP, in whatever order the messages come", async () => {
    const top = letter('fmtp', CAROL, { source: `fmtp:1.${CAROL}` })
    const second = letter('fmtp', CAROL, { source: `fmtp:2.${CAROL}`, inReplyTo: top.source })
    const third = letter('fmtp', CAROL, { threadRoot: top.source })
    for (const [order, expected] of [
      [
        [top, second, third],
        [top, second, third],
      ],
      [
        [third, second, top],
        [top, third, second],
      ],
    ] as const) {
      const bench = createBench()
      await bench.accept({ source: at('x') })
      for (const one of order) await bench.deliver(one)
      assert.deepEqual(
        (await sources(bench))[0],
        expected.map(({ source }) => source),
      )
      assert.equal((await sources(bench)).length, 2)
    }
  })

  it('know a message of FMTP by its ID, also where it has a page', async () => {
    const bench = createBench()
    const page = 'https://mail.example/posts/1/'
    await bench.inbox.accept(`fmtp 7.${CAROL}`, letter('fmtp', CAROL, { source: page }))
    bench.later(1)
    const answer = await bench.deliver(
      letter('fmtp', CAROL, { inReplyTo: 'fmtp:7.Carol@Mail.example' }),
    )
    assert.deepEqual(await sources(bench), [[page, answer]])
  })

  it('know a message of intertalk by its sender and id, also where it has a page', async () => {
    const bench = createBench()
    const page = 'https://chat.example/posts/1/'
    await bench.inbox.accept(`intertalk ${BOB} 7 8`, letter('intertalk', BOB, { source: page }))
    bench.later(1)
    const inReplyTo = 'intertalk:Bob@chat.example/7%208'
    const answer = await bench.deliver(letter('intertalk', BOB, { inReplyTo }))
    assert.deepEqual(await sources(bench), [[page, answer]])
  })

  it('know a page of ours by the letter that FMTP names, where somebody else has answered it', async () => {
    const bench = createBench()
    const mention = await bench.accept({ source: at('a') })
    const threadRoot = `fmtp:${letterIdOf(POST)}.alice@alice.example`
    const inReplyTo = 'fmtp:9.dan@mail.example'
    const answer = await bench.deliver(letter('fmtp', CAROL, { threadRoot, inReplyTo }))
    const elsewhere = await bench.deliver(
      letter('fmtp', CAROL, { threadRoot: threadRoot.replace('alice.example', 'eve.example') }),
    )
    assert.deepEqual(await sources(bench), [[elsewhere], [mention, answer]])
  })

  it('keep a conversation of intertalk together, whoever of it writes', async () => {
    const bench = createBench()
    const both = { threadRoot: 'intertalk:c1', audience: ['alice@alice.example', BOB, CAROL] }
    const first = await bench.deliver(letter('intertalk', BOB, both))
    const alone = { threadRoot: 'intertalk:c2', audience: ['alice@alice.example', BOB] }
    const other = await bench.deliver(letter('intertalk', BOB, alone))
    const second = await bench.deliver(letter('intertalk', CAROL, both))
    assert.deepEqual(await sources(bench), [[first, second], [other]])
  })

  it('mix protocols that answer each other', async () => {
    const bench = createBench()
    const home = { target: ME.href, privacy: 'private' } as const
    const first = await bench.accept({ ...home, source: 'https://bob.example/1' })
    const second = await bench.deliver(
      letter('intertalk', 'bob@bob.example', { inReplyTo: first, threadRoot: 'intertalk:c' }),
    )
    const third = await bench.deliver(
      letter('rel-pm', 'https://bob.example/', { inReplyTo: second }),
    )
    const fourth = await bench.deliver(letter('fmtp', 'bob@bob.example', { inReplyTo: third }))
    const fifth = await bench.accept({
      ...{ ...home, source: 'https://bob.example/5', inReplyTo: fourth },
    })
    assert.deepEqual(await sources(bench), [[first, second, third, fourth, fifth]])
    assert.deepEqual(await strays(bench), [])
  })

  it('are not led in circles, and begin with the oldest of one', async () => {
    const bench = createBench()
    const of = (own: number, other: number) =>
      letter('fmtp', CAROL, {
        ...{ source: `fmtp:${own}.${CAROL}`, inReplyTo: `fmtp:${other}.${CAROL}` },
        threadRoot: `fmtp:${other}.${CAROL}`,
      })
    const all = []
    for (const one of [of(1, 2), of(2, 3), of(3, 1), of(4, 4), of(5, 3)]) {
      all.push(await bench.deliver(one))
    }
    const [first, second, third, own, last] = all
    assert.deepEqual(await sources(bench), [[first, third, second, last], [own]])
  })

  it('are about the page that the oldest of a circle is about', async () => {
    const bench = createBench()
    await bench.accept({ source: at('a'), inReplyTo: at('b'), target: OTHER })
    await bench.accept({ source: at('b'), inReplyTo: at('c') })
    await bench.accept({ source: at('c'), inReplyTo: at('a') })
    const { items } = await bench.inbox.threads('all', { page: 0, perPage: 9 })
    assert.deepEqual(
      items.map(({ about, entries }) => [about, entries.length]),
      [[OTHER, 3]],
    )
  })

  it('go by the first message of the thread where one says that it answers itself', async () => {
    const bench = createBench()
    const first = await bench.deliver(letter('fmtp', CAROL))
    const own = `fmtp:own.${CAROL}`
    const odd = letter('fmtp', CAROL, { source: own, inReplyTo: own, threadRoot: first })
    assert.deepEqual(await bench.deliver(odd).then(() => sources(bench)), [[first, own]])
  })

  it('answer one private message with another only where its author told of it', async () => {
    for (const [audience, isInvited] of [
      [['alice@alice.example', CAROL], true],
      [['alice@alice.example', 'Carol@MAIL.example'], true],
      [['alice@alice.example', 'carol@mail.example.eve.example'], false],
      [['alice@alice.example', 'https://mail.example/'], false],
      [undefined, false],
    ] as const) {
      const bench = createBench()
      const first = letter('fmtp', BOB, { ...(audience && { audience }) })
      const root = await bench.deliver(first)
      const answer = await bench.deliver(
        letter('fmtp', CAROL, { inReplyTo: root, threadRoot: root, audience: [BOB] }),
      )
      assert.deepEqual(await sources(bench), isInvited ? [[root, answer]] : [[answer], [root]])
      assert.deepEqual(await strays(bench), isInvited ? [] : [answer])
    }
  })

  it('let anybody answer who is answered in it', async () => {
    const bench = createBench()
    const first = await bench.deliver(letter('rel-pm', 'https://carol.example/'))
    await bench.deliver(letter('rel-pm', 'https://bob.example/', { inReplyTo: first }))
    const told = { audience: ['https://bob.example/'] }
    const root = await bench.deliver(letter('rel-pm', 'https://carol.example/', told))
    const second = await bench.deliver(
      letter('rel-pm', 'https://bob.example/', { inReplyTo: root }),
    )
    const third = await bench.deliver(
      letter('rel-pm', 'https://carol.example/', { inReplyTo: second }),
    )
    assert.deepEqual((await sources(bench))[0], [root, second, third])
    assert.equal((await sources(bench)).length, 3)
  })

  it('let nobody put a message into the private thread of others, and say so in every view', async () => {
    const bench = createBench()
    const root = await bench.deliver(letter('fmtp', BOB))
    const second = await bench.deliver(letter('fmtp', BOB, { threadRoot: root }))
    const forged: string[] = []
    for (let i = 0; i < 20; i++) {
      const names = i % 2 === 0 ? { threadRoot: root } : { inReplyTo: second }
      forged.push(await bench.deliver(letter('intertalk', 'eve@chat.example', names)))
    }
    const own = forged.filter((_, index) => index % 2 === 0)
    const threads = await sources(bench)
    assert.deepEqual(threads.at(-1), [root, second])
    assert.ok(!threads.slice(0, -1).flat().includes(root))
    assert.deepEqual(
      threads.find(([first]) => first === forged[0]),
      own,
    )
    assert.deepEqual((await strays(bench)).toSorted(), forged.toSorted())
    const one = await bench.inbox.letter(idOf(forged[0] ?? ''))
    assert.match(one?.entry.envelope.warnings?.[0] ?? '', /conversation with bob@chat\.example/)
    assert.deepEqual((await bench.inbox.letter(idOf(root)))?.entry.envelope.warnings, undefined)
  })

  it('let nobody claim beforehand the root of a thread that is to come', async () => {
    const bench = createBench()
    const threadRoot = `fmtp:1.${BOB}`
    const forged = await bench.deliver(letter('fmtp', 'eve@chat.example', { threadRoot }))
    const second = await bench.deliver(letter('fmtp', BOB, { threadRoot }))
    assert.deepEqual(await sources(bench), [[second], [forged]])
    const root = await bench.deliver(letter('fmtp', BOB, { source: threadRoot }))
    assert.deepEqual(await sources(bench), [[root, second], [forged]])
    assert.deepEqual(await strays(bench), [forged])
  })

  it('take the same name of two senders for two messages', async () => {
    const bench = createBench()
    const of = (from: string, key: string) =>
      bench.inbox.accept(key, letter('rel-pm', from, { source: 'pm:1' }))
    await of('https://eve.example/', 'rel-pm https://eve.example/ 1')
    bench.later(1)
    await of('https://bob.example/', 'rel-pm https://bob.example/ 1')
    bench.later(1)
    const answer = letter('rel-pm', 'https://bob.example/', { inReplyTo: 'pm:1' })
    await bench.deliver(answer)
    const { items } = await bench.inbox.threads('all', { page: 0, perPage: 9 })
    const senders = items.map(({ entries }) => entries.map(({ envelope }) => envelope.sender))
    const [bob, eve] = ['https://bob.example/', 'https://eve.example/']
    assert.deepEqual(senders, [[bob, bob], [eve]])
    assert.deepEqual(await strays(bench), [])
  })

  it('leave what answers a public mention where that is', async () => {
    const bench = createBench()
    const mention = await bench.accept({ source: at('a') })
    const answer = await bench.deliver(letter('fmtp', CAROL, { inReplyTo: mention }))
    assert.deepEqual(await sources(bench), [[mention, answer]])
    assert.deepEqual(await strays(bench), [])
  })

  it('say nothing of one who answers another reader on the page that both can read', async () => {
    const bench = createBench()
    const comment = await bench.accept({ source: at('a'), privacy: 'private' })
    const source = 'https://carol.example/1'
    await bench.accept({
      ...{ source, host: 'carol.example', inReplyTo: comment, privacy: 'private' },
    })
    assert.deepEqual(await sources(bench), [[comment, source]])
    assert.deepEqual(await strays(bench), [])
  })

  it('take a page below a profile for one of that person, and none beside it', async () => {
    for (const [from, isHis] of [
      ['https://social.example/@bob', true],
      ['https://social.example/@bobby', false],
    ] as const) {
      const bench = createBench()
      const audience = ['https://social.example/@bob/']
      const root = await bench.deliver(letter('fmtp', CAROL, { audience }))
      const answer = message({
        ...{ source: `${from}/1`, host: 'social.example', target: ME.href },
        ...{ privacy: 'private', inReplyTo: root },
      })
      await bench.deliver(answer)
      assert.equal((await sources(bench)).length, isHis ? 1 : 2)
    }
  })

  it('are quick, however long a stranger makes them', async () => {
    const bench = createBench()
    const audience = Array.from({ length: 50 }, (_, index) => `p${index}@eve.example`)
    for (let i = 0; i < 1500; i++) {
      const source = `fmtp:${i}.u${i}@eve.example`
      const inReplyTo = `fmtp:${i - 1}.u${i - 1}@eve.example`
      const sender = `u${i}@eve.example`
      await bench.inbox.accept(
        `k${i}`,
        letter('intertalk', sender, { source, inReplyTo, audience }),
      )
    }
    const { total } = await bench.inbox.threads('all', { page: 0, perPage: 15 })
    assert.ok(total > 0)
  })
})

/** Messages about one page, each `[its name, when it was written, what it answers]`, in the order of arrival. */
async function orderOf(
  written: readonly (readonly [name: string, published?: string, inReplyTo?: string])[],
): Promise<string> {
  const bench = createBench()
  for (const [name, published, inReplyTo] of written) {
    const host = `${name}.example`
    await bench.accept({
      ...{ source: `https://${host}/${name}`, host },
      ...(published !== undefined && { published }),
      ...(inReplyTo !== undefined && {
        inReplyTo: `https://${inReplyTo}.example/${inReplyTo}`,
      }),
    })
  }
  const all = await threads(bench)
  assert.equal(all.length, 1)
  return all.join('')
}

describe('the order in a thread', () => {
  it('is the one in which its messages were written, whichever way they came', async () => {
    const inOrder = [
      ['c', '2026-11-20T12:00:00Z'],
      ['a', '2026-11-20T10:00:00+02:00'],
      ['d', '2026-11-20 13:30'],
      ['b', '20261120T100000Z'],
    ] as const
    assert.equal(await orderOf(inOrder), 'abcd')
  })

  it('takes the arrival for the time of what is not dated', async () => {
    const written = [['b'], ['a', '2026-11-20T10:00:00Z'], ['c']] as const
    assert.equal(await orderOf(written), 'abc')
  })

  for (const [what, published] of [
    ['lies ahead', '2026-11-22T10:00:00Z'],
    ['lies years ahead', '2036-11-20T10:00:00Z'],
    ['is of a clock that was never set', '1999-01-01T00:00:01Z'],
    ['is no date', 'last Tuesday'],
    ['is the day of its arrival', '2026-11-21'],
  ] as const) {
    it(`goes by arrival where the date ${what}`, async () => {
      assert.equal(await orderOf([['a'], ['b', published], ['c']]), 'abc')
    })
  }

  it('never shows an answer before what it answers, whatever their clocks say', async () => {
    const skewed = [
      ['a', '2026-11-20T12:00:00Z'],
      ['b', '2026-11-20T11:00:00Z', 'a'],
      ['c', '2026-11-20T10:00:00Z', 'b'],
      ['d', '2026-11-20T11:30:00Z'],
    ] as const
    assert.equal(await orderOf(skewed), 'dabc')
    assert.equal(await orderOf(skewed.toReversed()), 'dabc')
  })

  it('shows what is answered first also where both are of one time, in whatever order they came', async () => {
    const time = '2026-11-20T12:00:00Z'
    assert.equal(
      await orderOf([
        ['c', time, 'b'],
        ['b', time, 'a'],
        ['a', time],
      ]),
      'abc',
    )
    assert.equal(
      await orderOf([
        ['a', time],
        ['b', time],
        ['c', time],
      ]),
      'abc',
    )
  })

  it('leaves the list to arrivals: a new message with an old date comes first', async () => {
    const bench = createBench()
    await bench.accept({ source: at('a'), published: '2026-11-20T10:00:00Z' })
    await bench.accept({ source: at('b'), target: OTHER, published: '2020-01-01' })
    await bench.accept({ source: at('c'), published: '2019-01-01' })
    assert.deepEqual(await threads(bench), ['ca', 'b'])
    const names = (await listed(bench)).map(({ envelope }) => envelope.source.at(-1))
    assert.deepEqual(names, ['c', 'b', 'a'])
  })

  it('is found for a conversation of hundreds of answers that came in the wrong order', async () => {
    const bench = createBench()
    const page = (number: number) => `https://bob.example/${number}`
    for (let i = 300; i > 0; i--) {
      const one = message({ source: page(i), inReplyTo: page(i - 1), privacy: 'private' })
      await bench.inbox.accept(one.source, one)
    }
    const [listed] = (await bench.inbox.threads('all', { page: 0, perPage: 1 })).items
    const thread = await bench.inbox.thread(threadId({ key: listed?.key ?? '' }))
    const shown = thread?.entries.map(({ envelope }) => envelope.source)
    assert.deepEqual(
      shown,
      Array.from({ length: 300 }, (_, index) => page(index + 1)),
    )
  })
})

describe('counts()', () => {
  it('counts each view', async () => {
    const bench = createBench()
    await bench.accept()
    await bench.accept({ privacy: 'private' })
    await bench.accept({ privacy: 'unsure' })
    assert.deepEqual(await bench.inbox.counts(), {
      ...{ all: 3, unread: 3, held: 2, private: 2, public: 1 },
    })
  })
})
