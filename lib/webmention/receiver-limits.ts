import * as v from 'valibot'
import { readKept } from '../store/kept.ts'
import { createRateLimit } from '../store/rate-limit.ts'
import { storeKey, type Store } from '../store/store.ts'
import { networkOf } from '../web/address-text.ts'
import { RequestError } from '../web/errors.ts'
import { mentionKey, normalForm, sourceForm } from './equivalence.ts'
import type { Webmention } from './webmention.ts'

/** How much the receiver takes on. */
export interface ReceiverLimits {
  /** Webmentions of one client's network in a minute: a large site that publishes a long list of links. */
  readonly perClient: number
  /** Webmentions of one source's host in a minute, whoever sends them: each makes us fetch from there. */
  readonly perHost: number
  /** Seconds between two of the same source and target without a code, while the inbox holds no such mention. */
  readonly perPair: number
  /** Updates of one mention in a minute that are verified at once. What comes beyond them waits a little. */
  readonly updates: number
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
  updates: 6,
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

/** A webmention as the limits see it. */
export interface CountedMention extends Webmention {
  readonly code?: string
  /** Whether the inbox holds a mention of this source and target: then this one updates it, or takes it back. */
  readonly isKnown: boolean
}

/**
 * Counts a webmention that is otherwise in order.
 *
 * An update has counters of its own, so that no flood of new mentions, nor the first delivery of the same
 * pair, holds up its sender, who may be taking a post back. The number of known pairs bounds how many there are.
 *
 * @returns When to verify it, if that is not now.
 * @throws {RequestError} `rate_limit_exceeded`, 429
 * @see [Webmention §4.1](https://www.w3.org/TR/webmention/#preventing-abuse)
 */
export async function checkLimits(
  mention: CountedMention,
  clientAddress: string | undefined,
  { store, now, limits }: LimitOptions,
): Promise<Date | undefined> {
  const { source, target, code, isKnown } = mention
  const count = createRateLimit(store, now)
  const network = clientAddress === undefined ? undefined : networkOf(clientAddress)
  const kind = isKnown ? 'webmention-update' : 'webmention'
  const perClient = { name: `${kind}-client`, limit: limits.perClient, seconds: 60 }
  const perHost = { name: `${kind}-host`, limit: limits.perHost, seconds: 60 }
  refuse(network === undefined ? undefined : await count(perClient, network))
  const wait = await count(perHost, source.hostname)
  if (isKnown && code === undefined) {
    const perMention = { name: `${kind}-pair`, limit: limits.updates, seconds: 60 }
    const later = wait ?? (await count(perMention, mentionKey(source, target)))
    return later === undefined ? undefined : new Date(now().getTime() + later * 1000)
  }
  refuse(wait)

  // Nobody may hold up a sender who has a code by sending the same pair just before them.
  if (code !== undefined) return undefined
  // Exact, unlike a window that two requests may stand on either side of.
  const key = storeKey('webmention-pair-seen', sourceForm(source), normalForm(target))
  const until = new Date(now().getTime() + limits.perPair * 1000)
  if (await store.createIfAbsent(key, until.toISOString(), { expires: until })) return undefined
  const seen = await readKept(store, key, v.pipe(v.string(), v.isoTimestamp()))
  // It has expired meanwhile, or was of no known shape and is set aside.
  if (!seen) return undefined
  const left = Math.ceil((Date.parse(seen.value) - now().getTime()) / 1000)
  throw tooMany('this source and target were here a moment ago', Math.max(1, left))
}

/** @throws {RequestError} where there is a wait, in seconds */
function refuse(wait: number | undefined): void {
  if (wait !== undefined) throw tooMany('too many webmentions', wait)
}

function tooMany(message: string, retryAfter: number): RequestError {
  return new RequestError('rate_limit_exceeded', message, { status: 429, retryAfter })
}
