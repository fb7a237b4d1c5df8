import { discardBody, readText } from '../web/body.ts'
import { FetchError, ResponseError } from '../web/errors.ts'
import { isHtml, isJson, mediaType } from '../web/media-type.ts'
import { parsePage, type PageParser } from '../web/page-parser.ts'
import { isTemporary, parseRetryAfter } from '../web/retry-after.ts'
import type { ReceivedEntry } from './received-entry.ts'
import type { SettledStatus } from './received-status.ts'
import type { FetchedSource, SourceAccess } from './source-access.ts'
import {
  SOURCE_PAGE,
  type SourcePage,
  type PageSigns,
  type SourceReading,
} from './source-reading.ts'
import type { Webmention } from './webmention.ts'

/** The example of Webmention §4.4. A page that is cut off could hide that it is private. */
const MAX_SOURCE_BYTES = 1024 * 1024
/** What a system says of a host that no connection leads to. */
const UNCONNECTED =
  /^(ENOTFOUND|EAI_\w+|ENODATA|ECONNREFUSED|EHOST\w+|ENET\w+|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/

/** A source that was fetched and does mention the target. */
export interface VerifiedSource {
  /** Where it really came from, after redirects. */
  readonly url: URL
  readonly chain: readonly URL[]
  readonly authenticated: boolean
  readonly headers: Headers
  /** What it says of who may read it. */
  readonly signs: PageSigns
  /** What it says. */
  readonly entry: ReceivedEntry
}

export type Verification =
  | { readonly outcome: 'mentions'; readonly source: VerifiedSource }
  /** It is gone, or does not mention the target: if it did before, that is over. */
  | {
      readonly outcome: 'absent'
      readonly status: 'gone' | 'no_link_found'
      /** How it links to the target's page instead. */
      readonly spelling?: string
      readonly authenticated: boolean
    }
  /** It says nothing about the mention: what is known of it stays. */
  | {
      readonly outcome: 'failed'
      readonly status: SettledStatus
      readonly authenticated?: boolean
      /** The source itself, and no place that it redirects to, asks who we are, and does not know us. */
      readonly isUnopened?: true
    }
  | {
      readonly outcome: 'later'
      readonly notBefore?: Date
      /** Its host could not even be found, or did not take the connection. */
      readonly isUnconnected?: true
      readonly authenticated?: boolean
    }

export interface VerificationOptions {
  readonly access: SourceAccess
  /** The owner's block list. */
  readonly isDenied: (url: URL) => boolean | Promise<boolean>
  readonly now: () => Date
  /** The owner's profile URL. */
  readonly me: URL
  /** Whether the target is our home page. */
  readonly isHome: boolean
  readonly parse?: PageParser
  /** Awaited right before the page is read. */
  readonly before?: () => Promise<void>
}

/**
 * Fetches the source and confirms that it mentions the target.
 *
 * Only 410 and a page without the link say at once that a mention is over. 404, 401 and 403 do not: otherwise a
 * stranger who repeats a private mention without its code would delete it.
 *
 * @see [Webmention §3.2.2](https://www.w3.org/TR/webmention/#webmention-verification)
 */
export async function verifyWebmention(
  { source, target }: Webmention,
  options: VerificationOptions,
): Promise<Verification> {
  const { access, isDenied } = options
  if (await isDenied(source)) return failed('blocked')
  let authenticated = false
  try {
    const fetched = await access.fetch(source, target)
    authenticated = fetched.authenticated
    for (const url of fetched.chain) {
      if (!(await isDenied(url))) continue
      await discardBody(fetched.response)
      return failed('blocked', authenticated)
    }
    return await judge(fetched, { source, target }, options)
  } catch (error) {
    if (error instanceof ResponseError) return failed('access_token_error')
    if (!(error instanceof FetchError)) throw error
    if (error.kind === 'refused') return failed('invalid_source', authenticated)
    const { notBefore } = error
    return {
      outcome: 'later',
      ...(notBefore && { notBefore }),
      ...(isUnconnected(error) && { isUnconnected: true }),
      ...(authenticated && { authenticated }),
    }
  }
}

async function judge(
  { response, authenticated, chain }: FetchedSource,
  { source, target }: Webmention,
  { me, isHome, now, parse = parsePage, before }: VerificationOptions,
): Promise<Verification> {
  const { status, ok, headers } = response
  if (!ok) {
    await discardBody(response)
    if (status === 410) return { outcome: 'absent', status: 'gone', authenticated }
    if (!isTemporary(status)) {
      const isAtHome = chain.every(({ origin }) => origin === source.origin)
      const isUnopened = status === 401 && isAtHome
      return {
        ...failed(statusOfRefusal(status), authenticated),
        ...(isUnopened && { isUnopened }),
      }
    }
    const notBefore = parseRetryAfter(headers.get('retry-after'), now())
    return {
      outcome: 'later',
      ...(notBefore && { notBefore }),
      ...(authenticated && { authenticated }),
    }
  }

  const type = isHtml(response) ? 'html' : isJson(response) ? 'json' : 'text'
  if (type === 'text' && mediaType(response) !== 'text/plain') {
    await discardBody(response)
    return failed('unsupported_content_type', authenticated)
  }
  const body = await readSource(response)
  if (body === undefined) return failed('too_large', authenticated)
  const last = chain.at(-1) ?? source
  const url = new URL(response.url || last.href)
  // A redirect to a comment names it by its fragment, which the response does not tell.
  url.hash ||= last.hash
  const page: SourcePage = {
    ...{ type, body, isHome, now: now().toISOString() },
    ...{ url: url.href, source: source.href, target: target.href, me: me.href },
  }
  const reading = await read(() => parse(SOURCE_PAGE, page, before && { before }))
  switch (reading.outcome) {
    case 'failed':
      return failed(reading.status, authenticated)
    case 'absent':
      return { ...reading, authenticated }
    case 'mentions': {
      const { signs, entry } = reading
      return { outcome: 'mentions', source: { url, chain, authenticated, headers, signs, entry } }
    }
  }
}

/** A page that takes longer to read than a page is given would take as long the next time. */
async function read(parse: () => Promise<SourceReading>): Promise<SourceReading> {
  try {
    return await parse()
  } catch (error) {
    if (error instanceof FetchError && error.kind === 'refused') {
      return { outcome: 'failed', status: 'too_large' }
    }
    throw error
  }
}

/** @returns `undefined` for a body that is too large, by our limit or by that of whoever fetches. */
async function readSource(response: Response): Promise<string | undefined> {
  let bytes = 0
  const onBytes = (count: number) => void (bytes += count)
  try {
    return await readText(response, { maxBytes: MAX_SOURCE_BYTES, onBytes })
  } catch (error) {
    if (error instanceof FetchError && bytes >= MAX_SOURCE_BYTES) return undefined
    throw error
  }
}

function statusOfRefusal(status: number): SettledStatus {
  if (status === 404) return 'not_found'
  return status === 401 || status === 403 ? 'unauthorized' : 'invalid_source'
}

function failed(status: SettledStatus, authenticated = false) {
  return { outcome: 'failed', status, ...(authenticated && { authenticated }) } as const
}

function isUnconnected(error: Error): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && UNCONNECTED.test(String(cause.code))) return true
  }
  return false
}
