import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Message } from '../../lib/delivery/message.ts'
import { idOf } from '../../lib/inbox/entry.ts'
import { createMentionsEndpoint } from '../../lib/inbox/mentions-endpoint.ts'
import { createBench, ME, message, POLICY, POST, type Bench } from './messages.ts'
import { holds } from '../support/property.ts'

const OPEN = { ...POLICY, otherwise: 'accept' } as const

interface Feed {
  readonly type: string
  readonly name: string
  readonly children: readonly Readonly<Record<string, unknown>>[]
}

async function ask(bench: Pick<Bench, 'inbox'>, query = '', method = 'GET'): Promise<Response> {
  const url = new URL(`/mentions.json${query}`, ME)
  return createMentionsEndpoint({ inbox: bench.inbox })(new Request(url, { method }))
}

async function read(bench: Pick<Bench, 'inbox'>, query = ''): Promise<Feed> {
  const response = await ask(bench, query)
  assert.equal(response.status, 200)
  return (await response.json()) as Feed
}

const about = (target: string) => `?target=${encodeURIComponent(target)}`

describe('GET /mentions.json', () => {
  it('answers in the shape of webmention.io', async () => {
    const bench = createBench({ policy: OPEN })
    await bench.accept({
      source: 'https://bob.example/replies/a',
      title: 'Re: Hello',
      text: 'Well said.',
      html: '<p>Well <img src="https://eve.example/pixel.gif"><a href="https://bob.example/" onclick="x()">said</a>.</p>',
      published: '2026-11-20T10:00:00+01:00',
    })
    const { children, ...feed } = await read(bench)
    assert.deepEqual(feed, { type: 'feed', name: 'Webmentions' })
    const [{ 'wm-id': id, ...child } = {}] = children
    assert.ok(Number.isSafeInteger(id))
    assert.deepEqual(child, {
      type: 'entry',
      author: { type: 'card', name: 'Bob', photo: '', url: 'https://bob.example/' },
      url: 'https://bob.example/replies/a',
      published: '2026-11-20T10:00:00+01:00',
      'wm-received': '2026-11-21T12:00:00.000Z',
      'wm-source': 'https://bob.example/replies/a',
      'wm-target': POST,
      'wm-protocol': 'webmention',
      name: 'Re: Hello',
      content: {
        html: '<p>Well <a href="https://bob.example/" rel="nofollow ugc noreferrer noopener">said</a>.</p>',
        text: 'Well said.',
      },
      'in-reply-to': POST,
      'wm-property': 'in-reply-to',
      'wm-private': false,
    })
  })

  for (const [type, property] of [
    ['like', 'like-of'],
    ['repost', 'repost-of'],
    ['bookmark', 'bookmark-of'],
    ['follow', 'follow-of'],
    ['mention', 'mention-of'],
    ['invitation', 'mention-of'],
    ['person-tag', 'mention-of'],
    ['reply', 'in-reply-to'],
  ] as const) {
    it(`calls a ${type} ${property}`, async () => {
      const bench = createBench({ policy: OPEN })
      await bench.accept({ type, text: '' })
      const [child] = (await read(bench)).children
      assert.equal(child?.['wm-property'], property)
      assert.equal(child?.[property], POST)
      assert.equal(child && 'content' in child, false)
    })
  }

  it('tells who is coming', async () => {
    const bench = createBench({ policy: OPEN })
    await bench.accept({ type: 'rsvp', rsvp: 'maybe' })
    const [child] = (await read(bench)).children
    assert.deepEqual([child?.['wm-property'], child?.['rsvp']], ['rsvp', 'maybe'])
    assert.equal(child?.['in-reply-to'], POST)
  })

  it("marks an author's page as a claim where it is on another site than the mention came from", async () => {
    const bench = createBench({ policy: OPEN })
    const photo = 'https://pictures.example/alice.png'
    await bench.accept({
      author: { name: 'Alice', url: 'https://alice.example/', photo },
      url: 'https://alice.example/original',
    })
    const own = { name: 'Bob', url: 'http://www.bob.example/', via: 'carol.example' }
    const source = await bench.accept({ author: own })
    await bench.accept({ author: { name: '', url: 'javascript:alert(1)', photo: 'data:,x' } })
    const children = (await read(bench)).children.toReversed()
    assert.deepEqual(
      children.map(({ author, url, 'wm-via': via }) => ({ author, url, via })),
      [
        {
          author: { type: 'card', name: 'Alice', photo, url: 'https://alice.example/' },
          url: 'https://alice.example/original',
          via: 'bob.example',
        },
        {
          author: { type: 'card', name: 'Bob', photo: '', url: 'http://www.bob.example/' },
          url: source,
          via: undefined,
        },
        {
          author: { type: 'card', name: 'bob.example', photo: '', url: '' },
          url: children[2]?.['wm-source'],
          via: undefined,
        },
      ],
    )
  })

  it('marks an author as a claim, too, whose post is said to stand on another site', async () => {
    const bench = createBench({ policy: OPEN })
    const url = 'https://carol.example/post'
    await bench.accept({ author: { name: 'Carol' }, url })
    await bench.accept({ author: { name: 'Bob' }, url: 'https://www.bob.example/post' })
    await bench.accept({ author: { name: 'bob.example' }, url })
    const { children } = await read(bench)
    assert.deepEqual(
      children.map(({ author, 'wm-via': via }) => [(author as { name: string }).name, via]),
      [
        ['bob.example', undefined],
        ['Bob', undefined],
        ['Carol', 'bob.example'],
      ],
    )
  })

  it('hands nobody an address that opens a page, though its page names it', async () => {
    const bench = createBench({ policy: OPEN })
    const secret = 'https://bob.example/p/0123456789abcdefghjkmnpqrs/'
    const source = await bench.accept({ author: { name: 'Bob', url: secret }, url: secret })
    const [child] = (await read(bench)).children
    assert.deepEqual(
      [child?.['author'], child?.['url']],
      [{ type: 'card', name: 'Bob', photo: '', url: '' }, source],
    )
    const open = 'https://toot.example/@nora/statuses/01F8MH75CBF9JFX4ZAD54N0W0R'
    await bench.accept({ url: open })
    assert.equal((await read(bench)).children[0]?.['url'], open)
  })

  it('takes a name only up to where it says to come from elsewhere, by whatever way it came', async () => {
    const bench = createBench({ policy: OPEN })
    const page = 'https://toot.example/@nora'
    await bench.accept({ author: { name: 'Carol, via carol.example' } })
    await bench.accept({ author: { name: 'Bob (www.bob.example)' } })
    await bench.accept({ author: { name: 'Nora @nora@toot.example', url: page } })
    await bench.accept({ author: { name: '\u3164', url: page } })
    const { children } = await read(bench)
    assert.deepEqual(
      children.map(({ author, 'wm-via': via }) => [(author as { name: string }).name, via]),
      [
        ['toot.example/@nora', 'bob.example'],
        ['Nora @nora@toot.example', 'bob.example'],
        ['Bob (www.bob.example)', undefined],
        ['Carol', undefined],
      ],
    )
  })

  it('finds by target: the page, whichever scheme, slash or fragment, and nothing else', async () => {
    const bench = createBench({ policy: OPEN })
    await bench.accept({ target: 'https://alice.example/hello/#c1' })
    await bench.accept({ target: 'https://alice.example/hello' })
    await bench.accept({ target: 'https://alice.example/hello/world/' })
    await bench.accept({ target: 'https://alice.example/hello/?page=2' })
    const count = async (query: string) => (await read(bench, query)).children.length
    assert.equal(await count(''), 4)
    assert.equal(await count(about('https://alice.example/hello')), 2)
    assert.equal(await count(about('http://alice.example/hello/#x')), 2)
    assert.equal(await count(about('https://alice.example/hello/index.html')), 2)
    assert.equal(await count(about('https://alice.example/hello/world/')), 1)
    assert.equal(await count(about('https://alice.example/hell')), 0)
    assert.equal(await count(about('https://bob.example/hello')), 0)
    const both = `${about('https://alice.example/hello')}&target=${encodeURIComponent('https://alice.example/hello/world/')}`
    assert.equal(await count(both), 3)
  })

  it('pages, newest first', async () => {
    const bench = createBench({ policy: OPEN })
    const sources: string[] = []
    for (let i = 0; i < 5; i++) sources.push(await bench.accept())
    const page = async (query: string) =>
      (await read(bench, query)).children.map((child) => child['wm-source'])
    assert.deepEqual(await page('?per-page=2'), [sources[4], sources[3]])
    assert.deepEqual(await page('?per-page=2&page=2'), [sources[0]])
    assert.deepEqual(await page('?per-page=2&page=3'), [])
    assert.deepEqual(await page('?perPage=1'), [sources[4]])
    assert.equal((await page('?per-page=zero&page=-1')).length, 5)
  })

  it('shows nothing that waits for the owner', async () => {
    const bench = createBench()
    const source = await bench.accept()
    assert.deepEqual((await read(bench)).children, [])
    await bench.inbox.approve(idOf(source))
    assert.equal((await read(bench)).children.length, 1)
  })

  it('shows no private message, even if one lay among the public ones', async () => {
    for (const privacy of ['private', 'public'] as const) {
      const bench = createBench({ policy: OPEN })
      await bench.accept({ privacy })
      for (const { key, value } of await bench.store.list('inbox-private/')) {
        await bench.store.delete(key)
        await bench.store.createIfAbsent(key.replace('inbox-private', 'inbox-public'), value)
      }
      assert.equal((await read(bench)).children.length, privacy === 'public' ? 1 : 0)
    }
    const bench = createBench({ policy: OPEN })
    await bench.accept()
    const pages = await bench.store.list('inbox-public/page/')
    assert.equal(pages.length, 2)
    for (const [from, to] of [
      ['"isPrivate":false', '"isPrivate":true'],
      ['"privacy":"public"', '"privacy":"unsure"'],
      ['"type":"reply"', '"type":"message"'],
      ['"isHeld":false', '"isHeld":true'],
      [`"target":"${POST}"`, `"target":"${ME.href}"`],
    ] as const) {
      for (const { key, value } of pages) {
        const text = JSON.stringify(value)
        assert.ok(text.includes(from))
        await bench.store.delete(key)
        await bench.store.createIfAbsent(key, JSON.parse(text.replace(from, to)))
      }
      assert.deepEqual((await read(bench)).children, [], to)
    }
  })

  it('is open to all pages and caches, and the same for whoever asks', async () => {
    const bench = createBench({ policy: OPEN })
    await bench.accept()
    const response = await ask(bench)
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
    assert.equal(response.headers.get('access-control-allow-credentials'), null)
    assert.equal(response.headers.get('cache-control'), 'public, max-age=60')
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    const head = await ask(bench, '', 'HEAD')
    assert.deepEqual([head.status, await head.text()], [200, ''])
    assert.equal((await ask(bench, '', 'POST')).status, 405)
  })

  it('refuses what is no target, or too many', async () => {
    const bench = createBench()
    assert.equal((await ask(bench, '?target=hello')).status, 400)
    assert.equal((await ask(bench, `?target=https://a.example/${'x'.repeat(3000)}`)).status, 400)
    const many = (count: number) =>
      `?${Array.from({ length: count }, () => `target=${POST}`).join('&')}`
    assert.equal((await ask(bench, many(51))).status, 400)
    assert.equal((await ask(bench, many(50))).status, 200)
  })

  it('answers whatever is asked without a fault of its own (property)', async (t) => {
    const bench = createBench({ policy: OPEN })
    await bench.accept()
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webUrl())
    const name = fc.constantFrom('target', 'target[]', 'page', 'per-page', 'perPage', 'x')
    await holds(
      t,
      fc.asyncProperty(fc.array(fc.tuple(name, text)), async (pairs) => {
        const { status } = await ask(bench, `?${new URLSearchParams(pairs)}`)
        assert.ok(status === 200 || status === 400, String(status))
      }),
    )
  })
})

/** What somebody may do with one of a few messages, in any order. */
const step = fc.record({
  key: fc.integer({ min: 0, max: 2 }),
  what: fc.constantFrom(
    ...([
      'accept',
      'accept',
      'accept',
      'approve',
      'approve',
      'keep',
      'allow',
      'withdraw',
      'delete',
    ] as const),
    ...(['block', 'forget', 'read'] as const),
  ),
  privacy: fc.constantFrom('public', 'public', 'public', 'private', 'unsure'),
  target: fc.constantFrom(POST, POST, POST, ME.href),
  type: fc.constantFrom('reply', 'reply', 'like', 'message'),
  text: fc.constantFrom('one', 'two'),
  warnings: fc.constantFrom(undefined, [], ['odd']),
})

describe('a private mention', () => {
  it('is never in /mentions.json, whatever happened before (property)', async (t) => {
    let shown = 0
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 25 }),
      fc.constantFrom('hold', 'accept'),
      async (steps, otherwise) => {
        const bench = createBench({ policy: { ...POLICY, otherwise } })
        /** Of each message, what its author said last, and whether it was ever said in private. */
        const said = new Map<string, { message: Message; secret: boolean; unsure: boolean }>()
        for (const { key: number, what, ...of } of steps) {
          const key = `https://h${number}.example/${number}`
          const id = idOf(key)
          const before = said.get(key)
          const { inbox } = bench
          if (what === 'accept') {
            const { warnings, ...rest } = of
            const fields: Partial<Message> = { ...rest, ...(warnings && { warnings }) }
            const next = message({ source: key, host: `h${number}.example`, ...fields })
            const isOwn = of.privacy === 'private'
            const found = await inbox.find(key)
            await inbox.accept(key, next)
            const wasSecret = found !== undefined && before?.secret === true
            const unsure = of.privacy === 'unsure'
            said.set(key, { message: next, secret: isOwn || wasSecret, unsure })
          } else if (what === 'approve' || what === 'allow') {
            if ((await inbox[what](id)) === 'done' && before) {
              said.set(key, { ...before, unsure: false })
            }
          } else if (what === 'keep') {
            if ((await inbox.keepPrivate(id)) === 'done' && before) {
              said.set(key, { ...before, secret: true })
            }
          } else if (what === 'withdraw') await inbox.withdraw(key)
          else if (what === 'delete') await inbox.remove(id)
          else if (what === 'block') await inbox.block(id)
          else if (what === 'forget') await inbox.decisions.forget(`h${number}.example`)
          else await inbox.markRead(id, true)

          const { children } = await read(bench)
          shown += children.length
          for (const child of children) {
            const { secret, unsure, message: last } = said.get(String(child['wm-source'])) ?? {}
            assert.equal(secret, false, JSON.stringify(child))
            assert.equal(child['wm-private'], false)
            assert.notEqual(child['wm-target'], ME.href)
            assert.notEqual(last?.type, 'message')
            assert.equal(unsure && last?.privacy !== 'unsure', false)
          }
          const raw = JSON.stringify(await bench.store.list('inbox-public/'))
          assert.ok(!/"privacy":"(private|unsure)"/.test(raw))
        }
      },
    )
    await holds(t, property, { numRuns: 200, endOnFailure: true })
    assert.ok(shown > 50, `looked at ${shown} public mentions`)
  })
})
