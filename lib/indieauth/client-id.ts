import { isLoopbackHost, literalAddress } from '../web/address-text.ts'
import { parseUrl } from '../web/parse-url.ts'

/** Room for any address; a page has to show it. */
const MAX_LENGTH = 1024
/** Scheme, authority and path as they were written: a parser would repair what is forbidden. */
const CLIENT_ID = /^https?:\/\/([^/?#]+)([^?#]*)(\?[^#]*)?$/i
const DOT_SEGMENT = /^(\.|%2e){1,2}$/i
/** What a URL parser leaves out, or takes for something else. */
const UNPRINTABLE = /[\s\\\p{C}]/u
/** Schemes that run something, show something of ours, or open any app whatever. */
const NEVER_CALLED =
  /^(javascript|data|vbscript|blob|file|filesystem|about|view-source|intent|wss?|ftp|mailto|tel|sms|chrome.*|moz-.*|resource|jar):$/
/** Parameters of our answer: one that is there already would be read in its place. */
const OUR_PARAMETERS = ['code', 'state', 'iss', 'error', 'error_description']

/**
 * Reads a client identifier. It may have a port, and it may lie on this machine.
 *
 * @returns `undefined` if it is none.
 * @see [IndieAuth §3.3 Client Identifier](https://indieauth.spec.indieweb.org/#client-identifier)
 */
export function parseClientId(text: string): URL | undefined {
  if (text.length > MAX_LENGTH || UNPRINTABLE.test(text)) return undefined
  const [, authority = '', path = ''] = CLIENT_ID.exec(text) ?? []
  if (path.split('/').some((segment) => DOT_SEGMENT.test(segment))) return undefined
  const url = authority === '' || authority.includes('@') ? undefined : parseUrl(text)
  if (!url) return undefined
  const isName = literalAddress(url.hostname) === undefined && url.hostname.includes('.')
  return isName || isLoopbackHost(url.hostname) ? url : undefined
}

/**
 * Reads a redirect URI: a web page, or an app by a scheme of its own.
 *
 * @returns `undefined` if a browser must not be sent there, whatever the client says.
 * @see [RFC 6749 §3.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2)
 */
export function parseRedirectUri(text: string): URL | undefined {
  if (text.length > 2 * MAX_LENGTH || UNPRINTABLE.test(text) || text.includes('#')) return undefined
  const url = parseUrl(text)
  if (!url || url.username !== '' || url.password !== '') return undefined
  if (NEVER_CALLED.test(url.protocol)) return undefined
  if (isWeb(url) && !/^https?:\/\/[^/?#]/i.test(text)) return undefined
  return OUR_PARAMETERS.some((name) => url.searchParams.has(name)) ? undefined : url
}

export function isWeb({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'http:'
}

/** Programs on the owner's own machine, as no other machine can see them. */
export function isOnThisMachine(clientId: URL): boolean {
  return isLoopbackHost(clientId.hostname)
}

/**
 * Whether a client without a list of its own may be answered there: on its own origin alone. A program on
 * the owner's machine takes the port that is free (RFC 8252 §7.3).
 */
export function isOwnRedirect(redirectUri: URL, clientId: URL): boolean {
  if (!isWeb(redirectUri)) return false
  if (redirectUri.origin === clientId.origin) return true
  const isSameHost = redirectUri.hostname === clientId.hostname
  return isOnThisMachine(clientId) && isSameHost && redirectUri.protocol === clientId.protocol
}
