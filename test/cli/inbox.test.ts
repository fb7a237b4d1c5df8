import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { join } from 'node:path'
import { inboxCommand } from '../../lib/cli/inbox.ts'
import { wholeMessage } from '../../lib/cli/inbox-text.ts'
import type { Message } from '../../lib/delivery/message.ts'
import { createInboxEndpoint } from '../../lib/inbox/endpoint.ts'
import { idOf } from '../../lib/inbox/entry.ts'
import { createInbox } from '../../lib/inbox/inbox.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { knownSecretsFileOf, readKnownSecrets } from '../../lib/ledger/known-secrets.ts'
import { createLmdbStore } from '../../lib/store/lmdb-store.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Store } from '../../lib/store/store.ts'
import { listen } from '../../lib/web/node-server.ts'
import { letter, message, WARNING } from '../inbox/messages.ts'
import { NOW } from '../ledger/builds.ts'
import { aliceLedger, execute, newFolder, SECRET, SITE, siteWith } from './command-line.ts'
import { secretText } from '../support/secrets.ts'

const CAPABILITY = '0123456789abcdefghjkmnpqrs'
const now = () => NOW

const LETTER: Partial<Message> = {
  ...{ source: `https://bob.example/p/${CAPABILITY}/`, target: SITE.me, privacy: 'private' },
  ...{ type: 'message', title: 'Friday', text: 'Are you free?\nI am.' },
  inReplyTo: `https://alice.example/p/${CAPABILITY}/`,
}

function openInbox(store: Store) {
  return createInbox({ store, policy: SITE.policy, me: new URL(SITE.me), now })
}

/** A site's folder, with these messages in the store of `serve`. */
async function folderWith(...messages: readonly Partial<Message>[]): Promise<string> {
  const folder = siteWith(aliceLedger())
  const store = createLmdbStore({ folder: join(folder, '.private-posts/store'), now })
  for (const of of messages) {
    const one = message(of)
    await openInbox(store).accept(one.source, one)
  }
  await store.close()
  return folder
}

async function rows(cwd: string, ...args: string[]) {
  const { code, out, error } = await execute(inboxCommand, ['--json', ...args], { cwd })
  assert.deepEqual([code, error], [0, ''])
  return (JSON.parse(out) as { messages: Record<string, unknown>[] }).messages
}

describe('private-posts inbox', () => {
  it('prints the contract as JSON, and no capability URL', async () => {
    const [row = {}] = await rows(await folderWith(LETTER))
    const { id, author, type, private: isPrivate, state, received, summary, inReplyTo } = row
    assert.deepEqual(
      { id, author, type, isPrivate, state, received, summary, inReplyTo },
      {
        id: idOf(LETTER.source ?? ''),
        author: 'Bob',
        type: 'message',
        isPrivate: true,
        state: 'unread',
        received: NOW.toISOString(),
        summary: 'Friday – Are you free? I am.',
        inReplyTo: 'https://alice.example/p/0123…/',
      },
    )
    assert.ok(!JSON.stringify(row).includes(CAPABILITY))
  })

  it('lets the next build know which addresses hold private messages', async () => {
    const dinner = 'https://bob.example/dinner/'
    const note = 'https://bob.example/note/'
    const cwd = await folderWith({ ...LETTER, source: dinner }, { source: note })
    await rows(cwd)
    const isKnown = readKnownSecrets(
      knownSecretsFileOf(join(cwd, 'private-posts.ledger.json')),
      NOW,
    )
    assert.deepEqual(
      [dinner, note].map((url) => isKnown(new URL(url))),
      [true, false],
    )
  })

  it('prints a list for people, in which no message moves the cursor', async () => {
    const cwd = await folderWith(LETTER, {
      author: { name: 'Eve\u001b[2J\u202eevil' },
      text: 'Hi\u001b]0;title\u0007',
      warnings: ['odd \u009b1m'],
    })
    const { code, out } = await execute(inboxCommand, [], { cwd })
    assert.equal(code, 0)
    assert.match(out, /Bob \(bob\.example\) wrote to you · unread · only for you/)
    assert.match(out, /· held ·/)
    assert.match(out, /careful: odd/)
    assert.match(out, /2 messages, 2 new, 1 waiting for a decision/)
    assert.doesNotMatch(out, /[^\P{Cc}\n]|\u202e/u)
    assert.ok(!out.includes(CAPABILITY))
  })

  it('says whose claim an author is', async () => {
    const nora = {
      ...{ source: 'https://bridge.example/5', host: 'bridge.example' },
      author: { name: 'Nora Relay', url: 'https://toot.example/@nora' },
      url: 'https://toot.example/@nora/5',
    }
    const cwd = await folderWith(nora)
    assert.match(
      (await execute(inboxCommand, [], { cwd })).out,
      /Nora Relay, via bridge\.example replied/,
    )
    const { out } = await execute(inboxCommand, ['show', idOf(nora.source)], { cwd })
    assert.match(out, /^author    https:\/\/toot\.example\/@nora$/m)
    assert.match(out, /^original  https:\/\/toot\.example\/@nora\/5$/m)
    const [row = {}] = await rows(cwd)
    const { author, authorUrl, claimedUrl, via, url } = row
    assert.deepEqual(
      { author, authorUrl, claimedUrl, via, url },
      {
        ...{ author: 'Nora Relay', authorUrl: null, claimedUrl: nora.author.url },
        ...{ via: 'bridge.example', url: nora.url },
      },
    )
  })

  it('shows one message in full, with the address that opens it', async () => {
    const cwd = await folderWith(LETTER)
    const id = idOf(LETTER.source ?? '')
    const { out } = await execute(inboxCommand, ['show', id.slice(0, 8)], { cwd })
    assert.ok(out.includes('Are you free?\nI am.'))
    assert.ok(out.includes(`https://bob.example/p/${CAPABILITY}/`))
    assert.match(out, /visibility: private\ninReplyTo: "https:/)
    const json = await execute(inboxCommand, ['show', id, '--json'], { cwd })
    const { messages } = JSON.parse(json.out) as { messages: { content: { text: string } }[] }
    assert.equal(messages[0]?.content.text, LETTER.text)
  })

  it('lists only what is asked for', async () => {
    const cwd = await folderWith(LETTER, {})
    const id = idOf(LETTER.source ?? '')
    await execute(inboxCommand, ['read', id], { cwd })
    assert.equal((await rows(cwd)).length, 2)
    assert.deepEqual(
      (await rows(cwd, '--unread')).map(({ state }) => state),
      ['held'],
    )
    assert.deepEqual(
      (await rows(cwd, '--held')).map(({ state }) => state),
      ['held'],
    )
  })

  it('tells by which way a message came, to whom, and what is odd about it', async () => {
    const audience = ['alice@alice.example', 'carol@mail.example\u001b[2J']
    const odd = letter('intertalk', 'bob@chat.example', { audience, warnings: [WARNING] })
    const cwd = await folderWith(odd, letter('rel-pm', 'https://bob.example/', { source: 'pm:1' }))
    const { out } = await execute(inboxCommand, [], { cwd })
    assert.match(out, /  bob@chat\.example wrote to you · by intertalk · held · only for you/)
    assert.match(
      out,
      /https:\/\/bob\.example\/ \(bob\.example\) wrote to you · by private message \(rel=pm\) · unread/,
    )
    assert.ok(out.includes(`careful: ${WARNING}`))

    const whole = (await execute(inboxCommand, ['show', idOf(odd.source)], { cwd })).out
    assert.ok(whole.includes('came      by intertalk'))
    assert.match(whole, /sent to   alice@alice\.example, carol@mail\.example \[2J/)
    assert.ok(whole.includes(`named     ${odd.source}\n`))
    assert.ok(whole.includes(`careful   ${WARNING}`))
    assert.ok(whole.includes(`visibility: private\ninReplyTo: "${odd.source}"`))
    const other = (await execute(inboxCommand, ['show', idOf('pm:1')], { cwd })).out
    assert.ok(other.includes('audience: ["https://bob.example/"]\ninReplyTo: "pm:1"'))

    const [row] = await rows(cwd, '--held')
    assert.deepEqual(
      [row?.['protocol'], row?.['sender'], row?.['warnings'], row?.['private']],
      ['intertalk', 'bob@chat.example', [WARNING], true],
    )
    assert.deepEqual(row?.['audience'], ['alice@alice.example', 'carol@mail.example [2J'])
  })

  it('prints no capability URL, wherever in a message it stands', async () => {
    const secret = `https://bob.example/p/${CAPABILITY}/`
    const author = { name: 'Bob' }
    const one = letter('rel-pm', secret, { source: secret, audience: [secret], author })
    assert.ok(!JSON.stringify(await rows(await folderWith(one))).includes(CAPABILITY))
    for (const host of ['bob.example', 'eve.example']) {
      const card = { name: `Bob ${secret}`, url: secret, photo: secret }
      const cwd = await folderWith({ ...LETTER, host, author: card, url: `${secret}again` })
      const all = JSON.stringify(await rows(cwd))
      assert.ok(all.includes('/p/0123…') && !all.includes(CAPABILITY), all)
    }
  })

  it('moves no cursor, whatever a site answers', () => {
    const odd = '\u001b[2J\u202e'
    const text = wholeMessage({
      ...{ id: odd, author: odd, type: 'message', private: true, state: 'held', received: odd },
      ...{ summary: odd, inReplyTo: odd, unread: true, host: odd, authorUrl: odd, protocol: odd },
      ...{ sender: odd, audience: [odd], source: `fmtp:${odd}`, target: odd, warnings: [odd] },
      ...{ version: odd, content: { text: odd } },
    })
    assert.doesNotMatch(text, /[^\P{Cc}\n]|\u202e/u)
  })

  it('blocks a person, or everybody at their host', async () => {
    const eve = letter('fmtp', 'eve@chat.example')
    const bob = letter('fmtp', 'bob@chat.example')
    const cwd = await folderWith(eve, bob, letter('fmtp', 'eve@chat.example'))
    const block = await execute(inboxCommand, ['block', idOf(eve.source)], { cwd })
    assert.equal(block.out, 'Blocked: nothing more comes in from eve@chat.example.\n')
    assert.deepEqual(
      (await rows(cwd)).map(({ sender }) => sender),
      ['bob@chat.example'],
    )
    const all = await execute(inboxCommand, ['block-host', idOf(bob.source)], { cwd })
    assert.match(all.out, /^Blocked: nothing more comes in from chat\.example/)
    assert.deepEqual(await rows(cwd), [])
  })

  it('decides about messages', async () => {
    const one = message({})
    const cwd = await folderWith(one, { source: 'https://eve.example/1', host: 'eve.example' })
    const act = async (...args: string[]) => execute(inboxCommand, args, { cwd })
    const stateOf = async (id: string) =>
      (await rows(cwd)).find((row) => row['id'] === id)?.['state']
    const id = idOf(one.source)
    assert.match((await act('approve', id)).out, /Approved: Bob/)
    assert.equal(await stateOf(id), 'read')
    await act('unread', id)
    assert.equal(await stateOf(id), 'unread')
    await act('keep', id)
    assert.equal((await rows(cwd)).find((row) => row['id'] === id)?.['private'], true)
    assert.match((await act('allow', id)).out, /bob\.example/)
    assert.match((await act('block', idOf('https://eve.example/1'))).out, /eve\.example/)
    assert.equal((await rows(cwd)).length, 1)
    assert.equal((await act('delete', id)).code, 0)
    assert.deepEqual(await rows(cwd), [])
    const gone = await act('delete', id)
    assert.deepEqual([gone.code, gone.out], [1, ''])
    assert.equal((await act('show', id)).code, 1)
  })

  it('makes nothing where there is nothing', async () => {
    const cwd = siteWith(aliceLedger())
    const { code, out } = await execute(inboxCommand, [], { cwd })
    assert.deepEqual([code, out], [0, 'There are no messages.\n'])
    assert.equal((await execute(inboxCommand, ['--store', 'elsewhere'], { cwd })).code, 1)
    assert.equal((await execute(inboxCommand, [], { cwd: newFolder() })).code, 1)
  })

  it('says what was called wrongly', async () => {
    const cwd = siteWith(aliceLedger())
    for (const args of [
      ...[['dance'], ['dance', 'abcd'], ['approve'], ['approve', 'xyz'], ['approve', 'abc']],
      ...[['show', 'abcd', 'more'], ['--import', 'elsewhere'], ['--approve'], ['--domain', 'x']],
      ...[
        ['--import', 'webmention.io', 'show'],
        ['--site', 'http://alice.example/'],
      ],
      ['--site', 'https://alice.example/', '--store', 'x'],
    ]) {
      const { code } = await execute(inboxCommand, args, { cwd })
      assert.equal(code, 2, args.join(' '))
    }
    const noToken = await execute(inboxCommand, ['--import', 'webmention.io'], { cwd })
    assert.deepEqual([noToken.code, /WEBMENTION_IO_TOKEN/.test(noToken.error)], [1, true])
  })
})

describe('private-posts inbox --allow-loopback', () => {
  for (const { args, calls } of [
    { args: ['--allow-loopback'], calls: 1 },
    { args: [], calls: 0 },
  ]) {
    it(`calls a build hook on this machine ${calls} times with [${args.join()}]`, async () => {
      let called = 0
      const server = await listen(async () => {
        called += 1
        return new Response('')
      })
      after(() => server.close())
      const cwd = await folderWith({})
      const [row = {}] = await rows(cwd)
      const environment = { PRIVATE_POSTS_BUILD_HOOK: `http://127.0.0.1:${server.port}/hook` }
      const approve = ['approve', String(row['id']), ...args]
      assert.equal((await execute(inboxCommand, approve, { cwd, environment })).code, 0)
      assert.equal(called, calls)
    })
  }
})

describe('private-posts inbox --site', () => {
  /** A deployed site's inbox. It knows itself by the address that it is served at. */
  async function deploy(...messages: readonly Partial<Message>[]) {
    const store = createMemoryStore({ now })
    const inbox = openInbox(store)
    for (const of of messages) {
      const one = message(of)
      await inbox.accept(one.source, one)
    }
    const state: { endpoint?: ReturnType<typeof createInboxEndpoint> } = {}
    const server = await listen(async (...args) => {
      const { endpoint } = state
      return endpoint ? endpoint(...args) : new Response('', { status: 503 })
    })
    after(() => server.close())
    const site = new URL(`http://127.0.0.1:${server.port}/`)
    const keys = [Buffer.from(SECRET, 'base64url')] as const
    const secrets = createSecrets({ keys, site, store, now })
    const me = new URL(SITE.me)
    state.endpoint = createInboxEndpoint({
      ...{ site, me, paths: { inbox: '/inbox' }, inbox, secrets, store, now },
    })
    return { site: site.href, inbox }
  }

  const environment = { PRIVATE_POSTS_SECRET: SECRET }

  it('reads and decides with the secret of the site', async () => {
    const { site, inbox } = await deploy(LETTER, { text: 'x'.repeat(5000) })
    const cwd = newFolder()
    const run = (...args: string[]) =>
      execute(inboxCommand, [...args, '--site', site], { cwd, environment })
    const { code, out } = await run('--json')
    assert.equal(code, 0)
    const { messages } = JSON.parse(out) as { messages: { id: string; state: string }[] }
    assert.equal(messages.length, 2)
    assert.ok(!out.includes(CAPABILITY))
    const held = messages.find(({ state }) => state === 'held')?.id ?? ''
    assert.ok((await run('show', held)).out.includes('x'.repeat(5000)))
    assert.equal((await run('approve', held)).code, 0)
    assert.equal((await inbox.counts()).held, 0)
    assert.equal((await run('delete', held)).code, 0)
    assert.equal((await run('delete', held)).code, 1)
  })

  it('takes --allow-loopback, as "send" does', async () => {
    const { site } = await deploy(LETTER)
    const args = ['--site', site, '--allow-loopback', '--json']
    const { code, out } = await execute(inboxCommand, args, { cwd: newFolder(), environment })
    assert.equal(code, 0)
    assert.equal((JSON.parse(out) as { messages: unknown[] }).messages.length, 1)
  })

  it('reads messages of every protocol', async () => {
    const one = letter('fmtp', 'bob@chat.example', { audience: ['carol@mail.example'] })
    const { site } = await deploy(one)
    const run = (...args: string[]) =>
      execute(inboxCommand, [...args, '--site', site], { cwd: newFolder(), environment })
    const { messages } = JSON.parse((await run('--json')).out) as {
      messages: Record<string, unknown>[]
    }
    const [row] = messages
    assert.deepEqual(
      [row?.['protocol'], row?.['sender'], row?.['audience']],
      ['fmtp', 'bob@chat.example', ['carol@mail.example']],
    )
    assert.match((await run('block', String(row?.['id']))).out, /from bob@chat\.example\.$/m)
  })

  it('says that the secret is another, and prints none', async () => {
    const { site } = await deploy(LETTER)
    const other = secretText(2)
    for (const [value, expected] of [
      [other, /did not accept PRIVATE_POSTS_SECRET/],
      ['short', /PRIVATE_POSTS_SECRET/],
    ] as const) {
      const { code, out, error } = await execute(inboxCommand, ['--site', site], {
        ...{ cwd: newFolder(), environment: { PRIVATE_POSTS_SECRET: value } },
      })
      assert.deepEqual([code, out], [1, ''])
      assert.match(error, expected)
      assert.doesNotMatch(error, /at .*\.ts|Bearer|eyJ/)
    }
    const none = await execute(inboxCommand, ['--site', site], { cwd: newFolder() })
    assert.equal(none.code, 1)
  })

  it('says that there is no inbox', async () => {
    const server = await listen(async () => new Response('<h1>Hello</h1>'))
    after(() => server.close())
    const site = `http://127.0.0.1:${server.port}/`
    const { code, error } = await execute(inboxCommand, ['--site', site], {
      ...{ cwd: newFolder(), environment },
    })
    assert.deepEqual([code, /no inbox of this kind/.test(error)], [1, true])
  })
})
