import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, constants } from 'node:zlib'
import type { Dispatcher } from 'undici'
import type { BodyReader } from './body.ts'

/** What we say that we can read; {@link decoded} reads `deflate` too, which some send unasked. */
export const ACCEPTED_ENCODINGS = 'gzip, br'

/** Bytes, and milliseconds, that it may take to read what nobody wants, so that its connection can be used again. */
const UNWANTED_BYTES = 16 * 1024
const UNWANTED_TIME = 1_000

/** Servers that end a stream too early are forgiven, as browsers do. */
const FORGIVING = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }
const FORGIVING_BROTLI = {
  flush: constants.BROTLI_OPERATION_FLUSH,
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
}

/** Reads the body of a response as it was before `content-encoding`. What nobody reads costs no connection. */
export function readerOf(body: Dispatcher.ResponseData['body'], encoding: string): BodyReader {
  let stream: Readable | undefined
  let chunks: AsyncIterator<Uint8Array> | undefined
  // What fails before anybody reads is seen by nobody, and must not end the process.
  body.on('error', () => {})

  return {
    async read() {
      stream ??= decoded(body, encoding)
      chunks ??= stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
      const { done, value } = await chunks.next()
      return done ? { done, value: undefined } : { done: false, value }
    },

    async cancel() {
      if (stream) {
        stream.destroy()
        body.destroy()
        return
      }
      const timer = setTimeout(() => body.destroy(), UNWANTED_TIME)
      timer.unref()
      const end = () => clearTimeout(timer)
      body.dump({ limit: UNWANTED_BYTES }).then(end, end)
    },
  }
}

/** Undoes the encodings of a body, the last one first; one that is not known leaves it as it is. */
function decoded(body: Readable, encoding: string): Readable {
  const names = encoding
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
  const decoders = names.toReversed().map(decoderOf)
  const known = decoders.flatMap((decoder) => decoder ?? [])
  if (known.length === 0 || known.length < decoders.length) return body
  // What goes wrong in one of them is seen by who reads the last.
  pipeline([body, ...known], () => {})
  return known.at(-1) ?? body
}

function decoderOf(name: string) {
  if (name === 'gzip' || name === 'x-gzip') return createGunzip(FORGIVING)
  if (name === 'deflate') return createInflate(FORGIVING)
  if (name === 'br') return createBrotliDecompress(FORGIVING_BROTLI)
  return undefined
}
