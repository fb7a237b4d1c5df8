import type { Receipt } from '../delivery/delivery.ts'
import type { DeliveryRecord } from '../ledger/ledger.ts'
import type { Attempt } from './outcome.ts'

/** A protocol that was tried for a delivery, and what came of it. */
export interface Tried {
  readonly protocol: string
  /** None, where the recipient could not be asked for it. */
  readonly endpoint?: URL
  readonly receipt: Receipt
}

/** What is said of a delivery as a whole, if no protocol carried it: the first of these that was met. */
const DECISIVE = ['refused', 'failed', 'pending', 'skipped'] as const

/** Whether the next protocol may be tried: nothing has arrived by this one, and nothing will. */
export function isPermanent({ outcome }: Receipt): boolean {
  return outcome === 'refused' || outcome === 'failed' || outcome === 'skipped'
}

/** What came of a delivery by all the protocols that were tried for it, the last of which decides if it could. */
export function attemptOf(tried: readonly Tried[], noRoute: Receipt): Attempt {
  const last = tried.at(-1)
  if (!last) return { receipt: noRoute }
  const summary = summaryOf(tried)
  if (last.endpoint && !isPermanent(last.receipt)) return { ...last, ...summary }

  const decisive = tried.toSorted((one, other) => rankOf(one) - rankOf(other))[0] ?? last
  const { protocol, endpoint, receipt } = decisive
  const reason = tried.length === 1 ? receipt.reason : explain(tried.map(entryOf))
  const said: Receipt =
    receipt.outcome === 'refused'
      ? { outcome: 'refused', reason, ...(isRemediable(tried) && { remediable: true }) }
      : { ...receipt, reason }
  return { receipt: said, ...(endpoint && { protocol, endpoint }), ...summary }
}

/** Whether another run may end otherwise, and nobody who has said no is bothered by it. */
function isRemediable(tried: readonly Tried[]): boolean {
  return (
    tried.some(({ receipt }) => receipt.outcome === 'refused' && receipt.remediable) &&
    tried.every(({ receipt }) => receipt.outcome !== 'failed')
  )
}

type Entry = NonNullable<DeliveryRecord['tried']>[number]

const WORDS = {
  delivered: 'took it',
  pending: 'could not be asked',
  refused: 'refused',
  failed: 'failed',
  skipped: 'carried nothing',
} as const

/** `webmention refused: …; rel-pm and fmtp failed: …` */
export function explain(entries: readonly Entry[]): string {
  const groups = new Map<string, string[]>()
  for (const { protocol, outcome, reason } of entries) {
    const what = `${WORDS[outcome]}: ${reason}`
    groups.set(what, [...(groups.get(what) ?? []), protocol])
  }
  return [...groups].map(([what, names]) => `${listOf(names, 'and')} ${what}`).join('; ')
}

/** `a`, `a or b`, `a, b or c` */
export function listOf(names: readonly string[], word: 'and' | 'or'): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} ${word} ${last}`
}

/** Everything that was tried, unless the record of a delivery says as much by itself. */
function summaryOf(tried: readonly Tried[]): Pick<Attempt, 'tried'> {
  const isPlain = tried.length === 1 && tried[0]?.endpoint !== undefined
  return isPlain ? {} : { tried: tried.map(entryOf) }
}

function entryOf({ protocol, receipt: { outcome, reason } }: Tried): Entry {
  return { protocol, outcome, reason }
}

function rankOf({ receipt: { outcome } }: Tried): number {
  return outcome === 'delivered' ? -1 : DECISIVE.indexOf(outcome)
}
