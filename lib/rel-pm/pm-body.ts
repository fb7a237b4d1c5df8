import { RequestError } from '../web/errors.ts'
import { readBody, readBytes } from '../web/form.ts'
import { parseJson } from '../web/json-body.ts'
import { MAX_FIELDS, MAX_MESSAGE_BYTES } from './limits.ts'
import { messageFormat, type MessageFormat } from './message-body.ts'

const FORM = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data'

/** What came: fields that say which step they are of, or a message. */
export type PmBody =
  | { readonly fields: URLSearchParams; readonly bytes: number }
  | { readonly format: MessageFormat; readonly request: Request }

/**
 * Tells a message from the fields of the other steps. JSON is either: what has the shape of jf2 or of microformats is a
 * message, another object has fields.
 *
 * @throws {RequestError} 413 for too much, 415 for a media type that is neither
 */
export async function readPmBody(request: Request): Promise<PmBody> {
  const contentType = request.headers.get('content-type') ?? ''
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase()
  if (type === FORM || type === MULTIPART) {
    const body = await readBytes(request, MAX_MESSAGE_BYTES)
    const fields =
      type === FORM
        ? new URLSearchParams(new TextDecoder().decode(body))
        : await multipartFields(body, contentType)
    return { fields, bytes: body.byteLength }
  }
  if (type === 'application/json') return readJson(request)
  const format = messageFormat(type)
  // Without a token, words are nothing that could be answered for.
  const isMessage = format === 'json' || (format && request.headers.has('authorization'))
  if (format && isMessage) return { format, request }
  throw new RequestError(
    'invalid_request',
    'send a form or JSON; a message as jf2, microformats, HTML or text comes with "Authorization: Bearer"',
    { status: 415 },
  )
}

async function readJson(request: Request): Promise<PmBody> {
  const text = await readBody(request, MAX_MESSAGE_BYTES)
  const fields = fieldsOf(parseJson(text)?.value)
  if (fields) return { fields, bytes: Buffer.byteLength(text) }
  const { url, method, headers } = request
  return { format: 'json', request: new Request(url, { method, headers, body: text }) }
}

/** The fields of a flat object; `undefined` for what is a message, or nothing of the kind. */
function fieldsOf(value: unknown): URLSearchParams | undefined {
  if (!isObject(value)) return undefined
  if ('type' in value || 'items' in value || 'properties' in value) return undefined
  const fields = new URLSearchParams()
  for (const [name, of] of Object.entries(value)) {
    append(fields, name, of)
    if (!isObject(of)) continue
    for (const [part, text] of Object.entries(of)) append(fields, `${name}[${part}]`, text)
  }
  return fields
}

/** Of a list, each value: two of them are one too many, as in a form. No request has more fields than are counted. */
function append(fields: URLSearchParams, name: string, value: unknown): void {
  if (fields.size > MAX_FIELDS) return
  if (Array.isArray(value)) {
    for (const each of value.slice(0, MAX_FIELDS)) append(fields, name, each)
  } else if (value !== null && typeof value !== 'object') {
    fields.append(name, String(value))
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws {RequestError} for what is no such form, and for files in it */
async function multipartFields(body: Uint8Array, contentType: string): Promise<URLSearchParams> {
  const fields = new URLSearchParams()
  const headers = { 'content-type': contentType }
  const form = await new Response(Uint8Array.from(body), { headers }).formData().catch(() => {
    throw new RequestError('invalid_request', 'this is no multipart/form-data')
  })
  for (const [name, value] of form) {
    if (typeof value !== 'string') {
      throw new RequestError('invalid_request', `"${name}" is a file; files are not taken`)
    }
    fields.append(name, value)
  }
  return fields
}
