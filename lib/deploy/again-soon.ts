import type { Receipt } from '../delivery/delivery.ts'
import { FetchError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'

/** What a receiver puts off for longer is left for the next run. */
const LONGEST_PAUSE = 30_000
/** Where the receiver names no time. */
const SHORT_PAUSE = 2_000
/** For all the pauses of a delivery together: a deploy job should come to an end. */
const PATIENCE = 2 * 60_000
/** Connections that broke off before an answer. */
const DROPPED = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']

/** Whether the last answer was one that another try soon may change, although the peer names no time. */
export interface WatchedAnswers {
  readonly fetch: Fetch
  isBrief(): boolean
}

/** Watches what a protocol is answered while it does one thing: a server's fault, or a dropped connection, may pass. */
export function watchAnswers(fetch: Fetch): WatchedAnswers {
  let isBrief = false
  return {
    isBrief: () => isBrief,
    async fetch(url, init) {
      try {
        const response = await fetch(url, init)
        isBrief = response.status >= 500
        return response
      } catch (error) {
        isBrief = isDropped(error)
        throw error
      }
    },
  }
}

function isDropped(error: unknown): boolean {
  if (!(error instanceof FetchError) || error.kind === 'refused') return false
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && DROPPED.includes(String(cause.code))) return true
  }
  return false
}

/** What was put off. */
export interface PutOff {
  readonly receipt: Receipt
  /** The receiver named no time, but what hindered it may be over in a moment. */
  readonly isBrief: boolean
  /** By which it is known that the question was put off, if it never came to a delivery. */
  readonly error?: unknown
}

/**
 * How long to wait before a delivery is tried again in the same run; `undefined` if that is for the next run.
 *
 * @returns One for each delivery: it counts how often, and for how long, this one has waited.
 */
export function createRetries(now: () => Date): (putOff: PutOff) => number | undefined {
  let started: number | undefined
  let hasBeenBrief = false
  return ({ receipt, isBrief }) => {
    if (receipt.outcome !== 'pending') return undefined
    const time = now().getTime()
    started ??= time
    const { notBefore } = receipt
    if (notBefore === undefined) {
      if (!isBrief || hasBeenBrief) return undefined
      hasBeenBrief = true
    }
    const pause = Math.max(SHORT_PAUSE / 2, (notBefore?.getTime() ?? time + SHORT_PAUSE) - time)
    const isSoon = pause <= LONGEST_PAUSE && time + pause - started <= PATIENCE
    return isSoon ? pause : undefined
  }
}

/** What a host asks for when it is asked too much. */
export type OnBusy = (url: URL, retryAfter: string | null) => void

/** Tells of every answer by which a host asks to be spared: 429, or any other with `Retry-After`. */
export function watchBusy(fetch: Fetch, onBusy: OnBusy): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init)
    const retryAfter = response.headers.get('retry-after')
    const isBusy = response.status === 429 || (response.status >= 500 && retryAfter !== null)
    if (isBusy) onBusy(new URL(response.url || url.href), retryAfter)
    return response
  }
}

/** For how long a host gets no more requests in this run; `undefined` if that would hold the run up. */
export function restOf(notBefore: Date | undefined, now: Date): number | undefined {
  const rest = (notBefore?.getTime() ?? 0) - now.getTime()
  return rest > 0 && rest <= LONGEST_PAUSE ? rest : undefined
}
