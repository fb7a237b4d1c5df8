import { lookup as dnsLookup } from 'node:dns/promises'
import type { LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Agent } from 'undici'
import { isLocalhostName } from './address-text.ts'
import { mayVisit, type AddressRules } from './address.ts'
import { FetchError } from './errors.ts'

/** The addresses of a name, as DNS has them at this moment. */
export type Lookup = (hostname: string) => Promise<readonly string[]>

export interface GuardedAgentOptions extends AddressRules {
  readonly lookup: Lookup
  /** Bytes on the wire, before decompression. */
  readonly maxResponseSize: number
}

/** RFC 6761 §6.3: these names are loopback by definition, whatever DNS says. */
const LOOPBACK_ADDRESSES = ['127.0.0.1', '::1']

/**
 * Connects only to addresses that may be visited. An address is judged in the very step that hands it to
 * the socket, so a name cannot change its meaning between the check and the connection.
 *
 * @NOTE An IP literal in a URL is never looked up, so its caller has to judge it.
 */
export function createGuardedAgent({
  lookup,
  maxResponseSize,
  ...rules
}: GuardedAgentOptions): Agent {
  async function resolve(hostname: string): Promise<LookupAddress[]> {
    const addresses = isLocalhostName(hostname) ? LOOPBACK_ADDRESSES : await lookup(hostname)
    if (addresses.length === 0) throw new FetchError('has no address')
    // One forbidden address condemns the name: dropping it would let its owner try which ones we drop.
    const forbidden = addresses.find((address) => !mayVisit(address, rules))
    if (forbidden !== undefined) {
      const message = `has the address ${forbidden}, which is not one of the public web`
      throw new FetchError(message, { kind: 'refused' })
    }
    return addresses.map((address) => ({ address, family: isIP(address) }))
  }

  const guardedLookup: LookupFunction = (hostname, { all }, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses
        if (all || !first) callback(null, addresses)
        else callback(null, first.address, first.family)
      },
      (error: Error) => callback(error, []),
    )
  }

  return new Agent({ connect: { lookup: guardedLookup }, maxResponseSize })
}

export const systemLookup: Lookup = async (hostname) => {
  const addresses = await dnsLookup(hostname, { all: true })
  return addresses.map(({ address }) => address)
}
