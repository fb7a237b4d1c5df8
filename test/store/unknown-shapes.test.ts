import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { open } from 'lmdb'
import { createRelayQueue } from '../../lib/fmtp/relay-queue.ts'
import { createBuildHook } from '../../lib/inbox/build-hook.ts'
import { openFeedAddress } from '../../lib/inbox/feed-address.ts'
import { idOf } from '../../lib/inbox/entry.ts'
import { createInbox } from '../../lib/inbox/inbox.ts'
import { createPublishedPages } from '../../lib/inbox/published-pages.ts'
import { createMessageLog } from '../../lib/intertalk/message-log.ts'
import { recoverOutbox, sweepOutbox } from '../../lib/intertalk/outbox.ts'
import { createPeerTokens } from '../../lib/jwt/peer-tokens.ts'
import { createSecrets, type Secrets } from '../../lib/jwt/secrets.ts'
import { openDecisions } from '../../lib/policy/decisions.ts'
import { createPmQueue } from '../../lib/rel-pm/pm-queue.ts'
import { sweepPushes } from '../../lib/rel-pm/push.ts'
import { dueName } from '../../lib/store/due-key.ts'
import { createLmdbStore } from '../../lib/store/lmdb-store.ts'
import { createRateLimit } from '../../lib/store/rate-limit.ts'
import { storeKey, type Store } from '../../lib/store/store.ts'
import { createMissingSources } from '../../lib/webmention/looks.ts'
import { createWebmentionQueue } from '../../lib/webmention/queue.ts'
import { message, POLICY } from '../inbox/messages.ts'
import { createProvider, messageOf } from '../support/intertalk-provider.ts'
import { createLab, entry, SOURCE } from '../webmention/receiving.ts'

/** What an entry may hold that another program, another version or a crash has left. Never to be seen in a log. */
const SHAPES = {
  nothing: 'null',
  'a word': '"quokka"',
  'a list': '["quokka"]',
  'a future version': '{"version":99,"entry":{"id":"quokka"},"quokka":1}',
  'lists within lists': `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  'half of a text': '{"version":1,"source":"quok',
}
const NOW = new Date('2026-11-21T12:00:00Z')
const now = () => NOW
const ME = new URL('https://alice.example/')
const ID = 'a'.repeat(22)

const folder = mkdtempSync(join(tmpdir(), 'private-posts-shapes-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let stores = 0

/** A store with one entry of that text, and what is said of it. */
async function storeWith(key: string, text: string) {
  const place = join(folder, String(stores++))
  const raw = open({ path: place, maxDbs: 2 })
  await raw
    .openDB<string, string>({ name: 'entries', encoding: 'string' })
    .put(key, JSON.stringify({ text, version: 'x' }))
  await raw.close()
  const { close, ...methods } = createLmdbStore({ folder: place, now })
  const said: string[] = []
  return { store: { ...methods, report: (line: string) => void said.push(line) }, said, close }
}

interface Kind {
  readonly key: string
  /** Works with it, and with others of its kind beside it. */
  readonly use: (store: Store) => Promise<void>
  /** What is not asked for its shape says nothing, and stays. */
  readonly isMark?: true
}

const mention = (path: string) => ({
  ...{ source: new URL(`https://bob.example/${path}`), target: new URL('/post/', ME) },
  ...{ code: false, redeemed: false },
})
const secretsOf = (store: Store): Secrets =>
  createSecrets({ keys: [new Uint8Array(32).fill(7)], site: ME, store, now })
const inboxOf = (store: Store) => createInbox({ store, policy: POLICY, me: ME, now })

async function useInbox(store: Store): Promise<void> {
  const inbox = inboxOf(store)
  for (let i = 0; i < 64; i++) await inbox.accept(`key ${i}`, message())
  assert.equal((await inbox.threads('all', { page: 0, perPage: 100 })).total, 1)
  assert.equal((await inbox.counts()).held, 64)
  await inbox.withdraw('key 1')
  assert.equal(await inbox.find('key 1'), undefined)
}

const KINDS: Readonly<Record<string, Kind>> = {
  'a queued webmention': {
    key: `webmention-queue/${ID}`,
    async use(store) {
      const queue = createWebmentionQueue({ store, now })
      const id = await queue.add(mention('reply'))
      assert.deepEqual(await queue.due(), [{ id, host: 'bob.example' }])
      await queue.release()
      assert.equal(await queue.hasRoom('bob.example'), true)
      assert.equal(await queue.statusOf(ID), undefined)
      assert.equal(await queue.claim(ID), undefined)
      assert.ok(await queue.claim(id))
    },
  },
  'the status of a webmention': {
    key: `webmention-status/${ID}`,
    async use(store) {
      assert.equal(await createWebmentionQueue({ store, now }).statusOf(ID), undefined)
    },
  },
  'a webmention that was just here': {
    key: storeKey('webmention-pair-seen', SOURCE, 'https://alice.example/post/'),
    async use(store) {
      const lab = createLab({ store, pages: { [SOURCE]: entry() } })
      assert.equal((await lab.send()).status, 'success')
    },
  },
  'a source that was not found': {
    key: 'webmention-missing/x',
    async use(store) {
      const missing = createMissingSources({ store, now })
      await store.createIfAbsent(`webmention-missing-due/${dueName('x', 'bob.example', NOW)}`, true)
      await missing.count(mention('gone'))
      assert.deepEqual(await missing.due(), [])
    },
  },
  'queued work': {
    key: 'pm-queue/broken',
    async use(store) {
      const queue = createPmQueue({ store, now })
      const work = { kind: 'renewal', message: 'x', to: 'https://bob.example/' } as const
      const host = 'bob.example'
      await queue.add('good', work, { host })
      assert.deepEqual(await queue.due(), [{ id: 'good', host }])
      await queue.release()
      assert.equal(await queue.hasRoom(host), true)
      assert.equal(await queue.add('broken', work, { host, renews: true }), true)
      assert.ok(await queue.claim('broken'))
    },
  },
  'a message of the inbox': { key: `inbox-public/message/${idOf('key 0')}`, use: useInbox },
  'what everybody may see': {
    key: 'inbox-public/page/all',
    async use(store) {
      const pages = createPublishedPages(store)
      assert.equal((await pages.read(undefined, 10)).total, 0)
    },
  },
  "the owner's decisions": {
    key: 'policy/decisions',
    async use(store) {
      const decisions = openDecisions(store)
      assert.deepEqual(await decisions.read(), { allow: [], deny: [] })
      await decisions.block('eve.example')
      assert.deepEqual((await decisions.read()).deny, ['eve.example'])
    },
  },
  'the address of the feed': {
    key: 'inbox/feed',
    async use(store) {
      const feed = openFeedAddress(store, secretsOf(store), now)
      assert.equal(await feed.read(), undefined)
      await feed.create()
      assert.equal(await feed.isCurrent((await feed.read()) ?? ''), true)
    },
  },
  'the state of the build': {
    key: 'inbox/build',
    async use(store) {
      const built: string[] = []
      const fetch = async (url: URL) => {
        built.push(url.href)
        return new Response()
      }
      await createBuildHook({ hook: ME, store, fetch, now }).announce()
      assert.deepEqual(built, [ME.href])
    },
  },
  'a message in the outbox': {
    key: 'intertalk-outbox/broken',
    async use(store) {
      const options = createProvider('alice@alice.example', { store, now, fetch }).parts
      assert.equal(await sweepOutbox(options), 0)
      await recoverOutbox(options)
    },
  },
  'a message in the log': {
    key: 'intertalk-log/000000000001',
    async use(store) {
      const log = createMessageLog({ store, now })
      await log.appendFailure({
        message: { ...messageOf('alice@alice.example', ['bob@bob.example'], 'Hello'), id: 'x' },
        ...{ domain: 'bob.example', recipients: ['bob@bob.example'], reason: 'no' },
      })
      assert.deepEqual(
        (await log.since('0')).events.map(({ cursor }) => cursor),
        ['2'],
      )
    },
  },
  'a message for a child': {
    key: 'fmtp-relay/broken',
    async use(store) {
      const queue = createRelayQueue({ store, now })
      const order = { address: 'bob@bob.example', objects: [], via: [], child: 'bob.example' }
      assert.equal(await queue.add('x', order, { host: order.child }), true)
      assert.deepEqual((await queue.due()).length, 1)
      await queue.release()
    },
  },
  'a message that was taken': {
    key: 'pm-push/broken',
    async use(store) {
      const sink = inboxOf(store)
      await sweepPushes({ store, sink, now })
      // Its token stays spent.
      assert.equal(await store.createIfAbsent('pm-push/broken', true), false)
    },
  },
  'a token of another site': {
    key: storeKey('peer-token', 'seed', 'https://bob.example'),
    isMark: true,
    async use(store) {
      const tokens = createPeerTokens({ store, secrets: secretsOf(store), now })
      assert.equal(await tokens.find(['seed', 'https://bob.example']), undefined)
      const token = { access_token: 'xxxxxxx', expires: '2026-11-22T12:00:00.000Z' }
      await tokens.keep(['seed', 'https://bob.example'], token)
      assert.equal((await tokens.find(['seed', 'https://bob.example']))?.access_token, 'xxxxxxx')
    },
  },
  'a counter': {
    key: storeKey('rate-x', 'bob', String(NOW.getTime() / 60_000)),
    isMark: true,
    async use(store) {
      const count = createRateLimit(store, now)
      const rate = { name: 'x', limit: 1, seconds: 60 }
      assert.equal(await count(rate, 'bob'), undefined)
      assert.equal(typeof (await count(rate, 'bob')), 'number')
    },
  },
  'a spent code': {
    key: 'spent/x',
    isMark: true,
    async use(store) {
      assert.equal(await store.createIfAbsent('spent/x', true), false)
      assert.notEqual(await store.get('spent/x'), undefined)
    },
  },
}

describe('an entry of an unknown shape stops nobody', () => {
  for (const [name, { key, use, isMark = false }] of Object.entries(KINDS)) {
    for (const [shape, text] of Object.entries(SHAPES)) {
      // A feed without an address is kept as null, and a message that was just removed.
      if ((key === 'inbox/feed' || key.startsWith('inbox-public/message/')) && text === 'null')
        continue
      it(`${name}: ${shape}`, async () => {
        const { store, said, close } = await storeWith(key, text)
        await use(store)
        const [collection] = key.split('/')
        if (isMark) assert.deepEqual(said, [])
        else {
          assert.ok(said.length > 0)
          assert.ok(said.every((line) => line.includes(`"${collection}"`)))
        }
        assert.doesNotMatch(said.join(), /quok/)
        await close()
      })
    }
  }

  it('is set aside with what it held, and is said once', async () => {
    const { store, said, close } = await storeWith(`webmention-queue/${ID}`, SHAPES['a word'])
    const queue = createWebmentionQueue({ store, now })
    for (let i = 0; i < 3; i++) await queue.release()
    assert.deepEqual(said, [
      'An entry of "webmention-queue" in the store has no shape that is known here. It is left out.',
    ])
    assert.deepEqual(
      (await store.list('set-aside/')).map(({ value }) => value),
      [{ key: `webmention-queue/${ID}`, value: 'quokka' }],
    )
    assert.deepEqual(await store.list('webmention-queue/'), [])
    await close()
  })

  it('leaves alone what has the shape that it should have', async () => {
    const { store, said, close } = await storeWith('policy/decisions', '{"allow":[],"deny":["x"]}')
    await useInbox(store)
    await store.createIfAbsent('pm-push/spent', true)
    await sweepPushes({ store, sink: inboxOf(store), now })
    const queue = createWebmentionQueue({ store, now })
    const id = await queue.add({ ...mention('reply'), vouch: ME })
    assert.ok(await queue.claim(id))
    await queue.release()
    assert.equal((await queue.statusOf(id))?.status, 'pending')
    assert.deepEqual((await openDecisions(store).read()).deny, ['x'])
    assert.deepEqual(said, [])
    assert.deepEqual(await store.list('set-aside/'), [])
    await close()
  })
})
