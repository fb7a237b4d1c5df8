import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { importMentions } from '../../lib/inbox/import-mentions.ts'
import { ResponseError } from '../../lib/web/errors.ts'
import { mentionKey } from '../../lib/webmention/equivalence.ts'
import { createWeb } from '../support/web.ts'
import { createBench, listed, ME, POLICY, POST, publishedSources } from './messages.ts'

/** As webmention.io writes it. */
function jf2(of: Record<string, unknown> = {}) {
  return {
    type: 'entry',
    author: {
      type: 'card',
      name: 'Bob',
      photo: 'https://avatars.example/1',
      url: 'https://bob.example/',
    },
    url: 'https://bob.example/1',
    published: '2025-01-02T03:04:05+01:00',
    'wm-received': '2025-01-02T04:00:00Z',
    'wm-id': 1,
    'wm-source': 'https://bob.example/1',
    'wm-target': POST,
    'wm-protocol': 'webmention',
    content: { html: '<p>Hi<script>alert(1)</script></p>', text: 'Hi' },
    'in-reply-to': POST,
    'wm-property': 'in-reply-to',
    'wm-private': false,
    rels: { canonical: 'https://bob.example/1' },
    ...of,
  }
}

function createWebmentionIo(entries: readonly unknown[]) {
  const requests: Request[] = []
  const web = createWeb({
    'https://webmention.io': async (request) => {
      requests.push(request)
      if (request.headers.get('authorization') !== 'Bearer xxxxxxx') {
        return Response.json({ error: 'forbidden' }, { status: 401 })
      }
      const query = new URL(request.url).searchParams
      const size = Number(query.get('per-page'))
      const start = Number(query.get('page')) * size
      return Response.json({ type: 'feed', children: entries.slice(start, start + size) })
    },
  })
  return { ...web, requests }
}

describe('importMentions()', () => {
  it('keeps wm-private: private ones stay out of everything public', async () => {
    const bench = createBench({ policy: { ...POLICY, otherwise: 'accept' } })
    const { fetch } = createWebmentionIo([
      jf2(),
      jf2({ 'wm-source': 'https://bob.example/2', 'wm-private': true }),
      jf2({ 'wm-source': 'https://bob.example/3', 'wm-private': 'true' }),
      jf2({ 'wm-source': 'https://bob.example/4', 'wm-private': undefined }),
      jf2({ 'wm-source': 'https://bob.example/5', 'wm-target': ME.href }),
    ])
    const outcome = await importMentions({ token: 'xxxxxxx', sink: bench.inbox, fetch })
    assert.deepEqual([outcome.keys.length, outcome.private, outcome.unreadable], [5, 2, 0])
    assert.deepEqual(await publishedSources(bench), ['https://bob.example/1'])
    const hidden = (await listed(bench)).filter(({ isPrivate }) => isPrivate)
    assert.equal(hidden.length, 4)
  })

  it('sends the token in a header, and to no redirect', async () => {
    const { fetch, requests } = createWebmentionIo([])
    const sink = createBench().inbox
    await importMentions({ token: 'xxxxxxx', domain: 'alice.example', sink, fetch })
    const [request] = requests
    assert.ok(request && !request.url.includes('xxxxxxx'))
    assert.equal(request.redirect, 'error')
    assert.equal(new URL(request.url).searchParams.get('domain'), 'alice.example')
  })

  it('takes over all pages, the kind, and what the author wrote', async () => {
    const bench = createBench()
    const many = Array.from({ length: 120 }, (_, i) =>
      jf2({ 'wm-source': `https://bob.example/${i}` }),
    )
    const { fetch, requests } = createWebmentionIo([
      ...many,
      jf2({ 'wm-source': 'https://h.example/rsvp', 'wm-property': 'rsvp', rsvp: 'yes' }),
      jf2({
        'wm-source': 'https://h.example/like',
        'wm-property': 'like-of',
        content: null,
        author: null,
      }),
      jf2({ 'wm-source': 'https://h.example/new', 'wm-property': 'never-heard-of' }),
    ])
    await importMentions({ token: 'xxxxxxx', sink: bench.inbox, fetch })
    assert.equal(requests.length, 3)
    const entries = await listed(bench)
    assert.equal(entries.length, 123)
    const types = ['rsvp', 'like', 'new'].map(
      (name) =>
        entries.find(({ envelope }) => envelope.source === `https://h.example/${name}`)?.envelope,
    )
    assert.deepEqual(
      types.map((of) => of?.type),
      ['rsvp', 'like', 'mention'],
    )
    const bobs = { name: 'Bob', url: 'https://bob.example/', photo: 'https://avatars.example/1' }
    assert.deepEqual(types[0]?.author, { ...bobs, via: 'h.example' })
    assert.equal(types[0]?.url, 'https://bob.example/1')
    const key = mentionKey(new URL('https://bob.example/1'), new URL(POST))
    const bob = await bench.inbox.find(key)
    assert.deepEqual(
      [bob?.html, bob?.text, bob?.author.url, bob?.inReplyTo],
      ['<p>Hi</p>', 'Hi', 'https://bob.example/', POST],
    )
  })

  it('counts what is no mention, and goes on', async () => {
    const bench = createBench()
    const odd = [
      null,
      7,
      {},
      jf2({ 'wm-source': 'javascript:alert(1)' }),
      jf2({ 'wm-target': 'x' }),
    ]
    const { fetch } = createWebmentionIo([...odd, jf2()])
    const outcome = await importMentions({ token: 'xxxxxxx', sink: bench.inbox, fetch })
    assert.deepEqual([outcome.keys.length, outcome.unreadable], [1, 5])
  })

  it('says that the token is refused, and not which it was', async () => {
    const { fetch } = createWebmentionIo([])
    await assert.rejects(
      importMentions({ token: 'yyyyyyyyyy', sink: createBench().inbox, fetch }),
      (error) =>
        error instanceof ResponseError &&
        /refused/.test(error.message) &&
        !/yyyy/.test(error.message),
    )
  })

  it('takes no other answer for a feed', async () => {
    for (const body of ['', '[]', '{"children":{}}', '<html>']) {
      const web = createWeb({ 'https://webmention.io': async () => new Response(body) })
      await assert.rejects(
        importMentions({ token: 'xxxxxxx', sink: createBench().inbox, fetch: web.fetch }),
        ResponseError,
      )
    }
  })
})
