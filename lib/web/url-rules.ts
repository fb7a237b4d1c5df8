import { isLoopbackHost, literalAddress } from './address-text.ts'
import { mayVisit } from './address.ts'

/** Where the web is served. Elsewhere may be a mail server or a database that takes our bytes for commands. */
export const WEB_PORTS: readonly number[] = [80, 443, 8080, 8443]

export interface UrlRules {
  /** Ports that may be visited; on loopback, where it is allowed, any. */
  readonly ports: readonly number[]
  /** For development only, see {@link mayVisit}. */
  readonly allowLoopback: boolean
}

/** Judges a URL by what can be seen of it before its host is looked up. `undefined`: nothing against it. */
export function whyNotVisit(url: URL, { ports, allowLoopback }: UrlRules): string | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'is not http(s)'
  if (url.username || url.password) return 'contains a user name or password'

  const loopback = isLoopbackHost(url.hostname)
  const address = literalAddress(url.hostname)
  if (loopback && !allowLoopback) return 'is on this machine'
  if (address !== undefined && !mayVisit(address, { allowLoopback })) {
    return 'is not at an address of the public web'
  }

  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  return loopback || ports.includes(port) ? undefined : `is at port ${port}, not one of the web`
}
