import { parseAcctUrl } from '../web/user-address.ts'

/** A small site's server has a handful of workers; more requests at once would only queue up there. */
const PER_HOST = 4
/** Sockets and memory of our own; beyond that a run gets no faster. */
const IN_TOTAL = 64

/** How many requests a run has under way at once. */
export interface Parallelism {
  readonly perHost?: number
  readonly inTotal?: number
}

/** Runs work that talks to a host, so that neither the host nor we are asked too much at once. */
export interface HostLimit {
  /** `first`: before the work of the others that wait, for what finishes something begun. */
  run<Result>(
    url: URL,
    work: () => Promise<Result>,
    options?: { readonly first?: boolean },
  ): Promise<Result>
  /**
   * The host has asked for less: from now on it gets half as much at once, but never nothing.
   *
   * @param rest Until this has ended, nothing more begins there.
   */
  spare(url: URL, rest?: Promise<void>): void
}

/** What waits for a host, and how much of it runs. */
interface HostQueue {
  readonly first: Fifo<() => void>
  readonly others: Fifo<() => void>
  running: number
  /** At once. */
  most: number
  /** How many rests it was promised that have not ended. */
  resting: number
}

/** Whom a request about this URL troubles: of an address, the domain that it is at. */
export function hostOf(url: URL): string {
  return parseAcctUrl(url)?.domain ?? url.host
}

/** Hosts take turns. What a piece of work costs does not depend on how many wait. */
export function createHostLimit({
  perHost = PER_HOST,
  inTotal = IN_TOTAL,
}: Parallelism = {}): HostLimit {
  const queues = new Map<string, HostQueue>()
  /** Hosts that could start something, one entry for each piece of work that waits. */
  const ready = { first: createFifo<HostQueue>(), others: createFifo<HostQueue>() }
  let running = 0

  return {
    async run(url, work, { first = false } = {}) {
      const queue = queueOf(hostOf(url))
      await new Promise<void>((start) => {
        queue[first ? 'first' : 'others'].push(start)
        makeReady(queue)
        startNext()
      })
      try {
        return await work()
      } finally {
        running--
        queue.running--
        makeReady(queue)
        startNext()
      }
    },

    spare(url, rest) {
      const queue = queueOf(hostOf(url))
      queue.most = Math.max(1, Math.floor(queue.most / 2))
      if (!rest) return
      queue.resting++
      void rest.finally(() => {
        queue.resting--
        makeReady(queue)
        startNext()
      })
    },
  }

  function queueOf(host: string): HostQueue {
    const queue = queues.get(host) ?? {
      ...{ first: createFifo<() => void>(), others: createFifo<() => void>() },
      ...{ running: 0, most: perHost, resting: 0 },
    }
    queues.set(host, queue)
    return queue
  }

  function makeReady(queue: HostQueue): void {
    if (!mayStart(queue)) return
    if (queue.first.size() > 0) ready.first.push(queue)
    else if (queue.others.size() > 0) ready.others.push(queue)
  }

  function startNext(): void {
    while (running < inTotal) {
      const queue = ready.first.shift() ?? ready.others.shift()
      if (!queue) return
      if (!mayStart(queue)) continue
      const start = queue.first.shift() ?? queue.others.shift()
      if (!start) continue
      running++
      queue.running++
      makeReady(queue)
      start()
    }
  }
}

function mayStart({ running, most, resting }: HostQueue): boolean {
  return resting === 0 && running < most
}

/** First in, first out. */
interface Fifo<Item> {
  push(item: Item): void
  shift(): Item | undefined
  size(): number
}

/** An array would move all its items for each that leaves. */
function createFifo<Item>(): Fifo<Item> {
  let items: (Item | undefined)[] = []
  let head = 0
  return {
    push: (item) => void items.push(item),
    size: () => items.length - head,
    shift() {
      const item = items[head]
      if (head === items.length) return undefined
      items[head++] = undefined
      if (head > 1_000 && head * 2 > items.length) {
        items = items.slice(head)
        head = 0
      }
      return item
    },
  }
}
