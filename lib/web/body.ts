import { createTextReader, SNIFFED_BYTES, type TextReader } from './charset.ts'
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

/** What a body comes from. */
export type BodyReader = Pick<ReadableStreamDefaultReader<Uint8Array>, 'read' | 'cancel'>

/**
 * Passes a body on until it exceeds its limit, and then fails. What lies within the limit still
 * arrives, because the stream reads only when it is asked to.
 */
export function limitBody(
  reader: BodyReader,
  { maxBytes, toError, onEnd }: BodyLimits,
): ReadableStream<Uint8Array> {
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
  /** Told of the bytes that have come, also where the body fails afterwards. */
  readonly onBytes?: (count: number) => void
}

/**
 * Reads a body as text, in the encoding that `charset.ts` finds.
 *
 * @throws {FetchError} if the body is too large, or the connection fails on the way
 */
export async function readText(
  response: Response,
  { maxBytes = MAX_BODY_BYTES, truncate = false, onBytes }: ReadTextOptions = {},
): Promise<string> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  let beginning = new Uint8Array()
  let text: TextReader | undefined
  let said = ''
  let left = maxBytes

  for (;;) {
    const { done, value } = await reader.read()
    if (value) onBytes?.(value.byteLength)
    const bytes = value?.subarray(0, left) ?? new Uint8Array()
    const isCut = value !== undefined && value.byteLength > left
    left -= bytes.byteLength
    if (text === undefined) {
      beginning = Buffer.concat([beginning, bytes])
      const isEnough = done || isCut || beginning.byteLength >= SNIFFED_BYTES
      if (isEnough) {
        text = createTextReader(response, beginning.subarray(0, SNIFFED_BYTES))
        said = text.read(beginning)
      }
    } else {
      said += text.read(bytes)
    }
    if (isCut) {
      await abandon(reader)
      if (truncate) return said
      throw new FetchError(`A body has more than ${maxBytes} bytes`)
    }
    if (done) return said + (text?.end() ?? '')
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
