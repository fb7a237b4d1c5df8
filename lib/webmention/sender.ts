import { redactSecrets } from '../web/redaction.ts'
import { discardBody, readText } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { resolveLocation } from '../web/location.ts'
import { TEXT_OF_HTML } from '../web/markup-readings.ts'
import { isHtml, isJson } from '../web/media-type.ts'
import { parsePage, type PageParser } from '../web/page-parser.ts'
import { isTemporary, parseRetryAfter } from '../web/retry-after.ts'
import { parseStatusDocument } from './status-document.ts'
import type { Webmention, WebmentionCredentials } from './webmention.ts'

/** Moves of the endpoint itself. 303 is not one: it shows where the outcome of this POST stands. */
const MOVED = [301, 302, 307, 308]
/** An explanation longer than this is a web page. */
const EXPLANATION_BYTES = 64 * 1024
/** What is kept of it for the author to read. */
const EXPLANATION_LENGTH = 200

/**
 * What a receiver made of a webmention.
 *
 * - `accepted`: taken; how it ends can be asked at `statusUrl`, if there is one
 * - `moved`: nothing came of it, the endpoint is at `location`
 * - `deferred`: worth another try
 * - `rejected`: no try will change that
 */
export type WebmentionAnswer =
  | { readonly status: 'accepted'; readonly reason: string; readonly statusUrl?: URL }
  | { readonly status: 'moved'; readonly location: URL }
  | { readonly status: 'deferred'; readonly reason: string; readonly notBefore?: Date }
  | { readonly status: 'rejected'; readonly reason: string }

/**
 * Notifies the receiver that `source` links to `target`. The endpoint's own query stays where it is.
 * `credentials` are for a source that is not open to everybody.
 *
 * @returns Resolves with the response for {@link processWebmentionResponse}, even if it is a redirect.
 * @see [Webmention §3.1.3](https://www.w3.org/TR/webmention/#sender-notifies-receiver)
 */
export function webmentionRequest(
  endpoint: URL,
  { source, target }: Webmention,
  { fetch, signal, credentials }: WebOptions & { readonly credentials?: WebmentionCredentials },
): Promise<Response> {
  return fetch(endpoint, {
    method: 'POST',
    headers: { accept: 'application/json, text/plain;q=0.8, */*;q=0.1' },
    body: new URLSearchParams({ source: source.href, target: target.href, ...credentials }),
    redirect: 'manual',
    signal: signal ?? null,
  })
}

/**
 * Judges the receiver's answer to {@link webmentionRequest}.
 *
 * @see [Webmention §3.1.3](https://www.w3.org/TR/webmention/#sender-notifies-receiver): any 2xx is success
 */
export async function processWebmentionResponse(
  response: Response,
  endpoint: URL,
  now: Date,
  parse: PageParser = parsePage,
): Promise<WebmentionAnswer> {
  const { status, ok, headers } = response
  const location = locationOf(response, endpoint)
  if (ok || status === 303) {
    await discardBody(response)
    if ((status === 201 || status === 303) && location) {
      const reason = `the receiver answered ${status}, with a status page`
      return { status: 'accepted', reason, statusUrl: location }
    }
    const unsaid = status === 201 || status === 303 ? ', but named no status page' : ''
    return { status: 'accepted', reason: `the receiver answered ${status}${unsaid}` }
  }

  if (MOVED.includes(status) && location) {
    await discardBody(response)
    return { status: 'moved', location }
  }

  const reason = await explain(response, parse)
  if (!isTemporary(status)) return { status: 'rejected', reason }
  const notBefore = parseRetryAfter(headers.get('retry-after'), now)
  return { status: 'deferred', reason, ...(notBefore && { notBefore }) }
}

function locationOf(response: Response, endpoint: URL): URL | undefined {
  const url = resolveLocation(response, endpoint)
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined
}

/** The status, and in a few words what the receiver says of it (§3.2 lets the body describe the error). */
async function explain(response: Response, parse: PageParser): Promise<string> {
  const words = tidy(await explanationOf(response, parse))
  return `the receiver answered ${response.status}${words === '' ? '' : `: ${words}`}`
}

async function explanationOf(response: Response, parse: PageParser): Promise<string> {
  let body: string
  try {
    body = await readText(response, { maxBytes: EXPLANATION_BYTES, truncate: true })
  } catch {
    // The status alone has said what is to be done; a body that breaks off must not change that.
    return ''
  }
  if (isJson(response)) {
    const { error_description, error, message } = parseStatusDocument(body)
    return error_description ?? message ?? error ?? ''
  }
  if (!isHtml(response)) return body
  const text = { html: body, maxLength: EXPLANATION_BYTES }
  return parse(TEXT_OF_HTML, text).catch((error: unknown) => {
    if (error instanceof FetchError) return ''
    throw error
  })
}

/** A stranger's words become one line without control or formatting characters, tokens or length. */
function tidy(text: string): string {
  const line = text.replace(/\p{C}/gu, ' ').replace(/\s+/g, ' ').trim()
  const redacted = redactSecrets(line)
  return redacted.length > EXPLANATION_LENGTH
    ? `${redacted.slice(0, EXPLANATION_LENGTH)}…`
    : redacted
}
