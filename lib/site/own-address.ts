import { ownerAddress } from '../ledger/owner-address.ts'
import type { ProtocolName } from '../ledger/site-record.ts'
import { ConfigurationError } from '../web/errors.ts'
import type { UserAddress } from '../web/user-address.ts'
import type { SiteOptions } from './site-options.ts'

/** Whether the site speaks a protocol: the author wants it, and the protocol can know the site by its address. */
export function speaks(
  options: Pick<SiteOptions, 'site' | 'settings'>,
  name: ProtocolName,
): boolean {
  const { site, settings } = options
  if (!settings.protocols.includes(name)) return false
  return (name !== 'intertalk' && name !== 'fmtp') || ownerAddress(settings, site) !== undefined
}

/**
 * The owner's address in intertalk and FMTP.
 *
 * @throws {ConfigurationError} where there can be none
 */
export function needAddress({
  site,
  settings,
}: Pick<SiteOptions, 'site' | 'settings'>): UserAddress {
  const address = ownerAddress(settings, site)
  if (address) return address
  throw new ConfigurationError(
    `intertalk and FMTP know a site by its host alone, and this one has no address there: it is at ${site.host}${site.pathname}, and the option "address" is ${JSON.stringify(settings.address ?? 'not set')}. To do: set "address" to one at ${site.host}, or leave both out of the option "protocols".`,
  )
}
