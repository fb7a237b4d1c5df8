import type { DeliveryProtocol } from '../delivery/delivery.ts'
import { handOver } from './handover.ts'
import { publicListings, type RecognisedPublisher } from './publishers.ts'
import { createSeenReceivers } from './receivers.ts'
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
  const receivers = createSeenReceivers()
  return {
    name: 'webmention',
    carries: (kind) => kind !== 'gated',
    discover: (target, options) => receivers.discover(target, { ...options, now }),
    warns: (kind, endpoint) =>
      kind === 'capability' ? warningOf(receivers.publisherAt(endpoint)) : undefined,
    objects: async (kind, endpoint, options) =>
      kind === 'capability' && exposure === 'refuse'
        ? warningOf(await receivers.examine(endpoint, options))
        : undefined,
    listings: publicListings,
    follow: (statusUrl, options) => followStatus(statusUrl, { ...options, now }),
    deliver: (parcel, endpoint, options) =>
      handOver(parcel, endpoint, {
        ...options,
        now,
        judge: async (place) => {
          if (parcel.exposure !== 'capability' || exposure === 'allow') return {}
          const warning = warningOf(await receivers.examine(place, options))
          if (warning === undefined) return {}
          return exposure === 'refuse' ? { refused: warning } : { warning }
        },
        onAnswer(place, headers) {
          if (parcel.exposure !== 'capability' || exposure === 'allow') return undefined
          const warning = warningOf(receivers.learn(place, headers))
          return (
            warning &&
            `only its answer showed what the receiver is, and it has the link now: ${warning}`
          )
        },
      }),
  }
}

/** What would become public if a capability URL went to this receiver, and what the author can do instead. */
function warningOf(recognised: RecognisedPublisher | undefined): string | undefined {
  if (!recognised) return undefined
  const { publisher, evidence } = recognised
  const { name, why, see } = publisher
  return (
    `${name} would publish the post's secret address: ${why} (${see}). ` +
    `The receiver was recognised by ${evidence}. ` +
    'Set "access: gate" on the post, which needs no secret address, or hand the link over by mail ' +
    'or chat: "private-posts links" prints it'
  )
}
