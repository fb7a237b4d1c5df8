import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noticeKey } from '../../lib/webmention/unopened.ts'
import { sweepWebmentions } from '../../lib/webmention/sweep.ts'
import { createLab, entry, POST, SITE, SOURCE, type Lab } from './receiving.ts'

const PROCESSED = { status: 'processed', private: true }
const DAY = 24 * 3600

const status = (code: number) => () => new Response('no', { status: code })

/** A lab in which each of these sources asks who we are. */
function closed(sources: readonly string[] = [SOURCE]): Lab {
  return createLab({
    pages: Object.fromEntries(sources.map((source) => [source, status(401)])),
    limits: { perHost: 10_000, perClient: 10_000 },
  })
}

function notices(lab: Lab): string[] {
  return [...lab.messages.values()]
    .filter(({ type }) => type === 'unopened')
    .map(({ source }) => source)
}

describe('a source that cannot be opened', () => {
  it('leaves a notice that says where it is, and nothing else', async () => {
    const lab = closed()
    assert.deepEqual(await lab.send({ code: 'good-for-nothing' }), PROCESSED)
    assert.deepEqual(
      [...lab.messages],
      [
        [
          noticeKey(new URL(SOURCE)),
          {
            protocol: 'webmention',
            source: SOURCE,
            target: POST,
            author: { name: 'bob.example' },
            type: 'unopened',
            privacy: 'private',
            host: 'bob.example',
            text: '',
          },
        ],
      ],
    )
  })

  it('tells its sender the same, whether or not the inbox has a notice', async () => {
    const lab = closed()
    const first = await lab.send()
    const again = await lab.post({ source: SOURCE, target: POST })
    lab.messages.clear()
    const without = await lab.post({ source: SOURCE, target: POST })
    assert.deepEqual(first, PROCESSED)
    assert.deepEqual([again.status, without.status], [429, 429])
    assert.equal(await again.text(), await without.text())
  })

  it('leaves one notice, however often it is sent and whichever page it names', async () => {
    const lab = closed()
    await lab.send()
    lab.wait(60)
    await lab.send({ target: SITE.href })
    assert.deepEqual(notices(lab), [SOURCE])
    assert.equal(lab.message?.target, SITE.href)
  })

  for (const [what, page] of [
    ['403', status(403)],
    ['404', status(404)],
    ['410', status(410)],
    ['500', status(500)],
    ['a login form', () => new Response('<form>', { headers: { 'content-type': 'text/html' } })],
    [
      'a redirect to another host that answers 401',
      () => new Response(null, { status: 302, headers: { location: 'https://eve.example/' } }),
    ],
  ] as const) {
    it(`leaves none for ${what}`, async () => {
      const lab = createLab({ pages: { [SOURCE]: page, 'https://eve.example/': status(401) } })
      await lab.send()
      assert.deepEqual(notices(lab), [])
    })
  }

  it('leaves one for a redirect of its own host to what answers 401', async () => {
    const moved = () => new Response(null, { status: 302, headers: { location: '/login' } })
    const pages = { [SOURCE]: moved, 'https://bob.example/login': status(401) }
    const lab = createLab({ pages })
    await lab.send()
    assert.deepEqual(notices(lab), [SOURCE])
  })

  it('leaves none from a host that is denied, or for a page that is not here', async () => {
    const denied = createLab({ pages: { [SOURCE]: status(401) }, denied: ['bob.example'] })
    await denied.send()
    assert.equal(denied.messages.size, 0)
    const lab = closed()
    const response = await lab.post({ source: SOURCE, target: 'https://alice.example/nowhere/' })
    assert.equal(response.status, 400)
    assert.equal(lab.messages.size, 0)
  })

  it("leaves none of the owner's own pages, which the owner could not tell from a friend's", async () => {
    const own = new URL('inbox', SITE).href
    const me = new URL('https://me.example/private/1/')
    const lab = createLab({ me, pages: { [own]: status(401), [me.href]: status(401) } })
    for (const source of [own, me.href]) {
      assert.deepEqual(await lab.send({ source }), PROCESSED)
      assert.deepEqual(notices(lab), [])
    }
  })

  it('leaves none beside what the inbox already has of it', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    await lab.send()
    lab.pages[SOURCE] = status(401)
    lab.wait(60)
    await lab.send()
    assert.deepEqual(notices(lab), [])
    assert.equal(lab.messages.size, 1)
  })

  it('takes the notice back when it says that it is gone', async () => {
    const lab = closed()
    await lab.send()
    lab.wait(60)
    lab.pages[SOURCE] = status(410)
    assert.deepEqual(await lab.send(), { status: 'gone', private: false })
    assert.equal(lab.messages.size, 0)
  })

  it('takes it back when there has been nothing for a day, and not at the first 404', async () => {
    const lab = closed()
    await lab.send()
    lab.wait(60)
    lab.pages[SOURCE] = status(404)
    await lab.send()
    assert.deepEqual(notices(lab), [SOURCE])
    for (let look = 0; look < 3; look++) {
      lab.wait(DAY / 2 + 60)
      await sweepWebmentions(lab.options)
    }
    assert.equal(lab.messages.size, 0)
  })

  it('gives way to what it says once it can be opened', async () => {
    const lab = createLab({
      pages: { [SOURCE]: status(401), [`${SOURCE}#private`]: entry() },
      codes: { xxxxxxx: SOURCE },
    })
    await lab.send()
    assert.deepEqual(notices(lab), [SOURCE])
    lab.wait(60)
    await lab.send({ code: 'xxxxxxx' })
    assert.deepEqual(
      [...lab.messages.values()].map(({ type, privacy }) => [type, privacy]),
      [['mention', 'private']],
    )
  })

  it('is one of few from its site, whatever its hosts are called', async () => {
    const sources = Array.from({ length: 40 }, (_, i) => `https://h${i % 4}.flood.com/${i}`)
    const lab = closed([...sources, SOURCE])
    for (const source of sources) await lab.send({ source })
    assert.equal(notices(lab).length, 10)
    await lab.send()
    assert.ok(notices(lab).includes(SOURCE))
    // What is there is still brought up to date.
    lab.wait(60)
    const first = sources[0] ?? ''
    await lab.send({ source: first, target: SITE.href })
    assert.equal(lab.messages.get(noticeKey(new URL(first)))?.target, SITE.href)
  })

  it('is one of few in all, whatever the sites are called', async () => {
    const sources = Array.from({ length: 60 }, (_, i) => `https://flood${i}.com/`)
    const lab = closed(sources)
    for (const source of sources) await lab.send({ source })
    assert.equal(notices(lab).length, 50)
    lab.wait(DAY)
    await lab.send({ source: sources.at(-1) ?? '' })
    assert.equal(notices(lab).length, 51)
  })
})
