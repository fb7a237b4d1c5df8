import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { createInboxEndpoint } from '../../lib/inbox/endpoint.ts'
import { idOf } from '../../lib/inbox/entry.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { startSession } from '../../lib/jwt/session.ts'
import { listen, type NodeServer } from '../../lib/web/node-server.ts'
import { startBrowser, visit } from '../support/browser.ts'
import {
  createBench,
  letter as letterBy,
  listed,
  ME,
  publishedSources,
  WARNING,
} from './messages.ts'
import { PASSPHRASE } from './owner.ts'

describe('the inbox on a phone', () => {
  const now = () => new Date()
  const bench = createBench({ now })
  const { inbox, store } = bench
  let browser: Browser
  let server: NodeServer
  let site: URL

  before(async () => {
    browser = await startBrowser()
    const state: { endpoint?: ReturnType<typeof createInboxEndpoint> } = {}
    server = await listen(async (...args) => {
      const { endpoint } = state
      return endpoint ? endpoint(...args) : new Response('', { status: 503 })
    })
    site = new URL(`http://localhost:${server.port}/`)
    const secrets = createSecrets({ keys: [Buffer.alloc(32, 7)], site, store, now })
    state.endpoint = createInboxEndpoint({
      ...{ site, me: ME, paths: { inbox: '/inbox' }, inbox, secrets, store, now },
      async signInOwner(passphrase) {
        if (passphrase !== PASSPHRASE) return { signedIn: false }
        const claims = { reader: ME.href, by: 'passphrase' } as const
        return { signedIn: true, cookies: [await startSession(claims, { secrets, site })] }
      },
    })
  })
  after(async () => {
    await browser.close()
    await server.close()
  })

  it('is worked through with a thumb: sign in, approve, read, block, sign out', async () => {
    const reply = await bench.accept({ text: 'A good thought.' })
    const letter = await bench.accept({ privacy: 'private', target: ME.href, title: 'Friday?' })
    await bench.accept({
      ...{ source: 'https://eve.example/1', host: 'eve.example', text: 'WATCHES '.repeat(40) },
      author: { name: 'A name without end '.repeat(8) },
    })
    const { page, requests, complaints, status } = await visit(
      browser,
      new URL('inbox', site),
      'phone',
    )
    assert.equal(status, 401)
    await isRoomy(page)
    await page.fill('#passphrase', PASSPHRASE)
    await page.click('text=Sign in')
    await isRoomy(page)
    await page.click(`#m-${idOf(reply)} button[value^=approve]`)
    assert.deepEqual(await publishedSources(bench), [reply])
    assert.ok(page.url().endsWith(`#m-${idOf(reply)}`))

    await page.click(`#m-${idOf(letter)} .excerpt a`)
    await isRoomy(page)
    assert.match(await page.innerText('pre.copy'), /visibility: private/)
    await page.click('button[value^=read]')
    assert.equal(await page.innerText('[role=status]'), 'Marked as read.')

    const spam = `#m-${idOf('https://eve.example/1')}`
    assert.equal(await page.isVisible(`${spam} button[value^=block]`), false)
    await page.click(`${spam} summary`)
    await isRoomy(page)
    await page.click(`${spam} button[value^=block]`)
    assert.equal((await listed(bench)).length, 2)

    const far = 'somebody.with-a-long-name@chat.with-a-long-name.example'
    const odd = await bench.deliver(letterBy('intertalk', far, { warnings: [WARNING] }))
    await page.goto(new URL(`inbox/${idOf(odd)}`, site).href)
    await isRoomy(page)
    assert.match(await page.innerText('.careful'), /^Careful: The sender's key/)
    assert.match(await page.innerText('pre.copy'), /inReplyTo: "intertalk:/)
    await page.click('.message summary')
    await isRoomy(page)
    await page.click('button[value^=block-host]')
    assert.equal((await listed(bench)).length, 2)
    await page.click('text=Blocked and always allowed')
    await isRoomy(page)

    await page.click('text=Sign out')
    await page.waitForSelector('#passphrase')
    assert.ok(requests.every(({ url }) => new URL(url).origin === site.origin))
    // Chromium notes the 401 itself; nothing else, such as of the page's own rules, is noted.
    assert.ok(complaints.every((complaint) => complaint.includes('status of 401')))
  })
})

/** Nothing hangs over the edge, and everything to press is as large as a thumb needs it. */
async function isRoomy(page: Page): Promise<void> {
  assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true)
  const small = await page.evaluate(
    `[...document.querySelectorAll('button, summary, nav a, .button, input:not([type=hidden])')]
      .map((element) => [element.textContent.trim(), element.getBoundingClientRect()])
      .filter(([, { width, height }]) => width > 0 && (height < 44 || width < 44))
      .map(([text]) => text)`,
  )
  assert.deepEqual(small, [])
}
