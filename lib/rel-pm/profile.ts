/**
 * What can be seen of a profile URL, or of an endpoint, without asking anybody.
 *
 * @module
 */
import { isLocalhostName, isLoopbackHost } from '../web/address-text.ts'
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

/** A host, with a port and a path perhaps: what the document calls a sender and a destination. */
const WITHOUT_SCHEME = /^([^\s:/?#@\\[\]]+)(?::\d{1,5})?(\/.*)?$/

/**
 * A profile URL or an endpoint in a form, or one without its scheme. `undefined` for what is neither. A fragment names
 * nothing that a server sees.
 */
export function parsePlace(text: string | undefined, allowLoopback: boolean): URL | undefined {
  return parseDestination(text, allowLoopback)?.url
}

export interface Destination {
  readonly url: URL
  /** No more than its host was named, with or without a scheme: any endpoint there is meant. */
  readonly isHost: boolean
}

export function parseDestination(
  text: string | undefined,
  allowLoopback: boolean,
): Destination | undefined {
  if (text === undefined || text.length > MAX_URL_LENGTH) return undefined
  const url = bareUrl(text.trim(), allowLoopback) ?? parseUrl(text.trim())
  if (!url || whyNotSafe(url, allowLoopback) !== undefined) return undefined
  url.hash = ''
  return { url, isHost: url.pathname === '/' && url.search === '' }
}

function bareUrl(text: string, allowLoopback: boolean): URL | undefined {
  const [, host = ''] = WITHOUT_SCHEME.exec(text) ?? []
  if (!/[^.]\.[^.]/.test(host) && !isLocalhostName(host)) return undefined
  const scheme = allowLoopback && isLoopbackHost(host) ? 'http' : 'https'
  return parseUrl(`${scheme}://${text}`)
}

/**
 * Whether the endpoint that a person's home page names is the one that was asked for, letter by letter; or, where a host
 * alone was asked for, is at that host, or is that person's.
 */
export function isDestination(endpoint: URL, { url, isHost }: Destination, person: URL): boolean {
  return isHost ? [endpoint.host, person.host].includes(url.host) : endpoint.href === url.href
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
