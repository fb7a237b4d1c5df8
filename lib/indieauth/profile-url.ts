import { isLoopbackHost, literalAddress } from '../web/address-text.ts'
import { parseUrl } from '../web/parse-url.ts'

export interface ProfileUrlRules {
  /** For development: loopback hosts too, with a port. */
  readonly allowLoopback?: boolean
}

/** Room for any address that somebody types, and for several of them in a cookie. */
const MAX_LENGTH = 512
/** Scheme, authority, path and the rest, as they were written: a parser would repair what is forbidden. */
const WEB_URL = /^https?:\/\/([^/?#]+)([^?#]*)(\?[^#]*)?$/i
/** White space, and invisible characters that come along when an address is copied from a chat. */
const AROUND = /^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu
const LABEL = /^(?!-)[a-z0-9_-]{1,63}$/
const DOT_SEGMENT = /^(\.|%2e){1,2}$/i

/**
 * Reads what a person types for their own address: `bob.example`, ` https://Bob.Example `. Without a
 * scheme it is https, and on loopback, where nobody has certificates, http. There is no second try with
 * http: who has no https has to say so.
 *
 * @returns The profile URL in its canonical form, or `undefined` if it is none.
 * @see [IndieAuth §3.4 URL Canonicalization](https://indieauth.spec.indieweb.org/#url-canonicalization)
 */
export function parseProfileUrl(text: string, rules: ProfileUrlRules = {}): URL | undefined {
  const typed = text.replace(AROUND, '').replace(/^\/\//, '')
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(typed)) return parseMe(typed, rules)
  const secure = parseMe(`https://${typed}`, rules)
  return secure && isLoopbackHost(secure.hostname) ? parseMe(`http://${typed}`, rules) : secure
}

/**
 * Validates a profile URL that a machine has written, such as the `me` of an answer.
 *
 * @returns The URL in its canonical form, or `undefined` if it is no profile URL.
 * @see [IndieAuth §3.2 User Profile URL](https://indieauth.spec.indieweb.org/#user-profile-url)
 */
export function parseMe(
  text: string,
  { allowLoopback = false }: ProfileUrlRules = {},
): URL | undefined {
  // @NOTE A URL parser takes a backslash for a slash, and leaves out white space wherever it stands.
  if (text.length > MAX_LENGTH || /[\s\\\p{C}]/u.test(text)) return undefined
  const [, authority = '', path = ''] = WEB_URL.exec(text) ?? []
  const url = authority === '' || authority.includes('@') ? undefined : parseUrl(text)
  if (!url) return undefined
  if (path.split('/').some((segment) => DOT_SEGMENT.test(segment))) return undefined

  // Leaves out the root label, and a "?" with nothing behind it: neither makes it another address.
  url.hostname = url.hostname.replace(/\.$/, '')
  if (url.search === '') url.search = ''
  if (isLoopbackHost(url.hostname)) return allowLoopback ? url : undefined

  const isDomain = literalAddress(url.hostname) === undefined && isDomainName(url.hostname)
  const hasPort = /:\d*$/.test(authority)
  return isDomain && !hasPort ? url : undefined
}

/** A name of the public DNS, so with a dot in it. Internationalised names are in Punycode by now. */
function isDomainName(hostname: string): boolean {
  const labels = hostname.split('.')
  return labels.length > 1 && labels.every((label) => LABEL.test(label))
}
