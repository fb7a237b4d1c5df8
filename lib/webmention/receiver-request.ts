import { RequestError } from '../web/errors.ts'
import { field } from '../web/form.ts'
import { isSamePage } from '../web/page-identity.ts'
import { parseUrl } from '../web/parse-url.ts'
import { WEB_PORTS, whyNotVisit } from '../web/url-rules.ts'
import type { Webmention } from './webmention.ts'

/** Four times what the largest receiver takes; what is longer breaks in databases and logs. */
const MAX_URL_LENGTH = 2048
/** As the largest receiver has it. */
const MAX_CODE_LENGTH = 1024

/** What a sender asks of the receiver. */
export interface WebmentionRequest extends Webmention {
  /** Private-Webmention: good for an access token at the source's token endpoint. Kept nowhere. */
  readonly code?: string
  readonly realm?: string
  /** Vouch: a page that links to the source's site. */
  readonly vouch?: URL
}

/**
 * Reads a webmention, and judges what can be seen of it without asking anybody.
 *
 * @throws {RequestError} `invalid_request`
 * @see [Webmention §3.2.1](https://www.w3.org/TR/webmention/#request-verification)
 * @see [Private-Webmention](https://indieweb.org/Private-Webmention)
 * @see [Vouch](https://indieweb.org/Vouch)
 */
export function parseWebmentionRequest(
  form: URLSearchParams,
  { allowLoopback = false }: { readonly allowLoopback?: boolean } = {},
): WebmentionRequest {
  const source = urlField(form, 'source')
  const target = urlField(form, 'target')
  if (source === undefined) throw invalid('"source" is missing')
  if (target === undefined) throw invalid('"target" is missing')
  const why = whyNotVisit(source, { ports: WEB_PORTS, allowLoopback })
  if (why !== undefined) throw invalid(`"source" ${why}`)
  if (isSamePage(source, target)) throw invalid('"source" and "target" are the same page')

  const code = secretField(form, 'code')
  const realm = secretField(form, 'realm')
  const vouch = urlField(form, 'vouch')
  return {
    source,
    target,
    ...(code !== undefined && { code }),
    ...(realm !== undefined && { realm }),
    ...(vouch && { vouch }),
  }
}

function urlField(form: URLSearchParams, name: string): URL | undefined {
  const value = field(form, name)?.trim()
  if (value === undefined || value === '') return undefined
  if (value.length > MAX_URL_LENGTH) {
    throw invalid(`"${name}" is longer than ${MAX_URL_LENGTH} characters`)
  }
  const url = parseUrl(value)
  if (!url) throw invalid(`"${name}" is not a URL`)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalid(`"${name}" is not an http or https URL`)
  }
  if (url.username || url.password) throw invalid(`"${name}" contains a user name or password`)
  return url
}

/** What is never repeated in an answer: only its name is. */
function secretField(form: URLSearchParams, name: string): string | undefined {
  const value = field(form, name)
  if (value === undefined) return undefined
  if (value === '') throw invalid(`"${name}" is empty`)
  if (value.length > MAX_CODE_LENGTH) {
    throw invalid(`"${name}" is longer than ${MAX_CODE_LENGTH} characters`)
  }
  // RFC 6749 appendix A.11: anything else could break out of a header.
  if (!/^[\x20-\x7e]+$/.test(value)) throw invalid(`"${name}" has characters that it must not have`)
  return value
}

function invalid(message: string): RequestError {
  return new RequestError('invalid_request', message)
}
