import type { JournaledLedger } from '../ledger/journaled-ledger.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import type { DeliveryProtocol } from '../delivery/delivery.ts'
import type { WebOptions } from '../web/fetch.ts'
import { parseRetryAfter } from '../web/retry-after.ts'
import { restOf, watchBusy } from './again-soon.ts'
import type { DeliveryRun } from './deliver.ts'
import { createHold } from './hold.ts'
import { createHostLimit, type Parallelism } from './host-limit.ts'
import { createJournal } from './journal.ts'
import type { Plan } from './plan.ts'
import { createRouting } from './route.ts'
import { sleep as realSleep, type Sleep } from './sleep.ts'

export interface RunParts {
  readonly plan: Plan
  readonly settings: SiteRecord
  readonly letterOf: DeliveryRun['letterOf']
  /** The ledger as it is at the start. */
  readonly before: Ledger
}

export interface RunOptions extends Required<WebOptions> {
  readonly ledger: JournaledLedger
  readonly protocols: readonly DeliveryProtocol[]
  readonly policy: string
  readonly parallelism?: Parallelism
  readonly now: () => Date
  readonly sleep?: Sleep
}

/**
 * Creates what all deliveries of a run share.
 *
 * @param stop Called when what was done cannot be written down: then nothing more is begun.
 */
export function createRun(
  { plan, settings, letterOf, before }: RunParts,
  { ledger, protocols, signal, now, policy, parallelism, sleep = realSleep, ...web }: RunOptions,
  stop: () => void,
): DeliveryRun {
  const limit = createHostLimit(parallelism)
  const fetch = watchBusy(web.fetch, (url, retryAfter) => {
    const rest = restOf(parseRetryAfter(retryAfter, now()), now())
    limit.spare(url, rest === undefined ? undefined : sleep(rest, signal))
  })
  const { routes } = before
  const { recipients } = settings
  const { deliveries } = plan
  return {
    protocols,
    routing: createRouting({
      ...{ protocols, recipients, routes, deliveries, policy, now, limit, web: { fetch, signal } },
    }),
    limit,
    letterOf,
    hold: createHold(before, settings, now()),
    journal: createJournal(ledger, before, stop),
    ...{ now, sleep, fetch, signal },
  }
}
