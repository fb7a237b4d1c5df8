import { ALTERNATES_IN_PAGE } from '../web/alternate-links.ts'
import { MAX_BODY_BYTES, discardBody, readText } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { parseLinkHeader } from '../web/link-header.ts'
import { isHtml, isJson, mediaType } from '../web/media-type.ts'
import { parsePage } from '../web/page-parser.ts'
import { parseWebUrl } from '../web/parse-url.ts'

/** What everybody gets at an address: a text, or why there is none. */
export interface PublicText {
  readonly place: URL
  readonly text: string
  /** Why this look says little or nothing. */
  readonly trouble?: string
  readonly feeds: readonly URL[]
  /** Where a list goes on. */
  readonly next: URL | undefined
}

/** Feeds of one page; those of comments come first. */
const MOST_FEEDS = 6
/** Entries on a page of a listing; the smallest default that is known. With fewer, there is no other page. */
const PAGE_OF_ENTRIES = 20
const FEED_TYPE =
  /^(?:application\/(?:rss\+xml|atom\+xml|rdf\+xml|feed\+json|json|xml)|text\/(?:xml|mf2\+html))$/i
const FEED_NAME = /feed|rss|atom|\.xml\b/i
const READABLE = /^text\/|[/+](?:xml|json|javascript|ecmascript)$|^$/
/** One byte less than the fetch allows, so that a longer body is cut here and not refused there. */
const MOST_BYTES = MAX_BODY_BYTES - 1

/**
 * Reads what everybody can read at an address: without credentials, and whatever the status is, because an error
 * page may list the newest comments as well.
 */
export async function readPublicText(
  place: URL,
  { fetch, signal }: WebOptions,
): Promise<PublicText> {
  try {
    const response = await fetch(place, {
      headers: {
        accept: 'text/html, application/xml, application/json, */*;q=0.5',
        'cache-control': 'no-cache',
      },
      signal: signal ?? null,
    })
    if (!READABLE.test(mediaType(response))) {
      await discardBody(response)
      return nothingAt(place, `is ${mediaType(response)}`)
    }
    const text = await readText(response, { maxBytes: MOST_BYTES, truncate: true })
    const url = new URL(response.url || place.href)
    const trouble = response.ok ? undefined : `answered ${response.status}`
    return {
      ...{ place, text, next: nextOf(response, text, url) },
      feeds: await feedsOf(response, text, url),
      ...(trouble !== undefined && { trouble }),
    }
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    return nothingAt(place, error.message)
  }
}

function nothingAt(place: URL, trouble: string): PublicText {
  return { place, text: '', trouble, feeds: [], next: undefined }
}

interface Alternate {
  readonly url: URL
  readonly about: string
}

/** The feeds that a page names, in its headers and in itself. */
async function feedsOf(response: Response, text: string, url: URL): Promise<readonly URL[]> {
  const alternates = [...alternatesInHeader(response, url)]
  if (isHtml(response)) alternates.push(...(await alternatesInPage(text, url)))
  const isOfComments = ({ about, url: { href } }: Alternate) => /comment/i.test(`${about} ${href}`)
  const sorted = alternates.toSorted(
    (one, other) => Number(isOfComments(other)) - Number(isOfComments(one)),
  )
  const feeds = new Map(sorted.map((feed) => [feed.url.href, feed.url]))
  return [...feeds.values()].slice(0, MOST_FEEDS)
}

function* alternatesInHeader({ headers }: Response, url: URL): Generator<Alternate> {
  for (const { uri, rel, params } of parseLinkHeader(headers.get('link') ?? '')) {
    const feed = parseWebUrl(uri, url)
    if (!feed || !rel.some((name) => name === 'alternate' || name === 'feed')) continue
    if (isFeed(params.get('type'), uri)) yield { url: feed, about: params.get('title') ?? '' }
  }
}

async function alternatesInPage(html: string, url: URL): Promise<readonly Alternate[]> {
  const links = await parsePage(ALTERNATES_IN_PAGE, { html, url: url.href }).catch(
    (error: unknown) => {
      // A page that takes too long to read is searched as a text all the same.
      if (error instanceof FetchError) return []
      throw error
    },
  )
  return links
    .filter(({ type, reference }) => isFeed(type, reference))
    .map(({ href, title = '' }) => ({ url: new URL(href), about: title }))
}

/** A translation of the page is an alternate of it, too. */
function isFeed(type: string | undefined, href: string): boolean {
  return type === undefined
    ? FEED_NAME.test(href)
    : FEED_TYPE.test(type.split(';', 1).join('').trim())
}

/**
 * Where a list goes on: in a `Link` header, in a feed (RFC 5005, JSON Feed), or on the page that webmention.io's API
 * counts in its query.
 */
function nextOf(response: Response, text: string, url: URL): URL | undefined {
  const links = parseLinkHeader(response.headers.get('link') ?? '')
  const inHeader = links.find(({ rel }) => rel.includes('next'))?.uri
  if (inHeader !== undefined) return isHtml(response) ? undefined : parseWebUrl(inHeader, url)
  if (isJson(response)) return nextInJson(text, url)
  if (isHtml(response)) return undefined
  const [link] = text.match(/<(?:\w+:)?link\b[^<>]*\brel=["']next["'][^<>]*>/) ?? []
  const href = /\bhref=["']([^"']+)["']/.exec(link ?? '')?.[1]?.replaceAll('&amp;', '&')
  return href === undefined ? undefined : parseWebUrl(href, url)
}

function nextInJson(text: string, url: URL): URL | undefined {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null) return undefined
  if ('next_url' in value) {
    return typeof value.next_url === 'string' ? parseWebUrl(value.next_url, url) : undefined
  }
  const isPaged = url.searchParams.has('per-page') || url.searchParams.has('per_page')
  const [longest = 0] = [value, ...Object.values(value)]
    .flatMap((list) => (Array.isArray(list) ? [list.length] : []))
    .toSorted((one, other) => other - one)
  if (!isPaged || longest < PAGE_OF_ENTRIES) return undefined
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
