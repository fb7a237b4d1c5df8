import { isLoopbackHost, literalAddress } from './address-text.ts'
import { mayVisit } from './address.ts'

/** Where the web is served. Elsewhere may be a mail server or a database that takes our bytes for commands. */
export const WEB_PORTS: readonly number[] = [80, 443, 8080, 8443]

export interface UrlRules {
  /** Ports that may be visited; on loopback, where it is allowed, any. */
  readonly ports: readonly number[]
  /** For development only, see {@link mayVisit}. */
  readonly allowLoopback: boolean
  /** Whether TLS may be spoken at any port that needs no privileges: what is no TLS hangs up at our first word. */
  readonly highPorts?: boolean
}

/** Below are the services of the system. */
const FIRST_HIGH_PORT = 1024

/** Judges a URL by what can be seen of it before its host is looked up. `undefined`: nothing against it. */
export function whyNotVisit(
  url: URL,
  { ports, allowLoopback, highPorts = false }: UrlRules,
): string | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'is not http(s)'
  if (url.username || url.password) return 'contains a user name or password'

  const loopback = isLoopbackHost(url.hostname)
  const address = literalAddress(url.hostname)
  if (loopback && !allowLoopback) return 'is on this machine'
  if (address !== undefined && !mayVisit(address, { allowLoopback })) {
    return 'is not at an address of the public web'
  }

  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const isHigh = highPorts && url.protocol === 'https:' && port >= FIRST_HIGH_PORT
  return loopback || isHigh || ports.includes(port)
    ? undefined
    : `is at port ${port}, not one of the web`
}
