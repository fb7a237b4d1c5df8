import type { DeliveryProtocol } from '../delivery/delivery.ts'
import type { DeliveryRecord } from '../ledger/ledger.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { parseUrl } from '../web/parse-url.ts'
import type { AgendaItem } from './agenda.ts'
import type { Hold } from './hold.ts'
import { rowOf, untriedRow, type DeliveryRow } from './report.ts'
import type { Routing } from './route.ts'

/** What a dry run goes by: nobody is asked. */
export interface KnownBefore {
  readonly deliveries: readonly DeliveryRecord[]
  readonly routing: Pick<Routing, 'candidatesFor'>
  readonly hold: Hold
  readonly exposure: SiteRecord['exposure']
}

type SendItem = Extract<AgendaItem, { step: 'send' }>

/** What a run would do about an item, and what it would make public, as far as the ledger knows the receiver. */
export function intention(item: AgendaItem, known: KnownBefore): DeliveryRow {
  if (item.step === 'rest') return rowOf(item.record, item)
  if (item.step === 'follow') {
    return rowOf(item.record, { outcome: 'skipped', reason: 'unchanged' })
  }
  const { delivery, record, why } = item
  const candidates = why === 'removed' ? [] : known.routing.candidatesFor(delivery, record)
  const protocols = candidates.map(({ protocol }) => protocol)
  const said = protocols.flatMap((protocol) => forecastOf(item, protocol, known) ?? [])
  const refusals = said.flatMap(({ refused }) => refused ?? [])
  const sent = `dry run: would be sent (${why})`
  if (refusals.length > 0 && refusals.length === protocols.length) {
    return untriedRow(delivery, record, { outcome: 'refused', reason: `dry run: ${refusals[0]}` })
  }
  const remarks = said.map(({ protocol, refused, warning }) =>
    refused === undefined ? `Warning: ${warning}` : `Not by ${protocol}: ${refused}`,
  )
  return untriedRow(delivery, record, {
    outcome: 'pending',
    reason: [sent, ...remarks].join('. '),
  })
}

interface Forecast {
  readonly protocol: string
  readonly refused?: string
  readonly warning?: string
}

/** What a protocol would say of it, by the endpoint that this target had when it was last told of anything. */
function forecastOf(
  { delivery }: SendItem,
  protocol: DeliveryProtocol,
  { deliveries, hold, exposure }: KnownBefore,
): Forecast | undefined {
  const last = deliveries.findLast(
    (record) => record.target === delivery.target.href && record.protocol === protocol.name,
  )
  const endpoint = parseUrl(last?.endpoint ?? '')
  const held = hold(delivery, endpoint ?? delivery.target, protocol)
  if (held) return { protocol: protocol.name, ...held }
  const warning = endpoint && protocol.warns?.(delivery.exposure, endpoint)
  if (warning === undefined || exposure === 'allow') return undefined
  return { protocol: protocol.name, [exposure === 'refuse' ? 'refused' : 'warning']: warning }
}
