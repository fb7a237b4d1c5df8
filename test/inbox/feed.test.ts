import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { issueCapabilityToken } from '../../lib/capability-url/capability-url.ts'
import { idOf } from '../../lib/inbox/entry.ts'
import { ME, message, POST } from './messages.ts'
import { createOwner, type Owner } from './owner.ts'

/** The feed's one entry, with its content as a reader takes it for HTML. */
async function entryOf(owner: Owner): Promise<{ readonly xml: string; readonly html: string }> {
  await owner.press('feed-create')
  const feed = await (await owner.ask((await feedPath(owner)) ?? '')).text()
  const [, xml = ''] = /<entry>([^]*?)<\/entry>/.exec(feed) ?? []
  const [, content = ''] = /<content type="html">([^<]*)</.exec(xml) ?? []
  const html = content
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
  return { xml, html }
}

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
    assert.match(feed, /<content type="html">[^<]*&lt;p&gt;Only between us&lt;\/p&gt;/)
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

  it('names what was liked or replied to, with a link, and leads to the original', async () => {
    for (const [type, words] of [
      ['like', 'likes'],
      ['reply', 'replied to'],
      ['repost', 'shared'],
      ['bookmark', 'bookmarked'],
      ['mention', 'mentioned'],
    ] as const) {
      const owner = await createOwner({ titleOf: async () => 'One & two' })
      const source = await owner.accept({ type, text: '' })
      const { xml, html } = await entryOf(owner)
      assert.ok(xml.includes(`<title>Bob (bob.example) ${words} One &amp; two (waits`), xml)
      assert.ok(html.includes(`${words} <a href="${POST}">One &amp; two</a>.`), html)
      assert.ok(xml.includes(`<link rel="via" type="text/html" href="${source}"/>`))
      assert.ok(xml.includes(`<link rel="related" type="text/html" href="${POST}"/>`))
      assert.ok(xml.includes('<uri>https://bob.example/</uri>'))
      assert.ok(html.includes(`<a href="${source}">Read it at bob.example</a>`))
    }
    const owner = await createOwner()
    await owner.accept({ type: 'like', text: '' })
    assert.match((await entryOf(owner)).xml, /<title>Bob \(bob\.example\) likes \/2026\/hello\//)
  })

  it('says whose claim an author is, and leads to the permalink that the page names', async () => {
    const owner = await createOwner()
    await owner.accept({
      ...{ source: 'https://bridge.example/comment/5', host: 'bridge.example' },
      author: { name: 'Nora Relay', url: 'https://toot.example/@nora' },
      url: 'https://toot.example/@nora/5',
    })
    const { xml, html } = await entryOf(owner)
    assert.match(xml, /<title>Nora Relay, via bridge\.example replied to /)
    assert.match(
      xml,
      /<name>Nora Relay, via bridge\.example<\/name><uri>https:\/\/toot\.example\/@nora</,
    )
    assert.match(xml, /rel="via" type="text\/html" href="https:\/\/toot\.example\/@nora\/5"/)
    assert.match(html, /<p>Nora Relay, via bridge\.example replied to /)
  })

  it('shows words as the inbox does: their markup sanitised, or their lines', async () => {
    const marked = await createOwner()
    await marked.accept({
      html: '<p>One <b>two</b><script>x()</script><img src="https://eve.example/p.gif"></p>',
    })
    assert.match((await entryOf(marked)).html, /<p>One <b>two<\/b><\/p>/)
    assert.doesNotMatch((await entryOf(marked)).html, /script|img/)
    const plain = await createOwner()
    await plain.accept({ text: 'One\ntwo <b>\n\nthree' })
    assert.match((await entryOf(plain)).html, /<p>One<br \/>two &lt;b&gt;<\/p><p>three<\/p>/)
  })

  it('stays within what a function may answer, whatever fifty messages say', async () => {
    const owner = await createOwner()
    const html = '<b>x</b>'.repeat(4990)
    for (let i = 0; i < 50; i++) {
      await owner.accept({ privacy: 'private', html, text: '<'.repeat(10_000) })
    }
    const short = await owner.accept({ html: '<b>y</b>' })
    await owner.press('feed-create')
    const feed = await (await owner.ask((await feedPath(owner)) ?? '')).text()
    assert.ok(feed.length < 5_000_000, String(feed.length))
    assert.ok(feed.includes(idOf(short)) && feed.includes('&lt;b&gt;y&lt;/b&gt;'))
  })

  it('tells a service that reads it no address that opens a private page', async () => {
    const token = issueCapabilityToken()
    const owner = await createOwner({ titleOf: async () => 'Secret plans' })
    const [source, target] = [`https://bob.example/p/${token}/`, new URL(`/p/${token}/`, ME).href]
    const author = { name: 'Bob', url: source }
    await owner.accept({ source, target, url: source, author, privacy: 'private', text: 'Yes.' })
    const { xml, html } = await entryOf(owner)
    assert.ok(!(xml + html).includes(token))
    assert.match(html, /replied to Secret plans\.<\/p><p>Yes\.<\/p>/)
    assert.doesNotMatch(xml, /rel="(via|related)"/)
  })

  it('shows what a private message says without what opens a page, and of a public one all', async () => {
    for (const [privacy, isShown] of [
      ['private', false],
      ['public', true],
    ] as const) {
      const token = issueCapabilityToken()
      const owner = await createOwner()
      const secret = `https://carol.example/p/${token}/`
      await owner.accept({
        ...{ privacy, title: `On ${secret}`, text: 'x' },
        html: `<p>See <a href="${secret}">this</a>, ${secret}, <a href="https://carol.example/">hers</a>.</p>`,
      })
      const { xml, html } = await entryOf(owner)
      assert.equal((xml + html).includes(token), isShown)
      assert.match(html, isShown ? /<a href="[^"]*\/p\// : /See <a rel="[^"]*">this<\/a>/)
      assert.match(html, /<a href="https:\/\/carol\.example\/"[^>]*>hers<\/a>/)
    }
  })

  it('is sent again only where it has changed', async () => {
    const owner = await createOwner()
    await owner.press('feed-create')
    const path = (await feedPath(owner)) ?? ''
    const get = async (headers: Record<string, string> = {}, method = 'GET') => {
      const response = await owner.ask(path, { headers, method })
      const etag = response.headers.get('etag') ?? ''
      const modified = response.headers.get('last-modified') ?? ''
      return { status: response.status, body: await response.text(), etag, modified }
    }
    const known = async ({ etag, modified }: { etag: string; modified: string }) => {
      const all: Record<string, string>[] = [
        { 'if-none-match': etag },
        { 'if-none-match': `"other", W/${etag}` },
        { 'if-modified-since': modified },
        { 'if-none-match': etag, 'if-modified-since': new Date(0).toUTCString() },
      ]
      return (await Promise.all(all.map((headers) => get(headers)))).map(({ status }) => status)
    }
    const empty = await get()
    assert.deepEqual([empty.status, await known(empty)], [200, [304, 304, 304, 304]])
    owner.later(3600)
    assert.deepEqual(await known(empty), [304, 304, 304, 304])

    const source = await owner.accept()
    assert.deepEqual(await known(empty), [200, 200, 200, 200])
    const waiting = await get()
    assert.deepEqual(await known(waiting), [304, 304, 304, 304])
    await owner.inbox.approve(idOf(source))
    assert.deepEqual(await known(waiting), [200, 200, 200, 200], 'within the same second')
    const approved = await get()
    await owner.inbox.remove(idOf(source))
    assert.deepEqual(await known(approved), [200, 200, 200, 200])

    const last = await get()
    const same = await get({ 'if-none-match': last.etag })
    assert.deepEqual([same.body, same.etag, same.modified], ['', last.etag, last.modified])
    const other = { 'if-none-match': '"other"', 'if-modified-since': last.modified }
    assert.equal((await get(other)).status, 200)
    assert.equal((await get({ 'if-none-match': last.etag }, 'HEAD')).status, 304)
  })
})
