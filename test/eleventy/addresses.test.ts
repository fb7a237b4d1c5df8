import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { createSite, post, type Site } from '../support/site.ts'

const BOB = 'https://bob.example/'
const DAVE = 'dave@chat.example'
const DINNER = 'private/dinner.md'

let site: Site | undefined
afterEach(() => site?.dispose())

describe('a copy for somebody with an address', () => {
  it('names them by their address, and links nothing that no browser follows', async () => {
    site = createSite({
      [DINNER]: post(`audience: ["${BOB}", ${DAVE}]`, '{{ recipient.name }}|{{ recipient.url }}|'),
    })
    const built = await site.build()
    const copy = built.copy(DINNER, DAVE)
    assert.match(copy, /<span class="p-audience h-card">dave@chat\.example<\/span>/)
    assert.match(copy, /dave@chat\.example\|\|/)
    assert.ok(!copy.includes('bob.example'))
    assert.ok(!copy.includes('acct:'))
    assert.ok(!built.publicBytes().includes('dave@'))
    assert.match(built.copy(DINNER, BOB), /bob\.example\|https:\/\/bob\.example\/\|/)
  })

  it('links the website that the options know of them', async () => {
    site = createSite({ [DINNER]: post(`audience: ${DAVE}`) })
    const profile = 'https://dave.example/'
    const built = await site.build({ options: { recipients: { [DAVE]: { profile } } } })
    assert.match(built.copy(DINNER, DAVE), /u-audience h-card" href="https:\/\/dave\.example\/"/)
  })

  it('has another among its company, if the author shows the audience', async () => {
    site = createSite({ [DINNER]: post(`showAudience: true\naudience: [Mum, ${DAVE}]`) })
    const built = await site.build()
    assert.match(built.copy(DINNER, 'Mum'), /and with <span class="p-audience h-card">dave@chat/)
  })

  it('keeps its link from build to build, whatever the case of its domain', async () => {
    site = createSite({ [DINNER]: post(`audience: ${DAVE}`) })
    const before = (await site.eleventy()).tokens(DINNER)
    assert.deepEqual(Object.keys(before), [DAVE])
    site.write({ [DINNER]: post('audience: dave@Chat.EXAMPLE') })
    assert.deepEqual((await site.eleventy()).tokens(DINNER), before)
  })
})

describe('an answer to a message', () => {
  it('shows nobody a link to it', async () => {
    site = createSite({
      [DINNER]: post('inReplyTo: "fmtp:1.dave@chat.example"\naudience: ["mailto:mum@example.com"]'),
    })
    const built = await site.build()
    for (const recipient of [DAVE, 'mailto:mum@example.com']) {
      assert.doesNotMatch(built.copy(DINNER, recipient), /u-in-reply-to|fmtp:/)
    }
  })
})
