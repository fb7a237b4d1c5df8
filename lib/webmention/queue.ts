import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { listKept, readKept, updateKept } from '../store/kept.ts'
import { storeKey, updateEntry, type Store, type Stored } from '../store/store.ts'
import { normalForm, sourceForm } from './equivalence.ts'
import { QueueEntry } from './queue-entry.ts'
import { RECEIVED_STATUSES, type ReceivedStatus } from './received-status.ts'
import type { Webmention } from './webmention.ts'

const QUEUE = 'webmention-queue/'
const STATUS = 'webmention-status/'
/** Three days, as the largest receiver keeps them: as long as senders ask. */
const STATUS_DAYS = 3
/** Longer than any verification, so that who takes over an entry takes it from the dead. */
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

/** What is told of a webmention whose end may be known to its author and the owner only. */
export const PROCESSED = { status: 'processed', private: true } as const satisfies StatusEntry

/** What is known of a webmention besides source and target when it is queued. */
export interface QueuedMention extends Webmention {
  readonly code: boolean
  readonly redeemed: boolean
  readonly vouch?: URL
}

/** A queued webmention that nobody else works at. */
export interface Claim extends QueuedMention {
  readonly id: string
  readonly holder: string
  readonly attempts: number
  /** Whether the process has ended each of the last times when its page was read: it is not to be read again. */
  readonly isGivenUp: boolean
}

interface Retry {
  readonly notBefore?: Date
  readonly isUnconnected?: boolean
  /** What was seen of the source is not for its sender. */
  readonly isSecret: boolean
}

export interface WebmentionQueue {
  /** Whether no more should be taken on: so many wait that nobody has looked at yet. */
  isFull(limit: number): Promise<boolean>
  /** Queues it for now or later, or tells the entry that waits for the same pair. Answers the id of its status. */
  add(mention: QueuedMention, notBefore?: Date): Promise<string>
  /** Takes an entry that is due and that nobody works at. */
  claim(id: string): Promise<Claim | undefined>
  /** Whether the claim still holds: to be asked before anything is done that lasts. */
  holds(claim: Claim): Promise<boolean>
  /** Puts it back until later. `false`: it has been tried often enough. */
  retry(claim: Claim, retry: Retry): Promise<boolean>
  /** Counts that its page begins to be read: if the process ends by it, that is known afterwards. */
  begin(claim: Claim): Promise<void>
  /** What began has ended, though not as it should: by a fault of ours, and not with the process. */
  fault(claim: Claim): Promise<void>
  /** Gives up what waits longest for its next attempt, where more than `limit` wait for one. */
  shed(limit: number): Promise<void>
  /** It is done with. `again`: not quite, it was sent again meanwhile. */
  settle(claim: Claim, status: StatusEntry): Promise<'done' | 'again'>
  /** What its sender may know; `undefined` for an id that never was, or is forgotten. */
  statusOf(id: string): Promise<{ status: ReceivedStatus; private: boolean } | undefined>
  /** Frees what a process that has died was working at. For whoever knows that nobody else works here. */
  release(): Promise<void>
  /** Ids and source hosts of what is due, the longest waiting first. */
  due(): Promise<readonly { readonly id: string; readonly host: string }[]>
}

/**
 * Keeps webmentions from the moment they are accepted until they are settled. Each is one entry, and
 * each change of it is one atomic step, so that whoever dies in between leaves it to the sweep.
 */
export function createWebmentionQueue({
  store,
  now,
}: {
  readonly store: Store
  readonly now: () => Date
}): WebmentionQueue {
  return { isFull, add, claim, holds, begin, retry, fault, shed, settle, statusOf, release, due }

  async function isFull(limit: number): Promise<boolean> {
    const entries = await listKept(store, QUEUE, QueueEntry)
    return entries.filter(({ value }) => !isWaiting(value)).length >= limit
  }

  async function add(mention: QueuedMention, notBefore = now()): Promise<string> {
    // Whoever proved to speak for the source is told more than others: they share no status page.
    const pair = storeKey(
      mention.redeemed ? 'webmention-pair-redeemed' : 'webmention-pair',
      sourceForm(mention.source),
      normalForm(mention.target),
    )
    const waiting = (await store.get(pair))?.value
    if (typeof waiting === 'string' && (await update(waiting, merge(mention, notBefore))))
      return waiting

    const id = randomBytes(16).toString('base64url')
    const { source, target, code, redeemed, vouch } = mention
    const entry: QueueEntry = {
      version: 1,
      source: source.href,
      target: target.href,
      code,
      redeemed,
      ...(vouch && { vouch: vouch.href }),
      attempts: 0,
      notBefore: notBefore.toISOString(),
      again: false,
    }
    if (!(await store.createIfAbsent(QUEUE + id, entry))) throw new Error('128 bits met again')
    await updateEntry(store, pair, () => ({ value: id, expires: inDays(STATUS_DAYS) }))
    return id
  }

  /** What a repetition adds: a code was sent if one was ever sent, and it is tried again sooner. */
  function merge({ code, vouch }: QueuedMention, notBefore: Date) {
    return (entry: QueueEntry): QueueEntry => ({
      ...entry,
      code: entry.code || code,
      ...(vouch && { vouch: vouch.href }),
      attempts: 0,
      notBefore: [entry.notBefore, notBefore.toISOString()].sort()[0] ?? entry.notBefore,
      again: entry.lease !== undefined,
    })
  }

  async function claim(id: string): Promise<Claim | undefined> {
    if (!ID.test(id)) return undefined
    const holder = randomBytes(8).toString('hex')
    const until = new Date(now().getTime() + LEASE_MS).toISOString()
    const entry = await update(id, ({ again: _, ...before }) => {
      if (!isDue(before)) return undefined
      const attempts = before.attempts + 1
      return { ...before, attempts, again: false, lease: { holder, until } }
    })
    return entry && claimOf(id, holder, entry)
  }

  async function holds({ id, holder }: Claim): Promise<boolean> {
    const stored = await readKept(store, QUEUE + id, QueueEntry)
    return stored?.value.lease?.holder === holder
  }

  async function retry(
    { id, holder }: Claim,
    { notBefore, isUnconnected, isSecret }: Retry,
  ): Promise<boolean> {
    const distances = isUnconnected ? UNCONNECTED_MINUTES : RETRY_MINUTES
    let isOver = false
    await update(id, ({ lease, unfinished: _, ...entry }) => {
      const minutes = distances[entry.attempts - 1]
      isOver = minutes === undefined && !entry.again
      if (lease?.holder !== holder || isOver) return undefined
      const wait = entry.again ? 0 : (minutes ?? 0) * 60_000
      const time = now().getTime()
      const asked = Math.min(notBefore?.getTime() ?? 0, time + LONGEST_RETRY_AFTER)
      const next = Math.max(time + wait, asked)
      return { ...entry, isSecret, notBefore: new Date(next).toISOString() }
    })
    return !isOver
  }

  async function begin({ id, holder }: Claim): Promise<void> {
    await update(id, (entry) => {
      const unfinished = (entry.unfinished ?? 0) + 1
      return entry.lease?.holder === holder ? { ...entry, unfinished } : undefined
    })
  }

  async function fault({ id, holder }: Claim): Promise<void> {
    await update(id, ({ unfinished: _, ...entry }) =>
      entry.lease?.holder === holder ? entry : undefined,
    )
  }

  async function shed(limit: number): Promise<void> {
    const waiting = (await listKept(store, QUEUE, QueueEntry))
      .filter(({ value }) => isWaiting(value))
      .sort((one, other) => (one.value.notBefore < other.value.notBefore ? -1 : 1))
    for (const stored of waiting.slice(limit)) {
      const { value: entry } = stored
      const given = { status: 'source_error', private: entry.code } as const
      await writeStatus(stored.key.slice(QUEUE.length), entry.isSecret ? PROCESSED : given)
      await expire(stored)
    }
  }

  function writeStatus(id: string, status: StatusEntry): Promise<unknown> {
    return updateEntry(store, STATUS + id, () => ({ value: status, expires: inDays(STATUS_DAYS) }))
  }

  /** Whether it was tried, and is to be tried again, but not now. */
  function isWaiting({ attempts, notBefore }: QueueEntry): boolean {
    return attempts > 0 && notBefore > now().toISOString()
  }

  async function settle({ id, holder }: Claim, status: StatusEntry): Promise<'done' | 'again'> {
    await writeStatus(id, status)
    for (;;) {
      const stored = await readKept(store, QUEUE + id, QueueEntry)
      if (!stored) return 'done'
      const { lease, unfinished: _, ...entry } = stored.value
      if (lease?.holder !== holder) return 'done'
      if (entry.again) {
        const fresh = { ...entry, again: false, attempts: 0 }
        if (await store.replaceIf(stored.key, fresh, stored.version)) return 'again'
      } else if (await expire(stored)) return 'done'
    }
  }

  /** Deletes only this version of the entry; nobody will ever write one with its id again. */
  async function expire({ key, value, version }: Stored): Promise<boolean> {
    const expires = new Date(now().getTime() - 1)
    if (!(await store.replaceIf(key, value, version, { expires }))) return false
    await store.delete(key)
    return true
  }

  async function statusOf(id: string) {
    if (!ID.test(id)) return undefined
    const queued = await readKept(store, QUEUE + id, QueueEntry)
    if (queued) return { status: 'pending', private: queued.value.code } as const
    return (await readKept(store, STATUS + id, StatusEntry))?.value
  }

  async function release(): Promise<void> {
    for (const { key } of await listKept(store, QUEUE, QueueEntry)) {
      await update(key.slice(QUEUE.length), ({ lease, ...entry }) => (lease ? entry : undefined))
    }
  }

  async function due() {
    const entries = (await listKept(store, QUEUE, QueueEntry)).map(({ key, value }) => ({
      id: key.slice(QUEUE.length),
      entry: value,
    }))
    return entries
      .filter(({ entry }) => isDue(entry))
      .sort((one, other) => (one.entry.notBefore < other.entry.notBefore ? -1 : 1))
      .map(({ id, entry }) => ({ id, host: new URL(entry.source).hostname }))
  }

  function isDue({ notBefore, lease }: Pick<QueueEntry, 'notBefore' | 'lease'>): boolean {
    const time = now().toISOString()
    return notBefore <= time && (lease === undefined || lease.until <= time)
  }

  /** Changes an entry that is still there. `undefined`: it is not, or was to stay as it is. */
  async function update(
    id: string,
    change: (entry: QueueEntry) => QueueEntry | undefined,
  ): Promise<QueueEntry | undefined> {
    let changed: QueueEntry | undefined
    await updateKept(store, QUEUE + id, QueueEntry, (value) => {
      changed = value && change(value)
      return changed && { value: changed }
    })
    return changed
  }

  function inDays(days: number): Date {
    return new Date(now().getTime() + days * 24 * 60 * 60 * 1000)
  }
}

function claimOf(id: string, holder: string, entry: QueueEntry): Claim {
  const { source, target, code, redeemed, vouch, attempts, unfinished = 0 } = entry
  return {
    id,
    holder,
    source: new URL(source),
    target: new URL(target),
    code,
    redeemed,
    attempts,
    isGivenUp: unfinished >= MAX_UNFINISHED,
    ...(vouch !== undefined && { vouch: new URL(vouch) }),
  }
}
