import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { discoverWebmentionEndpoint } from '../../lib/webmention/discovery.ts'
import { processWebmentionResponse } from '../../lib/webmention/sender.ts'

const page = new URL('https://bob.example/page')
const endpoint = new URL('https://bob.example/webmention')
const MINUTE = 60_000

/** Each of the paragraphs repeats all the formatting before it: 60 KB become 25 million elements. */
function multiplying(count: number): string {
  const formatting = Array.from({ length: count }, (_, i) => `<b a${i}>`)
  return `<p>${formatting.join('')}${'<p>x'.repeat(count)}`
}

const discover = (body: string) =>
  discoverWebmentionEndpoint(page, {
    fetch: async () => new Response(body, { headers: { 'content-type': 'text/html' } }),
  })

describe('a page that multiplies as it is parsed', () => {
  const link = '<link rel="webmention" href="/webmention">'

  it('is read as far as that is reasonable', { timeout: MINUTE }, async () => {
    assert.equal(await discover(`${multiplying(5_000)}${link}`), undefined)
  })

  it('keeps the endpoint that it named before', { timeout: MINUTE }, async () => {
    const found = await discover(`${link}${multiplying(5_000)}`)
    assert.equal(found?.href, endpoint.href)
  })

  it('may explain a refusal, for all the good it does', { timeout: MINUTE }, async () => {
    const headers = { 'content-type': 'text/html' }
    const response = new Response(`No! ${multiplying(5_000)}`, { status: 400, headers })
    const answer = await processWebmentionResponse(response, endpoint, new Date())
    assert.equal(answer.status, 'rejected')
  })
})

describe('a page that is merely large', () => {
  it('is read to the end: 60,000 links, then the endpoint', async () => {
    const links = '<a href=/x>x</a>'.repeat(60_000)
    const found = await discover(`${links}<a rel=webmention href=/webmention>w</a>`)
    assert.equal(found?.href, endpoint.href)
  })

  it('is read to the end: 10,000 elements deep, then the endpoint', async () => {
    const found = await discover(
      `${'<div>'.repeat(10_000)}<a rel=webmention href=/webmention>w</a>`,
    )
    assert.equal(found?.href, endpoint.href)
  })
})
