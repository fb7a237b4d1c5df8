import type { Endpoint } from '../web/endpoint.ts'
import { decodeSegment } from '../web/path-segment.ts'
import { GONE_PAGE, TOMBSTONE } from '../web/tombstone.ts'
import { isGonePath } from '../webmention/gone-list.ts'
import type { SiteOptions } from './site-options.ts'

const TOMBSTONE_LENGTH = String(new TextEncoder().encode(TOMBSTONE).length)

/**
 * Answers 410 for what was taken back, where the pages alone would answer 404, or show a tombstone, or still
 * hold a copy that has expired since they were built.
 *
 * @see [RFC 9110 §15.5.11](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.11)
 */
export function withGonePages(pages: Endpoint, options: SiteOptions): Endpoint {
  const { site, settings, files, now } = options
  const links = new URL(settings.prefix.replace(/^\/+/, ''), site).pathname

  return async (request, context) => {
    const response = await pages(request, context)
    const { pathname } = new URL(request.url)
    const copy = copyAt(pathname)
    const mayBeGone =
      copy !== undefined ||
      response.status === 404 ||
      response.headers.get('content-length') === TOMBSTONE_LENGTH
    if (!mayBeGone || !(await isGonePath(spellingsOf(copy ?? pathname), { files, now }))) {
      return response
    }
    await response.body?.cancel()
    const headers = new Headers(response.headers)
    headers.set('content-type', 'text/html; charset=utf-8')
    headers.set('content-length', String(Buffer.byteLength(GONE_PAGE)))
    const body = request.method === 'HEAD' ? null : GONE_PAGE
    return new Response(body, { status: 410, headers })
  }

  /** The page of the private link that a path lies below: with it, all that came with it is gone. */
  function copyAt(pathname: string): string | undefined {
    if (!pathname.startsWith(links)) return undefined
    const [token = ''] = pathname.slice(links.length).split('/')
    return token === '' ? undefined : `${links}${token}/`
  }
}

/** A path may be percent-encoded in more places than it has to. */
function spellingsOf(pathname: string): string[] {
  const segments = pathname.split('/').map((segment) => decodeSegment(segment) ?? segment)
  return [
    pathname,
    new URL(
      encodeURI(segments.join('/')).replace(/[?#]/g, encodeURIComponent),
      'https://site.example',
    ).pathname,
  ]
}
