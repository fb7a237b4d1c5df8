import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import { storeKey, type Store } from '../store/store.ts'
import { networkOf } from '../web/address-text.ts'
import { RequestError } from '../web/errors.ts'
import { normalForm } from './equivalence.ts'
import type { Webmention } from './webmention.ts'

/** How much the receiver takes on. */
export interface ReceiverLimits {
  /** Webmentions of one client's network in a minute: a large site that publishes a long list of links. */
  readonly perClient: number
  /** Webmentions of one source's host in a minute, whoever sends them: each makes us fetch from there. */
  readonly perHost: number
  /** Seconds between two of the same source and target without a code. */
  readonly perPair: number
  /** Webmentions that wait to be verified for the first time. */
  readonly waiting: number
  /** Webmentions whose source is to be tried again. */
  readonly retrying: number
  /** Milliseconds for turning a code into a token. */
  readonly redeeming: number
  /** Milliseconds for a whole verification: a backstop, since every fetch in it has its own limits. */
  readonly verifying: number
}

export const RECEIVER_LIMITS: ReceiverLimits = {
  perClient: 120,
  perHost: 60,
  perPair: 30,
  waiting: 1_000,
  retrying: 2_000,
  redeeming: 5_000,
  verifying: 30_000,
}

export interface LimitOptions {
  readonly store: Store
  readonly now: () => Date
  readonly limits: ReceiverLimits
}

/**
 * Counts a webmention that is otherwise in order.
 *
 * @throws {RequestError} `rate_limit_exceeded`, 429
 * @see [Webmention §4.1](https://www.w3.org/TR/webmention/#preventing-abuse)
 */
export async function checkLimits(
  { source, target, code }: Webmention & { readonly code?: string },
  clientAddress: string | undefined,
  { store, now, limits }: LimitOptions,
): Promise<void> {
  const count = createRateLimit(store, now)
  const network = clientAddress === undefined ? undefined : networkOf(clientAddress)
  const rates: [Rate, string | undefined][] = [
    [{ name: 'webmention-client', limit: limits.perClient, seconds: 60 }, network],
    [{ name: 'webmention-host', limit: limits.perHost, seconds: 60 }, source.hostname],
  ]
  for (const [rate, subject] of rates) {
    const wait = subject === undefined ? undefined : await count(rate, subject)
    if (wait !== undefined) throw tooMany('too many webmentions', wait)
  }

  // Nobody may hold up a sender who has a code by sending the same pair just before them.
  if (code !== undefined) return
  // Exact, unlike a window that two requests may stand on either side of.
  const key = storeKey('webmention-pair-seen', normalForm(source), normalForm(target))
  const until = new Date(now().getTime() + limits.perPair * 1000)
  if (await store.createIfAbsent(key, until.toISOString(), { expires: until })) return
  const seen = await store.get(key)
  const end = typeof seen?.value === 'string' ? Date.parse(seen.value) : now().getTime()
  const wait = Math.ceil((end - now().getTime()) / 1000)
  throw tooMany('this source and target were here a moment ago', Math.max(1, wait))
}

function tooMany(message: string, retryAfter: number): RequestError {
  return new RequestError('rate_limit_exceeded', message, { status: 429, retryAfter })
}
