import { discardBody, readText } from './body.ts'
import { ResponseError } from './errors.ts'
import { isJson } from './media-type.ts'
import { isRecord } from './record.ts'

/** Tokens, codes and who somebody is take a kilobyte. */
const ANSWER_BYTES = 64 * 1024

/**
 * Reads the fields of a successful answer, be it in JSON or, from older servers, in form encoding. Some
 * name the wrong media type for what is JSON all the same; no form begins with a brace.
 *
 * @throws {ResponseError} if it is no success, or neither of both
 * @throws {FetchError} if it is too long, or breaks off
 */
export async function readJsonOrForm(
  response: Response,
): Promise<Readonly<Record<string, unknown>>> {
  if (!response.ok) {
    await discardBody(response)
    throw new ResponseError(`the answer was ${response.status}`)
  }
  const text = await readText(response, { maxBytes: ANSWER_BYTES })
  if (isJson(response) || text.trimStart().startsWith('{')) return parseObject(text)
  const form = new URLSearchParams(text.trim())
  if (new Set(form.keys()).size !== form.size) throw new ResponseError('a field is there twice')
  return Object.fromEntries(form)
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Without its cause, which would quote the answer: that may hold a secret.
    throw new ResponseError('the answer is no JSON')
  }
  if (isRecord(value)) return { ...value }
  throw new ResponseError('the answer is no JSON object')
}
