import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { discardBody, limitBody, readText } from '../../lib/web/body.ts'
import { FetchError } from '../../lib/web/errors.ts'
import { isHtml, isJson, mediaType } from '../../lib/web/media-type.ts'

const respond = (body: string | Uint8Array, type = 'text/plain') =>
  new Response(body, { headers: { 'content-type': type } })

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
      controller.close()
    },
  })
}

describe('readText()', () => {
  it('reads a body of exactly the limit', async () => {
    assert.equal(await readText(respond('12345'), { maxBytes: 5 }), '12345')
  })

  it('fails on one byte more, unless a beginning is enough', async () => {
    await assert.rejects(readText(respond('123456'), { maxBytes: 5 }), FetchError)
    assert.equal(await readText(respond('123456'), { maxBytes: 5, truncate: true }), '12345')
  })

  it('reads no body as no text', async () => {
    assert.equal(await readText(new Response(null)), '')
  })

  it('joins a character that two chunks share', async () => {
    const [a = 0, b = 0] = new TextEncoder().encode('é')
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Uint8Array.of(a))
        controller.enqueue(Uint8Array.of(b))
        controller.close()
      },
    })
    assert.equal(await readText(new Response(body)), 'é')
  })

  it('goes by the charset of the Content-Type, and by UTF-8 if it does not know that', async () => {
    const latin = Uint8Array.of(0xe9)
    assert.equal(await readText(respond(latin, 'text/html; charset="iso-8859-1"')), 'é')
    assert.equal(await readText(respond('é', 'text/html; charset=UTF-8')), 'é')
    assert.equal(await readText(respond('é', 'text/html; charset=klingon')), 'é')
  })
})

describe('limitBody()', () => {
  const limit = (body: ReadableStream<Uint8Array>, maxBytes: number) => {
    let ended = 0
    const toError = (cause: unknown) => new FetchError('too much', { cause })
    const stream = limitBody(body.getReader(), { maxBytes, toError, onEnd: () => ended++ })
    return { response: new Response(stream), ended: () => ended }
  }

  it('passes on what is within the limit', async () => {
    const { response, ended } = limit(streamOf('123', '45'), 5)
    assert.equal(await response.text(), '12345')
    assert.equal(ended(), 1)
  })

  it('fails beyond it, after everything within it', async () => {
    const { response, ended } = limit(streamOf('123', '456', '7'), 5)
    const reader = response.body?.getReader()
    assert.equal(new TextDecoder().decode((await reader?.read())?.value), '123')
    assert.equal(new TextDecoder().decode((await reader?.read())?.value), '45')
    await assert.rejects(async () => reader?.read(), { name: 'FetchError', message: 'too much' })
    assert.equal(ended(), 1)
  })

  it('ends when nobody wants to read on', async () => {
    const { response, ended } = limit(streamOf('123'), 5)
    await discardBody(response)
    assert.equal(ended(), 1)
  })
})

describe('mediaType(), isHtml(), isJson()', () => {
  for (const [type, html, json] of [
    ['text/html', true, false],
    ['Text/HTML ; charset=utf-8', true, false],
    ['application/xhtml+xml', true, false],
    ['application/json', false, true],
    ['application/jf2+json;charset=utf-8', false, true],
    ['text/plain', false, false],
    ['text/html-not', false, false],
  ] as const) {
    it(type, () => {
      assert.equal(isHtml(respond('', type)), html)
      assert.equal(isJson(respond('', type)), json)
    })
  }

  it('knows no type where none is named', () => {
    assert.equal(mediaType(new Response(null)), '')
    assert.equal(isHtml(new Response(null)), false)
  })
})
