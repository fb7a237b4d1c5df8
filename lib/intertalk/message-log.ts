/**
 * What a local user gets to see, in the order in which it arrived: messages from other providers, their own,
 * and what could not be delivered.
 *
 * Each event has a number, one more than the one before it: writers race for the next one by creating its
 * entry, so that a reader who knows one number misses nothing by asking for the next.
 *
 * @module
 */
import * as v from 'valibot'
import { reportBroken } from '../store/kept.ts'
import { tryUpdate, type Store } from '../store/store.ts'
import { RequestError } from '../web/errors.ts'
import { parseMessage, type IntertalkMessage } from './message.ts'

/** What an older client has missed is on the pages of the site, and in the inbox. */
const MAX_EVENTS = 1_000
const KEPT_DAYS = 30
/** Milliseconds between two looks at what other processes have written… */
const POLL_MS = 2_000
/** …where they tell each other: a connection can be silent without being closed. */
const WATCHED_POLL_MS = 30_000
/** How many are read at once. */
const PAGE = 50

const EVENTS = 'intertalk-log/'
/** The number of the last event, or of one shortly before. */
const HEAD = 'intertalk-log-head/last'

const Text = v.string()
const LogRecord = v.variant('type', [
  v.object({
    type: v.literal('message'),
    message: v.pipe(v.unknown(), v.transform(parseMessage)),
    warnings: v.array(Text),
    receivedAt: Text,
  }),
  v.object({
    type: v.literal('failed'),
    /** Of the message. */
    id: Text,
    from: Text,
    domain: Text,
    recipients: v.array(Text),
    reason: Text,
    failedAt: Text,
  }),
])
type LogRecord = v.InferOutput<typeof LogRecord>

/** A message, or that one could not be brought to a provider. `cursor`: where it stands. */
export type LogEvent = LogRecord & { readonly cursor: string }

/** A message of ours that a provider did not take, for good. */
interface FailedDelivery {
  readonly message: IntertalkMessage & { readonly id: string }
  readonly domain: string
  readonly recipients: readonly string[]
  /** A short sentence. */
  readonly reason: string
}

export interface MessageLogOptions {
  readonly store: Store
  readonly now: () => Date
  /** Milliseconds between two looks at what other processes have written. */
  readonly pollMs?: number
}

export interface MessageLog {
  /** @returns Its cursor. It is kept when that is known. */
  append(
    message: IntertalkMessage,
    options?: { readonly warnings?: readonly string[] },
  ): Promise<string>
  appendFailure(failure: FailedDelivery): Promise<string>
  /**
   * What stands behind the cursor, the oldest first; the oldest of all behind `0`. `cursor`: to go on from.
   *
   * @throws {RequestError} `invalid_request` for what is no cursor
   */
  since(
    cursor: string,
    limit?: number,
  ): Promise<{ readonly events: readonly LogEvent[]; readonly cursor: string }>
  /** Behind everything that is there. */
  end(): Promise<string>
  /** Calls the listener when there may be something new. @returns Ends that. */
  subscribe(listener: () => void): () => void
  /** Aborted by {@link close}. */
  readonly closed: AbortSignal
  /** Ends everything that follows the log. */
  close(): void
}

export function createMessageLog({
  store,
  now,
  pollMs = store.watch ? WATCHED_POLL_MS : POLL_MS,
}: MessageLogOptions): MessageLog {
  const listeners = new Set<() => void>()
  const closing = new AbortController()
  let stopLooking: (() => void) | undefined
  return {
    append: (message, { warnings = [] } = {}) =>
      write({
        type: 'message',
        message,
        warnings: [...warnings],
        receivedAt: now().toISOString(),
      }),
    appendFailure: ({ message: { id, from }, recipients, ...failure }) =>
      write({
        type: 'failed',
        ...{ id, from, ...failure },
        recipients: [...recipients],
        failedAt: now().toISOString(),
      }),
    since,
    end: async () => String(await lastNumber()),
    subscribe,
    closed: closing.signal,
    close: () => closing.abort(),
  }

  async function write(record: LogRecord): Promise<string> {
    const expires = new Date(now().getTime() + KEPT_DAYS * 24 * 60 * 60 * 1000)
    let number = (await lastNumber()) + 1
    while (!(await store.createIfAbsent(keyOf(number), record, { expires, announce: true }))) {
      number += 1
    }
    // Where so many write that this does not succeed, others say more.
    await tryUpdate(store, HEAD, (value) =>
      isNumber(value) && value >= number ? undefined : { value: number },
    )
    if (number > MAX_EVENTS) await store.delete(keyOf(number - MAX_EVENTS))
    wake()
    return String(number)
  }

  async function since(text: string, limit = PAGE) {
    let last = parseCursor(text)
    if (!(await store.get(keyOf(last + 1)))) last = await nextKept(last)
    const events: LogEvent[] = []
    while (events.length < limit) {
      const stored = await store.get(keyOf(last + 1))
      if (!stored) break
      last += 1
      const result = v.safeParse(LogRecord, stored.value)
      // It stays in its place: what follows is found by its number.
      if (result.success) events.push({ ...result.output, cursor: String(last) })
      else reportBroken(store, stored.key)
    }
    return { events, cursor: String(last) }
  }

  /** The number before the oldest event behind this one. What is oldest goes first, by age and by number. */
  async function nextKept(number: number): Promise<number> {
    const last = await lastNumber()
    if (number === last) return last
    // A number that we never gave is of a log that was here before: all of this one is new.
    let [gone, kept] = [Math.max(number > last ? 0 : number, last - MAX_EVENTS), last + 1]
    while (kept - gone > 1) {
      const middle = Math.floor((gone + kept) / 2)
      if (await store.get(keyOf(middle))) kept = middle
      else gone = middle
    }
    return gone
  }

  async function lastNumber(): Promise<number> {
    const stored = (await store.get(HEAD))?.value
    let number = isNumber(stored) ? stored : 0
    // Whoever wrote the next one may not have come to say so.
    while (await store.get(keyOf(number + 1))) number += 1
    return number
  }

  function subscribe(listener: () => void): () => void {
    listeners.add(listener)
    stopLooking ??= look()
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0) return
      stopLooking?.()
      stopLooking = undefined
    }
  }

  /** At what other processes write: when they tell of it, and now and then. */
  function look(): () => void {
    const timer = setInterval(wake, pollMs).unref()
    const unwatch = store.watch?.(EVENTS, wake)
    return () => {
      clearInterval(timer)
      unwatch?.()
    }
  }

  function wake(): void {
    for (const listener of listeners) listener()
  }
}

/**
 * Everything behind the cursor, and then what arrives, until `signal` or the end of the log.
 *
 * @throws {RequestError} `invalid_request` for what is no cursor
 */
export async function* followLog(
  log: MessageLog,
  { cursor, signal }: { readonly cursor: string; readonly signal: AbortSignal },
): AsyncGenerator<LogEvent, undefined> {
  const over = AbortSignal.any([signal, log.closed])
  let wake = () => {}
  const unsubscribe = log.subscribe(() => wake())
  over.addEventListener('abort', () => wake())
  try {
    while (!over.aborted) {
      // Made before the look, so that nothing arrives between the two.
      const news = new Promise<void>((resolve) => (wake = resolve))
      const page = await log.since(cursor)
      for (const event of page.events) {
        if (over.aborted) return
        yield event
      }
      cursor = page.cursor
      if (page.events.length === 0 && !over.aborted) await news
    }
  } finally {
    unsubscribe()
  }
}

/** @throws {RequestError} `invalid_request` */
export function parseCursor(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw new RequestError('invalid_request', 'where to go on from is a number')
}

/** Digits enough that keys sort as they follow each other. */
function keyOf(number: number): string {
  return EVENTS + String(number).padStart(12, '0')
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}
