/**
 * What can be seen of a profile URL, or of an endpoint, without asking anybody.
 *
 * @module
 */
import { isLoopbackHost } from '../web/address-text.ts'
import { parseUrl } from '../web/parse-url.ts'
import { WEB_PORTS, whyNotVisit } from '../web/url-rules.ts'
import { MAX_URL_LENGTH } from './limits.ts'

/** Why nothing private goes there; `undefined` if nothing is against it. */
export function whyNotSafe(url: URL, allowLoopback: boolean): string | undefined {
  const why = whyNotVisit(url, { ports: WEB_PORTS, allowLoopback })
  if (why !== undefined) return why
  const isSafe = url.protocol === 'https:' || (allowLoopback && isLoopbackHost(url.hostname))
  return isSafe ? undefined : 'is not encrypted'
}

/** A profile URL or an endpoint in a form. `undefined` for what is neither. A fragment names nothing that a server sees. */
export function parsePlace(text: string | undefined, allowLoopback: boolean): URL | undefined {
  if (text === undefined || text.length > MAX_URL_LENGTH) return undefined
  const url = parseUrl(text)
  if (!url || whyNotSafe(url, allowLoopback) !== undefined) return undefined
  url.hash = ''
  return url
}

/** Whether two profile URLs are one person's: a slash at the end names nobody else. */
export function isSamePerson(one: URL, other: URL): boolean {
  return spellingOf(one) === spellingOf(other)
}

/** Whether a page is a person's own: their profile, or below it. */
export function isOwnPage(page: URL, person: URL): boolean {
  if (isSamePerson(page, person)) return true
  const folder = person.pathname.replace(/\/?$/, '/')
  return page.origin === person.origin && page.pathname.startsWith(folder)
}

/** One spelling for each {@link isSamePerson}. */
export function spellingOf({ origin, pathname, search }: URL): string {
  return origin + pathname.replace(/\/$/, '') + search
}
