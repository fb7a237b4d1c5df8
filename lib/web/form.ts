import { RequestError } from './errors.ts'

/** Far more than any form of ours needs, far less than what could hurt. */
const MAX_FORM_BYTES = 64 * 1024

/**
 * Reads the fields of a form, however slowly or abundantly the client sends them.
 *
 * @throws {RequestError} `invalid_request`: 415 for another media type, 413 for too much
 */
export async function readForm(
  request: Request,
  { maxBytes = MAX_FORM_BYTES }: { readonly maxBytes?: number } = {},
): Promise<URLSearchParams> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type !== 'application/x-www-form-urlencoded') {
    throw new RequestError('invalid_request', 'send application/x-www-form-urlencoded', {
      status: 415,
    })
  }
  return new URLSearchParams(await readBody(request, maxBytes))
}

/**
 * The one value of a field.
 *
 * @throws {RequestError} `invalid_request` if it is there twice: who reads the other one sees another request
 */
export function field(form: URLSearchParams, name: string): string | undefined {
  const values = form.getAll(name)
  if (values.length > 1) throw new RequestError('invalid_request', `"${name}" is there twice`)
  return values[0]
}

/**
 * The body as text, however slowly or abundantly the client sends it.
 *
 * @throws {RequestError} `invalid_request`, 413
 */
export async function readBody(request: Request, maxBytes: number): Promise<string> {
  return new TextDecoder().decode(await readBytes(request, maxBytes))
}

/**
 * The body as it is, for what is signed or hashed.
 *
 * @throws {RequestError} `invalid_request`, 413
 */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array()
  const tooLarge = () =>
    new RequestError('invalid_request', `send at most ${maxBytes} bytes`, { status: 413 })
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge()
  const reader = request.body.getReader()
  const chunks: Uint8Array[] = []
  let left = maxBytes
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(chunks)
    left -= value.byteLength
    if (left < 0) {
      await reader.cancel()
      throw tooLarge()
    }
    chunks.push(value)
  }
}
