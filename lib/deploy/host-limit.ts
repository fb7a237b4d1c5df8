import { parseAcctUrl } from '../web/user-address.ts'

/** A small site's server has a handful of workers; more requests at once would only queue up there. */
const PER_HOST = 4
/** Sockets and memory of our own; beyond that a run gets no faster. */
const IN_TOTAL = 16

/** Runs work that talks to a host, so that neither the host nor we are asked too much at once. */
export interface HostLimit {
  /** `first`: before the work of the others that wait, for what finishes something begun. */
  run<Result>(
    url: URL,
    work: () => Promise<Result>,
    options?: { readonly first?: boolean },
  ): Promise<Result>
}

interface Waiting {
  readonly host: string
  readonly first: boolean
  readonly start: () => void
}

/** Whom a request about this URL troubles: of an address, the domain that it is at. */
export function hostOf(url: URL): string {
  return parseAcctUrl(url)?.domain ?? url.host
}

export function createHostLimit({ perHost = PER_HOST, inTotal = IN_TOTAL } = {}): HostLimit {
  const active = new Map<string, number>()
  const waiting: Waiting[] = []
  let running = 0

  return {
    async run(url, work, { first = false } = {}) {
      const host = hostOf(url)
      await new Promise<void>((start) => {
        const next = { host, first, start }
        const behind = first ? waiting.findIndex((other) => !other.first) : -1
        waiting.splice(behind === -1 ? waiting.length : behind, 0, next)
        startNext()
      })
      try {
        return await work()
      } finally {
        running--
        count(host, -1)
        startNext()
      }
    },
  }

  function startNext(): void {
    while (running < inTotal) {
      const index = waiting.findIndex(({ host }) => (active.get(host) ?? 0) < perHost)
      const [next] = index === -1 ? [] : waiting.splice(index, 1)
      if (!next) return
      running++
      count(next.host, 1)
      next.start()
    }
  }

  function count(host: string, change: number): void {
    const left = (active.get(host) ?? 0) + change
    if (left === 0) active.delete(host)
    else active.set(host, left)
  }
}
