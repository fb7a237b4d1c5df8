import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import {
  SCREENS,
  startBrowser,
  takePicture,
  visit,
  type Screen,
  type Visit,
} from '../support/browser.ts'
import { copyUrl, serveExample, type Example } from '../support/example.ts'

let example: Example
let browser: Browser
before(async () => {
  ;[example, browser] = await Promise.all([serveExample(), startBrowser()])
})
after(async () => {
  await browser?.close()
  await example?.close()
})

/** Pages that a person sees: where they are, the words that must be seen, and the status. */
const PAGES: Record<string, [url: () => URL, words: RegExp, status: number]> = {
  home: [() => example.alice, /Alice Marlow/, 200],
  'private-post': [
    () => copyUrl(example, 'private/dinner/index.md', example.bob.href),
    /This private post is shared with you/,
    200,
  ],
  'unlisted-post': [
    () => copyUrl(example, 'private/on-keeping-a-notebook.md', null),
    /whoever has its address/,
    200,
  ],
  'not-found': [() => new URL('/no-such-page/', example.alice), /./, 404],
}

for (const screen of Object.keys(SCREENS) as Screen[]) {
  for (const scheme of ['light', 'dark'] as const) {
    describe(`pages on a ${screen}, ${scheme}`, () => {
      for (const [name, [url, words, status]] of Object.entries(PAGES)) {
        it(`${name} reads well, fetches nothing from elsewhere and complains of nothing`, async () => {
          const visited = await visit(browser, url(), screen, scheme)
          const { page } = visited
          assert.equal(visited.status, status)
          assert.match(await page.innerText('main'), words)
          assert.equal(await overflow(visited), 0, 'nothing to scroll sideways for')
          const complaints = visited.complaints.filter(
            (text) => !/404/.test(text) || status === 200,
          )
          assert.deepEqual(complaints, [])
          assert.deepEqual(elsewhere(visited), [])
          assert.equal(await page.locator('h1').count(), 1)
          assert.equal(await page.locator('img:not([alt])').count(), 0)
          assert.ok((await brokenImages(visited)) === 0, 'every picture is there')
          const picture = await takePicture(page, `${name}-${screen}-${scheme}`)
          assert.ok(picture.length > 10_000, 'the picture shows something')
          await page.context().close()
        })
      }
    })
  }
}

describe('a private page in a browser', () => {
  it('tells nobody where its reader came from', async () => {
    const { page } = await visit(
      browser,
      copyUrl(example, 'private/dinner/index.md', example.bob.href),
      'phone',
    )
    const [request] = await Promise.all([
      page.waitForRequest((candidate) => candidate.url().startsWith(example.bob.href)),
      page.locator(`a[href="${example.bob.href}"]`).first().click(),
    ])
    assert.equal(request.headers()['referer'], undefined)
    await page.context().close()

    const home = await visit(browser, example.alice, 'phone')
    const [open] = await Promise.all([
      home.page.waitForRequest((candidate) => candidate.url().includes('/posts/')),
      home.page.locator('main a[href^="/posts/"]').first().click(),
    ])
    assert.ok(open.headers()['referer'], 'a public page does')
    await home.page.context().close()
  })

  it('runs no script from elsewhere', async () => {
    const url = copyUrl(example, 'private/dinner/index.md', example.bob.href)
    const { page, complaints } = await visit(browser, url, 'phone')
    const outcome = await page.evaluate(`new Promise((done) => {
      const script = document.createElement('script')
      script.onload = () => done('loaded')
      script.onerror = () => done('refused')
      script.src = ${JSON.stringify(new URL('/x.js', example.bob).href)}
      document.head.append(script)
    })`)
    assert.equal(outcome, 'refused')
    assert.match(complaints.join('\n'), /Content Security Policy/)
    await page.context().close()
  })
})

function elsewhere({ requests }: Visit): string[] {
  return requests.map(({ url }) => url).filter((url) => new URL(url).host !== example.alice.host)
}

function overflow({ page }: Visit): Promise<number> {
  return page.evaluate(
    'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)',
  )
}

/** Lazy pictures load when somebody scrolls to them. */
async function brokenImages({ page }: Visit): Promise<number> {
  return page.evaluate(`(async () => {
    const images = [...document.images]
    for (const image of images) { image.loading = 'eager'; image.scrollIntoView() }
    await Promise.all(images.map((image) => image.decode().catch(() => {})))
    scrollTo(0, 0)
    return images.filter((image) => image.naturalWidth === 0).length
  })()`)
}
