import type { DeliveryProtocol } from '../delivery/delivery.ts'
import type { DeliveryRecord } from '../ledger/ledger.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { parseUrl } from '../web/parse-url.ts'
import type { AgendaItem } from './agenda.ts'
import { rowOf, untriedRow, type DeliveryRow } from './report.ts'

/** What a dry run goes by: nobody is asked. */
export interface KnownBefore {
  readonly deliveries: readonly DeliveryRecord[]
  readonly protocols: readonly DeliveryProtocol[]
  readonly exposure: SiteRecord['exposure']
}

/** What a run would do about an item, and what it would make public, as far as the ledger knows the receiver. */
export function intention(item: AgendaItem, known: KnownBefore): DeliveryRow {
  if (item.step === 'rest') return rowOf(item.record, item)
  if (item.step === 'follow') {
    return rowOf(item.record, { outcome: 'skipped', reason: 'unchanged' })
  }
  const { delivery, record, why } = item
  const isSaid = why !== 'removed' && known.exposure !== 'allow'
  const warning = isSaid ? warningFor(item, known) : undefined
  if (warning === undefined) {
    const reason = `dry run: would be sent (${why})`
    return untriedRow(delivery, record, { outcome: 'pending', reason })
  }
  return known.exposure === 'refuse'
    ? untriedRow(delivery, record, { outcome: 'refused', reason: `dry run: ${warning}` })
    : untriedRow(delivery, record, {
        outcome: 'pending',
        reason: `dry run: would be sent (${why}). Warning: ${warning}`,
      })
}

/** By the endpoint that this target had when it was last told of anything. */
function warningFor(
  { delivery }: Extract<AgendaItem, { step: 'send' }>,
  { deliveries, protocols }: KnownBefore,
): string | undefined {
  for (const { target, protocol: name, endpoint } of deliveries) {
    if (target !== delivery.target.href || endpoint === undefined) continue
    const protocol = protocols.find((candidate) => candidate.name === name)
    const url = parseUrl(endpoint)
    const warning = url && protocol?.warns?.(delivery.exposure, url)
    if (warning !== undefined) return warning
  }
  return undefined
}
