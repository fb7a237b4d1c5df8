/**
 * JSON that a stranger sends: no longer and no deeper than was meant.
 *
 * @module
 */
import { discardBody, readText } from './body.ts'
import { RequestError, ResponseError } from './errors.ts'
import { readBody } from './form.ts'

export interface JsonLimits {
  readonly maxBytes: number
  /** Objects and lists within each other. What works on the value may have to call itself as often. */
  readonly maxDepth?: number
}

/** Messages of people's servers nest four or five times. */
const MAX_DEPTH = 32
/** Values in one text. Messages have some dozens, and what looks at each of them must not take long. */
const MAX_VALUES = 10_000

/**
 * Reads the JSON of a request, whatever media type it names besides a form's.
 *
 * @throws {RequestError} `invalid_request`: 400 for what is no JSON, or too deep; 413; 415
 */
export async function readJsonBody(
  request: Request,
  { maxBytes, maxDepth = MAX_DEPTH }: JsonLimits,
): Promise<unknown> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!/^application\/(.+\+)?json$/.test(type)) {
    throw new RequestError('invalid_request', 'send application/json', { status: 415 })
  }
  const parsed = parseJson(await readBody(request, maxBytes), maxDepth)
  if (!parsed)
    throw new RequestError(
      'invalid_request',
      'this is no JSON, nested too deep, or too long a list',
    )
  return parsed.value
}

/**
 * Reads the JSON of a successful answer.
 *
 * @throws {ResponseError} if it is no success, no JSON, or too deep
 * @throws {FetchError} if it is too long, or breaks off
 */
export async function readJsonAnswer(
  response: Response,
  { maxBytes, maxDepth = MAX_DEPTH }: JsonLimits,
): Promise<unknown> {
  if (!response.ok) {
    await discardBody(response)
    throw new ResponseError(`the answer was ${response.status}`)
  }
  const parsed = parseJson(await readText(response, { maxBytes }), maxDepth)
  // Without its cause, which would quote the answer: that may hold a secret.
  if (!parsed) throw new ResponseError('the answer is no JSON, nested too deep, or too long a list')
  return parsed.value
}

/** The value of a JSON text, or `undefined` where it is none, nested deeper than so, or of too many values. */
export function parseJson(
  text: string,
  maxDepth: number = MAX_DEPTH,
): { readonly value: unknown } | undefined {
  if (!isWithin(text, maxDepth)) return undefined
  try {
    return { value: JSON.parse(text) }
  } catch {
    // That it cannot be parsed is the answer.
    return undefined
  }
}

/**
 * Whether a JSON text nests no deeper than so, and has no more than {@link MAX_VALUES}: told from its brackets and
 * commas before it is parsed, because 50,000 different names take the parser longer than a request may hold others up.
 * Of what is no JSON, it tells nothing.
 */
function isWithin(text: string, maxDepth: number): boolean {
  let depth = 0
  let values = 0
  let isFirst = true
  for (let at = 0; at < text.length && values <= MAX_VALUES; at++) {
    const sign = text.charAt(at)
    if (sign <= ' ') continue
    const isEnd = sign === ']' || sign === '}'
    if (sign === ',' || (isFirst && !isEnd)) values += 1
    isFirst = sign === '[' || sign === '{'
    if (isFirst && ++depth > maxDepth) return false
    if (isEnd) depth -= 1
    if (sign === '"') at = endOfText(text, at)
  }
  return values <= MAX_VALUES
}

/** Where the quotation mark is that ends the text in JSON which begins at `start`. */
function endOfText(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1
  return at
}
