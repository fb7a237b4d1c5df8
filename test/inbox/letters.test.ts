import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { idOf, stateOf } from '../../lib/inbox/entry.ts'
import { MAX_WAITING } from '../../lib/inbox/door.ts'
import { createBench, letter, listed, ME, POLICY, POST, WARNING, type Bench } from './messages.ts'
import { publishedSources } from './messages.ts'
import { buttonsOf, createOwner, type Owner } from './owner.ts'

const BOB = 'bob@chat.example'
const EVE = 'eve@chat.example'
const PROTOCOLS = ['rel-pm', 'intertalk', 'fmtp'] as const
const fromOf = { 'rel-pm': 'https://bob.example/', intertalk: BOB, fmtp: BOB }
const OPEN = { ...POLICY, otherwise: 'accept' } as const

async function senders(bench: Pick<Bench, 'inbox'>): Promise<(string | undefined)[]> {
  return (await listed(bench)).map(({ envelope: { sender, source } }) => sender ?? source)
}

describe('a message of another protocol than webmention', () => {
  for (const protocol of PROTOCOLS) {
    it(`is private, whatever it says of itself (${protocol})`, async () => {
      const bench = createBench({ policy: OPEN })
      const open = { privacy: 'public', type: 'reply', target: POST, inReplyTo: POST } as const
      const source = await bench.deliver(letter(protocol, fromOf[protocol], open))
      const page = await bench.accept()
      assert.deepEqual(await publishedSources(bench), [page])
      assert.equal(await bench.inbox.approve(idOf(source)), 'done')
      assert.deepEqual(await publishedSources(bench), [page])
      assert.equal((await bench.inbox.find(source))?.privacy, 'private')
      assert.equal(bench.announced(), 1)
      assert.deepEqual(await bench.store.list('inbox-public/content/'), [])
    })

    it(`waits where its sender may be another, until the owner lets it in (${protocol})`, async () => {
      const bench = createBench({ policy: { ...OPEN, allow: ['chat.example', 'bob.example'] } })
      const odd = letter(protocol, fromOf[protocol], { warnings: [WARNING] })
      await bench.deliver(odd)
      await bench.deliver(letter(protocol, fromOf[protocol]))
      assert.deepEqual((await listed(bench)).map(stateOf), ['unread', 'held'])
      await bench.inbox.approve(idOf(odd.source))
      assert.deepEqual((await listed(bench)).map(stateOf), ['unread', 'read'])
      const one = await bench.inbox.letter(idOf(odd.source))
      assert.deepEqual(one?.entry.envelope.warnings, [WARNING])
    })
  }

  it('comes in without asking, except where FMTP has the policy "confirm"', async () => {
    for (const [otherwise, states] of [
      ['hold', ['held', 'unread', 'unread']],
      ['accept', ['unread', 'unread', 'unread']],
      ['reject', []],
    ] as const) {
      const bench = createBench({ policy: { ...POLICY, otherwise } })
      for (const protocol of PROTOCOLS) await bench.deliver(letter(protocol, fromOf[protocol]))
      assert.deepEqual((await listed(bench)).map(stateOf), states)
    }
    const bench = createBench({ policy: { ...POLICY, allow: [BOB] } })
    await bench.deliver(letter('fmtp', BOB))
    assert.deepEqual((await listed(bench)).map(stateOf), ['unread'])
  })

  it('is judged by its sender first, and then by the hosts that it came by', async () => {
    for (const [lists, from, hosts, isTaken] of [
      [{ deny: [EVE] }, EVE, [], false],
      [{ deny: [EVE] }, BOB, [], true],
      [{ deny: ['*@chat.example'] }, BOB, [], false],
      [{ deny: ['chat.example'] }, BOB, [], false],
      [{ deny: ['chat.example'], allow: [BOB] }, BOB, [], true],
      [{ deny: ['chat.example'], allow: [BOB] }, EVE, [], false],
      [{ deny: ['relay.example'] }, BOB, ['relay.example'], false],
      [{ deny: ['relay.example'], allow: [BOB] }, BOB, ['relay.example'], false],
      [{ deny: [EVE] }, 'Eve+1@chat.example', [], false],
    ] as const) {
      for (const protocol of ['intertalk', 'fmtp'] as const) {
        const bench = createBench({ policy: { ...OPEN, ...lists } })
        await bench.deliver(letter(protocol, from, { hosts: [...hosts] }))
        assert.equal((await listed(bench)).length, isTaken ? 1 : 0, JSON.stringify(lists))
        if (!isTaken) assert.deepEqual(await bench.store.list(''), [])
      }
    }
  })

  it('keeps whom it is from and to, within limits', async () => {
    const bench = createBench()
    const people = Array.from({ length: 60 }, (_, index) => `p${index}@chat.example`)
    const long = `${'x'.repeat(3000)}@chat.example`
    const audience = [BOB, BOB, long, '', 'carol@chat.example\u202e\n', ...people]
    await bench.inbox.accept('k', letter('intertalk', BOB, { audience }))
    const kept = await bench.inbox.find('k')
    assert.equal(kept?.sender, BOB)
    assert.equal(kept?.audience?.length, 50)
    assert.deepEqual(kept?.audience?.slice(0, 3), [BOB, 'carol@chat.example', 'p0@chat.example'])
    await bench.inbox.accept('long', letter('intertalk', long, { source: 'intertalk:long' }))
    assert.equal(await bench.inbox.find('long'), undefined)
  })

  it('counts with others from its domain, however many addresses somebody makes there', async () => {
    const bench = createBench()
    for (let i = 0; i < MAX_WAITING; i++) {
      await bench.deliver(letter('fmtp', `eve${i}@chat.example`))
    }
    assert.equal(await bench.inbox.hasRoom?.('chat.example', 'new@chat.example'), false)
    assert.equal(await bench.inbox.hasRoom?.('mail.example', 'bob@mail.example'), true)
    assert.equal((await listed(bench)).length, MAX_WAITING)
  })
})

describe('block() and allow() of people with an address', () => {
  it('refuses what else they write, by whichever protocol, and nobody else there', async () => {
    const bench = createBench()
    const spam = await bench.deliver(letter('intertalk', EVE, { warnings: [WARNING] }))
    await bench.deliver(letter('fmtp', 'Eve@chat.example'))
    await bench.deliver(letter('fmtp', 'eve+2@chat.example'))
    await bench.deliver(letter('fmtp', BOB))
    assert.equal(await bench.inbox.block(idOf(spam)), 'done')
    assert.deepEqual((await bench.inbox.decisions.read()).deny, [EVE])
    assert.deepEqual(await senders(bench), [BOB])
    await bench.deliver(letter('intertalk', EVE))
    await bench.deliver(letter('fmtp', 'eve+3@chat.example'))
    await bench.deliver(letter('intertalk', 'carol@chat.example'))
    await bench.accept({ source: 'https://chat.example/1', host: 'chat.example' })
    assert.deepEqual(await senders(bench), ['https://chat.example/1', 'carol@chat.example', BOB])
    assert.equal(await bench.inbox.policy.isDenied(EVE), true)
    assert.equal(await bench.inbox.policy.isDenied(BOB), false)
  })

  it('is about all of a person where they write under a sub-address', async () => {
    const bench = createBench()
    await bench.inbox.decisions.allow('eve+1@chat.example')
    const spam = await bench.deliver(letter('intertalk', 'eve+1@chat.example'))
    await bench.inbox.block(idOf(spam))
    assert.deepEqual(await bench.inbox.decisions.read(), { allow: [], deny: [EVE] })
    await bench.deliver(letter('intertalk', 'eve+1@chat.example'))
    assert.deepEqual(await senders(bench), [])
  })

  it('can be about everybody at the host, save those who are always allowed', async () => {
    const bench = createBench()
    await bench.inbox.decisions.allow(BOB)
    await bench.inbox.decisions.allow(EVE)
    await bench.deliver(letter('fmtp', 'carol@chat.example'))
    const spam = await bench.deliver(letter('fmtp', EVE))
    assert.equal(await bench.inbox.blockHost(idOf(spam)), 'done')
    assert.deepEqual(await senders(bench), [])
    await bench.deliver(letter('fmtp', EVE))
    await bench.deliver(letter('intertalk', 'carol@chat.example'))
    await bench.deliver(letter('fmtp', BOB))
    await bench.accept({ source: 'https://chat.example/1', host: 'chat.example' })
    assert.deepEqual(await senders(bench), [BOB])
    assert.equal(await bench.inbox.blockHost(idOf(spam)), 'gone')
  })

  it('is wider for a host: who is blocked by their site cannot write by another protocol', async () => {
    const bench = createBench()
    const spam = await bench.deliver(letter('rel-pm', 'https://bob.example/'))
    await bench.inbox.block(idOf(spam))
    await bench.deliver(letter('intertalk', 'bob@bob.example'))
    await bench.deliver(letter('fmtp', 'anybody@bob.example'))
    await bench.accept()
    assert.deepEqual(await senders(bench), [])
    await bench.inbox.decisions.forget('bob.example')
    const one = await bench.deliver(letter('intertalk', 'bob@bob.example'))
    await bench.inbox.block(idOf(one))
    await bench.deliver(letter('fmtp', 'bob@bob.example'))
    await bench.deliver(letter('rel-pm', 'https://bob.example/'))
    assert.deepEqual(await senders(bench), ['https://bob.example/'])
  })

  it('lets in who waits, and who writes later, but not the neighbours', async () => {
    const bench = createBench()
    const seen = await bench.deliver(letter('fmtp', BOB))
    await bench.deliver(letter('fmtp', BOB, { warnings: [WARNING] }))
    await bench.deliver(letter('fmtp', BOB))
    await bench.deliver(letter('fmtp', EVE))
    await bench.inbox.allow(idOf(seen))
    await bench.deliver(letter('fmtp', BOB))
    await bench.deliver(letter('fmtp', EVE))
    const states = (await listed(bench)).map((entry) => [entry.envelope.sender, stateOf(entry)])
    assert.deepEqual(states.toReversed(), [
      ...[
        [BOB, 'read'],
        [BOB, 'held'],
        [BOB, 'read'],
      ],
      ...[
        [EVE, 'held'],
        [BOB, 'unread'],
        [EVE, 'held'],
      ],
    ])
  })

  it('is about the host where the address is of another one', async () => {
    const bench = createBench()
    const odd = await bench.deliver(letter('fmtp', BOB, { host: 'eve.example' }))
    await bench.inbox.block(idOf(odd))
    assert.deepEqual((await bench.inbox.decisions.read()).deny, ['eve.example'])
  })
})

/** What a page says, without its markup. */
async function read(owner: Owner, path: string): Promise<string> {
  const page = await (await owner.get(path)).text()
  return page
    .replace(/<style>[\s\S]*?<\/style>|<[^>]*>/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ')
}

describe('pages of the inbox', () => {
  it('say by which way a message came', async () => {
    const owner = await createOwner()
    const ways = {
      'rel-pm': 'bob.example by private message (rel=pm)',
      intertalk: `${BOB} by intertalk`,
      fmtp: `${BOB} by FMTP`,
    }
    for (const protocol of PROTOCOLS) {
      const from = fromOf[protocol]
      const source = await owner.deliver(letter(protocol, from, { author: { name: 'Bob' } }))
      for (const path of ['/inbox', `/inbox/${idOf(source)}`]) {
        assert.ok((await read(owner, path)).includes(ways[protocol]), `${protocol} ${path}`)
      }
    }
    await owner.accept()
    const page = await read(owner, '/inbox')
    assert.match(page, /bob\.example : read it there by webmention/)
  })

  it('say once who wrote, where the address is the name', async () => {
    const owner = await createOwner()
    const source = await owner.deliver(letter('intertalk', BOB))
    const page = await read(owner, `/inbox/${idOf(source)}`)
    assert.match(page, /bob@chat\.example wrote to you just now by intertalk new only for you/)
  })

  it('name whom else a message went to, but neither the owner nor its sender', async () => {
    const owner = await createOwner()
    const audience = [
      ...['https://alice.example/', 'Alice@alice.example', 'news@alice.example', BOB],
      ...['https://carol.example/', 'https://social.example/@dan', 'erin@mail.example'],
      ...['frank@mail.example', 'grace@mail.example'],
    ]
    const source = await owner.deliver(letter('intertalk', BOB, { audience }))
    const list = await read(owner, '/inbox')
    const names = 'carol.example, social.example/@dan, erin@mail.example'
    assert.ok(list.includes(`Also to ${names} and 2 others`))
    const page = await read(owner, `/inbox/${idOf(source)}`)
    assert.ok(page.includes(`Also to ${names}, frank@mail.example and grace@mail.example`))
    const alone = await owner.deliver(letter('intertalk', BOB, { audience: audience.slice(0, 4) }))
    assert.ok(!(await read(owner, `/inbox/${idOf(alone)}`)).includes('Also to'))
  })

  it('show a warning before what the message says, in every view', async () => {
    const owner = await createOwner()
    const source = await owner.deliver(
      letter('intertalk', BOB, { warnings: [WARNING], text: 'The words.' }),
    )
    for (const path of ['/inbox', '/inbox?show=held', `/inbox/${idOf(source)}`]) {
      const page = await read(owner, path)
      assert.ok(page.includes(`Careful: ${WARNING}`), path)
      assert.ok(page.indexOf(WARNING) < page.indexOf('The words.'), path)
    }
    const feed = await feedOf(owner)
    assert.ok(feed.includes('(careful, only for you, waits for your decision)'))
    const [, content = ''] = /<content type="html">(.*)<\/content>/.exec(feed) ?? []
    const html = unescapeXml(content)
    const careful = `<p><strong>Careful:</strong> ${WARNING.replace("'", '&#39;')}</p>`
    assert.ok(html.includes(`${careful}<p>The words.</p>`), html)
  })

  it('show where a message stands that is on no page, without a link, and how to answer it', async () => {
    const owner = await createOwner()
    const cases = [
      [letter('fmtp', BOB, { source: `fmtp:1.${BOB}` }), [`inReplyTo: "fmtp:1.${BOB}"`]],
      [
        letter('intertalk', BOB, { source: `intertalk:${BOB}/1` }),
        [`inReplyTo: "intertalk:${BOB}/1"`],
      ],
      [
        letter('rel-pm', 'https://bob.example/', { source: 'pm:1' }),
        ['audience: ["https://bob.example/"]', 'inReplyTo: "pm:1"'],
      ],
      [
        letter('rel-pm', 'https://bob.example/', { source: 'https://bob.example/private/1/' }),
        ['inReplyTo: "https://bob.example/private/1/"'],
      ],
      [
        letter('fmtp', BOB, { source: 'https://chat.example/private/1/' }),
        [`audience: ["${BOB}"]`, 'inReplyTo: "https://chat.example/private/1/"'],
      ],
    ] as const
    for (const [one, lines] of cases) {
      await owner.deliver(one)
      const html = await (await owner.get(`/inbox/${idOf(one.source)}`)).text()
      const frontMatter = ['---', 'visibility: private', ...lines, '---'].join('\n')
      assert.ok(html.replaceAll('&quot;', '"').includes(frontMatter), frontMatter)
      assert.doesNotMatch(html, /href="(pm|fmtp|intertalk):/)
    }
  })

  it('tell how to answer everybody whom a message went to', async () => {
    const owner = await createOwner()
    const audience = ['alice@alice.example', BOB, 'carol@mail.example']
    const source = await owner.deliver(letter('intertalk', BOB, { audience }))
    const page = await read(owner, `/inbox/${idOf(source)}`)
    assert.ok(page.includes(`audience: ["${BOB}", "carol@mail.example"] showAudience: true`))
    const alone = await owner.deliver(letter('intertalk', BOB))
    assert.ok(!(await read(owner, `/inbox/${idOf(alone)}`)).includes('showAudience'))
  })

  it('offer to block one person, or everybody at their host', async () => {
    const owner = await createOwner()
    const source = await owner.deliver(letter('intertalk', 'eve+1@chat.example'))
    const page = await read(owner, '/inbox')
    assert.match(page, /Always allow eve\+1@chat\.example/)
    assert.match(page, /Block eve@chat\.example/)
    assert.match(page, /Block everybody at chat\.example/)
    const button = async (action: string) =>
      buttonsOf(await (await owner.get('/inbox')).text()).find((value) =>
        value.startsWith(`${action}.`),
      ) ?? ''
    assert.equal((await owner.press(await button('block-host'))).status, 303)
    assert.deepEqual((await owner.inbox.decisions.read()).deny, ['chat.example'])
    assert.equal(await owner.inbox.find(source), undefined)

    await owner.deliver(letter('rel-pm', 'https://bob.example/'))
    assert.equal(await button('block-host'), '')
    assert.match(await read(owner, '/inbox'), /Block bob\.example/)
    await owner.inbox.decisions.block(EVE)
    await owner.press(`forget.${EVE}`)
    assert.deepEqual((await owner.inbox.decisions.read()).deny, ['chat.example'])
  })

  it('say in the feed, too, by which way a message came, and to whom else', async () => {
    const owner = await createOwner()
    const audience = ['alice@alice.example', 'carol@mail.example']
    await owner.deliver(letter('fmtp', BOB, { audience, text: 'The words.' }))
    await owner.deliver(letter('rel-pm', 'https://bob.example/', { text: 'Others.' }))
    const feed = await feedOf(owner)
    const foot = `From ${BOB}, by FMTP. Also to carol@mail.example.`
    const text = unescapeXml(feed)
    assert.ok(text.includes(`<p>The words.</p><p>${foot}</p></content>`), feed)
    assert.ok(text.includes('<p>Others.</p><p>Came by private message (rel=pm).</p></content>'))
    assert.ok(feed.includes(`<name>${BOB}</name>`))
  })
})

async function feedOf(owner: Owner): Promise<string> {
  await owner.press('feed-create')
  const page = await (await owner.get('/inbox')).text()
  const [, path = ''] = /https:\/\/alice\.example(\/inbox\/feed\/[^<]*)/.exec(page) ?? []
  return (await owner.ask(path)).text()
}

function unescapeXml(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

describe('GET /inbox as JSON', () => {
  it('says by which way a message came, from whom, to whom, and what is odd about it', async () => {
    const owner = await createOwner()
    const audience = [ME.href, 'carol@mail.example']
    await owner.deliver(letter('intertalk', BOB, { audience, warnings: [WARNING] }))
    const authorization = `Bearer ${await owner.secrets.issue('call', { purpose: 'inbox' })}`
    const response = await owner.ask('/inbox', { headers: { authorization } })
    const [row] = ((await response.json()) as { messages: Record<string, unknown>[] }).messages
    assert.deepEqual(
      [row?.['protocol'], row?.['sender'], row?.['audience'], row?.['warnings'], row?.['state']],
      ['intertalk', BOB, audience, [WARNING], 'held'],
    )
    assert.deepEqual(
      [row?.['private'], row?.['type'], row?.['host']],
      [true, 'message', 'chat.example'],
    )
  })
})
