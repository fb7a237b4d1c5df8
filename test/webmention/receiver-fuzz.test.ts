import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createLab, entry, htmlResponse, POST, SECRET_POST, SITE, SOURCE } from './receiving.ts'
import { holds } from '../support/property.ts'

const RUNS = { numRuns: 300 }

const url = fc.oneof(
  fc.constantFrom(
    SOURCE,
    POST,
    SECRET_POST,
    SITE.href,
    'http://[::1',
    'https://bob.example:99999/',
  ),
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.string({ unit: 'binary' }),
)
const name = fc.oneof(
  fc.constantFrom('source', 'target', 'code', 'realm', 'vouch', '__proto__', ''),
  fc.string(),
)
const form = fc.array(fc.tuple(name, url), { maxLength: 8 })
const piece = fc.oneof(
  fc.constantFrom(
    `<a href="${POST}">x</a>`,
    '<div class="h-entry">',
    '<div class="e-content">',
    '<a class="p-author h-card" href="/">',
    `<a class="u-in-reply-to h-cite" href="${POST}">`,
    '<time class="dt-published" datetime="2026-99-99">',
    '<data class="p-visibility" value="private">',
    '<base href="::">',
    '<template>',
    '<table>',
    '<svg>',
    '</div>',
    '<!--',
    '<meta http-equiv="status" content="410">',
    'class="p-constructor"',
    '<p class="vcard hentry author" itemref="a a">',
  ),
  fc.string({ unit: 'binary' }),
)
const media = fc.constantFrom(
  'text/html',
  'application/json',
  'text/plain',
  'text/html;charset=x',
  'x',
)

describe('the webmention endpoint, fuzzed', () => {
  it('never answers 5xx, whatever is posted (property)', async (t) => {
    const accepted = createLab()
    assert.equal((await accepted.post({ source: SOURCE, target: POST })).status, 201)
    await holds(
      t,
      fc.asyncProperty(form, async (fields) => {
        const lab = createLab()
        const body = new URLSearchParams()
        for (const [key, value] of fields) body.append(key, value)
        const response = await lab.post(body)
        assert.ok(response.status < 500, String(response.status))
        await lab.settle()
        assert.deepEqual(lab.troubles, [])
      }),
      RUNS,
    )
  })

  it('never answers 5xx, whatever body and headers come (property)', async (t) => {
    const types = fc.constantFrom('application/x-www-form-urlencoded', 'text/plain', '')
    await holds(
      t,
      fc.asyncProperty(
        types,
        fc.uint8Array({ maxLength: 400 }),
        fc.string(),
        async (type, body, accept) => {
          const headers = new Headers({ 'content-type': type })
          headers.set('accept', accept.replace(/[^\x20-\x7e]/g, '*'))
          const lab = createLab()
          const request = new Request(`${SITE.href}webmention`, { method: 'POST', headers, body })
          assert.ok((await lab.endpoint(request)).status < 500)
        },
      ),
      RUNS,
    )
  })

  it('never answers 5xx, whatever path is asked for (property)', async (t) => {
    const lab = createLab()
    const methods = fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'PUT')
    await holds(
      t,
      fc.asyncProperty(methods, fc.string({ unit: 'binary' }), async (method, rest) => {
        const path = new URL(
          `/webmention/${encodeURIComponent(rest.replace(/\p{Cs}/gu, ''))}`,
          SITE,
        )
        const { status } = await lab.endpoint(new Request(path, { method }))
        assert.ok(status < 500)
      }),
      RUNS,
    )
  })

  it('settles every source, whatever it says (property)', async (t) => {
    const statuses = fc.constantFrom(200, 200, 200, 204, 302, 401, 404, 410, 500)
    await holds(
      t,
      fc.asyncProperty(fc.array(piece), media, statuses, async (pieces, type, code) => {
        const lab = createLab({ pages: { [SOURCE]: entry() } })
        await lab.send()
        lab.wait(60)
        lab.pages[SOURCE] = () =>
          code === 204
            ? new Response(null, { status: 204 })
            : new Response(pieces.join(''), { status: code, headers: { 'content-type': type } })
        const { status } = await lab.send()
        assert.deepEqual(lab.troubles, [])
        assert.ok(code === 500 ? status === 'pending' : status !== 'pending', status)
      }),
      RUNS,
    )
  })

  it('shows nothing of a private page in public, however it is built (property)', async (t) => {
    await holds(
      t,
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const lab = createLab()
        const sign = '<data class="p-visibility" value="private"></data>'
        lab.pages[SOURCE] = () => htmlResponse(sign + entry() + pieces.join(''))
        await lab.send()
        for (const { privacy } of lab.messages.values()) assert.equal(privacy, 'private')
      }),
      RUNS,
    )
  })
})
