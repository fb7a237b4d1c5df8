/**
 * The only way out to the web: a `fetch` that a stranger's URL cannot turn against us.
 *
 * Web ports of public addresses over http(s), judged again at each redirect and pinned at the connection
 * ({@link createGuardedAgent}); one time budget for the whole chain including the body; a limited body.
 *
 * @see [Webmention §4](https://www.w3.org/TR/webmention/#security-considerations)
 * @see [OWASP, Server-Side Request Forgery Prevention](https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html)
 * @module
 */
import type { Dispatcher } from 'undici'
import { limitBody, MAX_BODY_BYTES, type BodyReader } from './body.ts'
import { FetchError } from './errors.ts'
import type { Fetch, FetchInit } from './fetch.ts'
import { createGuardedAgent, systemLookup, type Lookup } from './guarded-agent.ts'
import { resolveLocation } from './location.ts'
import { ACCEPTED_ENCODINGS, readerOf } from './response-body.ts'
import { startTimeBudget, type TimeBudget } from './time-budget.ts'
import { WEB_PORTS, whyNotVisit, type UrlRules } from './url-rules.ts'

/** A page that takes longer is not worth waiting for while others stand in line; twice the 5 s of §4.4. */
const TIMEOUT = 10_000
/** The example of Webmention §4.4. */
const MAX_REDIRECTS = 20
/** Room for what is read ahead, so that the body's own limit always strikes first. */
const READ_AHEAD = 1024 * 1024
/** Never shown to another origin than the one they were meant for. */
const CREDENTIAL_HEADERS = ['authorization', 'cookie', 'proxy-authorization']
const REDIRECTS = [301, 302, 303, 307, 308]
/** Statuses whose response must not have a body (Fetch §2.2.3). */
const NULL_BODY = [204, 205, 304]

export interface GuardedFetchOptions extends Partial<Omit<UrlRules, 'highPorts'>> {
  /** Milliseconds for a request with all its redirects and its body. */
  readonly timeout?: number
  /** Limit of a body, after decompression as well as before. */
  readonly maxBytes?: number
  readonly userAgent?: string
  /** Removes secrets from what is said of a URL in errors. */
  readonly redact?: (text: string) => string
  readonly lookup?: Lookup
}

export interface GuardedFetch {
  /** Follows redirects of GET and HEAD; answers a redirect of any other method with the redirect itself. */
  readonly fetch: Fetch
  /** Closes every connection. Requests still under way fail. */
  close(): Promise<void>
}

/** Names this software and, for those who wonder who is asking, the site that it works for. */
export function userAgentOf(site: URL): string {
  return `eleventy-plugin-private-posts (Webmention; +${site.href})`
}

/** Creates the `fetch` for {@link WebOptions}. It throws only `FetchError`. */
export function createGuardedFetch({
  timeout = TIMEOUT,
  maxBytes = MAX_BODY_BYTES,
  userAgent = 'eleventy-plugin-private-posts (Webmention)',
  ports = WEB_PORTS,
  redact = (text) => text,
  lookup = systemLookup,
  allowLoopback = false,
}: GuardedFetchOptions = {}): GuardedFetch {
  const maxResponseSize = maxBytes + READ_AHEAD
  const dispatcher = createGuardedAgent({ lookup, allowLoopback, maxResponseSize })

  return { fetch: guardedFetch, close: () => dispatcher.destroy() }

  async function guardedFetch(start: URL, init: FetchInit = {}): Promise<Response> {
    const request = requestOf(init)
    const budget = startTimeBudget(timeout, init.signal ?? undefined)
    let url = start
    try {
      for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
        const highPorts = hop === 0 && init.highPorts === true
        const why = whyNotVisit(url, { ports, allowLoopback, highPorts })
        if (why !== undefined) throw refusal(why)
        const response = await ask(url, request, budget.signal)
        const redirects = REDIRECTS.includes(response.status)
        if (redirects && request.redirect === 'error') throw refusal('redirects')
        const next =
          redirects && request.redirect === 'follow' ? locationOf(response, url) : undefined
        if (!next) return expose(response, url, budget)

        await response.body.cancel()
        if (next.origin !== url.origin) leaveOrigin(request.headers, url, next)
        url = next
      }
      throw refusal(`is one redirect more than ${MAX_REDIRECTS}`)
    } catch (error) {
      budget.abandon()
      throw toFetchError(error, url)
    }
  }

  /** @NOTE `undici.fetch` takes twice the time for what is used of it here. */
  async function ask(
    url: URL,
    { method, headers, body }: GuardedRequest,
    signal: AbortSignal,
  ): Promise<Answer> {
    const asked = dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      headers: Object.fromEntries(headers),
      body,
      signal,
    })
    const { statusCode, ...answer } = await untilAborted(asked, signal)
    const received = headersOf(answer.headers)
    const isEmpty = method === 'HEAD' || NULL_BODY.includes(statusCode)
    const encoding = isEmpty ? '' : (received.get('content-encoding') ?? '')
    return {
      status: statusCode,
      headers: received,
      isEmpty,
      body: readerOf(answer.body, encoding),
    }
  }

  function requestOf({
    method: given = 'GET',
    redirect = 'follow',
    ...init
  }: RequestInit): GuardedRequest {
    const method = given.toUpperCase()
    const headers = new Headers(init.headers)
    if (!headers.has('user-agent')) headers.set('user-agent', userAgent)
    if (!headers.has('accept')) headers.set('accept', 'text/html, */*;q=0.5')
    headers.set('accept-encoding', ACCEPTED_ENCODINGS)
    const body = bodyOf(init)
    if (body.type !== undefined && !headers.has('content-type')) {
      headers.set('content-type', body.type)
    }
    const repeatable = ['GET', 'HEAD'].includes(method)
    const followed = repeatable || redirect === 'error' ? redirect : 'manual'
    return {
      method: method as Dispatcher.HttpMethod,
      headers,
      body: body.bytes,
      redirect: followed,
    }
  }

  /** A global `Response` that knows where it came from and keeps to the limits. */
  function expose({ status, headers, isEmpty, body }: Answer, url: URL, budget: TimeBudget) {
    const limits = {
      maxBytes,
      toError: (cause: unknown) => toFetchError(cause, url, 'broke off'),
      onEnd: budget.end,
    }
    const exposed = new Response(isEmpty ? null : limitBody(body, limits), { status, headers })
    if (isEmpty) {
      void body.cancel()
      budget.end()
    }
    return Object.defineProperty(exposed, 'url', { value: withoutFragment(url) })
  }

  /** Errors are thrown as what they say about a URL; which URL is said here, once. */
  function toFetchError(error: unknown, url: URL, what = 'did not answer'): FetchError {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      if (!(cause instanceof FetchError)) continue
      return new FetchError(`${describe(url)} ${cause.message}`, { kind: cause.kind, cause: error })
    }
    return new FetchError(`${describe(url)} ${what}${codeOf(error)}`, { cause: error })
  }

  function describe(url: URL): string {
    const query = url.search === '' ? '' : '?…'
    return redact(`${url.protocol}//${url.host}${url.pathname}`) + query
  }
}

interface GuardedRequest {
  readonly method: Dispatcher.HttpMethod
  readonly headers: Headers
  readonly body: string | Uint8Array | null
  readonly redirect: 'follow' | 'manual' | 'error'
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly isEmpty: boolean
  readonly body: BodyReader
}

/** What is sent, and the type that it has where no header says another (Fetch §5.2, "extract a body"). */
function bodyOf({ body = null }: RequestInit): {
  readonly bytes: GuardedRequest['body']
  readonly type?: string
} {
  if (body === null || body instanceof Uint8Array) return { bytes: body }
  if (typeof body === 'string') return { bytes: body, type: 'text/plain;charset=UTF-8' }
  if (body instanceof URLSearchParams) {
    return { bytes: String(body), type: 'application/x-www-form-urlencoded;charset=UTF-8' }
  }
  throw new TypeError('"body" must be a string, URLSearchParams or bytes')
}

function headersOf(received: Dispatcher.ResponseData['headers']): Headers {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(received)) {
    for (const value of [values].flat()) headers.append(name, value)
  }
  return headers
}

/** A request ends by itself when the signal aborts, but only once there is a connection. */
function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function refusal(what: string): FetchError {
  return new FetchError(what, { kind: 'refused' })
}

/** @throws {FetchError} if the next hop would carry in the clear what was meant for an encrypted one */
export function leaveOrigin(headers: Headers, url: URL, next: URL): void {
  const downgrade = url.protocol === 'https:' && next.protocol === 'http:'
  if (downgrade && headers.has('authorization')) {
    throw refusal('redirects an authorized request to an unencrypted connection')
  }
  for (const name of CREDENTIAL_HEADERS) headers.delete(name)
}

function locationOf(response: Pick<Response, 'headers'>, url: URL): URL | undefined {
  if (!response.headers.has('location')) return undefined
  const next = resolveLocation(response, url)
  if (!next) throw new FetchError('redirects to something that is no URL')
  if (next.hash === '') next.hash = url.hash
  return next
}

function withoutFragment(url: URL): string {
  const copy = new URL(url)
  copy.hash = ''
  return copy.href
}

/** `ENOTFOUND`, `ECONNREFUSED` and the like, from as deep as it was wrapped. */
function codeOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') return ` (${cause.code})`
  }
  return ''
}
