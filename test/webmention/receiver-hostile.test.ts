import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { RequestListener } from 'node:http'
import { parseHtml } from '../../lib/web/html.ts'
import { verifyWebmention } from '../../lib/webmention/verification.ts'
import { readEntry } from '../../lib/webmention/received-entry.ts'
import { jsonLinksTo, textLinksTo } from '../../lib/webmention/link-search.ts'
import { startGuard } from '../support/web-guard.ts'
import { startServer } from '../support/web-server.ts'
import { createLab, entry, NOW, POST, SITE, SOURCE } from './receiving.ts'

const MB = 1024 * 1024
const SECONDS = 20_000
const LINK = `<a href="${POST}">x</a>`

/** Verifies what a server on loopback serves, through the fetch that guards the real one. */
async function verifyServed(t: TestContext, listener: RequestListener, timeout = 5_000) {
  const source = await startServer(t, listener)
  const fetch = startGuard(t, { timeout, maxBytes: MB })
  const access = {
    redeem: async () => ({ redeemed: true }) as const,
    async fetch(url: URL) {
      return { response: await fetch(url), authenticated: false, chain: [url] }
    },
  }
  return verifyWebmention(
    { source, target: new URL(POST) },
    { access, isDenied: () => false, now: () => NOW, me: SITE, isHome: false },
  )
}

describe('a hostile source', () => {
  const html = { 'content-type': 'text/html' }

  it('may be good', async (t) => {
    const { outcome } = await verifyServed(t, (_, response) => {
      response.writeHead(200, { ...html, 'content-encoding': 'gzip' }).end(gzipSync(entry()))
    })
    assert.equal(outcome, 'mentions')
  })

  for (const [name, compress] of [
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const) {
    it(`compressed bomb, ${name}: is left at 1 MB`, { timeout: SECONDS }, async (t) => {
      const bomb = compress(Buffer.alloc(50 * MB, `${LINK} `))
      assert.ok(bomb.length < MB)
      const verification = await verifyServed(t, (_, response) => {
        response.writeHead(200, { ...html, 'content-encoding': name }).end(bomb)
      })
      assert.deepEqual(verification, { outcome: 'failed', status: 'too_large' })
    })
  }

  it('endless body: is left at 1 MB', { timeout: SECONDS }, async (t) => {
    const verification = await verifyServed(t, (_, response) => {
      response.writeHead(200, html)
      const more = () => {
        while (!response.destroyed && response.write(LINK.repeat(1000)));
      }
      response.on('drain', more)
      more()
    })
    assert.deepEqual(verification, { outcome: 'failed', status: 'too_large' })
  })

  it(
    'stalled body: is left after its time, and tried again later',
    { timeout: SECONDS },
    async (t) => {
      const verification = await verifyServed(
        t,
        (_, response) => void response.writeHead(200, html).write(entry()),
        200,
      )
      assert.deepEqual(verification, { outcome: 'later' })
    },
  )

  it('redirect loop: is left', { timeout: SECONDS }, async (t) => {
    const verification = await verifyServed(t, (_, response) => {
      response.writeHead(302, { location: '/' }).end()
    })
    assert.deepEqual(verification, { outcome: 'failed', status: 'invalid_source' })
  })

  it('that never answers, and a fetch that does not notice: is left by the backstop', async () => {
    const fetch = () => new Promise<never>(() => {})
    const lab = createLab({ access: { fetch }, limits: { verifying: 20 } })
    assert.equal((await lab.send()).status, 'pending')
  })
})

describe('hostile markup is read in reasonable time', () => {
  const fill = (text: string, size = MB) => text.repeat(Math.floor((size - 500) / text.length))
  const numbered = (count: number, text: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => text(i)).join('')
  const bombs: Record<string, string> = {
    'entries without number': LINK + fill('<p class="h-entry"><i class="p-name">x</i></p>'),
    'elements within elements': LINK + fill('<div>'),
    'entries within entries': '<div class="h-entry">'.repeat(200) + LINK,
    'items of several names within each other': fill('<div class="p-a p-b h-x">', 5_000) + LINK,
    'contents within contents': `<div class="h-entry">${'<div class="e-content">'.repeat(200)}${LINK}${fill('x')}`,
    'properties without number': `${LINK}<div class="h-entry">${fill('<i class="p-a p-b">x</i>')}`,
    'properties of microformats1': `${LINK}<div class="vcard">${fill('<i class="fn url">x</i>')}`,
    'includes that include each other':
      `<div class="vcard">${numbered(30, (i) => `<p id="i${i}"><a class="include" href="#i${i + 1}"></a><a class="include" href="#i${i + 1}"></a></p>`)}</div>` +
      LINK,
    'rels without number': LINK + numbered(25_000, (i) => `<a rel="a${i} b" href="/${i}"></a>`),
    'attributes without number': `${LINK}<a ${numbered(100_000, (i) => `a${i} `)}>`,
    'names of the language': `${LINK}<a rel="constructor __proto__" href="x"></a><div class="h-entry"><p class="p-constructor p-to-string">${LINK}</div>`,
    'links without number': `<div class="h-entry">${fill(LINK)}`,
    'formatting without number': `<div class="h-entry"><div class="e-content">${fill(`<b><i>${LINK}`, 100_000)}`,
    'an empty page': LINK.slice(0, 0),
  }
  for (const [name, html] of Object.entries(bombs)) {
    it(name, () => {
      const start = performance.now()
      const url = new URL(SOURCE)
      const document = parseHtml(html, { scripting: false, maxElements: 400_000 })
      const found = readEntry(
        { type: 'html', document },
        { url, source: url, target: new URL(POST), me: SITE, isHome: false, now: NOW },
      )
      assert.equal(found.author.name, 'bob.example')
      // Nothing interrupts it; a bomb that goes off takes minutes, the worst of these a second.
      assert.ok(performance.now() - start < SECONDS)
    })
  }

  it('a page that multiplies as it is parsed is no page that can be judged', async () => {
    const formatting = numbered(5_000, (i) => `<b a${i}>`)
    const lab = createLab({ pages: { [SOURCE]: `${LINK}<p>${formatting}${'<p>x'.repeat(5_000)}` } })
    assert.equal((await lab.send()).status, 'too_large')
    assert.equal(lab.messages.size, 0)
  })

  it('a page of more elements than a page has is not read', async () => {
    for (const [count, told] of [
      [49_000, 'success'],
      [51_000, 'too_large'],
    ] as const) {
      const lab = createLab({ pages: { [SOURCE]: `${LINK}${'<br>'.repeat(count)}` } })
      assert.equal((await lab.send()).status, told)
    }
  })

  it('JSON and text', { timeout: SECONDS }, () => {
    const isPost = (link: string) => link === POST
    const deep = JSON.parse('['.repeat(400_000) + ']'.repeat(400_000))
    assert.equal(jsonLinksTo(deep, isPost), false)
    assert.equal(jsonLinksTo(Array(300_000).fill(1), isPost), false)
    assert.equal(textLinksTo('https://'.repeat(130_000), isPost), false)
    assert.equal(textLinksTo('https://a/)))))))))) '.repeat(50_000), isPost), false)
  })
})

describe('script in what a source says', () => {
  it('reaches nobody: not the message, not the status page', async () => {
    const script = '<script>alert(1)</script>'
    const text = '&lt;script>alert(1)&lt;/script>'
    const lab = createLab()
    lab.pages[SOURCE] =
      `<title>${text}</title><div class="h-entry"><a class="p-author h-card" href="javascript:alert(1)">${text}</a>` +
      `<h1 class="p-name">${text}</h1><div class="e-content">${script}<img src=x onerror=alert(1)>${LINK}</div></div>`
    const response = await lab.post({ source: SOURCE, target: POST })
    await lab.settle()
    assert.equal(
      lab.message?.html,
      `[picture]<a href="${POST}" rel="nofollow ugc noreferrer noopener">x</a>`,
    )
    assert.equal(lab.message?.author.url, undefined)
    const page = await lab.get(response.headers.get('location') ?? '', { accept: 'text/html' })
    assert.doesNotMatch(await page.text(), /alert/)
  })
})
