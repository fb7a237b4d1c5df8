import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RequestError } from '../../lib/web/errors.ts'
import { field, readForm } from '../../lib/web/form.ts'

const FORM = 'application/x-www-form-urlencoded'
const post = (body: string | ReadableStream | null, type: string | undefined = FORM) =>
  new Request('https://alice.example/', {
    ...{ method: 'POST', body, duplex: 'half' },
    headers: type === undefined ? {} : { 'content-type': type },
  } as RequestInit)
const refusal = (status: number) => (error: unknown) =>
  error instanceof RequestError && error.code === 'invalid_request' && error.status === status

/** A body that comes in pieces and never says how long it is. */
function pieces(count: number, size: number, onRead: () => void = () => {}): ReadableStream {
  let left = count
  return new ReadableStream(
    {
      pull(controller) {
        onRead()
        if (left-- > 0) controller.enqueue(new Uint8Array(size).fill(97))
        else controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}

describe('readForm()', () => {
  it('reads the fields', async () => {
    const form = await readForm(post('a=1&b=%C3%BC+x&a=2'))
    assert.deepEqual(
      [...form],
      [
        ['a', '1'],
        ['b', 'ü x'],
        ['a', '2'],
      ],
    )
  })

  it('takes the media type with a charset, in any case', async () => {
    for (const type of [`${FORM};charset=UTF-8`, FORM.toUpperCase(), ` ${FORM} ; charset=utf-8`]) {
      assert.equal((await readForm(post('a=1', type))).get('a'), '1')
    }
  })

  for (const type of [
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
    '',
    `${FORM}x`,
  ]) {
    it(`refuses "${type}" with 415`, async () => {
      await assert.rejects(readForm(post('a=1', type)), refusal(415))
    })
  }

  it('takes no body for a form without fields', async () => {
    assert.deepEqual([...(await readForm(post(null)))], [])
  })

  it('refuses more than it has room for with 413', async () => {
    assert.equal((await readForm(post('a=1'), { maxBytes: 3 })).get('a'), '1')
    await assert.rejects(readForm(post('a=12'), { maxBytes: 3 }), refusal(413))
    await assert.rejects(readForm(post(`a=${'x'.repeat(64 * 1024)}`)), refusal(413))
  })

  it('stops reading what never ends', async () => {
    let reads = 0
    const body = pieces(1e6, 1024, () => reads++)
    await assert.rejects(readForm(post(body), { maxBytes: 10 * 1024 }), refusal(413))
    assert.ok(reads <= 12, String(reads))
  })

  it('puts letters together that arrive in two pieces', async () => {
    const bytes = new TextEncoder().encode('a=ü')
    const body = new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    assert.equal((await readForm(post(body))).get('a'), 'ü')
  })
})

describe('field()', () => {
  const form = new URLSearchParams('a=1&b=&c=1&c=1')

  it('is the one value, the empty one, or undefined', () => {
    assert.equal(field(form, 'a'), '1')
    assert.equal(field(form, 'b'), '')
    assert.equal(field(form, 'd'), undefined)
  })

  it('refuses a field that is there twice, even with the same value', () => {
    assert.throws(() => field(form, 'c'), refusal(400))
  })
})
