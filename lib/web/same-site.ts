/**
 * Which hosts belong to one site, by the public suffix list with its private part: `alice.github.io` and
 * `bob.github.io` are two sites, `www.alice.example` and `alice.example` are one.
 *
 * @NOTE The list has 138 KB. Functions that must stay small load this file only when they compare hosts.
 *
 * @see [Public Suffix List](https://publicsuffix.org/)
 * @module
 */
import { getDomain, parse } from 'tldts'
import { isLocalhostName, literalAddress } from './address-text.ts'

/** Top-level domains for documentation, tests and local networks, which no list of suffixes has. */
const SPECIAL = /\.(example|test|invalid|localhost|local|internal|onion)\.?$/i
/** Longer is no name in DNS. */
const MAX_NAME = 253

/** Whether a text is a name that a site can have: `bob.example` is, `Node.js` and `J.R.R.Tolkien` are not. */
export function isDomainName(text: string): boolean {
  if (text.length > MAX_NAME || !/^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)+\.?$/u.test(text))
    return false
  if (SPECIAL.test(text)) return true
  const { isIcann, isPrivate } = parse(text.toLowerCase(), { allowPrivateDomains: true })
  return isIcann === true || isPrivate === true
}

/** Whether two URLs are of one site: by registrable domain, whatever their schemes, ports and subdomains. */
export function isSameSite(one: URL, other: URL): boolean {
  return siteOf(one) === siteOf(other)
}

/**
 * What all hosts of a site have in common. IP addresses, names of this machine and names without a registrable domain
 * are sites of their own, each port too.
 */
export function siteOf({ host, hostname }: URL): string {
  const name = hostname.replace(/^www\./, '')
  const isOwn = literalAddress(name) !== undefined || isLocalhostName(name)
  const domain = isOwn ? null : getDomain(name, { allowPrivateDomains: true })
  return domain ?? host.replace(/^www\./, '')
}
