import { FetchError } from './errors.ts'

/** Twice the 1 MB that Webmention §4.4 gives as an example, as the largest receiver allows. */
export const MAX_BODY_BYTES = 2 * 1024 * 1024

export interface BodyLimits {
  readonly maxBytes: number
  /** What the reader of a body that failed gets to see. */
  toError(cause: unknown): FetchError
  /** The body was read, failed or is no longer wanted. */
  onEnd(): void
}

/**
 * Passes a body on until it exceeds its limit, and then fails. What lies within the limit still
 * arrives, because the stream reads only when it is asked to.
 */
export function limitBody(
  body: ReadableStream<Uint8Array>,
  { maxBytes, toError, onEnd }: BodyLimits,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let left = maxBytes
  let exceeded = false

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          if (exceeded) throw new FetchError(`has a body of more than ${maxBytes} bytes`)
          const { done, value } = await reader.read()
          if (done) {
            onEnd()
            return controller.close()
          }
          exceeded = value.byteLength > left
          controller.enqueue(value.subarray(0, left))
          left -= value.byteLength
        } catch (cause) {
          onEnd()
          controller.error(toError(cause))
          await abandon(reader)
        }
      },
      async cancel() {
        onEnd()
        await abandon(reader)
      },
    },
    { highWaterMark: 0 },
  )
}

export interface ReadTextOptions {
  readonly maxBytes?: number
  /** Settles for the beginning of a body that exceeds `maxBytes`, instead of failing. */
  readonly truncate?: boolean
}

/**
 * Reads a body as text, in the charset of its `Content-Type` or else UTF-8.
 *
 * @throws {FetchError} if the body is too large, or the connection fails on the way
 */
export async function readText(
  response: Response,
  { maxBytes = MAX_BODY_BYTES, truncate = false }: ReadTextOptions = {},
): Promise<string> {
  if (response.body === null) return ''
  const decoder = decoderFor(response)
  const reader = response.body.getReader()
  let text = ''
  let left = maxBytes

  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    text += decoder.decode(value.subarray(0, left), { stream: true })
    if (value.byteLength > left) {
      await abandon(reader)
      if (truncate) return text
      throw new FetchError(`A body has more than ${maxBytes} bytes`)
    }
    left -= value.byteLength
  }
}

/** Lets go of a body that nobody will read, and so of its connection. */
export async function discardBody(response: Response): Promise<void> {
  if (response.body !== null && !response.bodyUsed) await abandon(response.body)
}

async function abandon(body: { cancel(): Promise<void> }): Promise<void> {
  try {
    await body.cancel()
  } catch {
    // A body that has failed already cannot be cancelled, and need not be.
  }
}

function decoderFor(response: Response): InstanceType<typeof TextDecoder> {
  const contentType = response.headers.get('content-type') ?? ''
  const charset = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset)
  } catch {
    // An unknown label: what matters to a protocol is ASCII in nearly every charset.
    return new TextDecoder()
  }
}
