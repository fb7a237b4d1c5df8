import { endpoint, type Endpoint } from '../web/endpoint.ts'
import { RequestError } from '../web/errors.ts'
import { jf2Feed } from './jf2.ts'
import type { Published } from './published.ts'
import { parseUrl } from '../web/parse-url.ts'

/** As webmention.io: no page shows the answers of more posts than that. */
const MAX_TARGETS = 50
const MAX_TARGET = 2048
const DEFAULT_PER_PAGE = 100
const MAX_PER_PAGE = 1000
/** How long an approval may take to be seen, so that a popular page does not ask us for each reader. */
const CACHE_SECONDS = 60

export interface MentionsEndpointOptions {
  readonly inbox: Published
}

/**
 * `GET /mentions.json?target=…`: the mentions that everybody may see, newest first, as jf2. `target` may be
 * there more than once, each in any spelling of the page; without it, all of the site. `page` counts from 0, `per-page` is 100.
 *
 * It knows nothing of who asks, and reads only the shelf of the public ones.
 */
export function createMentionsEndpoint({ inbox }: MentionsEndpointOptions): Endpoint {
  return endpoint({ GET: mentions }, refusal)

  async function mentions(request: Request): Promise<Response> {
    const query = new URL(request.url).searchParams
    const named = [...query.getAll('target'), ...query.getAll('target[]')]
    if (named.length > MAX_TARGETS) {
      throw new RequestError('invalid_request', `name at most ${MAX_TARGETS} targets`)
    }
    const targets = named.map(urlOf)
    const page = wholeNumber(query.get('page'), 0, Number.MAX_SAFE_INTEGER / MAX_PER_PAGE)
    const size = query.get('per-page') ?? query.get('perPage')
    const perPage = wholeNumber(size, DEFAULT_PER_PAGE, MAX_PER_PAGE)
    const { items } = await inbox.published(targets, { page, perPage })
    return Response.json(await jf2Feed(items), {
      headers: { ...OPEN_TO_ALL, 'cache-control': `public, max-age=${CACHE_SECONDS}` },
    })
  }
}

/** Any page may read it: it shows nothing that a browser would not show without it. */
const OPEN_TO_ALL = {
  'access-control-allow-origin': '*',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
}

function refusal({ code, message, status }: RequestError): Response {
  return Response.json(
    { error: code, error_description: message },
    { status, headers: { ...OPEN_TO_ALL, 'cache-control': 'no-store' } },
  )
}

/** @throws {RequestError} */
function urlOf(target: string): URL {
  const url = target.length <= MAX_TARGET ? parseUrl(target) : undefined
  if (!url) throw new RequestError('invalid_request', '"target" has to be a URL')
  return url
}

function wholeNumber(text: string | null, fallback: number, max: number): number {
  return text !== null && /^\d{1,15}$/.test(text)
    ? Math.min(Number(text), Math.floor(max))
    : fallback
}
