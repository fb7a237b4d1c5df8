import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Metadata service of a cloud (Azure) that stands on an address registered as public. */
const METADATA_ADDRESSES = new Set(['168.63.129.16'])
/** All that IANA has given out as global unicast; whatever lies outside is special or not yet used. */
const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR('2000::/3')
/** DNS64 puts an IPv4 address in the last four bytes of these (RFC 6052 §2.1). */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')

export interface AddressRules {
  /** For development only: 127.0.0.0/8 and ::1 may be visited too, and nothing else besides. */
  readonly allowLoopback?: boolean
}

/**
 * Tells whether a stranger may send us to this IP address.
 *
 * Everything but public unicast is refused: a private network, a metadata service or a router answers
 * us differently than it would answer the stranger. Text that is no IP address is refused as well.
 *
 * @see [IANA IPv4 special-purpose addresses](https://www.iana.org/assignments/iana-ipv4-special-registry/)
 * @see [IANA IPv6 special-purpose addresses](https://www.iana.org/assignments/iana-ipv6-special-registry/)
 */
export function mayVisit(address: string, { allowLoopback = false }: AddressRules = {}): boolean {
  if (isIP(address) === 0) return false
  const parsed = ipaddr.parse(address)
  // @NOTE Judged before ::ffff:127.0.0.1 becomes 127.0.0.1: the exception is for plain loopback alone.
  if (parsed.range() === 'loopback') return allowLoopback
  return isPublic(ipaddr.process(address))
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address instanceof ipaddr.IPv4) {
    return address.range() === 'unicast' && !METADATA_ADDRESSES.has(address.toString())
  }
  if (address.match(NAT64)) return isPublic(new ipaddr.IPv4(address.toByteArray().slice(12)))
  return address.range() === 'unicast' && address.match(GLOBAL_UNICAST_V6)
}
