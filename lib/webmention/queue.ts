import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { readKept } from '../store/kept.ts'
import { storeKey, updateEntry, type Store } from '../store/store.ts'
import { createWorkQueue, type Claim as WorkClaim, type WorkQueue } from '../store/work-queue.ts'
import { UrlText } from '../web/url-text.ts'
import { normalForm, sourceForm } from './equivalence.ts'
import { RECEIVED_STATUSES, type ReceivedStatus } from './received-status.ts'
import { RECEIVER_LIMITS, type ReceiverLimits } from './receiver-limits.ts'
import type { Webmention } from './webmention.ts'

const STATUS = 'webmention-status/'
/** Three days, as the largest receiver keeps them: as long as senders ask. */
const STATUS_DAYS = 3
/** Milliseconds. Longer than any verification, so an expired lease means that its holder has crashed. */
const LEASE_MS = 90_000
/** Minutes from one attempt to the next. After that the source has had a day to answer. */
const RETRY_MINUTES = [1, 5, 15, 60, 240, 1080]
/** The same for a host that takes no connection: seldom will it be there tomorrow. */
const UNCONNECTED_MINUTES = [5, 240]
/** Milliseconds: a source may ask for a longer wait than ours, but not for days of our memory. */
const LONGEST_RETRY_AFTER = 4 * 60 * 60 * 1000
/** A page takes some milliseconds to read: only one that ends the process itself is met by the end of so many. */
const MAX_UNFINISHED = 3
/** 128 bits: who knows the address of a status page was told. */
const ID = /^[\w-]{22}$/

const StatusEntry = v.object({ status: v.picklist(RECEIVED_STATUSES), private: v.boolean() })
type StatusEntry = v.InferOutput<typeof StatusEntry>

/** A queued webmention, as it is kept under `webmention-queue/<id>`. */
const MentionWork = v.object({
  source: UrlText,
  target: UrlText,
  /** A `code` came along. It is not kept. */
  code: v.boolean(),
  /** The code was good for a token. */
  redeemed: v.boolean(),
  vouch: v.exactOptional(UrlText),
  /** How often its page began to be read without an end: counted before, so that it counts if the process ends. */
  unfinished: v.exactOptional(v.number()),
  /** The source was fetched with our credentials, so the result must not be shown to the sender. */
  isSecret: v.exactOptional(v.boolean()),
})
type MentionWork = v.InferOutput<typeof MentionWork>

/** What is told of a webmention whose end may be known to its author and the owner only. */
export const PROCESSED = { status: 'processed', private: true } as const satisfies StatusEntry

/** What is known of a webmention besides source and target when it is queued. */
export interface QueuedMention extends Webmention {
  readonly code: boolean
  readonly redeemed: boolean
  readonly vouch?: URL
}

/** A queued webmention under a lease. */
export interface Claim extends QueuedMention {
  readonly id: string
  readonly held: WorkClaim<MentionWork>
  /** Whether the process has ended each of the last times when its page was read: it is not to be read again. */
  readonly isGivenUp: boolean
}

interface Retry {
  readonly notBefore?: Date
  readonly isUnconnected?: boolean
  /** The source was fetched with our credentials, so the result must not be shown to the sender. */
  readonly isSecret: boolean
}

export interface WebmentionQueue {
  /** Whether one more may be added for that host. */
  hasRoom(host: string): Promise<boolean>
  /** Queues it for now or later, or changes the entry that waits for the same pair. Answers the id of its status. */
  add(mention: QueuedMention, notBefore?: Date): Promise<string>
  /** Takes an entry that is due. */
  claim(id: string): Promise<Claim | undefined>
  /** Whether the lease still holds: to be asked before anything is done that lasts. */
  holds(claim: Claim): Promise<boolean>
  /** Puts it back until later, also what waits longest where too many wait. `false`: it has been tried often enough. */
  retry(claim: Claim, retry: Retry): Promise<boolean>
  /** Counts that its page begins to be read: if the process ends by it, that is known afterwards. */
  begin(claim: Claim): Promise<void>
  /** What began has ended, though not as it should: by a fault of ours, and not with the process. */
  fault(claim: Claim): Promise<void>
  /** Deletes finished work. `again`: it stays, because it was sent again meanwhile. */
  settle(claim: Claim, status: StatusEntry): Promise<'done' | 'again'>
  /** What its sender may know; `undefined` for an id that never was, or is forgotten. */
  statusOf(id: string): Promise<{ status: ReceivedStatus; private: boolean } | undefined>
  /** Frees what a crashed process was verifying. Only while no other process works on the queue. */
  release(): Promise<void>
  /** Ids and source hosts of what is due, the longest waiting first. */
  due: WorkQueue<MentionWork>['due']
}

/** Keeps webmentions from the moment they are accepted until they are settled. */
export function createWebmentionQueue({
  store,
  now,
  limits = {},
}: {
  readonly store: Store
  readonly now: () => Date
  readonly limits?: Partial<ReceiverLimits>
}): WebmentionQueue {
  const { waiting, retrying } = { ...RECEIVER_LIMITS, ...limits }
  const queue = createWorkQueue({
    ...{ store, now, name: 'webmention-queue', schema: MentionWork, lease: LEASE_MS },
    // The rate of each host is limited at the door (receiver-limits.ts).
    limits: { waiting, waitingPerHost: Infinity, retrying },
    async onShed(id, work) {
      const given = { status: 'source_error', private: work.code } as const
      await writeStatus(id, work.isSecret ? PROCESSED : given)
    },
  })
  const { hasRoom, due, release } = queue

  return { hasRoom, add, claim, holds, begin, retry, fault, settle, statusOf, release, due }

  async function add(mention: QueuedMention, notBefore = now()): Promise<string> {
    // A sender who proved to speak for the source is told more than others: they share no status page.
    const pair = storeKey(
      mention.redeemed ? 'webmention-pair-redeemed' : 'webmention-pair',
      sourceForm(mention.source),
      normalForm(mention.target),
    )
    const waiting = (await store.get(pair))?.value
    const isWaiting =
      typeof waiting === 'string' && (await queue.renew(waiting, merge(mention), notBefore))
    if (isWaiting) return waiting

    const id = randomBytes(16).toString('base64url')
    const { source, target, code, redeemed, vouch } = mention
    const work: MentionWork = {
      ...{ source: source.href, target: target.href, code, redeemed },
      ...(vouch && { vouch: vouch.href }),
    }
    const isNew = await queue.add(id, work, { host: source.hostname, notBefore })
    if (!isNew) throw new Error('128 bits met again')
    await updateEntry(store, pair, () => ({ value: id, expires: inDays(STATUS_DAYS) }))
    return id
  }

  /** What a repetition adds: a code was sent if one was ever sent. */
  function merge({ code, vouch }: QueuedMention) {
    return (work: MentionWork): MentionWork => ({
      ...work,
      code: work.code || code,
      ...(vouch && { vouch: vouch.href }),
    })
  }

  async function claim(id: string): Promise<Claim | undefined> {
    const held = ID.test(id) ? await queue.claim(id) : undefined
    return held && claimOf(held)
  }

  async function holds({ held }: Claim): Promise<boolean> {
    return queue.holds(held)
  }

  async function retry(
    { held }: Claim,
    { notBefore, isUnconnected, isSecret }: Retry,
  ): Promise<boolean> {
    const distances = isUnconnected ? UNCONNECTED_MINUTES : RETRY_MINUTES
    const minutes = distances[held.attempts - 1]
    if (minutes === undefined) return false
    const time = now().getTime()
    const asked = Math.min(notBefore?.getTime() ?? 0, time + LONGEST_RETRY_AFTER)
    await queue.retry(held, new Date(Math.max(time + minutes * 60_000, asked)), {
      earliest: new Date(Math.max(time, asked)),
      change: ({ unfinished: _, ...work }) => ({ ...work, isSecret }),
    })
    return true
  }

  async function begin({ held }: Claim): Promise<void> {
    await queue.amend(held, (work) => ({ ...work, unfinished: (work.unfinished ?? 0) + 1 }))
  }

  async function fault({ held }: Claim): Promise<void> {
    await queue.amend(held, ({ unfinished: _, ...work }) => work)
  }

  async function settle({ id, held }: Claim, status: StatusEntry): Promise<'done' | 'again'> {
    await writeStatus(id, status)
    return queue.settle(held)
  }

  function writeStatus(id: string, status: StatusEntry): Promise<unknown> {
    return updateEntry(store, STATUS + id, () => ({ value: status, expires: inDays(STATUS_DAYS) }))
  }

  async function statusOf(id: string) {
    if (!ID.test(id)) return undefined
    const queued = await queue.find(id)
    if (queued) return { status: 'pending', private: queued.code } as const
    return (await readKept(store, STATUS + id, StatusEntry))?.value
  }

  function inDays(days: number): Date {
    return new Date(now().getTime() + days * 24 * 60 * 60 * 1000)
  }
}

function claimOf(held: WorkClaim<MentionWork>): Claim {
  const { source, target, code, redeemed, vouch, unfinished = 0 } = held.work
  return {
    ...{ id: held.id, held, source: new URL(source), target: new URL(target), code, redeemed },
    isGivenUp: unfinished >= MAX_UNFINISHED,
    ...(vouch !== undefined && { vouch: new URL(vouch) }),
  }
}
