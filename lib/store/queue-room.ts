import { hostName } from './due-key.ts'
import type { QueueEntries } from './queue-entries.ts'

/** How many pieces may wait. */
export interface WorkLimits {
  /** That are due, and not done yet. */
  readonly waiting: number
  /** Of one host. */
  readonly waitingPerHost: number
  /** That are to be tried again. What waits longest for its next attempt gives way. */
  readonly retrying: number
}

/** Milliseconds that a look counts, because other processes add as well. */
const LOOK_AGE = 5_000

interface Look {
  readonly at: number
  readonly hosts: Map<string, number>
  due: number
}

export interface QueueRoom {
  has(host: string): Promise<boolean>
  /** Counts a piece that was added. */
  count(host: string): void
  /** Something was done or put off: the next question is answered by a new look. */
  forget(): void
}

/**
 * Whether a queue has room, by a look at its due keys now and then, and a count of what was added since. Nothing of that
 * is kept in the store, so no crash leaves a wrong number behind. What other processes add in the seconds until the
 * next look is not counted.
 */
export function createQueueRoom({
  entries,
  now,
  limits,
}: {
  readonly entries: Pick<QueueEntries<unknown>, 'listDue'>
  readonly now: () => Date
  readonly limits: WorkLimits
}): QueueRoom {
  let look: Look | undefined

  return {
    async has(host) {
      const name = hostName(host)
      if (!look || now().getTime() - look.at >= LOOK_AGE) look = await lookNow()
      if (!isFull(look, name)) return true
      // What was added since may be done meanwhile.
      look = await lookNow()
      return !isFull(look, name)
    },
    count(host) {
      if (look) add(look, hostName(host), true)
    },
    forget() {
      look = undefined
    },
  }

  function isFull({ due, hosts }: Look, host: string): boolean {
    return due >= limits.waiting || (hosts.get(host) ?? 0) >= limits.waitingPerHost
  }

  /** Looks at no more keys than the answer needs: those of one host may be anywhere among all that the limits allow. */
  async function lookNow(): Promise<Look> {
    const at = now().getTime()
    const found: Look = { at, hosts: new Map(), due: 0 }
    const { waiting, waitingPerHost, retrying } = limits
    const limit = waitingPerHost < waiting ? waiting + retrying + 1 : waiting
    for (const { host, time } of await entries.listDue({ limit })) add(found, host, time <= at)
    return found
  }
}

function add(look: Look, host: string, isDue: boolean): void {
  look.hosts.set(host, (look.hosts.get(host) ?? 0) + 1)
  look.due += isDue ? 1 : 0
}
