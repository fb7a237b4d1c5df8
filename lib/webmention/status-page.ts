import { redactSecrets } from '../web/redaction.ts'
import type { Progress } from '../delivery/delivery.ts'
import { discardBody, readText } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import { isTemporary, parseRetryAfter } from '../web/retry-after.ts'
import type { WebmentionOptions } from './discovery.ts'
import { parseStatusDocument } from './status-document.ts'

/** A status page is a few lines. */
const STATUS_BYTES = 64 * 1024

const PROCESSING = ['pending', 'queued', 'processing', 'received', 'in_progress', 'in-progress']
/** The words of webmention.io and of its page fetcher for a mention that came to nothing. */
const REJECTED =
  /^(no_link_found|no_token_endpoint|blocked|rejected|denied|spam|gone|timeout|unauthorized|forbidden|failed|failure)$|^invalid_|^unsupported_|^too_|error|_not_|^not_/

/**
 * Asks what became of a webmention.
 *
 * The spec leaves a status page to the receiver, so one that is not understood, or gone, counts as good news:
 * the receiver did take the webmention. `deleted` is good news too, it answers a link that was taken away.
 *
 * @throws {FetchError} if the page asks to come back later
 * @see [Webmention §3.2](https://www.w3.org/TR/webmention/#receiving-webmentions)
 */
export async function followStatus(
  statusUrl: URL,
  { fetch, signal, now = () => new Date() }: WebmentionOptions,
): Promise<Progress> {
  const response = await fetch(statusUrl, {
    headers: { accept: 'application/json' },
    signal: signal ?? null,
  })
  return processStatusResponse(response, now())
}

/** Judges what a status page answered. */
export async function processStatusResponse(response: Response, now: Date): Promise<Progress> {
  const { status, headers } = response
  if (isTemporary(status)) {
    await discardBody(response)
    const notBefore = parseRetryAfter(headers.get('retry-after'), now)
    throw new FetchError(`The status page answered ${status}`, { notBefore })
  }
  if (status === 404 || status === 410) {
    await discardBody(response)
    return 'accepted'
  }

  const body = await readText(response, { maxBytes: STATUS_BYTES, truncate: true })
  const { status: named, error } = parseStatusDocument(body)
  const word = (named ?? error ?? '').trim().toLowerCase()
  if (REJECTED.test(word)) return { rejected: redactSecrets(word).slice(0, 100) }
  if (status >= 400) return { rejected: `the status page answered ${status}` }
  return status === 202 || PROCESSING.includes(word) ? 'processing' : 'accepted'
}
