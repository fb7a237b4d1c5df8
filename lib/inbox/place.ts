import { isId } from './entry.ts'
import { VIEWS, type View } from './views.ts'

/** Where in the inbox somebody is: a list, one thread of it, or one message. */
export interface Place {
  readonly view: View
  /** From 0. */
  readonly page: number
  readonly thread?: string
  readonly message?: string
}

/** What was just done, for the page that follows. */
const NEWS = [
  'approved',
  'kept',
  'read',
  'unread',
  'deleted',
  'blocked',
  'allowed',
  'forgotten',
  'feed',
  'no-feed',
  'gone',
  'changed',
] as const
export type News = (typeof NEWS)[number]

/** No inbox is longer. */
const MAX_PAGE = 100_000

/**
 * Reads a place from an address. What nobody would type is the nearest place that there is, what lies
 * below no message is `undefined`.
 */
export function parsePlace(url: URL, inbox: URL): Place | undefined {
  const rest = url.pathname.slice(inbox.pathname.length).replace(/^\/|\/$/g, '')
  if (!url.pathname.startsWith(inbox.pathname)) return undefined
  if (rest !== '' && !isId(rest)) return undefined
  const { searchParams } = url
  const view = VIEWS.find((candidate) => candidate === searchParams.get('show')) ?? 'all'
  const page = searchParams.get('page') ?? ''
  const thread = searchParams.get('thread') ?? ''
  return {
    view,
    page: /^\d{1,6}$/.test(page) ? Math.min(Number(page), MAX_PAGE) : 0,
    ...(/^[0-9a-f]{16}$/.test(thread) && { thread }),
    ...(rest !== '' && { message: rest }),
  }
}

export function parseNews(url: URL): News | undefined {
  return NEWS.find((news) => news === url.searchParams.get('done'))
}

/** The path of a place: what a link leads to, and a redirect. */
export function placePath(
  inbox: URL,
  { view, page, thread, message }: Partial<Place>,
  news?: News,
): string {
  const query = new URLSearchParams({
    ...(view !== undefined && view !== 'all' && { show: view }),
    ...(page !== undefined && page > 0 && { page: String(page) }),
    ...(thread !== undefined && { thread }),
    ...(news !== undefined && { done: news }),
  })
  const path = message === undefined ? inbox.pathname : `${inbox.pathname}/${message}`
  return query.size === 0 ? path : `${path}?${query}`
}
