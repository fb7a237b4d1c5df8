/**
 * Where the functions keep what has to outlive a request: spent codes, queued and received messages,
 * the ledger of a site that is built on a server.
 *
 * Every store is an implementation of {@link Store}: memory, a JSON file, lmdb, PostgreSQL,
 * Netlify Blobs. They pass one contract test. All of them have one atomic step in common, {@link Store.createIfAbsent};
 * "a code is redeemed once" rests on it alone.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'

/** A value with the version that {@link Store.replaceIf} wants to see. */
export interface Stored {
  readonly key: string
  readonly value: unknown
  readonly version: string
}

export interface StoreOptions {
  /** After this moment the entry counts as absent. */
  readonly expires?: Date
  /** Other processes that watch ({@link Store.watch}) are told of it. */
  readonly announce?: boolean
}

export interface ListOptions {
  /** Only keys that come after this one, in the order of the list. */
  readonly after?: string
  /** At most so many. */
  readonly limit?: number
  /** From the last key to the first. */
  readonly reverse?: boolean
}

/**
 * Keys are `collection/name`: made by {@link storeKey}, or of letters, digits, `-`, `_`, `.` and `/`.
 * Under anything else nothing is found, and nothing can be kept. Values are JSON. Reads see every write
 * that was answered before.
 */
export interface Store {
  get(key: string): Promise<Stored | undefined>
  /** Creates the entry if there is none: of any number of racing writers, exactly one is told `true`. */
  createIfAbsent(key: string, value: unknown, options?: StoreOptions): Promise<boolean>
  /** Replaces the entry if it still has this version; otherwise does nothing and answers `false`. */
  replaceIf(key: string, value: unknown, version: string, options?: StoreOptions): Promise<boolean>
  /** Deletes the entry; that there was none is no error. */
  delete(key: string): Promise<void>
  /** The entries whose keys begin with `prefix`, in the order of their keys. */
  list(prefix: string, options?: ListOptions): Promise<readonly Stored[]>
  /**
   * The keys that begin with `prefix`, in their order. Reads no values, so on Netlify Blobs it also names entries that
   * have expired and are not deleted yet.
   */
  listKeys(prefix: string, options?: ListOptions): Promise<readonly string[]>
  /**
   * Calls the listener when a process may have written an entry below `prefix` with `announce`, and when that could not
   * be heard for a while. Absent where processes cannot tell each other.
   *
   * @returns Ends that.
   */
  watch?(prefix: string, listener: () => void): () => void
  /** Writes a line into the owner's log: never what an entry holds. */
  readonly report?: (line: string) => void
}

/** A key that shows neither URLs nor secrets: they are hashed, length by length, so that no two collide. */
export function storeKey(collection: string, ...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return `${collection}/${hash.digest('hex')}`
}

/** Those of the keys that a list with these options is about, in its order, without the limit. */
export function orderKeys(
  keys: Iterable<string>,
  prefix: string,
  { after, reverse = false }: ListOptions = {},
): readonly string[] {
  const found = [...keys].filter((key) => {
    if (!key.startsWith(prefix)) return false
    return after === undefined || (reverse ? key < after : key > after)
  })
  found.sort()
  return reverse ? found.reverse() : found
}

/** What {@link Store} takes for a key. Nothing can be kept under anything else. */
const KEY = /^(?=.{1,500}$)[\w-][\w.-]{0,199}(\/[\w-][\w.-]{0,199})*$/

export function isStoreKey(key: string): boolean {
  return KEY.test(key)
}

/**
 * The text of an entry's value.
 *
 * @throws {TypeError} where it could not be kept as it is, or the key could not be found again
 */
export function serializeEntry(key: string, value: unknown): string {
  if (!isStoreKey(key)) throw new TypeError('a key of a store is "collection/name"')
  const text: unknown = JSON.stringify(value)
  if (typeof text !== 'string') throw new TypeError(`the value of an entry is JSON`)
  return text
}

/** The value of an entry that is there and cannot be read: a spent code stays spent, and no shape fits it. */
export const UNREADABLE = Symbol('unreadable')

/** The value of an entry's text. */
export function parseEntryText(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : UNREADABLE
  } catch {
    // fail closed because the parser's own message would quote what is private
    return UNREADABLE
  }
}

/** More often than this, writers meet only where something is wrong. */
const MAX_ATTEMPTS = 50
/** From here on they go out of each other's way, up to a quarter of a second. */
const PATIENT_ATTEMPTS = 3
const LONGEST_PAUSE = 250

type Change = (value: unknown) => { readonly value: unknown; readonly expires?: Date } | undefined

/**
 * Replaces an entry by what `change` makes of it, again if another writer was faster. `undefined`
 * from `change` leaves it as it is.
 *
 * @returns What the entry holds now.
 */
export async function updateEntry(store: Store, key: string, change: Change): Promise<unknown> {
  const outcome = await tryUpdate(store, key, change)
  if (outcome.done) return outcome.value
  throw new Error(`The store refused ${MAX_ATTEMPTS} attempts to update one entry`)
}

/** The same, where so many writers at once mean something of their own. */
export async function tryUpdate(
  store: Store,
  key: string,
  change: Change,
): Promise<{ readonly done: true; readonly value: unknown } | { readonly done: false }> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt >= PATIENT_ATTEMPTS) {
      await setTimeout(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE))
    }
    const before = await store.get(key)
    const next = change(before?.value)
    if (!next) return { done: true, value: before?.value }
    const { value, ...options } = next
    const done = before
      ? await store.replaceIf(key, value, before.version, options)
      : await store.createIfAbsent(key, value, options)
    if (done) return { done, value }
  }
  return { done: false }
}
