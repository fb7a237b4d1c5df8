import type { DeliveryProtocol, SourceExposure } from '../delivery/delivery.ts'
import { discoverWebmentionEndpoint } from './discovery.ts'
import { handOver } from './handover.ts'
import { publicLister } from './public-listers.ts'
import { followStatus } from './status-page.ts'

export interface WebmentionDeliveryOptions {
  /**
   * What to do where the receiver is known to publish the sources it is sent and the source is a
   * capability URL: hand it over nevertheless, with or without a warning in the receipt, or not at all.
   */
  readonly exposure: 'refuse' | 'warn' | 'allow'
  readonly now: () => Date
}

/** Carries posts by Webmention. */
export function createWebmentionDelivery({
  exposure,
  now,
}: WebmentionDeliveryOptions): DeliveryProtocol {
  const warningFor = (kind: SourceExposure, place: URL) =>
    kind === 'capability' ? exposureAt(place) : undefined
  return {
    name: 'webmention',
    carries: (kind) => kind !== 'gated',
    discover: (target, options) => discoverWebmentionEndpoint(target, { ...options, now }),
    objects: (kind, endpoint) => (exposure === 'refuse' ? warningFor(kind, endpoint) : undefined),
    follow: (statusUrl, options) => followStatus(statusUrl, { ...options, now }),
    deliver: (parcel, endpoint, options) =>
      handOver(parcel, endpoint, {
        ...options,
        now,
        judge: async (place) => {
          const warning = warningFor(parcel.exposure, place)
          if (warning === undefined || exposure === 'allow') return {}
          return exposure === 'refuse' ? { refused: warning } : { warning }
        },
      }),
  }
}

/** What would become public if a capability URL went to this endpoint. */
function exposureAt(endpoint: URL): string | undefined {
  const lister = publicLister(endpoint)
  return (
    lister &&
    `${lister.host} would publish the post's secret address: ${lister.why} (${lister.see}). ` +
      'Set "access: gate" on the post, which needs no secret address, or hand the link over by mail ' +
      'or chat: "private-posts links" prints it'
  )
}
