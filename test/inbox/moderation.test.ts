import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { idOf, stateOf } from '../../lib/inbox/entry.ts'
import { createBench, listed, message, publishedSources } from './messages.ts'

const EVE = { host: 'eve.example', author: { name: 'Eve' } }

describe('approve()', () => {
  it('approves the version that the owner has seen, and no other', async () => {
    const bench = createBench()
    const first = message()
    await bench.inbox.accept('k', first)
    const [seen] = await listed(bench)
    await bench.inbox.accept('k', { ...first, text: 'Buy watches!' })
    assert.equal(await bench.inbox.approve(idOf('k'), seen?.version), 'changed')
    assert.deepEqual(await publishedSources(bench), [])
    const [changed] = await listed(bench)
    assert.equal(await bench.inbox.approve(idOf('k'), changed?.version), 'done')
    assert.equal((await publishedSources(bench)).length, 1)
  })

  it('says that a message is gone', async () => {
    const { inbox } = createBench()
    const id = idOf('never seen')
    for (const decide of [
      inbox.approve,
      inbox.keepPrivate,
      inbox.remove,
      inbox.block,
      inbox.allow,
    ]) {
      assert.equal(await decide(id), 'gone')
    }
    assert.equal(await inbox.markRead(id, true), 'gone')
  })

  it('lets in a private message that had to wait, and publishes nothing', async () => {
    const bench = createBench()
    const source = await bench.accept({ privacy: 'private', warnings: ['odd'] })
    assert.equal(await bench.inbox.approve(idOf(source)), 'done')
    assert.deepEqual((await listed(bench)).map(stateOf), ['read'])
    assert.deepEqual(await publishedSources(bench), [])
  })

  it('keeps what a long message says when it moves', async () => {
    const bench = createBench()
    await bench.inbox.accept('k', message({ privacy: 'unsure', text: 'x'.repeat(5000) }))
    await bench.inbox.approve(idOf('k'))
    const { items } = await bench.inbox.published([], { page: 0, perPage: 1 })
    assert.equal(items[0]?.content.text.length, 5000)
    await bench.inbox.keepPrivate(idOf('k'))
    assert.equal((await bench.inbox.find('k'))?.text.length, 5000)
    assert.deepEqual(await bench.store.list('inbox-public/content/'), [])
  })
})

describe('keepPrivate()', () => {
  it('takes a message for private from now on, whatever its author says', async () => {
    const bench = createBench()
    const open = message()
    await bench.inbox.accept('k', open)
    await bench.inbox.approve(idOf('k'))
    assert.equal(await bench.inbox.keepPrivate(idOf('k')), 'done')
    assert.deepEqual(await publishedSources(bench), [])
    await bench.inbox.accept('k', open)
    await bench.inbox.approve(idOf('k'))
    assert.deepEqual(await publishedSources(bench), [])
    assert.deepEqual((await listed(bench)).map(stateOf), ['read'])
  })
})

describe('block()', () => {
  it('deletes what waits from the host, and lets nothing more in', async () => {
    const bench = createBench()
    const spam = await bench.accept({ ...EVE, source: 'https://eve.example/1' })
    await bench.accept({ ...EVE, source: 'https://eve.example/2', privacy: 'unsure' })
    const bob = await bench.accept()
    assert.equal(await bench.inbox.block(idOf(spam)), 'done')
    await bench.accept({ ...EVE, source: 'https://eve.example/3' })
    assert.deepEqual(
      (await listed(bench)).map(({ envelope }) => envelope.source),
      [bob],
    )
    await bench.inbox.decisions.forget('eve.example')
    await bench.accept({ ...EVE, source: 'https://eve.example/4' })
    assert.equal((await listed(bench)).length, 2)
  })

  it('is about all ports of the host', async () => {
    const bench = createBench()
    const eve = (host: string) => bench.accept({ source: `https://${host}/1`, host })
    const spam = await eve('eve.example:8443')
    await eve('eve.example')
    await eve('eve.example.')
    const friend = await eve('eve.example.bob.example')
    await bench.inbox.block(idOf(spam))
    await eve('eve.example:9443')
    const sources = (await listed(bench)).map(({ envelope }) => envelope.source)
    assert.deepEqual(sources, [friend])
  })

  it('leaves what the owner has decided on before', async () => {
    const bench = createBench()
    const approved = await bench.accept()
    await bench.inbox.approve(idOf(approved))
    const letter = await bench.accept({ privacy: 'private' })
    await bench.inbox.block(idOf(await bench.accept()))
    assert.equal((await listed(bench)).length, 2)
    assert.ok(await bench.inbox.find(letter))
  })
})

describe('allow()', () => {
  it('approves what waits from the host for no other reason, and what comes later', async () => {
    const bench = createBench()
    const seen = await bench.accept({ warnings: ['odd'] })
    const other = await bench.accept()
    const odd = await bench.accept({ warnings: ['odd'] })
    const unsure = await bench.accept({ privacy: 'unsure' })
    await bench.accept({ ...EVE, source: 'https://eve.example/1' })
    assert.equal(await bench.inbox.allow(idOf(seen)), 'done')
    const later = await bench.accept()
    const sources = await publishedSources(bench)
    assert.deepEqual(sources.toSorted(), [seen, other, later].toSorted())
    assert.ok(!sources.includes(odd) && !sources.includes(unsure))
  })
})

describe('markRead()', () => {
  it('marks, both ways', async () => {
    const bench = createBench()
    const source = await bench.accept({ privacy: 'private' })
    for (const isRead of [true, true, false]) {
      assert.equal(await bench.inbox.markRead(idOf(source), isRead), 'done')
      assert.equal((await listed(bench))[0]?.isRead, isRead)
    }
  })
})

describe('remove()', () => {
  it('removes what everybody saw', async () => {
    const bench = createBench()
    const source = await bench.accept()
    await bench.inbox.approve(idOf(source))
    assert.equal(await bench.inbox.remove(idOf(source)), 'done')
    assert.deepEqual(await publishedSources(bench), [])
    assert.equal(await bench.inbox.remove(idOf(source)), 'gone')
  })
})
