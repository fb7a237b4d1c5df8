import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FetchError, ResponseError } from '../../lib/web/errors.ts'
import type { FetchedSource } from '../../lib/webmention/source-access.ts'
import { verifyWebmention } from '../../lib/webmention/verification.ts'
import { linkVectors } from './receiver-vectors.ts'
import { entry, htmlResponse, NOW, POST, SITE, SOURCE } from './receiving.ts'

const source = new URL(SOURCE)
const target = new URL(POST)
const no = () => false

function verify(
  answer: Response | Error,
  {
    chain = [source],
    authenticated = false,
    isDenied = no,
    to = target,
  }: Partial<FetchedSource> & { isDenied?: (url: URL) => boolean; to?: URL } = {},
) {
  const access = {
    redeem: async () => ({ redeemed: true }) as const,
    async fetch() {
      if (answer instanceof Error) throw answer
      return { response: answer, authenticated, chain }
    },
  }
  return verifyWebmention(
    { source, target: to },
    { access, isDenied, now: () => NOW, me: SITE, isHome: false },
  )
}

describe('verifyWebmention(): the link, by media type', () => {
  assert.ok(linkVectors.length > 40)
  for (const { id, type = 'text/html', body, mentions } of linkVectors) {
    it(`${mentions ? 'accepts' : 'rejects'} ${id}`, async () => {
      const response = new Response(body, { headers: { 'content-type': type } })
      const { outcome } = await verify(response)
      assert.equal(outcome, mentions ? 'mentions' : 'absent')
    })
  }

  it('ignores the fragment of the target', async () => {
    const { outcome } = await verify(htmlResponse(entry()), { to: new URL(`${POST}#comments`) })
    assert.equal(outcome, 'mentions')
  })

  it('resolves links against where the source was found in the end', async () => {
    const body = '<a href="/post/">x</a>'
    const chain = [source, new URL('https://alice.example/other/')]
    assert.equal((await verify(htmlResponse(body), { chain })).outcome, 'mentions')
    assert.equal((await verify(htmlResponse(body))).outcome, 'absent')
  })
})

describe('verifyWebmention(): what the source answers', () => {
  const statuses = [
    [410, 'absent', 'gone'],
    [404, 'failed', 'not_found'],
    [401, 'failed', 'unauthorized'],
    [403, 'failed', 'unauthorized'],
    [400, 'failed', 'invalid_source'],
    [302, 'failed', 'invalid_source'],
    [500, 'later', undefined],
    [503, 'later', undefined],
    [429, 'later', undefined],
    [408, 'later', undefined],
  ] as const
  for (const [status, outcome, word] of statuses) {
    it(`${status}: ${outcome}`, async () => {
      const verification = await verify(new Response(entry(), { status }))
      assert.equal(verification.outcome, outcome)
      assert.equal('status' in verification ? verification.status : undefined, word)
    })
  }

  it('a page that says 410 for its host is gone, whatever it links to', async () => {
    const meta = '<meta http-equiv="Status" content="410 Gone">'
    const verification = await verify(htmlResponse(meta + entry()))
    assert.deepEqual(
      [verification.outcome, 'status' in verification && verification.status],
      ['absent', 'gone'],
    )
    const other = '<meta http-equiv="Status" content="200 OK">'
    assert.equal((await verify(htmlResponse(other + entry()))).outcome, 'mentions')
  })

  it('honours Retry-After', async () => {
    const headers = { 'retry-after': '600' }
    const verification = await verify(new Response('', { status: 503, headers }))
    assert.ok(verification.outcome === 'later')
    assert.equal(verification.notBefore?.toISOString(), '2026-11-21T12:10:00.000Z')
  })

  for (const type of ['application/pdf', 'image/png', 'text/css', '']) {
    it(`refuses ${type || 'no media type'}`, async () => {
      const body = new TextEncoder().encode(entry())
      const response = new Response(body, type ? { headers: { 'content-type': type } } : {})
      assert.deepEqual(await verify(response), {
        outcome: 'failed',
        status: 'unsupported_content_type',
      })
    })
  }

  it('neither believes nor deletes by JSON that is none', async () => {
    const headers = { 'content-type': 'application/json' }
    const verification = await verify(new Response(`{"a":"${POST}"`, { headers }))
    assert.deepEqual(verification, { outcome: 'failed', status: 'invalid_content' })
  })

  it('reads up to 1 MB, and refuses what is larger', async () => {
    const page = entry()
    const fill = (size: number) => page + ' '.repeat(size - page.length)
    assert.equal((await verify(htmlResponse(fill(1024 * 1024)))).outcome, 'mentions')
    const verification = await verify(htmlResponse(fill(1024 * 1024 + 1)))
    assert.deepEqual(verification, { outcome: 'failed', status: 'too_large' })
  })

  it('tries again what breaks off before that', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(entry()))
        controller.error(new FetchError('broke off'))
      },
    })
    const response = new Response(body, { headers: { 'content-type': 'text/html' } })
    assert.equal((await verify(response)).outcome, 'later')
  })

  it('tries again where nobody answered, never where we would not go', async () => {
    assert.equal((await verify(new FetchError('no answer'))).outcome, 'later')
    const refusal = await verify(new FetchError('private address', { kind: 'refused' }))
    assert.deepEqual(refusal, { outcome: 'failed', status: 'invalid_source' })
    const peer = await verify(new ResponseError('no token in it'))
    assert.deepEqual(peer, { outcome: 'failed', status: 'access_token_error' })
  })

  it('hides no fault of ours', async () => {
    await assert.rejects(verify(new TypeError('a bug')), /a bug/)
  })

  it('asks the block list for every URL on the way', async () => {
    const chain = [source, new URL('https://eve.example/x'), new URL('https://carol.example/')]
    for (const host of ['bob.example', 'eve.example', 'carol.example']) {
      const isDenied = (url: URL) => url.host === host
      const verification = await verify(htmlResponse(entry()), { chain, isDenied })
      assert.deepEqual(verification, { outcome: 'failed', status: 'blocked' })
    }
    assert.equal((await verify(htmlResponse(entry()), { chain })).outcome, 'mentions')
  })

  it('fetches nothing from a source that is blocked', async () => {
    const isDenied = () => true
    const verification = await verify(new Error('was fetched'), { isDenied })
    assert.deepEqual(verification, { outcome: 'failed', status: 'blocked' })
  })
})
