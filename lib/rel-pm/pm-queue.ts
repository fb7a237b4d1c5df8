import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { createWorkQueue, type WorkQueue } from '../store/work-queue.ts'
import { LEASE, PM_LIMITS } from './limits.ts'
import type { PmOptions } from './rel-pm.ts'

const Text = v.string()
const SealedStanding = v.object({ sealedToken: Text, seconds: v.number() })

/** What waits to be done. Addresses are URLs; tokens are sealed. */
const PmWork = v.variant('kind', [
  v.object({
    kind: v.literal('announcement'),
    message: Text,
    from: Text,
    to: Text,
    standing: v.boolean(),
  }),
  v.object({
    kind: v.literal('request'),
    message: Text,
    to: Text,
    deliverTo: Text,
    /** Only the host of `deliverTo` was named. */
    isHost: v.exactOptional(v.boolean()),
    sealedToken: Text,
    standing: v.exactOptional(SealedStanding),
    /** ISO 8601: when its token is taken to be dead. */
    until: Text,
  }),
  /** One of our messages is to be announced once more. */
  v.object({ kind: v.literal('renewal'), message: Text, to: Text }),
])
export type PmWork = v.InferOutput<typeof PmWork>
export type WorkOf<Kind extends PmWork['kind']> = Extract<PmWork, { kind: Kind }>

/**
 * What came of one attempt.
 *
 * - `later`: worth another
 * - `refused`: no other will change it; `reason` is for the author, where the message is ours
 * - `lapsed`: the token is no longer good, so that it takes another
 */
export type WorkOutcome =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'later'; readonly reason: string; readonly notBefore?: Date | undefined }
  | { readonly outcome: 'refused' | 'lapsed'; readonly reason: string }

export const DONE: WorkOutcome = { outcome: 'done' }

export type PmQueue = WorkQueue<PmWork>

export function createPmQueue({
  store,
  now,
  limits,
}: Pick<PmOptions, 'store' | 'now' | 'limits'>): PmQueue {
  return createWorkQueue({
    ...{ store, now, name: 'pm-queue', schema: PmWork, lease: LEASE },
    limits: { ...PM_LIMITS, ...limits },
  })
}

/** The same for what is the same thing, asked for twice. */
export function workId(kind: PmWork['kind'], ...parts: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, ...parts]))
    .digest('hex')
}
