import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { issueCapabilityToken } from '../../lib/capability-url/capability-url.ts'
import { message } from './messages.ts'
import { createOwner, type Owner } from './owner.ts'

/** The path of the feed, as the owner's page shows it. */
async function feedPath(owner: Owner): Promise<string | undefined> {
  const page = await (await owner.get('/inbox')).text()
  return /https:\/\/alice\.example(\/inbox\/feed\/[^<]*)/.exec(page)?.[1]
}

describe('the feed of the inbox', () => {
  it('has no address until the owner makes one, and none after it is taken back', async () => {
    const owner = await createOwner()
    assert.equal(await feedPath(owner), undefined)
    assert.equal(
      (await owner.press('feed-create')).headers.get('location'),
      '/inbox?done=feed#feed',
    )
    const path = (await feedPath(owner)) ?? ''
    assert.match(path, /^\/inbox\/feed\/[0-9a-hjkmnp-tv-z]{26}\.xml$/)
    assert.equal((await owner.ask(path)).status, 200)
    await owner.press('feed-create')
    assert.equal(await feedPath(owner), path)
    await owner.press('feed-revoke')
    assert.equal((await owner.ask(path)).status, 404)
    assert.equal(await feedPath(owner), undefined)
    await owner.press('feed-create')
    assert.notEqual(await feedPath(owner), path)
    assert.equal((await owner.ask(path)).status, 404)
  })

  it('is found by nobody who does not know the address', async () => {
    const owner = await createOwner()
    const guess = `/inbox/feed/${issueCapabilityToken()}.xml`
    assert.equal((await owner.ask(guess)).status, 404)
    await owner.press('feed-create')
    const known = await owner.ask(guess)
    const odd = await owner.ask('/inbox/feed/x.xml')
    assert.deepEqual([known.status, await known.text()], [odd.status, await odd.text()])
    const page = await (await owner.get('/inbox')).text()
    assert.doesNotMatch(page, /rel="?alternate/)
    const token = (await feedPath(owner))?.match(/[^/]+(?=\.xml)/)?.[0] ?? 'none'
    assert.ok(!JSON.stringify(await owner.store.list('')).includes(token))
  })

  it('is well-formed Atom, with what strangers wrote as text', async () => {
    const owner = await createOwner()
    const odd = 'a ]]> <b>&amp; "x" \u0001\u{1f600}'
    await owner.inbox.accept('k', message({ text: odd, title: odd, author: { name: odd } }))
    await owner.accept({ privacy: 'private', text: 'Only between us' })
    await owner.press('feed-create')
    const path = (await feedPath(owner)) ?? ''
    const response = await owner.ask(path)
    const feed = await response.text()
    assert.match(response.headers.get('content-type') ?? '', /^application\/atom\+xml/)
    assert.match(response.headers.get('cache-control') ?? '', /no-store/)
    assert.match(response.headers.get('x-robots-tag') ?? '', /noindex/)
    assert.ok(
      feed.includes(
        `<link rel="self" type="application/atom+xml" href="https://alice.example${path}"/>`,
      ),
    )
    assert.doesNotMatch(feed, /rel="hub"/)
    assert.ok(feed.includes('<content type="text">Only between us</content>'))
    assert.ok(feed.includes('(only for you)') && feed.includes('(waits for your decision)'))
    const tags = [...feed.matchAll(/<(\/?)(\w+)[^<>]*?(\/?)>/g)]
    const open: string[] = []
    for (const [, closes, name = '', isEmpty] of tags) {
      if (closes) assert.equal(open.pop(), name)
      else if (!isEmpty) open.push(name)
    }
    assert.deepEqual(open, [])
    const text = feed
      .replace(/<\?xml[^>]*\?>/, '')
      .replace(/<\/?\w+[^<>]*?>|&(amp|lt|gt|quot|#39);/g, '')
    assert.doesNotMatch(text, /[<>&\u0001]/)
    assert.equal((await owner.ask(path, { method: 'HEAD' })).status, 200)
  })

  it('shows the newest fifty', async () => {
    const owner = await createOwner()
    for (let i = 0; i < 52; i++) await owner.accept({ privacy: 'private', text: `Number ${i}.` })
    await owner.press('feed-create')
    const feed = await (await owner.ask((await feedPath(owner)) ?? '')).text()
    assert.equal(feed.match(/<entry>/g)?.length, 50)
    assert.ok(feed.includes('Number 51.') && !feed.includes('Number 1.'))
  })
})
