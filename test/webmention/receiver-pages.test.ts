import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { listen } from '../../lib/web/node-server.ts'
import { SCREENS, startBrowser, takePicture, visit, type Screen } from '../support/browser.ts'
import { createLab, entry, type Lab } from './receiving.ts'

let browser: Browser
before(async () => {
  browser = await startBrowser()
})
after(() => browser?.close())

/** Alice's receiver on loopback. */
async function serve(change: (lab: Lab, site: URL) => void = () => {}) {
  let lab: Lab | undefined
  const server = await listen(async (request, context) => {
    return lab ? lab.endpoint(request, context) : new Response('', { status: 503 })
  })
  const site = new URL(`http://127.0.0.1:${server.port}/`)
  lab = createLab({ site, me: site })
  change(lab, site)
  return { site, lab, close: () => server.close() }
}

describe('the pages of the receiver', () => {
  for (const screen of Object.keys(SCREENS) as Screen[]) {
    for (const scheme of ['light', 'dark'] as const) {
      it(`read well on a ${screen}, ${scheme}: form, thanks, status, refusal`, async () => {
        const { site, lab, close } = await serve((own, { href }) => {
          own.pages['https://bob.example/reply'] = entry('', `<a href="${href}post/">x</a>`)
        })
        const { page, complaints, requests } = await visit(
          browser,
          new URL('webmention', site),
          screen,
          scheme,
        )
        const look = async (name: string, words: RegExp) => {
          assert.match(await page.innerText('main'), words)
          const overflow = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          )
          assert.equal(overflow, 0, 'nothing to scroll sideways for')
          assert.equal(await page.locator('h1').count(), 1)
          await takePicture(page, `webmention-${name}-${screen}-${scheme}`)
        }

        await look('form', /You linked here/)
        await page.getByLabel('Your page').fill('https://bob.example/reply')
        await page.getByLabel('The page here').fill(`${site.href}post/`)
        await page.getByRole('button').click()
        await look('thanks', /Thank you/)
        await lab.settle()
        await page.getByRole('link', { name: /what comes of it/ }).click()
        await page.getByText('It has arrived').waitFor()
        await look('status', /handed over/)
        assert.deepEqual(complaints, [])

        await page.goto(new URL('webmention', site).href)
        await page.getByLabel('Your page').fill('https://bob.example/reply')
        await page.getByLabel('The page here').fill(`${site.href}nowhere/`)
        await page.getByRole('button').click()
        await look('refusal', /not a page of this site/)
        assert.ok(requests.every(({ url }) => url.startsWith(site.href)))
        await page.context().close()
        await close()
      })
    }
  }
})
