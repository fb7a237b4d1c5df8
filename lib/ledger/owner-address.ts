import { parseUserAddress, type UserAddress } from '../web/user-address.ts'
import type { SiteRecord } from './site-record.ts'

/**
 * The owner's address in intertalk and FMTP: at the site's own host, as both want it, called like the host
 * unless the author says otherwise.
 *
 * @returns `undefined` where the site is not at the root of its host, or the option names another host
 */
export function ownerAddress(
  { address }: Pick<SiteRecord, 'address'>,
  { host, hostname, pathname }: URL,
): UserAddress | undefined {
  const [label = ''] = hostname.replace(/^www\./, '').split('.')
  const parsed = parseUserAddress(address ?? `${label}@${host}`)
  return pathname === '/' && parsed?.domain === host ? parsed : undefined
}
