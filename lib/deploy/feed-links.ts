import { ALTERNATES_IN_PAGE } from '../web/alternate-links.ts'
import { FetchError } from '../web/errors.ts'
import { parseLinkHeader } from '../web/link-header.ts'
import { isHtml, isJson } from '../web/media-type.ts'
import { parsePage } from '../web/page-parser.ts'
import { parseWebUrl } from '../web/parse-url.ts'

/** Feeds of one page; those of comments come first. */
const MOST_FEEDS = 6
/** Entries on a page of a listing; the smallest default that is known. With fewer, there is no other page. */
const PAGE_OF_ENTRIES = 20
const FEED_TYPE =
  /^(?:application\/(?:rss\+xml|atom\+xml|rdf\+xml|feed\+json|json|xml)|text\/(?:xml|mf2\+html))$/i
const FEED_NAME = /feed|rss|atom|\.xml\b/i
/**
 * Of a feed, the outline of its tags is enough, and long ones are passed over: what a stranger writes must not take
 * time that grows with its square.
 */
const LINK_TAGS = /<(?:\w{1,20}:)?link\s((?:[^<>"']|"[^"<]{0,2000}"|'[^'<]{0,2000}'){1,2000})>/gi
const ATTRIBUTES = /([\w:-]{1,50})\s*=\s*(?:"([^"]*)"|'([^']*)')/g

/** A feed as a page or a header names it. */
interface NamedFeed {
  readonly url: URL
  readonly title: string
}

/** The feeds that a page names, in its headers and in itself. */
export async function feedsOf(response: Response, text: string, url: URL): Promise<readonly URL[]> {
  const named = [...feedsInHeader(response, url), ...(await feedsInPage(response, text, url))]
  const isOfComments = ({ title, url: { href } }: NamedFeed) => /comment/i.test(`${title} ${href}`)
  const sorted = named.toSorted(
    (one, other) => Number(isOfComments(other)) - Number(isOfComments(one)),
  )
  const feeds = new Map(sorted.map((feed) => [feed.url.href, feed.url]))
  return [...feeds.values()].slice(0, MOST_FEEDS)
}

function feedsInHeader({ headers }: Response, url: URL): NamedFeed[] {
  return parseLinkHeader(headers.get('link') ?? '').flatMap(({ uri, rel, params }) => {
    const isNamed = rel.some((name) => name === 'alternate' || name === 'feed')
    const feed = isNamed && isFeed(params.get('type'), uri) ? parseWebUrl(uri, url) : undefined
    return feed ? [{ url: feed, title: params.get('title') ?? '' }] : []
  })
}

async function feedsInPage(response: Response, html: string, url: URL): Promise<NamedFeed[]> {
  if (!isHtml(response)) return []
  const links = await parsePage(ALTERNATES_IN_PAGE, { html, url: url.href }).catch(
    (error: unknown) => {
      // A page that takes too long to read is searched as a text all the same.
      if (error instanceof FetchError) return []
      throw error
    },
  )
  return links
    .filter(({ type, reference }) => isFeed(type, reference))
    .map(({ href, title = '' }) => ({ url: new URL(href), title }))
}

/** A translation of the page is an alternate of it, too. */
function isFeed(type: string | undefined, href: string): boolean {
  return type === undefined
    ? FEED_NAME.test(href)
    : FEED_TYPE.test(type.split(';', 1).join('').trim())
}

/**
 * Where a list goes on: in a `Link` header, in a feed (RFC 5005, JSON Feed), or on the page that an API counts in its
 * query. An ordinary page is no list.
 */
export function nextOf(response: Response, text: string, url: URL): URL | undefined {
  if (isHtml(response)) return undefined
  const inHeader = parseLinkHeader(response.headers.get('link') ?? '')
  const next = inHeader.find(({ rel }) => rel.includes('next'))
  if (next) return parseWebUrl(next.uri, url)
  return isJson(response) ? nextInJson(text, url) : nextInFeed(text, url)
}

function nextInFeed(text: string, url: URL): URL | undefined {
  for (const [, inside = ''] of text.matchAll(LINK_TAGS)) {
    const attributes = new Map(
      [...inside.matchAll(ATTRIBUTES)].map(([, name, double, single]) => [name, double ?? single]),
    )
    const href = attributes.get('rel') === 'next' ? attributes.get('href') : undefined
    if (href !== undefined) return parseWebUrl(href.replace(/&(?:amp|#38|#x26);/gi, '&'), url)
  }
  return undefined
}

function nextInJson(text: string, url: URL): URL | undefined {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null) return undefined
  if ('next_url' in value) {
    return typeof value.next_url === 'string' ? parseWebUrl(value.next_url, url) : undefined
  }
  const isPaged = url.searchParams.has('per-page') || url.searchParams.has('per_page')
  const counts = [value, ...Object.values(value)].flatMap((list) =>
    Array.isArray(list) ? [list.length] : [],
  )
  if (!isPaged || Math.max(0, ...counts) < PAGE_OF_ENTRIES) return undefined
  // webmention.io counts from 0, WordPress from 1.
  const first = url.searchParams.has('per-page') ? 0 : 1
  const next = new URL(url)
  next.searchParams.set('page', String(Number(url.searchParams.get('page') ?? first) + 1))
  return next
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // It is searched as a text; that it goes on elsewhere is not known then.
    return undefined
  }
}
