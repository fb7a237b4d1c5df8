import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { threadId } from '../../lib/inbox/queries.ts'
import { createBench, ME, POST, type Bench } from './messages.ts'

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
