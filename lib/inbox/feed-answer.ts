import type { Store } from '../store/store.ts'
import { isKnownToClient, validatorHeaders } from '../web/conditional.ts'
import { displayedMarkup } from './displayed-markup.ts'
import { atomFeed } from './feed.ts'
import type { FeedAddress } from './feed-address.ts'
import { feedValidators } from './feed-version.ts'
import { titlesOf, type TitleOf } from './own-titles.ts'
import type { Queries } from './queries.ts'

/** What a feed reader shows at first; it asks often enough to miss none. */
const ENTRIES = 50

/** The folder of the feed, below the inbox. */
const FEED_PATH = /^\/feed\/([^/]*)\.xml$/

const HEADERS = {
  'cache-control': 'private, no-store',
  'x-robots-tag': 'noindex, nofollow, noarchive, nosnippet',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'",
}

export interface FeedAnswerOptions {
  readonly me: URL
  readonly inboxUrl: URL
  readonly inbox: Pick<Queries, 'list' | 'read'>
  readonly feedAddress: FeedAddress
  readonly titleOf?: TitleOf
  /** Where it is kept when the feed changed. */
  readonly store: Store
  readonly now: () => Date
}

export function feedUrl(inboxUrl: URL, token: string): URL {
  return new URL(`${inboxUrl.pathname}/feed/${token}.xml`, inboxUrl)
}

/** Answers where the feed is, or could be; `undefined` for every other address. */
export function createFeedAnswer(options: FeedAnswerOptions) {
  const { me, inboxUrl, inbox, feedAddress, titleOf } = options
  return async (request: Request): Promise<Response | undefined> => {
    const { pathname } = new URL(request.url)
    if (!pathname.startsWith(inboxUrl.pathname)) return undefined
    const [, token] = FEED_PATH.exec(pathname.slice(inboxUrl.pathname.length)) ?? []
    if (token === undefined) return undefined
    if (!(await feedAddress.isCurrent(token))) {
      return new Response('Not found\n', { status: 404, headers: HEADERS })
    }
    const { items } = await inbox.list('all', { page: 0, perPage: ENTRIES })
    const letters = await Promise.all(
      items.map(async (entry) => ({ entry, content: await inbox.read(entry) })),
    )
    const targets = letters.map(({ entry: { envelope } }) => envelope.target)
    const feed = atomFeed({
      ...{ self: feedUrl(inboxUrl, token), inbox: inboxUrl, me, letters },
      markup: await displayedMarkup(letters),
      titleOf: await titlesOf(targets, titleOf),
    })
    const validators = await feedValidators(feed, options)
    const headers = { ...HEADERS, ...validatorHeaders(validators) }
    if (isKnownToClient(request, validators)) return new Response(null, { status: 304, headers })
    return new Response(feed, {
      headers: { ...headers, 'content-type': 'application/atom+xml; charset=utf-8' },
    })
  }
}
