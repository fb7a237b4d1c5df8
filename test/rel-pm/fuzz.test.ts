import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ALICE, BOB, createNeighbours, formOf, PM_ALICE, PM_BOB, pushOf } from './lab.ts'
import { holds } from '../support/property.ts'

const RUNS = { numRuns: 100 }
const TIME = { timeout: 60_000 }

const url = fc.oneof(
  fc.constantFrom(
    ALICE.href,
    BOB.href,
    PM_BOB.href,
    'https://[::1',
    'https://x:99999/',
    'https://',
  ),
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.string({ unit: 'binary' }),
)
const name = fc.oneof(
  fc.constantFrom(
    ...['message', 'from', 'to', 'check', 'deliver_to', 'token', 'standing', 'standing_token'],
    ...['expires_in', '__proto__', 'constructor', ''],
    ...['message_id', 'id', 'sender', 'source', 'destination', 'secret', 'content', 'html'],
  ),
  fc.string(),
)
const form = fc.array(fc.tuple(name, fc.oneof(url, fc.constantFrom('m1', 'true', '60'))), {
  maxLength: 9,
})
const field = fc.constantFrom(
  ...['uid', 'author', 'audience', 'published', 'name', 'summary', 'url', 'content', 'in-reply-to'],
  ...['__proto__', 'type'],
)
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, '', 'entry', 'm1', ALICE.href, '2026-13-40T99:00', '<p><b><i></p>', 0),
    fc.string({ unit: 'binary' }),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('url', 'uid', 'name', 'text', 'html', 'value'), tie('any')),
  ),
})).any

describe('the pm endpoint, fuzzed', () => {
  it('never answers 5xx, whatever form comes, and comes to an end with it (property)', async (t) => {
    await holds(
      t,
      fc.asyncProperty(form, async (fields) => {
        const { town } = createNeighbours()
        const body = new URLSearchParams()
        for (const [key, text] of fields) body.append(key, text)
        for (const place of [PM_BOB, PM_ALICE]) {
          const response = await town.fetch(place, { method: 'POST', body })
          assert.ok(response.status < 500, String(response.status))
        }
        await town.settle()
        assert.deepEqual(town.troubles, [])
      }),
      RUNS,
    )
  })

  it('never answers 5xx, whatever message a good token brings (property)', async (t) => {
    const { town, bob } = createNeighbours({ bob: { limits: { perClient: Infinity } } })
    const claims = { from: ALICE.href, to: BOB.href, family: 'f' }
    const token = await bob.secrets.issue('pm-standing-token', claims)
    const good = { type: 'entry', uid: 'm1', content: 'x' }
    const statuses = new Set<number>()
    await holds(
      t,
      fc.asyncProperty(fc.dictionary(field, value), async (fields) => {
        const response = await town.fetch(PM_BOB, pushOf({ ...good, ...fields }, token))
        statuses.add(response.status)
        assert.ok(response.status < 500, String(response.status))
      }),
      RUNS,
    )
    assert.ok(statuses.has(201) && statuses.has(400), [...statuses].join())
  })

  it('never answers 5xx, whatever bytes, types, tokens and paths come (property)', async (t) => {
    const types = fc.constantFrom(
      ...['application/json', 'application/jf2+json', 'application/mf2+json', 'text/plain', ''],
      ...['text/html', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'],
    )
    const bytes = fc.uint8Array({ maxLength: 400 })
    const token = fc.stringMatching(/^[\x20-\x7e]{0,60}$/)
    await holds(
      t,
      fc.asyncProperty(types, bytes, token, fc.webPath(), async (type, body, secret, path) => {
        const { town } = createNeighbours()
        const headers = { 'content-type': type, authorization: `Bearer ${secret}` }
        const init = { method: 'POST', headers, body: Uint8Array.from(body) }
        assert.ok((await town.fetch(PM_BOB, init)).status < 500)
        const below = new URL(`/pm${path}`, PM_BOB)
        assert.ok((await town.fetch(below, { headers })).status < 500)
      }),
      RUNS,
    )
  })

  it('never answers 5xx, whatever a good token brings in whatever format (property)', async (t) => {
    const { town, bob } = createNeighbours({ bob: { limits: { perClient: Infinity } } })
    const claims = { from: ALICE.href, to: BOB.href, family: 'f' }
    const token = await bob.secrets.issue('pm-standing-token', claims)
    const types = fc.constantFrom(
      ...['application/json', 'application/mf2+json', 'text/html', 'text/plain'],
      ...['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'],
    )
    const piece = fc.constantFrom(
      ...['{"items":[', '{"type":["h-entry"],"properties":{', '"content":', '"x"', ']', '}', ','],
      ...[
        '"author":[',
        '"__proto__":',
        '{"html":"<p>"}',
        '<p class=h-entry>',
        '<a class="u-uid p-author"',
      ],
      ...[
        ' href=//eve.example>',
        '</p>',
        'content=x',
        'message=m1',
        '&',
        '--x\r\n',
        '--x--',
        '\r\n\r\n',
      ],
      'Content-Disposition: form-data; name="content"\r\n',
    )
    const text = fc
      .array(fc.oneof(piece, fc.string()), { maxLength: 12 })
      .map((all) => all.join(''))
    const statuses = new Set<number>()
    await holds(
      t,
      fc.asyncProperty(types, text, async (type, body) => {
        const headers = { 'content-type': type, authorization: `Bearer ${token}` }
        const url = new URL('?message_id=m1', PM_BOB)
        const { status } = await town.fetch(url, { method: 'POST', headers, body })
        statuses.add(status)
        assert.ok(status < 500, String(status))
      }),
      RUNS,
    )
    assert.ok(statuses.has(201) && statuses.has(400), [...statuses].join())
  })

  it('withstands what makes parsers slow', TIME, async () => {
    const { town, bob } = createNeighbours()
    const claims = { from: ALICE.href, to: BOB.href, family: 'f' }
    const token = await bob.secrets.issue('pm-standing-token', claims)
    const hostile = [
      '<b><i><u><a href=x>'.repeat(8_000),
      '<div>'.repeat(40_000),
      '<table><tr><td>'.repeat(12_000),
      '<!--'.repeat(40_000),
      '&amp'.repeat(50_000),
      '<p>x</p>'.repeat(25_000),
      `${'<br '.repeat(40_000)}`,
    ]
    for (const html of hostile) {
      const entry = { type: 'entry', uid: 'm1', content: { html } }
      const { status } = await town.fetch(PM_BOB, pushOf(entry, token))
      assert.ok(status === 201 || status === 400, String(status))
    }
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    assert.equal((await town.fetch(PM_BOB, pushOf(nested, token))).status, 400)
    assert.equal(
      (await town.fetch(PM_BOB, formOf({ message: 'm', x: '&'.repeat(5_000) }))).status,
      400,
    )
  })
})
