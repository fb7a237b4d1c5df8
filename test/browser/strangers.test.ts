/**
 * Pages of strangers' software in the owner's inbox: their words have to be plain to somebody who knows none of it.
 *
 * @module
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import * as v from 'valibot'
import { PASSPHRASES } from '../../example-site/neighbours.ts'
import { SCREENS, startBrowser, takePicture, type Screen } from '../support/browser.ts'
import { openNeighbourhood, type Neighbourhood } from '../support/neighbourhood.ts'

/** By what the picture of it is called: a page, at whose house it stands, and what Bob has to be able to read. */
const STRANGERS = {
  bridge: {
    ...{ file: 'authors/bridge-mastodon-reply', host: 'bridge', at: 'comment/mastodon/a/1/5' },
    list: /Nora Relay, via bridge\.localhost:\d+\s+replied.*the original at toot\.example.*One\.\s+Two\./s,
    message: /One\.\s+Two\./,
  },
  picture: {
    ...{ file: 'words/known-photo-reply', host: 'ken', at: '2026/as-green-as-it-gets' },
    list: /ken\.localhost:\d+\s+replied.*\[picture: Moss\]\s+As green as it gets\./s,
    message: /^\[picture: Moss\]\s+As green as it gets\./,
  },
  event: {
    ...{ file: 'words/event', host: 'cafe', at: 'reading-circle' },
    list: /Reading circle.*We talk about this text/s,
    message: /We talk about this text\.\s+Bring tea\./,
  },
  comment: {
    ...{ file: 'parts/wordpress-comments', host: 'wim', at: 'on-bread/#comment-13' },
    list: /Joe\s+mentioned this.*And warm water\./s,
    message: /^(?!.*Rye needs).*And warm water\./s,
  },
} as const

type Stranger = keyof typeof STRANGERS

let neighbours: Neighbourhood
let browser: Browser
const pages = new Map<Screen, Page>()
let inbox: URL

before(async () => {
  ;[neighbours, browser] = await Promise.all([openNeighbourhood(), startBrowser()])
  inbox = new URL('inbox', neighbours.bob.url)
  for (const name of Object.keys(STRANGERS) as Stranger[]) await send(name)
  for (const screen of ['phone', 'desktop'] as const) {
    const page = await (await browser.newContext({ viewport: SCREENS[screen] })).newPage()
    await page.goto(inbox.href)
    await page.locator('input[type=password]').fill(PASSPHRASES.bob)
    await page.locator('button[value=sign-in]').click()
    await page.waitForURL(inbox.href)
    pages.set(screen, page)
  }
})
after(async () => {
  await browser?.close()
  await neighbours?.close()
})

describe("what strangers' software wrote, in the inbox", () => {
  for (const screen of ['phone', 'desktop'] as const) {
    it(`is plain in the list on a ${screen}`, async () => {
      const page = await open(screen)
      const cards = await page.locator('article.message').allInnerTexts()
      assert.equal(cards.length, Object.keys(STRANGERS).length)
      for (const { list } of Object.values(STRANGERS)) {
        assert.ok(
          cards.some((card) => list.test(card)),
          `${list} is not in\n${cards.join('\n\n')}`,
        )
      }
      assert.equal(await overflow(page), 0, 'nothing to scroll sideways for')
      await takePicture(page, `inbox-strangers-${screen}`)
    })

    for (const [name, { list, message }] of Object.entries(STRANGERS)) {
      it(`is plain on the page of the ${name} on a ${screen}`, async () => {
        const page = await open(screen)
        const card = page.locator('article.message').filter({ hasText: list })
        await page.goto(
          new URL((await card.locator('a.vh').getAttribute('href')) ?? '', inbox).href,
        )
        assert.match(await page.innerText('.said'), message)
        assert.equal(await overflow(page), 0, 'nothing to scroll sideways for')
        await takePicture(page, `inbox-${name}-${screen}`)
      })
    }
  }
})

async function open(screen: Screen): Promise<Page> {
  const page = pages.get(screen)
  assert.ok(page)
  await page.goto(inbox.href)
  return page
}

function overflow(page: Page): Promise<number> {
  return page.evaluate(
    'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)',
  )
}

/** Somebody moves in who has this page, and tells Bob that it mentions a post of his. */
async function send(name: Stranger): Promise<void> {
  const { file, host, at } = STRANGERS[name]
  const target = new URL('notes/seed-swap/', neighbours.bob.url).href
  const html = readFileSync(new URL(`../strangers/pages/${file}.html`, import.meta.url), 'utf8')
  const page = html.replaceAll(/https:\/\/alice\.example\/(?:post|notes\/one)\//g, target)
  const home = neighbours.settle(
    host,
    async () => new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } }),
  )
  const body = new URLSearchParams({ source: new URL(at, home).href, target })
  const request = new Request(new URL('webmention', neighbours.bob.url), { method: 'POST', body })
  const work: Promise<unknown>[] = []
  const waitUntil = (promise: Promise<unknown>) => void work.push(promise)
  const answer = await neighbours.bob.endpoint(request, { waitUntil })
  await Promise.all(work)
  const status = await neighbours.bob.endpoint(
    new Request(answer.headers.get('location') ?? '', { headers: { accept: 'application/json' } }),
  )
  const { status: outcome } = v.parse(v.object({ status: v.string() }), await status.json())
  assert.equal(outcome, 'success', name)
}
