/**
 * The function that visits other sites and reads their pages for all functions that answer requests. Those load in a
 * tenth of the time without an HTTP client and parsers of HTML, and most of their requests need neither.
 *
 * 1. {@link visitOutbound}, {@link readOutbound} – in the function that answers: a call with a signature
 * 2. {@link createOutboundEndpoint} – in the function `outbound`: the guarded `fetch`, or a reading in a worker thread
 *
 * Both sides are of one deploy. What passes between them is a structured clone, because readings may return more than
 * JSON can say.
 *
 * @see [Serialization API](https://nodejs.org/api/v8.html#serialization-api)
 * @module
 */
import { deserialize, serialize } from 'node:v8'
import * as v from 'valibot'
import type { Secrets } from '../lib/jwt/secrets.ts'
import type { Variables } from '../lib/site/secret-keys.ts'
import { endpoint, type Endpoint } from '../lib/web/endpoint.ts'
import { ConfigurationError, FetchError, RequestError } from '../lib/web/errors.ts'
import type { Fetch, FetchInit } from '../lib/web/fetch.ts'
import { readBytes } from '../lib/web/form.ts'
import { oauthErrorResponse } from '../lib/web/oauth.ts'
import type { PageParser } from '../lib/web/page-parser.ts'
import { callOwnFunction, requireOwnCall } from './own-functions.ts'

/** What a function may take in: Netlify allows 6 MB for a request and for an answer. */
const MAX_BYTES = 5 * 1024 * 1024
/** Milliseconds: longer than the limits of any visit and of any reading together with a first start. */
const TIMEOUT = 20_000
/** Statuses whose response must not have a body (Fetch §2.2.3). */
const NULL_BODY = [204, 205, 304]

const Visit = v.object({
  url: v.pipe(v.string(), v.url()),
  method: v.optional(v.string()),
  headers: v.array(v.tuple([v.string(), v.string()])),
  body: v.optional(v.union([v.string(), v.instance(Uint8Array)])),
  redirect: v.optional(v.picklist(['follow', 'manual', 'error'])),
  highPorts: v.optional(v.boolean()),
})
const Call = v.union([
  v.object({ visit: Visit }),
  v.object({ reading: v.string(), input: v.unknown() }),
])
type Call = v.InferOutput<typeof Call>

const Answer = v.union([
  v.object({
    status: v.number(),
    headers: v.array(v.tuple([v.string(), v.string()])),
    url: v.string(),
    body: v.instance(Uint8Array),
  }),
  v.object({ output: v.unknown() }),
  v.object({
    message: v.string(),
    kind: v.picklist(['refused', 'failed']),
    notBefore: v.optional(v.date()),
  }),
])
type Answer = v.InferOutput<typeof Answer>

export interface OutboundOptions {
  readonly secrets: Pick<Secrets, 'open'>
  /** Guarded. */
  readonly fetch: Fetch
  readonly parse: PageParser
}

/** `POST`, of the site's own functions only. */
export function createOutboundEndpoint({ secrets, fetch, parse }: OutboundOptions): Endpoint {
  return endpoint({ POST: answer }, oauthErrorResponse)

  async function answer(request: Request): Promise<Response> {
    // Nothing is changed here, so a repeated call does no harm.
    await requireOwnCall(request, 'outbound', secrets.open)
    const call = parseCall(await readBytes(request, MAX_BYTES))
    const body = new Uint8Array(serialize(await carryOut(call)))
    return new Response(body, {
      headers: { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' },
    })
  }

  async function carryOut(call: Call): Promise<Answer> {
    try {
      if ('visit' in call) return await visit(call.visit)
      return { output: await parse({ name: call.reading }, call.input) }
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      const { message, kind, notBefore } = error
      return { message, kind, ...(notBefore && { notBefore }) }
    }
  }

  async function visit({ url, ...init }: v.InferOutput<typeof Visit>): Promise<Answer> {
    const response = await fetch(new URL(url), definedOf(init))
    const { status, headers, url: last } = response
    const body = new Uint8Array(await response.arrayBuffer())
    return { status, headers: [...headers], url: last, body }
  }
}

function parseCall(bytes: Uint8Array): Call {
  let value: unknown
  try {
    value = deserialize(bytes)
  } catch {
    // fail closed because no call of ours looks like that; it is refused below
  }
  const result = v.safeParse(Call, value)
  if (result.success) return result.output
  throw new RequestError('invalid_request', 'neither a visit nor a reading')
}

/** A `fetch` whose requests the function `outbound` sends. Like the guarded one, it throws only `FetchError`. */
export function visitOutbound(variables: Variables): Fetch {
  return async (url, { signal, headers, body, method, redirect, highPorts }: FetchInit = {}) => {
    const sent = new Headers(headers)
    if (body instanceof URLSearchParams && !sent.has('content-type')) {
      sent.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8')
    }
    const visit = definedOf({ method, redirect, highPorts, body: bytesOf(body) })
    const call = { visit: { url: url.href, headers: [...sent], ...visit } }
    const answer = await ask(call, variables, signal ?? undefined)
    if (!('status' in answer)) throw new TypeError('a visit is answered by a response')
    const isEmpty = NULL_BODY.includes(answer.status)
    const response = new Response(isEmpty ? null : new Uint8Array(answer.body), {
      status: answer.status,
      headers: answer.headers,
    })
    return Object.defineProperty(response, 'url', { value: answer.url })
  }
}

/** A parser whose texts the function `outbound` reads. */
export function readOutbound(variables: Variables): PageParser {
  return async <Input, Output>(
    { name }: { readonly name: string },
    input: Input,
    { before }: { readonly before?: () => Promise<void> } = {},
  ) => {
    await before?.()
    const answer = await ask({ reading: name, input }, variables)
    if (!('output' in answer)) throw new TypeError('a reading is answered by its output')
    return answer.output as Output
  }
}

/** @throws {FetchError} what the other function met with, or that it could not be reached */
async function ask(
  call: Call,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Exclude<Answer, { message: string }>> {
  const timeout = AbortSignal.timeout(TIMEOUT)
  let answer: Answer
  try {
    const response = await callOwnFunction('outbound', variables, {
      body: serialize(call),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    if (!response.ok) {
      await response.body?.cancel()
      throw new FetchError(`The function "outbound" answered ${response.status}`)
    }
    answer = v.parse(Answer, deserialize(new Uint8Array(await response.arrayBuffer())))
  } catch (cause) {
    if (cause instanceof FetchError || cause instanceof ConfigurationError) throw cause
    throw new FetchError('The function "outbound" did not answer', { cause })
  }
  if ('message' in answer) throw new FetchError(answer.message, answer)
  return answer
}

function bytesOf(body: FetchInit['body']): string | Uint8Array<ArrayBuffer> | undefined {
  if (body === null || body === undefined || typeof body === 'string') return body ?? undefined
  if (body instanceof URLSearchParams) return body.toString()
  if (body instanceof Uint8Array) return new Uint8Array(body)
  throw new TypeError('"body" must be a string, URLSearchParams or bytes')
}

function definedOf<Value extends object>(
  value: Value,
): {
  [Key in keyof Value]: Exclude<Value[Key], undefined>
} {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries) as { [Key in keyof Value]: Exclude<Value[Key], undefined> }
}
