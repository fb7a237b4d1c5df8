import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import * as v from 'valibot'
import { PASSPHRASES } from '../../example-site/neighbours.ts'
import { SCREENS, startBrowser, takePicture, type Screen } from '../support/browser.ts'
import { fakeWordPress } from '../support/indieauth-servers.ts'
import { openNeighbourhood, type Neighbourhood } from '../support/neighbourhood.ts'

const WORDS = /Count to five/

let neighbours: Neighbourhood
let browser: Browser
let gated: URL
let invitation: URL

before(async () => {
  ;[neighbours, browser] = await Promise.all([openNeighbourhood(), startBrowser()])
  const rows = await linksOf('the-key.md')
  gated = new URL(rows.find(({ recipient }) => recipient === neighbours.bob.url.href)?.url ?? '')
  invitation = new URL(
    rows.find(({ recipient }) => recipient === 'mailto:mum@example.com')?.url ?? '',
  )
})
after(async () => {
  await browser?.close()
  await neighbours?.close()
})

describe("Alice's gate in a browser", () => {
  it('lets Bob in, who signs in with his own site', async () => {
    const page = await openPage('phone')
    const stranger = await page.goto(gated.href)
    assert.equal(stranger?.status(), 401)
    assert.doesNotMatch(await page.content(), WORDS)
    await takePicture(page, 'gate-phone')

    await page.getByRole('textbox').fill(neighbours.bob.url.host)
    await page.getByRole('button', { name: /continue|sign in/i }).click()
    assert.equal(new URL(page.url()).host, neighbours.bob.url.host, 'his own site asks him')
    await takePicture(page, 'consent-phone')
    await page.locator('input[type=password]').fill(PASSPHRASES.bob)
    await page.locator('button[value=allow]').click()

    await page.waitForURL(gated.href)
    assert.match(await page.innerText('main'), WORDS)
    assert.doesNotMatch(await page.content(), /mum@example/i, 'nobody else is named')
    await takePicture(page, 'gated-post-phone')
    await page.context().close()
  })

  it('does not let Carol in, who is not in the audience', async () => {
    const { origin } = neighbours.urlOf('carol')
    const { profileUrl: carol, sites } = fakeWordPress({
      site: origin,
      me: `${origin}/`,
      now: () => new Date(),
    })
    const endpoint = sites[origin]
    assert.ok(endpoint)
    neighbours.settle('carol', endpoint)
    const page = await openPage('desktop')
    await page.goto(gated.href)
    await page.getByRole('textbox').fill(carol.href)
    const [answer] = await Promise.all([
      page.waitForResponse(
        (response) =>
          response.url() === gated.href &&
          response.request().method() === 'GET' &&
          response.status() !== 401,
      ),
      page.getByRole('button', { name: /continue|sign in/i }).click(),
    ])
    assert.equal(answer.status(), 403)
    await page.waitForLoadState()
    assert.doesNotMatch(await page.content(), WORDS)
    assert.match(await page.innerText('main'), /carol\.localhost/)
    await takePicture(page, 'forbidden-desktop')
    await page.context().close()
  })

  it('lets Mum in, who follows her invitation, and lets her out again', async () => {
    const page = await openPage('phone')
    await page.goto(invitation.href)
    assert.doesNotMatch(await page.content(), WORDS)
    await takePicture(page, 'invitation-phone')
    await page.getByRole('button').first().click()
    await page.waitForURL(gated.href)
    assert.match(await page.innerText('main'), WORDS)

    await page.goto(new URL('indieauth/sign-out', neighbours.alice.url).href)
    await takePicture(page, 'sign-out-phone')
    await page.getByRole('button', { name: /sign out/i }).click()
    assert.equal((await page.goto(gated.href))?.status(), 401)
    await page.context().close()
  })
})

async function openPage(screen: Screen): Promise<Page> {
  const context = await browser.newContext({ viewport: SCREENS[screen] })
  return context.newPage()
}

const Links = v.object({
  links: v.array(
    v.object({ post: v.string(), recipient: v.nullable(v.string()), url: v.string() }),
  ),
})

async function linksOf(post: string) {
  const { out, error } = await neighbours.command(
    'alice',
    ...['links', '--json', '--site', neighbours.alice.url.href],
    ...['--ledger', neighbours.alice.ledger],
  )
  assert.equal(error, '')
  return v.parse(Links, JSON.parse(out)).links.filter((row) => row.post.endsWith(post))
}
