import { isLocalhostName, literalAddress } from './address-text.ts'
import { parseUrl } from './parse-url.ts'

/** Somebody at a domain, as in mail: `bob@chat.example`. */
export interface UserAddress {
  /** As it was given; two that differ only in case are one (see {@link isSameUser}). */
  readonly local: string
  /** In small letters and ASCII. A port only below `localhost`, for development. */
  readonly domain: string
}

const LOCAL_PART = /^[^\s\p{Cc}\p{Cs}@<>()[\],;:\\"/?#%&]{1,64}$/u
const MAX_LENGTH = 254

/**
 * Reads an address as intertalk and FMTP have it. `undefined` for what is none.
 *
 * @see [RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2), without quoted local parts
 */
export function parseUserAddress(text: string): UserAddress | undefined {
  if (text.length > MAX_LENGTH) return undefined
  // Composed first: U+037E, the Greek question mark, is then the ";" that no address has.
  const [local = '', domainText = '', ...rest] = text.normalize('NFC').trim().split('@')
  const domain = parseDomain(domainText)
  if (rest.length > 0 || !LOCAL_PART.test(local) || domain === undefined) return undefined
  // The ASCII form of a domain can be longer than what was written.
  return `${local}@${domain}`.length > MAX_LENGTH ? undefined : { local, domain }
}

/** A domain name in small letters and ASCII, without the dot of the root. `undefined` for what is none. */
export function parseDomain(text: string): string | undefined {
  if (!/^[^\s/?#@:\\]+(:\d{1,5})?$/u.test(text)) return undefined
  const url = parseUrl(`http://${text}/`)
  if (!url || literalAddress(url.hostname) !== undefined) return undefined
  const host = url.hostname.replace(/\.$/, '')
  if (isLocalhostName(host)) return url.port === '' ? host : `${host}:${url.port}`
  const isName = /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+$/.test(host) && host.length <= 253
  return isName && !text.includes(':') ? host : undefined
}

export function formatUserAddress({ local, domain }: UserAddress): string {
  return `${local}@${domain}`
}

/** Whether both are one person: nobody gives `Bob` and `bob` to two people. */
export function isSameUser(one: UserAddress, other: UserAddress): boolean {
  return one.domain === other.domain && one.local.toLowerCase() === other.local.toLowerCase()
}

/** One spelling for everybody who {@link isSameUser}. For keys and comparisons. */
export function canonicalAddress({ local, domain }: UserAddress): string {
  return `${local.toLowerCase()}@${domain}`
}

/** Where a domain's own server answers: over HTTPS, save on this machine. */
export function domainUrl(domain: string): URL {
  const isLocal = isLocalhostName(domain.replace(/:\d+$/, ''))
  return new URL(`${isLocal ? 'http' : 'https'}://${domain}/`)
}

/** The address as a URL, for where people are named by URLs. @see [RFC 7565](https://www.rfc-editor.org/rfc/rfc7565) */
export function acctUrl(address: UserAddress): URL {
  return new URL(`acct:${encodeURI(formatUserAddress(address))}`)
}

/** The address in an `acct:` URL, or `undefined` if it is another kind of URL. */
export function parseAcctUrl(url: URL): UserAddress | undefined {
  return url.protocol === 'acct:' ? parseUserAddress(decodeURI(url.pathname)) : undefined
}
