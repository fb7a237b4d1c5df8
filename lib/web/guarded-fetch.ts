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
import { fetch as undiciFetch, type Response as UndiciResponse } from 'undici'
import { limitBody, MAX_BODY_BYTES } from './body.ts'
import { FetchError } from './errors.ts'
import type { Fetch, FetchInit } from './fetch.ts'
import { createGuardedAgent, systemLookup, type Lookup } from './guarded-agent.ts'
import { resolveLocation } from './location.ts'
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
        const { method, headers, body } = request
        const response = await undiciFetch(url, {
          method,
          headers: [...headers],
          body,
          redirect: 'manual',
          signal: budget.signal,
          dispatcher,
        })
        const redirects = REDIRECTS.includes(response.status)
        if (redirects && request.redirect === 'error') throw refusal('redirects')
        const next =
          redirects && request.redirect === 'follow' ? locationOf(response, url) : undefined
        if (!next) return expose(response, url, budget)

        await response.body?.cancel()
        if (next.origin !== url.origin) leaveOrigin(headers, url, next)
        url = next
      }
      throw refusal(`is one redirect more than ${MAX_REDIRECTS}`)
    } catch (error) {
      budget.abandon()
      throw toFetchError(error, url)
    }
  }

  function requestOf({
    method = 'GET',
    redirect = 'follow',
    ...init
  }: RequestInit): GuardedRequest {
    const headers = new Headers(init.headers)
    if (!headers.has('user-agent')) headers.set('user-agent', userAgent)
    if (!headers.has('accept')) headers.set('accept', 'text/html, */*;q=0.5')
    const repeatable = ['GET', 'HEAD'].includes(method.toUpperCase())
    const followed = repeatable || redirect === 'error' ? redirect : 'manual'
    return { method, headers, body: bodyOf(init), redirect: followed }
  }

  /** A global `Response` that knows where it came from and keeps to the limits. */
  function expose(response: UndiciResponse, url: URL, budget: TimeBudget): Response {
    const { status, body } = response
    const empty = body === null || NULL_BODY.includes(status)
    const limits = {
      maxBytes,
      toError: (cause: unknown) => toFetchError(cause, url, 'broke off'),
      onEnd: budget.end,
    }
    const exposed = new Response(empty ? null : limitBody(body, limits), {
      status,
      headers: [...response.headers],
    })
    if (empty) budget.end()
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
  readonly method: string
  readonly headers: Headers
  readonly body: string | URLSearchParams | Uint8Array | null
  readonly redirect: 'follow' | 'manual' | 'error'
}

function bodyOf({ body = null }: RequestInit): GuardedRequest['body'] {
  if (body === null || typeof body === 'string') return body
  if (body instanceof URLSearchParams || body instanceof Uint8Array) return body
  throw new TypeError('"body" must be a string, URLSearchParams or bytes')
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

function locationOf(response: UndiciResponse, url: URL): URL | undefined {
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
