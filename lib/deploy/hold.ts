import type { DeliveryProtocol, Receipt } from '../delivery/delivery.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { isRemembered } from '../ledger/watch-record.ts'
import { GONE } from './content.ts'
import type { PlannedDelivery } from './plan.ts'
import { speakable } from './report.ts'

/** What is said of a link on its way to a receiver that has published one. */
export interface Held {
  readonly refused?: string
  readonly warning?: string
}

/** Asked about each delivery before it is handed over. */
export type Hold = (
  delivery: Pick<PlannedDelivery, 'target' | 'exposure' | 'content'>,
  endpoint: URL,
  protocol: DeliveryProtocol,
) => Held | undefined

/**
 * Keeps private links from receivers that have published one: told again by the same way, a new link would stand in
 * public again. With `exposure: 'warn'` it goes with a warning, and with `'allow'` without, unless what is found is
 * rotated: then it would go in circles.
 */
export function createHold(
  { watches = [] }: Pick<Ledger, 'watches'>,
  { exposure, onExposure }: Pick<SiteRecord, 'exposure' | 'onExposure'>,
  now: Date,
): Hold {
  const publishing = watches.filter((watch) => isRemembered(watch, now))
  return (delivery, endpoint, { listings }) => {
    if (!listings || delivery.exposure !== 'capability' || delivery.content === GONE)
      return undefined
    const other = publishing.find(
      (watch) => watch.target === delivery.target.href || watch.endpoint === endpoint.href,
    )
    if (!other?.found) return undefined
    const { at, place } = other.found
    const why =
      `a private link that this receiver was told stood in public on ${at.slice(0, 10)} at ${speakable(place)}. ` +
      'Hand the new one over by mail or chat: "private-posts links" prints it; or set "access: gate" on the ' +
      'post, which needs no secret address'
    if (onExposure === 'rotate' || exposure === 'refuse') return { refused: `held back: ${why}` }
    return exposure === 'warn' ? { warning: why } : undefined
  }
}

/** The receipt of what was handed over in spite of it. */
export function withWarning(receipt: Receipt, held: Held | undefined): Receipt {
  if (held?.warning === undefined || receipt.outcome !== 'delivered') return receipt
  return { ...receipt, reason: `${receipt.reason}. Warning: ${held.warning}` }
}
