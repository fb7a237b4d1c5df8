import { discardBody, readText } from '../web/body.ts'
import { FetchError, ResponseError } from '../web/errors.ts'
import { attribute, elements, isElement, parseHtml } from '../web/html.ts'
import type { HtmlDocument } from '../web/html.ts'
import { isHtml, isJson, mediaType } from '../web/media-type.ts'
import { isTemporary, parseRetryAfter } from '../web/retry-after.ts'
import { normalForm } from './equivalence.ts'
import { htmlLinksTo, jsonLinksTo, textLinksTo } from './link-search.ts'
import type { SettledStatus } from './received-status.ts'
import type { FetchedSource, SourceAccess } from './source-access.ts'
import { takeTurn } from './turns.ts'
import type { Webmention } from './webmention.ts'

/** The example of Webmention §4.4. A page that is cut off could hide that it is private. */
const MAX_SOURCE_BYTES = 1024 * 1024
/** More than long pages have. Misnested tags make 180 KB as many as a parser is allowed. */
const MAX_SOURCE_ELEMENTS = 50_000
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
  readonly content: SourceContent
}

export type SourceContent =
  | { readonly type: 'html'; readonly document: HtmlDocument }
  | { readonly type: 'json'; readonly json: unknown }
  | { readonly type: 'text'; readonly text: string }

export type Verification =
  | { readonly outcome: 'mentions'; readonly source: VerifiedSource }
  /** It is gone, or does not mention the target: if it did before, that is over. */
  | {
      readonly outcome: 'absent'
      readonly status: 'gone' | 'no_link_found'
      readonly authenticated: boolean
    }
  /** It says nothing about the mention: what is known of it stays. */
  | {
      readonly outcome: 'failed'
      readonly status: SettledStatus
      readonly authenticated?: boolean
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
}

/**
 * Fetches the source and confirms that it mentions the target.
 *
 * Only 410 and a page without the link say that a mention is over. 404, 401 and 403 do not: otherwise a
 * stranger who repeats a private mention without its code would delete it.
 *
 * @see [Webmention §3.2.2](https://www.w3.org/TR/webmention/#webmention-verification)
 */
export async function verifyWebmention(
  { source, target }: Webmention,
  { access, isDenied, now }: VerificationOptions,
): Promise<Verification> {
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
    return await judge(fetched, { source, target }, now())
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
  now: Date,
): Promise<Verification> {
  const { status, ok, headers } = response
  if (!ok) {
    await discardBody(response)
    if (status === 410) return { outcome: 'absent', status: 'gone', authenticated }
    if (!isTemporary(status)) return failed(statusOfRefusal(status), authenticated)
    const notBefore = parseRetryAfter(headers.get('retry-after'), now)
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
  await takeTurn()
  const content = contentOf(type, body)
  if (typeof content === 'string') return failed(content, authenticated)

  const url = new URL(response.url || (chain.at(-1) ?? source).href)
  if (content.type === 'html' && saysGone(content.document)) {
    return { outcome: 'absent', status: 'gone', authenticated }
  }
  if (!mentions(content, url, normalForm(target))) {
    return { outcome: 'absent', status: 'no_link_found', authenticated }
  }
  return { outcome: 'mentions', source: { url, chain, authenticated, headers, content } }
}

/** @returns `undefined` for a body that is too large, by our limit or by that of whoever fetches. */
async function readSource(response: Response): Promise<string | undefined> {
  let bytes = 0
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength
      controller.enqueue(chunk)
    },
  })
  const body = response.body?.pipeThrough(count) ?? null
  try {
    return await readText(new Response(body, response), { maxBytes: MAX_SOURCE_BYTES })
  } catch (error) {
    if (error instanceof FetchError && bytes >= MAX_SOURCE_BYTES) return undefined
    throw error
  }
}

function contentOf(type: SourceContent['type'], body: string): SourceContent | SettledStatus {
  if (type === 'text') return { type, text: body }
  if (type === 'html') {
    let isCut = false
    const onCut = () => void (isCut = true)
    // Without scripts, as most software reads it that looks for links.
    const document = parseHtml(body, { scripting: false, maxElements: MAX_SOURCE_ELEMENTS, onCut })
    return isCut ? 'too_large' : { type, document }
  }
  try {
    return { type, json: JSON.parse(body) }
  } catch {
    // No JSON: it neither mentions anything nor says that it does not.
    return 'invalid_content'
  }
}

function mentions(content: SourceContent, url: URL, target: string): boolean {
  if (content.type === 'html') return htmlLinksTo(content.document, url, target)
  if (content.type === 'json') return jsonLinksTo(content.json, target)
  return textLinksTo(content.text, target)
}

/** What a page says that a static host cannot answer with 410 (Webmention §3.2.4 and webmention.rocks). */
function saysGone(document: HtmlDocument): boolean {
  for (const element of elements(document)) {
    if (!isElement(element, 'meta')) continue
    const isStatus = attribute(element, 'http-equiv')?.toLowerCase() === 'status'
    if (isStatus && /^\s*410\b/.test(attribute(element, 'content') ?? '')) return true
  }
  return false
}

function statusOfRefusal(status: number): SettledStatus {
  if (status === 404) return 'not_found'
  return status === 401 || status === 403 ? 'unauthorized' : 'invalid_source'
}

function failed(status: SettledStatus, authenticated = false): Verification {
  return { outcome: 'failed', status, ...(authenticated && { authenticated }) }
}

function isUnconnected(error: Error): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && UNCONNECTED.test(String(cause.code))) return true
  }
  return false
}
