import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createMessageLog, followLog } from '../../lib/intertalk/message-log.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { messageOf } from '../support/intertalk-provider.ts'

const DAY = 24 * 60 * 60 * 1000

function start() {
  let time = Date.parse('2026-11-21T12:00:00Z')
  const now = () => new Date(time)
  const store = createMemoryStore({ now })
  const open = (pollMs = 5) => createMessageLog({ store, now, pollMs })
  return { store, open, log: open(), pass: (ms: number) => (time += ms) }
}

const say = (text: string) => messageOf('bob@bob.example', ['alice@alice.example'], text)

async function textsSince(
  log: ReturnType<typeof createMessageLog>,
  cursor: string,
  limit?: number,
) {
  const { events } = await log.since(cursor, limit)
  return events.map((event) => (event.type === 'message' ? event.message.message : event.reason))
}

describe('createMessageLog()', () => {
  it('gives everything behind a cursor in the order in which it came', async () => {
    const { log } = start()
    const first = await log.append(say('1'))
    await log.append(say('2'), { warnings: ['careful'] })
    await log.append(say('3'))
    assert.deepEqual(await textsSince(log, '0'), ['1', '2', '3'])
    assert.deepEqual(await textsSince(log, first), ['2', '3'])
    assert.deepEqual(await textsSince(log, await log.end()), [])
    const { events } = await log.since(first, 1)
    assert.deepEqual(events, [
      {
        type: 'message',
        cursor: '2',
        message: say('2'),
        warnings: ['careful'],
        receivedAt: '2026-11-21T12:00:00.000Z',
      },
    ])
  })

  it('goes on page by page without loss or repetition', async () => {
    const { log } = start()
    for (let n = 1; n <= 7; n++) await log.append(say(String(n)))
    const seen: string[] = []
    for (let cursor = '0'; ;) {
      const page = await log.since(cursor, 3)
      if (page.events.length === 0) break
      seen.push(...page.events.map(({ cursor }) => cursor))
      cursor = page.cursor
    }
    assert.deepEqual(seen, ['1', '2', '3', '4', '5', '6', '7'])
  })

  it('keeps what many processes write at once, each in a place of its own', async () => {
    const { open } = start()
    const logs = Array.from({ length: 10 }, () => open())
    const texts = Array.from({ length: 50 }, (_, n) => String(n))
    await Promise.all(texts.map((text, n) => logs[n % 10]?.append(say(text))))
    const seen = await textsSince(open(), '0', 100)
    assert.deepEqual(seen.toSorted(), texts.toSorted())
    assert.equal(await open().end(), '50')
  })

  it('goes on where a writer was cut off before it could say which was the last', async () => {
    const { log, open, store } = start()
    await log.append(say('1'))
    await store.delete('intertalk-log-head/last')
    assert.equal(await open().end(), '1')
    assert.equal(await open().append(say('2')), '2')
    assert.deepEqual(await textsSince(log, '0'), ['1', '2'])
  })

  it('forgets what is older than thirty days, and gives what is left to whoever comes from before', async () => {
    const { log, pass } = start()
    for (const text of ['1', '2', '3']) await log.append(say(text))
    pass(29 * DAY)
    for (const text of ['4', '5']) await log.append(say(text))
    assert.equal((await textsSince(log, '0')).length, 5)
    pass(2 * DAY)
    assert.deepEqual(await textsSince(log, '0'), ['4', '5'])
    assert.deepEqual(await textsSince(log, '2'), ['4', '5'])
    assert.deepEqual(await textsSince(log, '4'), ['5'])
    pass(30 * DAY)
    assert.deepEqual(await textsSince(log, '0'), [])
    await log.append(say('6'))
    assert.deepEqual(await textsSince(log, '0'), ['6'])
  })

  it('keeps the last thousand', async () => {
    const { log, store } = start()
    for (let n = 1; n <= 1003; n++) await log.append(say(String(n)))
    assert.equal((await store.list('intertalk-log/')).length, 1000)
    assert.deepEqual(await textsSince(log, '0', 1), ['4'])
    assert.deepEqual(await textsSince(log, '1002', 5), ['1003'])
  })

  it('begins at the beginning for a cursor of a log that was here before', async () => {
    const { log } = start()
    await log.append(say('1'))
    assert.deepEqual(await textsSince(log, '500'), ['1'])
  })

  for (const cursor of ['', '-1', '1.5', 'x', '9'.repeat(13)]) {
    it(`refuses "${cursor}" as a cursor`, async () => {
      await assert.rejects(start().log.since(cursor), { code: 'invalid_request', status: 400 })
    })
  }

  it('tells what could not be delivered', async () => {
    const { log } = start()
    const message = { ...say('1'), id: 'x' }
    const recipients = ['alice@alice.example']
    await log.appendFailure({ message, domain: 'alice.example', recipients, reason: 'gone' })
    assert.deepEqual((await log.since('0')).events, [
      {
        type: 'failed',
        ...{ id: 'x', from: 'bob@bob.example', domain: 'alice.example', recipients },
        ...{ reason: 'gone', failedAt: '2026-11-21T12:00:00.000Z', cursor: '1' },
      },
    ])
  })

  it('calls a listener until it has had enough', async () => {
    const { log } = start()
    let calls = 0
    const unsubscribe = log.subscribe(() => (calls += 1))
    await log.append(say('1'))
    assert.ok(calls >= 1)
    unsubscribe()
    const before = calls
    await log.append(say('2'))
    assert.equal(calls, before)
  })
})

describe('followLog()', () => {
  const never = new AbortController().signal

  it('gives what is there, then what arrives, also when it arrives while somebody looks', async () => {
    const { log } = start()
    await log.append(say('1'))
    const events = followLog(log, { cursor: '0', signal: never })
    assert.equal((await events.next()).value?.cursor, '1')
    const next = events.next()
    await log.append(say('2'))
    assert.equal((await next).value?.cursor, '2')
    await events.return(undefined)
  })

  it('finds what another process wrote', async () => {
    const { open } = start()
    const [mine, theirs] = [open(1), open()]
    const events = followLog(mine, { cursor: '0', signal: never })
    const next = events.next()
    // It has looked, and waits.
    await setImmediate()
    await theirs.append(say('1'))
    // Nothing wakes it but its own look at the store, on a timer that keeps no process alive.
    const alive = setInterval(() => {}, 1_000)
    assert.equal((await next).value?.cursor, '1')
    clearInterval(alive)
    await events.return(undefined)
  })

  it('ends with its signal, and with the log', async () => {
    const { log, open } = start()
    const leaving = new AbortController()
    const events = followLog(log, { cursor: '0', signal: leaving.signal })
    const next = events.next()
    leaving.abort()
    assert.equal((await next).done, true)

    const other = open()
    const rest = followLog(other, { cursor: '0', signal: never })
    const last = rest.next()
    other.close()
    assert.equal((await last).done, true)
  })
})
