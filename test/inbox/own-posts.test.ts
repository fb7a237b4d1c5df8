import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { letterFileName, letterIdOf, type Letter } from '../../lib/delivery/letter.ts'
import { openOwnPosts } from '../../lib/inbox/own-posts.ts'
import type { DeployFiles } from '../../lib/store/deploy-files.ts'
import { createBench, letter as letterBy, listed, message } from './messages.ts'

const BOB = 'https://bob.example/'
const CAROL = 'https://carol.example/'
const PAGE = 'https://alice.example/p/0123456789abcdefghjkmnpqrs/'
const PUBLIC = 'https://alice.example/notes/1/'

/** What Alice wrote at {@link PAGE}, by recipient. */
function filesWith(letters: Readonly<Record<string, Partial<Letter>>>): DeployFiles {
  const whole = (url: string, more: Partial<Letter>) => ({
    ...{ id: letterIdOf(url), version: '1', url, text: 'Dear you', audience: [], ...more },
  })
  const entries = Object.entries(letters).map(([id, more]) => [id, whole(PAGE, more)])
  const contents: Readonly<Record<string, unknown>> = {
    [letterFileName(letterIdOf(PAGE))]: { version: 1, letters: Object.fromEntries(entries) },
    'public-letters.json': { version: 1, letters: [whole(PUBLIC, { title: 'A note' })] },
  }
  return async (name) =>
    Object.hasOwn(contents, name) ? Buffer.from(JSON.stringify(contents[name])) : undefined
}

describe('titleOf()', () => {
  it('is the title of a letter or of a public post, or how it begins', async () => {
    const { titleOf } = openOwnPosts(filesWith({ [BOB]: { title: 'Dinner' } }))
    assert.equal(await titleOf(new URL(PAGE)), 'Dinner')
    assert.equal(await titleOf(new URL(`${PAGE}#end`)), 'Dinner')
    assert.equal(await titleOf(new URL(PUBLIC)), 'A note')
    for (const end of ['/', '', '.html', '/index.html', '/?utm_source=x']) {
      assert.equal(await titleOf(new URL(PAGE.replace(/\/$/, end))), 'Dinner')
      assert.equal(await titleOf(new URL(PUBLIC.replace(/\/$/, end))), 'A note')
    }
    assert.equal(await titleOf(new URL('https://alice.example/notes/2/')), undefined)
    const untitled = openOwnPosts(filesWith({ [BOB]: { text: 'word\n'.repeat(20) } }))
    assert.equal(await untitled.titleOf(new URL(PAGE)), `${'word '.repeat(9).trim()}…`)
  })

  it('is none where the build left nothing, or nothing that can be read', async () => {
    assert.equal(await openOwnPosts(async () => undefined).titleOf(new URL(PAGE)), undefined)
    const broken = openOwnPosts(async () => Buffer.from('{'))
    assert.equal(await broken.titleOf(new URL(PAGE)), undefined)
    assert.equal(await broken.parentOf(new URL(PAGE)), undefined)
  })
})

describe('an answer to an answer of the owner’s', () => {
  const rows = [
    ['rel-pm', BOB, 'https://bob.example/p/1/'],
    ['rel-pm', BOB, 'pm:1'],
    ['intertalk', 'bob@bob.example', 'intertalk:bob@bob.example/1'],
    ['fmtp', 'bob@bob.example', 'fmtp:1.bob@bob.example'],
  ] as const
  for (const [protocol, from, source] of rows) {
    it(`stands in the thread of the first message: ${source}`, async () => {
      const files = filesWith({ [from]: { inReplyTo: source } })
      const bench = createBench({ files })
      await bench.deliver(letterBy(protocol, from, { source }))
      // As FMTP says it of whatever answers a message of ours.
      const threadRoot = `fmtp:${letterIdOf(PAGE)}.alice@alice.example`
      const answer = { type: 'reply', target: PAGE, inReplyTo: PAGE, threadRoot } as const
      await bench.deliver(letterBy(protocol, from, answer))
      const { items } = await bench.inbox.threads('all', { page: 0, perPage: 10 })
      assert.deepEqual(
        items.map(({ entries }) => entries.length),
        [2],
      )
    })
  }

  it('does not where the owner wrote to several: not all of them know of it', async () => {
    const source = 'https://bob.example/p/1/'
    const bench = createBench({ files: filesWith({ [BOB]: { inReplyTo: source }, [CAROL]: {} }) })
    await bench.deliver(letterBy('rel-pm', BOB, { source }))
    const answer = letterBy('rel-pm', CAROL, { type: 'reply', target: PAGE, inReplyTo: PAGE })
    await bench.deliver(answer)
    const { items } = await bench.inbox.threads('all', { page: 0, perPage: 10 })
    assert.equal(items.length, 2)
    assert.ok(items.every(({ entries }) => entries.every(({ envelope }) => !envelope.warnings)))
  })

  it('does not where a stranger answers: they have no part in that conversation', async () => {
    const source = 'https://bob.example/p/1/'
    const bench = createBench({ files: filesWith({ [BOB]: { inReplyTo: source } }) })
    await bench.deliver(letterBy('rel-pm', BOB, { source }))
    const answer = { type: 'reply', target: PAGE, inReplyTo: PAGE } as const
    await bench.deliver(letterBy('rel-pm', 'https://eve.example/', answer))
    const { items } = await bench.inbox.threads('all', { page: 0, perPage: 10 })
    assert.equal(items.length, 2)
  })

  it('is no matter of public messages', async () => {
    const bench = createBench({ files: filesWith({ [BOB]: { inReplyTo: `${BOB}1` } }) })
    await bench.deliver(message({ target: PAGE }))
    const [only] = await listed(bench)
    assert.equal(only?.envelope.threadRoot, undefined)
  })
})

describe('answers to the copies of one private post', () => {
  const copyOf = (at: number) => `https://alice.example/p/${String(at).repeat(26)}/`
  /** Two copies of one post, and one of another. */
  const files: DeployFiles = async (name) => {
    const posts = new Map([1, 2, 3].map((at) => [letterFileName(letterIdOf(copyOf(at))), at]))
    const at = posts.get(name)
    const post = at === 3 ? 'another' : 'carols'
    return at === undefined
      ? undefined
      : Buffer.from(JSON.stringify({ version: 1, post, letters: {} }))
  }
  const answer = (at: number) =>
    ({ type: 'reply', target: copyOf(at), inReplyTo: copyOf(at) }) as const

  it('are one thread, by whichever protocol they came; those to another post are not', async () => {
    const bench = createBench({ files })
    await bench.deliver(letterBy('rel-pm', CAROL, answer(1)))
    await bench.deliver(letterBy('fmtp', 'dan@dan.example', answer(2)))
    const unslashed = copyOf(2).replace(/\/$/, '')
    await bench.deliver(
      letterBy('rel-pm', 'https://fay.example/', { ...answer(2), target: unslashed }),
    )
    await bench.deliver(
      message({ ...answer(2), source: 'https://erin.example/1', privacy: 'private' }),
    )
    await bench.deliver(letterBy('intertalk', 'frank@frank.example', answer(3)))
    const { items } = await bench.inbox.threads('all', { page: 0, perPage: 10 })
    assert.deepEqual(items.map(({ entries }) => entries.length).toSorted(), [1, 4])
    assert.ok(items.every(({ entries }) => entries.every(({ envelope }) => !envelope.warnings)))
  })

  it('are threads of their own where the build says nothing of them', async () => {
    const bench = createBench({ files: async () => undefined })
    await bench.deliver(letterBy('rel-pm', CAROL, answer(1)))
    await bench.deliver(letterBy('fmtp', 'dan@dan.example', answer(2)))
    const { items } = await bench.inbox.threads('all', { page: 0, perPage: 10 })
    assert.equal(items.length, 2)
  })

  it('of which one says that it is public stays by itself', async () => {
    const bench = createBench({ files })
    await bench.deliver(letterBy('rel-pm', CAROL, answer(1)))
    await bench.deliver(message({ ...answer(2), source: 'https://erin.example/1' }))
    const { items } = await bench.inbox.threads('all', { page: 0, perPage: 10 })
    assert.equal(items.length, 2)
  })
})
