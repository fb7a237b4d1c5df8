import { canParseUrl } from '../web/parse-url.ts'

/**
 * By what two URLs are the same page of a site: whichever of http and https, with or without the slash,
 * `index.html` or fragment. What is no URL is its own text.
 */
export function pageKey(address: string): string {
  if (!canParseUrl(address)) return address
  const { protocol, host, pathname, search, href } = new URL(address)
  if (protocol !== 'http:' && protocol !== 'https:') return href
  const path = pathname.replace(/(^|\/)index\.html$/, '$1').replace(/\/+$/, '')
  return `${host}${path}${search}`
}

/** Whether a message to this page is one to the owner: nobody comments on a home page. */
export type IsHomePage = (target: string) => boolean

export function createIsHomePage(homes: readonly URL[]): IsHomePage {
  const keys = new Set(homes.flatMap((home) => [keyOf(home), keyOf(new URL('/', home))]))
  return (target) => canParseUrl(target) && keys.has(keyOf(new URL(target)))
}

/** The owner's profile, and the site that the inbox belongs to. */
export function homesOf(inbox: URL, me: URL): readonly URL[] {
  return [me, new URL('/', inbox)]
}

/** `/?utm_source=…` is the home page, too. */
function keyOf({ origin, pathname }: URL): string {
  return pageKey(origin + pathname)
}

/** A URL of the web, or `undefined` for what somebody else should not get us to link to. */
export function webUrl(address: string | undefined): URL | undefined {
  if (address === undefined || !canParseUrl(address)) return undefined
  const url = new URL(address)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
}

/** The URL, if it is on that host: only then it is its author's own to say. */
export function urlOnHost(address: string | undefined, host: string): URL | undefined {
  const url = webUrl(address)
  return url && (url.host === host || url.hostname === host) ? url : undefined
}
