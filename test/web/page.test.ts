import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { html } from '../../lib/web/markup.ts'
import { pageResponse } from '../../lib/web/page.ts'

const body = html`<h1>Hello</h1>`

describe('pageResponse()', () => {
  it('is a page for people, in English, for any width, with its body in it', async () => {
    const response = pageResponse({ title: 'A & <B>', body })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8')
    const page = await response.text()
    assert.match(page, /^<!doctype html>\n<html lang="en">/i)
    assert.match(page, /<title>A &amp; &lt;B&gt;<\/title>/)
    assert.match(page, /name="viewport" content="width=device-width, initial-scale=1"/)
    assert.match(page, /<main>\s*<h1>Hello<\/h1>\s*<\/main>/)
  })

  it('allows its own style by hash, and no script, frame, base or anything from elsewhere', async () => {
    const response = pageResponse({ title: 'A', body, style: 'p{color:red}' })
    const policy = response.headers.get('content-security-policy') ?? ''
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(await response.text()) ?? []
    assert.match(style, /p\{color:red\}$/)
    const hash = createHash('sha256').update(style).digest('base64')
    assert.ok(policy.includes(`style-src 'sha256-${hash}'`))
    for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"]) {
      assert.ok(policy.includes(rule), rule)
    }
    assert.doesNotMatch(policy, /script-src|unsafe/)
  })

  it('is in no cache and no index, and says nothing to where its links lead', () => {
    const { headers } = pageResponse({ title: 'A', body })
    assert.equal(headers.get('cache-control'), 'private, no-store')
    assert.match(headers.get('x-robots-tag') ?? '', /noindex, nofollow, noarchive/)
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
  })

  it('takes a status, a language, more room, and headers in place of its own', async () => {
    const headers = { 'cache-control': 'public', 'x-a': 'b' }
    const response = pageResponse({
      title: 'A',
      body,
      status: 404,
      lang: 'de',
      wide: true,
      headers,
    })
    assert.equal(response.status, 404)
    assert.equal(response.headers.get('cache-control'), 'public')
    assert.equal(response.headers.get('x-a'), 'b')
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer')
    const page = await response.text()
    assert.match(page, /<html lang="de">/)
    assert.match(page, /<main class="wide">/)
  })
})
