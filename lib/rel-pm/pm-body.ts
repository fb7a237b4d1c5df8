import { RequestError } from '../web/errors.ts'
import { readBody, readBytes } from '../web/form.ts'
import { parseJson } from '../web/json-body.ts'
import { MAX_FIELDS, MAX_FORM_BYTES, MAX_MESSAGE_BYTES } from './limits.ts'
import { messageFormat, type MessageFormat } from './message-body.ts'
import { hasField, tokenIn } from './pm-fields.ts'
import { isRecord } from '../web/record.ts'

const FORM = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data'
/** Other media types of JSON are those of messages. */
const PLAIN_JSON = 'application/json'

/** What came: fields that say which step they are of, or a message. */
export type PmBody =
  | { readonly fields: URLSearchParams; readonly bytes: number }
  | { readonly format: MessageFormat; readonly request: Request; readonly token?: string }

/**
 * Tells a message from the fields of the other steps. JSON is either: what has the shape of jf2 or of microformats is a
 * message, another object has fields, and so has a request whose body is empty, in its address.
 *
 * @param beside The token that came beside the body. A message has it there, or else in its JSON.

 * @throws {RequestError} 413 for too much, 415 for a media type that is neither
 */
export async function readPmBody(request: Request, beside?: string): Promise<PmBody> {
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
  const format = messageFormat(type)
  if (format === 'json') return readJson(request, type === PLAIN_JSON, beside)
  // Without a token, words are nothing that could be answered for.
  if (format && beside !== undefined) return { format, request, token: beside }
  if (type === '' && (await readBytes(request, MAX_FORM_BYTES)).byteLength === 0) {
    return { fields: new URL(request.url).searchParams, bytes: request.url.length }
  }
  throw new RequestError(
    'invalid_request',
    'send a form or JSON; a message as jf2, microformats, HTML or text comes with "Authorization: Bearer"',
    { status: 415 },
  )
}

async function readJson(
  request: Request,
  hasFields: boolean,
  beside: string | undefined,
): Promise<PmBody> {
  const text = await readBody(request, MAX_MESSAGE_BYTES)
  const value = parseJson(text)?.value
  const outer = isRecord(value) ? value : {}
  const within = outer['message']
  const inner: unknown = Array.isArray(within) && within.length === 1 ? within[0] : within
  const isWrapped = isRecord(inner) && isEntry(inner)
  if (hasFields && isRecord(value) && !isEntry(value) && !isWrapped) {
    return { fields: fieldsOf(value), bytes: Buffer.byteLength(text) }
  }
  const { url, method, headers } = request
  const body = isWrapped ? JSON.stringify({ ...namesOf(outer), ...inner }) : text
  const token = beside ?? tokenAmong(outer)
  const message = new Request(url, { method, headers, body })
  return { format: 'json', request: message, ...(token !== undefined && { token }) }
}

/** Whether it has the shape of jf2 or of microformats. */
function isEntry(value: object): boolean {
  return 'type' in value || 'items' in value || 'properties' in value
}

/** What a message is called by what is around it. */
function namesOf({ message_id, id, uid }: Readonly<Record<string, unknown>>) {
  return { message_id, id, uid }
}

function tokenAmong(value: Readonly<Record<string, unknown>>): string | undefined {
  const fields = new URLSearchParams()
  for (const [name, of] of Object.entries(value)) {
    if (typeof of === 'string') fields.append(name, of)
  }
  return hasField(fields, 'token') ? tokenIn(fields, 'token') : undefined
}

/** The fields of an object. What it has as its message may be an object with fields of its own. */
function fieldsOf(value: Readonly<Record<string, unknown>>): URLSearchParams {
  const fields = new URLSearchParams()
  for (const [name, of] of Object.entries(value)) {
    append(fields, name, of)
    if (!isRecord(of)) continue
    for (const [part, text] of Object.entries(of)) {
      if (name !== 'message') append(fields, `${name}[${part}]`, text)
      else if (value[part] !== text) append(fields, part, text)
    }
  }
  return fields
}

/** Of a list, each value: two of them are one too many, as in a form. No request has more fields than are counted. */
function append(fields: URLSearchParams, name: string, value: unknown): void {
  if (fields.size > MAX_FIELDS) return
  if (typeof value !== 'object') {
    fields.append(name, String(value))
  } else if (Array.isArray(value) && value.length > 0) {
    for (const each of value.slice(0, MAX_FIELDS)) append(fields, name, each)
  } else {
    // It is not read, but it is there: a token with anything beside it is no revocation.
    fields.append(`${name}[]`, '')
  }
}

/** @throws {RequestError} for what is no such form, and for files in it */
async function multipartFields(body: Uint8Array, contentType: string): Promise<URLSearchParams> {
  const fields = new URLSearchParams()
  const headers = { 'content-type': contentType }
  const form = await new Response(Uint8Array.from(body), { headers }).formData().catch(() => {
    throw new RequestError('invalid_request', 'the body is not valid multipart/form-data')
  })
  for (const [name, value] of form) {
    if (typeof value !== 'string') {
      throw new RequestError('invalid_request', `"${name}" is a file; files are not taken`)
    }
    fields.append(name, value)
  }
  return fields
}
