import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMessageLog, followLog } from '../../lib/intertalk/message-log.ts'
import {
  createPostgresStore,
  type PostgresStore,
  type PostgresStoreOptions,
} from '../../lib/store/postgres-store.ts'
import { ConfigurationError, StoreError } from '../../lib/web/errors.ts'
import { testStore } from '../store/contract.ts'
import { testProcesses } from '../store/processes.ts'
import { testQueue } from '../store/queue-contract.ts'
import { messageOf } from '../support/intertalk-provider.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'

let server: PostgresServer
const opened: PostgresStore[] = []
before(async () => (server = await startPostgres()))
after(async () => {
  await Promise.all(opened.map((store) => store.close()))
  await server.dispose()
})

async function open(url: URL, options: Partial<PostgresStoreOptions> = {}): Promise<PostgresStore> {
  const store = await createPostgresStore({ url: url.href, now: () => new Date(), ...options })
  opened.push(store)
  return store
}

/** Empty, in a database that is used by one after the other: to make one takes a while. */
let shared: PostgresStore | undefined
let time = () => new Date()
async function emptyStore(now: () => Date): Promise<PostgresStore> {
  time = now
  sharedUrl ??= await server.newDatabase()
  shared ??= await open(sharedUrl, { now: () => time() })
  await server.run(sharedUrl, 'TRUNCATE private_posts_entries')
  return shared
}
let sharedUrl: URL | undefined

testStore('PostgreSQL store', emptyStore)
testQueue('PostgreSQL store', emptyStore)

testProcesses({
  kind: 'postgres',
  newPlace: async () => (await server.newDatabase()).href,
  open: (url) => createPostgresStore({ url, now: () => new Date() }),
  afterKill: () => {},
})

/** All that an error shows, wherever it is printed. */
async function failure(action: Promise<unknown>): Promise<Error> {
  const error = await action.then(
    () => assert.fail('it worked'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Error)
  return error
}

describe('createPostgresStore()', () => {
  it('creates its table once where many processes start at the same moment', async () => {
    const url = await server.newDatabase()
    const stores = await Promise.all(Array.from({ length: 8 }, () => open(url)))
    const won = await Promise.all(stores.map((store, id) => store.createIfAbsent('a/b', id)))
    assert.equal(won.filter(Boolean).length, 1)
    await Promise.all(stores.map((store) => store.close()))
  })

  it('keeps what it has when it is opened again', async () => {
    const url = await server.newDatabase()
    const first = await open(url)
    await first.createIfAbsent('a/b', { c: 1 })
    const kept = await first.get('a/b')
    await first.close()
    assert.deepEqual(await (await open(url)).get('a/b'), kept)
  })

  it('removes what has expired now and then, and nothing else', async () => {
    const url = await server.newDatabase()
    let time = 0
    const store = await open(url, { now: () => new Date(time) })
    const expires = new Date(1000)
    for (let id = 0; id < 40; id++) await store.createIfAbsent(`old/${id}`, id, { expires })
    await store.createIfAbsent('kept/1', 1)
    time = 1000
    for (let id = 0; id < 10; id++) await store.createIfAbsent(`new/${id}`, id)
    const rows = await server.run(url, 'SELECT count(*)::int AS count FROM private_posts_entries')
    assert.equal(rows[0]?.['count'], 11)
  })

  it('reads a range of keys by the index, in the order of bytes', async () => {
    const url = await server.newDatabase()
    const store = await open(url)
    await server.run(
      url,
      `INSERT INTO private_posts_entries SELECT 'q/' || lpad(i::text, 6, '0'), '1', 'v' FROM generate_series(1, 20000) i;
       ANALYZE private_posts_entries`,
    )
    assert.deepEqual(await store.listKeys('q/', { after: 'q/000500', limit: 2 }), [
      'q/000501',
      'q/000502',
    ])
    const plan = await server.run(
      url,
      `EXPLAIN SELECT key FROM private_posts_entries WHERE key >= 'q/' AND key < 'q/~' ORDER BY key LIMIT 2`,
    )
    assert.match(JSON.stringify(plan), /Index.* using private_posts_entries_pkey/)
  })

  it('works in the schema that the URL names', async () => {
    const url = await server.newDatabase()
    await server.run(url, 'CREATE SCHEMA alice')
    const own = new URL('?search_path=alice', url)
    await (await open(own)).createIfAbsent('a/b', 1)
    assert.equal(await (await open(url)).get('a/b'), undefined)
    assert.equal((await (await open(own)).get('a/b'))?.value, 1)
  })
})

describe('createPostgresStore() with a role that lacks rights', () => {
  it('says which SQL the owner has to run, and works once that is done', async () => {
    const url = await server.newDatabase()
    const name = `poor${url.pathname.slice(1)}`
    await server.run(url, `CREATE ROLE ${name} LOGIN PASSWORD 'xxxxxxx'`)
    const own = new URL(url)
    own.username = name
    own.password = 'xxxxxxx'
    const error = await failure(open(own))
    assert.ok(error instanceof ConfigurationError)
    const [, sql = ''] = /run\n\n([\s\S]*)$/.exec(error.message) ?? []
    await server.run(url, sql.replace('<role>', name))
    const store = await open(own)
    assert.equal(await store.createIfAbsent('a/b', 1), true)
    assert.equal((await store.get('a/b'))?.value, 1)
    await store.delete('a/b')
  })

  it('names the right that is missing', async () => {
    const url = await server.newDatabase()
    const owner = await open(url)
    await owner.createIfAbsent('a/b', 1)
    const name = `reader${url.pathname.slice(1)}`
    await server.run(
      url,
      `CREATE ROLE ${name} LOGIN PASSWORD 'xxxxxxx'; GRANT SELECT ON private_posts_entries TO ${name}`,
    )
    const own = new URL(url)
    own.username = name
    own.password = 'xxxxxxx'
    const store = await open(own)
    assert.equal((await store.get('a/b'))?.value, 1)
    const error = await failure(store.createIfAbsent('a/c', 1))
    assert.ok(error instanceof StoreError)
    assert.match(error.message, /42501.*GRANT|42501.*grant/)
  })
})

describe('createPostgresStore() with a URL that does not work', () => {
  const SECRET = 'yyyyyyyyyy'

  for (const { what, change, expected } of [
    { what: 'a wrong password', change: (url: URL) => (url.password = SECRET), expected: /28P01/ },
    {
      what: 'a database that is not there',
      change: (url: URL) => (url.pathname = '/none'),
      expected: /3D000/,
    },
    {
      what: 'a parameter that the server does not know',
      change: (url: URL) => url.searchParams.set('nonsense', '1'),
      expected: /42704/,
    },
  ]) {
    it(`refuses ${what}, and shows no password`, async () => {
      const url = await server.newDatabase()
      await (await open(url)).close()
      const right = url.password
      change(url)
      const error = await failure(open(url))
      assert.ok(error instanceof ConfigurationError)
      assert.match(error.message, expected)
      const { inspect } = await import('node:util')
      for (const secret of [SECRET, right, decodeURIComponent(right)]) {
        assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(secret))
      }
    })
  }

  for (const text of [
    `postgres://u:${SECRET}@/x`,
    `postgres://u:${SECRET}@h:port/x`,
    'postgres:',
  ]) {
    it(`refuses ${text.replace(SECRET, '…')} without quoting it`, async () => {
      const error = await failure(createPostgresStore({ url: text, now: () => new Date() }))
      assert.ok(error instanceof ConfigurationError)
      assert.ok(!error.message.includes(SECRET))
    })
  }

  for (const { mode, isEncrypted } of [
    { mode: 'disable', isEncrypted: false },
    { mode: 'require', isEncrypted: true },
  ]) {
    it(`talks as sslmode=${mode} says`, async () => {
      const url = await server.newDatabase()
      await (await open(new URL(`?sslmode=${mode}`, url))).get('a/b')
      const rows = await server.run(
        url,
        `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE application_name = 'private-posts' AND datname = current_database()`,
      )
      assert.ok(rows.length > 0)
      assert.ok(rows.every(({ ssl }) => ssl === isEncrypted))
    })
  }

  it('refuses a certificate that nobody known has signed, with sslmode=verify-full', async () => {
    const url = await server.newDatabase()
    const error = await failure(open(new URL('?sslmode=verify-full', url)))
    assert.ok(error instanceof ConfigurationError)
    assert.match(error.message, /DEPTH_ZERO_SELF_SIGNED_CERT.*NODE_EXTRA_CA_CERTS/)
  })
})

describe('createPostgresStore() when the server fails', () => {
  it('goes on after a crash, with all that was answered; fails with a clear error meanwhile', async () => {
    const url = await server.newDatabase()
    const store = await open(url)
    await store.createIfAbsent('a/b', 1)
    await server.crash()
    const error = await failure(store.get('a/b'))
    assert.ok(error instanceof StoreError)
    assert.match(
      error.message,
      /PostgreSQL at 127\.0\.0\.1:\d+\/test\d+: cannot be used \(ECONNREFUSED/,
    )
    await server.start()
    assert.equal((await store.get('a/b'))?.value, 1)
    assert.equal(await store.createIfAbsent('a/c', 2), true)
  })

  it('waits for a server that is just starting', async () => {
    const url = await server.newDatabase()
    const store = await open(url)
    await store.createIfAbsent('a/b', 1)
    await server.crash()
    const read = store.get('a/b')
    await server.start()
    assert.equal((await read)?.value, 1)
  })

  it('opens without the server, and works when it comes', async () => {
    const url = await server.newDatabase()
    await server.crash()
    const lines: string[] = []
    const store = await open(url, { report: (line) => lines.push(line) })
    assert.match(lines.join(), /ECONNREFUSED/)
    await server.start()
    assert.equal(await store.createIfAbsent('a/b', 1), true)
  })

  it('lets one writer win, and tells it so, where connections are cut all the time', async () => {
    const url = await server.newDatabase()
    const stores = await Promise.all([open(url), open(url)])
    let isRunning = true
    const cutter = (async () => {
      while (isRunning) {
        await server.run(
          url,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'private-posts' AND random() < 0.3`,
        )
        await sleep(5)
      }
    })()
    for (let round = 0; round < 40; round++) {
      const key = `race/${round}`
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, id) =>
          (stores[id % 2] ?? assert.fail()).createIfAbsent(key, id),
        ),
      )
      const won = outcomes.flatMap((o, id) => (o.status === 'fulfilled' && o.value ? [id] : []))
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof StoreError)
      }
      const isKnown = outcomes.every(({ status }) => status === 'fulfilled')
      assert.ok(isKnown ? won.length === 1 : won.length <= 1, `round ${round}`)
    }
    isRunning = false
    await cutter
  })

  it('calls it trouble of the store where the server refuses a process that is running', async () => {
    const url = await server.newDatabase()
    await (await open(url)).close()
    const name = `moved${url.pathname.slice(1)}`
    await server.run(
      url,
      `CREATE ROLE ${name} LOGIN PASSWORD 'xxxxxxx'; GRANT SELECT ON private_posts_entries TO ${name}`,
    )
    const own = new URL(url)
    own.username = name
    own.password = 'xxxxxxx'
    const store = await open(own)
    assert.equal(await store.get('a/b'), undefined)
    await server.run(
      url,
      `ALTER ROLE ${name} PASSWORD 'yyyyyyy'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${name}'`,
    )
    const error = await failure(store.get('a/b'))
    assert.ok(error instanceof StoreError)
    assert.match(error.message, /28P01/)
  })

  it('gives up a statement that takes too long', async () => {
    const url = await server.newDatabase()
    const store = await open(url, { deadline: 300 })
    await store.createIfAbsent('a/b', 1)
    const locked = server.run(
      url,
      `BEGIN; UPDATE private_posts_entries SET value = '2'; SELECT pg_sleep(2); COMMIT`,
    )
    await sleep(300)
    const error = await failure(store.createIfAbsent('a/b', 3, { expires: new Date(0) }))
    assert.match(error.message, /57014: it took too long/)
    await locked
    assert.equal((await store.get('a/b'))?.value, 2)
  })
})

describe('watch()', () => {
  it('hears what another process announces below the prefix, and nothing else', async () => {
    const url = await server.newDatabase()
    const [here, there] = await Promise.all([open(url), open(url)])
    let heard = 0
    const stop = here.watch('news/', () => (heard += 1))
    await until(() => heard === 1, 'it is told once that it listens')
    await there.createIfAbsent('news/1', 1)
    await there.createIfAbsent('other/1', 1, { announce: true })
    await there.createIfAbsent('news/2', 1, { announce: true })
    await until(() => heard === 2, 'it hears of one')
    assert.equal(await there.createIfAbsent('news/2', 1, { announce: true }), false)
    await sleep(100)
    assert.equal(heard, 2)
    stop()
    await there.createIfAbsent('news/3', 1, { announce: true })
    await sleep(100)
    assert.equal(heard, 2)
  })

  it('gives a follower of the log everything, also what came while the server was away', async () => {
    const url = await server.newDatabase()
    const stores = await Promise.all([open(url), open(url)])
    const now = () => new Date()
    // Long: what is heard is heard by notification.
    const [here, there] = stores.map((store) => createMessageLog({ store, now, pollMs: 600_000 }))
    assert.ok(here && there)
    const stopped = new AbortController()
    const seen: string[] = []
    const following = (async () => {
      for await (const event of followLog(here, { cursor: '0', signal: stopped.signal })) {
        if (event.type === 'message') seen.push(String(event.message.message))
      }
    })()
    const say = (text: string) =>
      there.append(messageOf('bob@bob.example', ['alice@alice.example'], text))
    await say('one')
    await until(() => seen.length === 1, 'the first')
    await server.run(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'listen%'`,
    )
    await say('two')
    await until(() => seen.length === 2, 'the second, after a cut')
    // A look that is under way when the server crashes would end the follower; its client then comes back.
    await sleep(1_000)
    await server.crash()
    await sleep(1_000)
    await server.start()
    await say('three')
    await until(() => seen.length === 3, 'the third, after a crash')
    assert.deepEqual(seen, ['one', 'two', 'three'])
    stopped.abort()
    await following
  })
})

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; waited < 20_000; waited += 20) {
    if (condition()) return
    await sleep(20)
  }
  assert.fail(what)
}
