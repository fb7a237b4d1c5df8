import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { processWebmentionResponse, webmentionRequest } from '../../lib/webmention/sender.ts'
import { createWeb } from '../support/web.ts'

const source = new URL('https://alice.example/p/0123456789abcdefghjkmnpqrs/')
const target = new URL('https://bob.example/notes/1?a=b&c')
const endpoint = new URL('https://bob.example/wm?key=1')
const now = new Date('2026-11-21T12:00:00Z')

const judge = (status: number, headers: Record<string, string> = {}, body: string | null = null) =>
  processWebmentionResponse(new Response(body, { status, headers }), endpoint, now)

describe('webmentionRequest()', () => {
  it('MUST post source and target as a form, and keep the query of the endpoint in its place', async () => {
    let sent: Request | undefined
    const web = createWeb({
      'https://bob.example': async (request) => {
        sent = request.clone()
        return new Response(null, { status: 202 })
      },
    })
    await webmentionRequest(endpoint, { source, target }, web)

    assert.ok(sent)
    assert.equal(sent.method, 'POST')
    assert.equal(sent.url, endpoint.href)
    assert.equal(sent.redirect, 'manual')
    assert.match(sent.headers.get('accept') ?? '', /^application\/json/)
    assert.match(sent.headers.get('content-type') ?? '', /^application\/x-www-form-urlencoded/)
    assert.deepEqual(
      [...new URLSearchParams(await sent.text())],
      [
        ['source', source.href],
        ['target', target.href],
      ],
    )
  })
})

describe('processWebmentionResponse()', () => {
  it('takes a location beyond ASCII for UTF-8, as browsers do', async () => {
    // Headers arrive as Latin-1.
    const location = Buffer.from('https://b\u00fccher.example/\u00fc').toString('latin1')
    assert.deepEqual(await judge(307, { location }), {
      status: 'moved',
      location: new URL('https://xn--bcher-kva.example/%C3%BC'),
    })
  })

  for (const status of [200, 201, 202, 203, 204, 299]) {
    it(`MUST treat ${status} as success`, async () => {
      assert.equal((await judge(status)).status, 'accepted')
    })
  }

  for (const [status, location, expected] of [
    [201, 'https://bob.example/status/1', 'https://bob.example/status/1'],
    [201, '/status/1', 'https://bob.example/status/1'],
    [201, 'status/1', 'https://bob.example/status/1'],
    [303, '/status/1', 'https://bob.example/status/1'],
  ] as const) {
    it(`finds the status page of ${status} at ${location}`, async () => {
      const answer = await judge(status, { location })
      assert.ok(answer.status === 'accepted')
      assert.equal(answer.statusUrl?.href, expected)
    })
  }

  for (const [status, location] of [
    [201, undefined],
    [201, 'javascript:alert(1)'],
    [201, 'http://['],
    [303, undefined],
  ] as const) {
    it(`counts ${status} with the location ${location} as taken, and says what is missing`, async () => {
      const answer = await judge(status, location === undefined ? {} : { location })
      const reason = `the receiver answered ${status}, but named no status page`
      assert.deepEqual(answer, { status: 'accepted', reason })
    })
  }

  it('takes no status page from a success that has none by the spec', async () => {
    assert.deepEqual(await judge(200, { location: '/elsewhere' }), {
      status: 'accepted',
      reason: 'the receiver answered 200',
    })
  })

  for (const status of [301, 302, 307, 308]) {
    it(`sees in ${status} that the endpoint has moved`, async () => {
      const answer = await judge(status, { location: '/new?key=2' })
      assert.ok(answer.status === 'moved')
      assert.equal(answer.location.href, 'https://bob.example/new?key=2')
    })

    it(`rejects ${status} that leads nowhere`, async () => {
      assert.equal((await judge(status)).status, 'rejected')
      assert.equal((await judge(status, { location: 'mailto:bob@bob.example' })).status, 'rejected')
    })
  }

  for (const status of [408, 425, 429, 500, 502, 503, 504]) {
    it(`defers after ${status}, until the time that it names`, async () => {
      const answer = await judge(status, { 'retry-after': '60' })
      assert.ok(answer.status === 'deferred')
      assert.equal(answer.notBefore?.toISOString(), '2026-11-21T12:01:00.000Z')

      const reason = `the receiver answered ${status}`
      assert.deepEqual(await judge(status), { status: 'deferred', reason })
      assert.deepEqual(await judge(status, { 'retry-after': 'soon' }), {
        status: 'deferred',
        reason,
      })
    })
  }

  for (const status of [400, 401, 403, 404, 405, 410, 415, 422, 449]) {
    it(`takes ${status} as final`, async () => {
      assert.equal((await judge(status, { 'retry-after': '60' })).status, 'rejected')
    })
  }

  describe('what it says of an error', () => {
    const reasonOf = async (body: string, type: string) => {
      const answer = await judge(400, { 'content-type': type }, body)
      assert.ok(answer.status === 'rejected')
      return answer.reason
    }
    const said = (words: string) => `the receiver answered 400: ${words}`
    const json = 'application/json'

    for (const [id, body, type, words] of [
      ['plain text', 'no link found', 'text/plain', 'no link found'],
      ['text of no type', 'no link found', '', 'no link found'],
      ['JSON', '{"error":"a","error_description":"no link"}', json, 'no link'],
      ['JSON with only a code', '{"error":"no_link_found"}', json, 'no_link_found'],
      ['JSON with other types', '{"error_description":{"a":1},"error":"b"}', json, 'b'],
      [
        'HTML',
        '<style>x</style><script>y</script><h1>No</h1>\n<p>link &amp; all',
        'text/html',
        'No link & all',
      ],
      ['lines', 'a\r\n\tb', 'text/plain', 'a b'],
      ['control characters', 'a\u001b[31mb\u0000\u202ec\u200bd', 'text/plain', 'a [31mb c d'],
    ] as const) {
      it(`repeats ${id} in one line`, async () => {
        assert.equal(await reasonOf(body, type), said(words))
      })
    }

    for (const [id, body, type] of [
      ['nothing', '', 'text/plain'],
      ['broken JSON', '{', json],
      ['JSON that is no object', '["a"]', json],
      ['JSON null', 'null', json],
    ] as const) {
      it(`says only the status of ${id}`, async () => {
        assert.equal(await reasonOf(body, type), 'the receiver answered 400')
      })
    }

    it('repeats no more than 200 characters', async () => {
      assert.equal(await reasonOf('-'.repeat(201), 'text/plain'), said(`${'-'.repeat(200)}…`))
      assert.equal(await reasonOf('-'.repeat(200), 'text/plain'), said('-'.repeat(200)))
    })

    it('repeats no capability token', async () => {
      const reason = await reasonOf(`${source.href} has no link`, 'text/plain')
      assert.equal(reason, said('https://alice.example/p/0123…/ has no link'))
      const cut = await reasonOf(`${'-'.repeat(180)}${source.pathname}`, 'text/plain')
      assert.doesNotMatch(cut, /01234/)
    })

    it('goes by the status if the body breaks off', async () => {
      const body = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) })
      const answer = await processWebmentionResponse(
        new Response(body, { status: 400 }),
        endpoint,
        now,
      )
      assert.deepEqual(answer, { status: 'rejected', reason: 'the receiver answered 400' })
    })
  })
})
