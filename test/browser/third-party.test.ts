import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { createStaticSite } from '../../lib/web/static-site.ts'
import { startBrowser } from '../support/browser.ts'
import { createSite, post, type BuiltSite, type Site } from '../support/site.ts'

/** Asks for mentions of the page that it stands on, as such scripts do, and tries other ways as well. */
const WEBMENTION_SCRIPT = `
const address = encodeURIComponent(location.href)
const to = 'https://webmention.io/api/mentions.jf2?target=' + address
fetch(to).catch(() => {})
navigator.sendBeacon(to)
const request = new XMLHttpRequest()
request.open('GET', to)
request.send()
try { new EventSource(to) } catch {}
try { new WebSocket(to.replace('https', 'wss')) } catch {}
new Image().src = to
const script = document.createElement('script')
script.src = to + '&jsonp=mentions'
document.head.append(script)
const frame = document.createElement('iframe')
frame.src = to
document.body.append(frame)
window.done = true
`
const MARKUP = `<img src="https://img.example/x.svg" alt="" width="9" height="9">
<script src="https://cdn.example/x.js"></script>
<script src="/webmention.js"></script>`
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'

let browser: Browser
let site: Site | undefined
before(async () => {
  browser = await startBrowser()
})
afterEach(() => site?.dispose())
after(() => browser?.close())

describe("a private page with the site's own webmention script", () => {
  for (const thirdParty of ['warn', 'allow'] as const) {
    for (const withHeaders of [true, false]) {
      const where = withHeaders ? 'a host that reads _headers' : 'a host that does not'
      it(`loads with "${thirdParty}" what was found and tells webmention.io nothing, on ${where}`, async () => {
        site = createSite({
          'private/x.md': post('audience: [Bob]', MARKUP),
          'open.md': post('title: Open', MARKUP),
          'webmention.js': WEBMENTION_SCRIPT,
        })
        const built = await site.build({
          options: { thirdParty },
          config: (eleventyConfig) => eleventyConfig.addPassthroughCopy('webmention.js'),
        })
        const token = built.tokens('private/x.md')['Bob'] ?? ''
        const secret = await open(built, `/p/${token}/`, withHeaders)
        assert.deepEqual(secret.elsewhere, [
          'https://cdn.example/x.js',
          'https://img.example/x.svg',
        ])
        assert.deepEqual(secret.loaded, { script: true, picture: true, done: true })

        const openPage = await open(built, '/open/', withHeaders)
        const told = openPage.elsewhere.filter((url) => url.startsWith('https://webmention.io'))
        assert.ok(told.length >= 4, 'the script does ask where it may')
      })
    }
  }
})

/** Opens a page of the built site in a browser, with the rest of the web made up. */
async function open({ folder }: BuiltSite, path: string, withHeaders: boolean) {
  const alice = createStaticSite({ folder: join(folder, '_site') })
  const elsewhere: string[] = []
  const context = await browser.newContext()
  await context.route('**/*', async (route) => {
    const url = new URL(route.request().url())
    if (url.host === 'alice.example') {
      const response = await alice(new Request(url))
      const { 'content-type': contentType = '', ...headers } = Object.fromEntries(response.headers)
      const body = Buffer.from(await response.arrayBuffer())
      await route.fulfill({
        status: response.status,
        body,
        headers: { 'content-type': contentType, ...(withHeaders ? headers : {}) },
      })
      return
    }
    elsewhere.push(url.href)
    const isScript = url.pathname.endsWith('.js')
    await route.fulfill({
      body: isScript ? 'window.fromElsewhere = true' : PICTURE,
      contentType: isScript ? 'text/javascript' : 'image/svg+xml',
      headers: { 'access-control-allow-origin': '*' },
    })
  })
  const page = await context.newPage()
  await page.goto(`https://alice.example${path}`, { waitUntil: 'networkidle' })
  const loaded = await page.evaluate<Record<string, boolean>>(`({
    script: window.fromElsewhere === true,
    picture: document.images[0].naturalWidth > 0,
    done: window.done === true,
  })`)
  await context.close()
  return { elsewhere: elsewhere.sort(), loaded }
}
