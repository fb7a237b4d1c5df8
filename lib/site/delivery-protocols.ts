import type { DeliveryProtocol } from '../delivery/delivery.ts'
import { clientOf, createFmtpDelivery } from '../fmtp/delivery.ts'
import { explainRoute, formatTrace } from '../fmtp/explain-route.ts'
import { createIntertalkDelivery } from '../intertalk/delivery.ts'
import { ownerAddress } from '../ledger/owner-address.ts'
import type { ProtocolName } from '../ledger/site-record.ts'
import { createPrivateWebmentionDelivery } from '../private-webmention/delivery.ts'
import { createRelPmDelivery } from '../rel-pm/delivery.ts'
import { parseAcctUrl, type UserAddress } from '../web/user-address.ts'
import { createWebmentionDelivery } from '../webmention/delivery.ts'
import type { SiteOptions } from './site-options.ts'

export type DeliveryProtocolOptions = Pick<
  SiteOptions,
  'site' | 'settings' | 'secrets' | 'store' | 'resolver' | 'now' | 'allowLoopback'
> & {
  /** It runs elsewhere than the site, whose store is another. */
  readonly isAway?: boolean
}

/**
 * How the site's posts are carried, in the author's order. What needs an address at the site's host is left
 * out where there is none (see `ownerAddress`).
 */
export function createDeliveryProtocols({
  settings,
  ...options
}: DeliveryProtocolOptions): readonly DeliveryProtocol[] {
  const { exposure, recipients, paths, profile } = settings
  const { now } = options
  const me = new URL(settings.me)
  const address = ownerAddress(settings, options.site)
  const create: Record<ProtocolName, () => DeliveryProtocol | undefined> = {
    'private-webmention': () => createPrivateWebmentionDelivery(options),
    webmention: () => createWebmentionDelivery({ exposure, now }),
    'rel-pm': () => {
      const { name } = profile
      return createRelPmDelivery({ ...options, me, paths, ...(name !== undefined && { name }) })
    },
    intertalk: () => address && createIntertalkDelivery({ ...options, address, recipients }),
    fmtp: () => address && fmtpDelivery({ settings, ...options }, me, address),
  }
  return [...new Set(settings.protocols)].flatMap((name) => create[name]() ?? [])
}

/** With the steps of its route negotiation, for authors who ask. */
function fmtpDelivery(
  options: DeliveryProtocolOptions,
  me: URL,
  address: UserAddress,
): DeliveryProtocol {
  const all = { ...options, me, address, paths: options.settings.paths }
  return {
    ...createFmtpDelivery(all),
    async explain(destination, web) {
      const recipient = parseAcctUrl(destination)
      return recipient ? formatTrace(await explainRoute(recipient, clientOf(all, web))) : []
    },
  }
}
