import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { handOver } from '../../lib/rel-pm/hand-over.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { ALICE, BOB, PM_BOB } from './lab.ts'

const entry = {
  ...({ type: 'entry', uid: 'm1', audience: [BOB.href], url: `${ALICE}m/1` } as const),
  author: { type: 'card', name: 'Alice', url: ALICE.href } as const,
  content: { text: 'Dinner at eight?' },
}

/** Hands the message to software that reads one format alone, and answers others like that. */
async function give(format: RegExp, fields: readonly [words: string, secret: string], no: number) {
  const types: string[] = []
  let words: unknown
  const fetch: Fetch = async (url, init) => {
    const request = new Request(url, init)
    const type = request.headers.get('content-type') ?? ''
    types.push(type.split(';')[0] ?? '')
    if (!format.test(type)) return new Response(null, { status: no })
    const text = await request.text()
    const form: Readonly<Record<string, unknown>> = type.includes('json')
      ? JSON.parse(text)
      : Object.fromEntries(new URLSearchParams(text))
    if (form[fields[1]] !== 'xxxxxxx') return new Response(null, { status: 403 })
    words = form[fields[0]]
    return new Response()
  }
  const { status } = await handOver(PM_BOB, { entry, token: 'xxxxxxx' }, { fetch }, new Date())
  return { status, words, types }
}

describe('handOver()', () => {
  for (const no of [400, 401, 403, 404, 405, 406, 415, 422, 500]) {
    for (const format of [/form/, /^application\/json/]) {
      it(`reaches software that reads ${format} and answers other formats ${no}`, async () => {
        for (const words of ['message', 'content', 'contents', 'message_contents', 'text', 'body'])
          for (const secret of ['token', 'secret']) {
            const answer = await give(format, [words, secret], no)
            assert.deepEqual([answer.status, answer.words], ['taken', 'Dinner at eight?'])
          }
      })
    }
  }

  it('says what the first answer was, where none is understood', async () => {
    for (const [no, status] of [
      [401, 'unauthorized'],
      [404, 'refused'],
      [500, 'deferred'],
    ] as const) {
      const { types, ...answer } = await give(/none/, ['message', 'token'], no)
      assert.deepEqual([answer.status, types.length], [status, 3])
    }
    assert.deepEqual((await give(/none/, ['message', 'token'], 503)).types, [
      'application/jf2+json',
    ])
  })
})
