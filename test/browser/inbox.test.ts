import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import * as v from 'valibot'
import { PASSPHRASES } from '../../example-site/neighbours.ts'
import { SCREENS, startBrowser, takePicture } from '../support/browser.ts'
import { openNeighbourhood, type Neighbourhood } from '../support/neighbourhood.ts'

/** Longer than it takes to look at a dozen messages on a busy machine. */
const PATIENCE = 30_000
const SPAM = 'Cheap watches'

const Messages = v.object({
  messages: v.array(
    v.object({
      id: v.string(),
      source: v.string(),
      target: v.string(),
      private: v.boolean(),
      state: v.string(),
    }),
  ),
})

let neighbours: Neighbourhood
let browser: Browser
let page: Page
let inbox: URL

before(async () => {
  ;[neighbours, browser] = await Promise.all([openNeighbourhood(), startBrowser()])
  const { alice, bob } = neighbours
  inbox = new URL('inbox', bob.url)
  const sent = await neighbours.command(
    'alice',
    ...['send', '--site', alice.url.href, '--ledger', alice.ledger],
    ...['--output', alice.output, '--allow-loopback'],
  )
  assert.equal(sent.exitCode, 0, sent.error)
  await sendSpam()
  const expected = deliveries(sent.out) + 1
  await until(async () => (await received()).length === expected)
  page = await (await browser.newContext({ viewport: SCREENS.phone })).newPage()
})
after(async () => {
  await browser?.close()
  await neighbours?.close()
})

describe("Bob's inbox on a phone", () => {
  it('shows nothing to a stranger, and everything to Bob once he has said his passphrase', async () => {
    assert.equal((await page.goto(inbox.href))?.status(), 401)
    assert.doesNotMatch(await page.content(), /alice|Cheap/i)
    await takePicture(page, 'inbox-sign-in-phone')

    await page.locator('input[type=password]').fill('not it, but long enough')
    await page.locator('button[value=sign-in]').click()
    assert.doesNotMatch(await page.content(), /Cheap/)

    await page.locator('input[type=password]').fill(PASSPHRASES.bob)
    await page.locator('button[value=sign-in]').click()
    await page.waitForURL(inbox.href)
    assert.match(await page.innerText('main'), new RegExp(SPAM))
    assert.equal(await overflow(), 0, 'nothing to scroll sideways for')
    await takePicture(page, 'inbox-phone')
  })

  it('has buttons that a thumb can hit', async () => {
    for (const button of await page.locator('main button:visible').all()) {
      const box = await button.boundingBox()
      assert.ok(box && box.height >= 44, await button.innerText())
    }
  })

  it('shows a public reply on his site once he approves it, and never a private message', async () => {
    const reply = (await received()).find(({ target }) => target.endsWith('/notes/seed-swap/'))
    assert.ok(reply && !reply.private && reply.state === 'held')
    assert.deepEqual(await mentions(), [])

    await press(`approve.${reply.id}`)
    assert.deepEqual(await mentions(), [reply.source])
    assert.ok((await received()).some(({ private: isPrivate }) => isPrivate))
  })

  it('lets him read a letter and mark it as read', async () => {
    const letter = (await received()).find(({ state }) => state === 'unread')
    assert.ok(letter)
    await page.goto(new URL(`inbox/${letter.id}`, neighbours.bob.url).href)
    await takePicture(page, 'inbox-letter-phone')
    await page.goto(inbox.href)
    await press(`read.${letter.id}`)
    assert.equal((await stateOf(letter.id))?.state, 'read')
  })

  it('blocks who sends rubbish, and takes no more of it', async () => {
    const spam = (await received()).find(({ source }) => source.includes('eve.localhost'))
    assert.ok(spam)
    await press(`block.${spam.id}`)
    assert.equal(await stateOf(spam.id), undefined)
    assert.doesNotMatch(await page.innerText('main'), new RegExp(SPAM))
  })

  it('lets him out', async () => {
    await page.goto(inbox.href)
    await page.evaluate(`for (const more of document.querySelectorAll('details')) more.open = true`)
    await page.locator('button[value=sign-out]').click()
    assert.equal((await page.goto(inbox.href))?.status(), 401)
  })
})

/** Presses a button of a message, also where it lies behind another tap. */
async function press(action: string): Promise<void> {
  await page.goto(inbox.href)
  await page.evaluate(`for (const more of document.querySelectorAll('details')) more.open = true`)
  await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST'),
    page.locator(`button[value^="${action}"]`).first().click(),
  ])
  await page.waitForLoadState()
}

function overflow(): Promise<number> {
  return page.evaluate(
    'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)',
  )
}

async function sendSpam(): Promise<void> {
  const target = new URL('notes/seed-swap/', neighbours.bob.url)
  const eve = neighbours.settle(
    'eve',
    async () =>
      new Response(
        `<article class="h-entry"><p class="e-content">${SPAM} <a href="${target}">here</a>`,
        {
          headers: { 'content-type': 'text/html' },
        },
      ),
  )
  const body = new URLSearchParams({ source: eve.href, target: target.href })
  const request = new Request(new URL('webmention', neighbours.bob.url), { method: 'POST', body })
  const work: Promise<unknown>[] = []
  const waitUntil = (promise: Promise<unknown>) => void work.push(promise)
  const response = await neighbours.bob.endpoint(request, { waitUntil })
  await Promise.all(work)
  assert.ok(response.ok, String(response.status))
}

function deliveries(report: string): number {
  return report.match(/^ {2}delivered /gm)?.length ?? 0
}

async function received() {
  const { out } = await neighbours.command(
    'bob',
    ...['inbox', '--json', '--site', neighbours.bob.url.href],
  )
  return v.parse(Messages, JSON.parse(out)).messages
}

async function stateOf(id: string) {
  return (await received()).find((message) => message.id === id)
}

async function mentions(): Promise<string[]> {
  const response = await neighbours.bob.endpoint(
    new Request(new URL('mentions.json', neighbours.bob.url)),
  )
  const Feed = v.object({ children: v.array(v.object({ 'wm-source': v.string() })) })
  return v.parse(Feed, await response.json()).children.map((entry) => entry['wm-source'])
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < PATIENCE; waited += 100) {
    if (await holds()) return
    await sleep(100)
  }
  assert.fail('it did not come to that')
}
