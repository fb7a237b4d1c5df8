import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { StoreError } from '../web/errors.ts'
import {
  openEnvironment,
  openReadOnly,
  parseEntry,
  type Entry,
  type Environment,
} from './lmdb-environment.ts'
import {
  isStoreKey,
  parseEntryText,
  serializeEntry,
  type ListOptions,
  type Store,
  type Stored,
  type StoreOptions,
} from './store.ts'
import { storeError, systemCodeOf } from './store-error.ts'

/** Each write adds at most one entry and removes at most so many that have expired. */
const SWEPT_PER_WRITE = 20
/** ISO 8601 of a year: times of so many digits sort as they follow each other. */
const TIME_DIGITS = 15
/** After everything that a key may hold. */
const BEHIND = '\u{ffff}'

export interface LmdbStoreOptions {
  readonly folder: string
  readonly now: () => Date
}

export interface LmdbStore extends Store {
  /** Why nothing can be written; it can be read nevertheless. */
  readonly refusal: StoreError | undefined
  close(): Promise<void>
}

/**
 * Keeps entries in lmdb, an embedded database: the default where no host offers one. What was answered is
 * on the disk, also if the machine fails in that moment. Several processes may use the folder at once. On a
 * read-only file system it can be read.
 *
 * @throws {StoreError} where the folder cannot be used, and by each method that cannot do its work
 * @see [lmdb-js, transactions](https://github.com/kriszyp/lmdb-js#transactions)
 */
export function createLmdbStore({ folder, now }: LmdbStoreOptions): LmdbStore {
  const { environment, refusal } = openAtAll(folder)
  const { root, entries, ends } = environment

  return {
    async get(key) {
      return isStoreKey(key) ? toStored(key, entryAt(key)) : undefined
    },
    async createIfAbsent(key, value, options) {
      const text = serializeEntry(key, value)
      return write(key, text, options, (entry) => entry === undefined)
    },
    async replaceIf(key, value, version, options) {
      const text = serializeEntry(key, value)
      return write(key, text, options, (entry) => entry?.version === version)
    },
    async delete(key) {
      if (isStoreKey(key)) await commit(() => entries.removeSync(key))
    },
    async list(prefix, options) {
      return [...aliveBelow(prefix, options)]
    },
    async listKeys(prefix, options) {
      return [...aliveBelow(prefix, options)].map(({ key }) => key)
    },
    refusal,
    async close() {
      await root.close()
    },
  }

  /** Looks and writes in one transaction: nobody comes in between, from whatever process. */
  function write(
    key: string,
    text: string,
    { expires }: StoreOptions = {},
    isWelcome: (before: Entry | undefined) => boolean,
  ): Promise<boolean> {
    return commit(() => {
      if (!isWelcome(alive(entries.get(key)))) return false
      sweep()
      const version = randomBytes(9).toString('base64url')
      const end = expires?.getTime()
      const entry: Entry = { text, version, ...(end !== undefined && { expires: end }) }
      entries.putSync(key, JSON.stringify(entry))
      if (end !== undefined) ends.putSync(endKey(end, key), true)
      return true
    })
  }

  /** Answers when it is on the disk. */
  async function commit<Result>(change: () => Result): Promise<Result> {
    if (refusal) throw refusal
    try {
      return await entries.transaction(change)
    } catch (error) {
      const cause = await causeOf(error)
      throw cause !== error || systemCodeOf(cause) ? storeError(folder, cause) : error
    }
  }

  function sweep(): void {
    const time = now().getTime()
    const due = ends.getKeys({ end: endKey(time + 1, ''), limit: SWEPT_PER_WRITE })
    for (const end of [...due]) {
      const key = end.slice(TIME_DIGITS + 1)
      if (!alive(entries.get(key))) entries.removeSync(key)
      ends.removeSync(end)
    }
  }

  function* aliveBelow(
    prefix: string,
    { after, limit = Infinity, reverse = false }: ListOptions = {},
  ): Generator<Stored> {
    if (limit <= 0) return
    entries.resetReadTxn()
    const ends = { first: prefix, last: prefix + BEHIND }
    if (after !== undefined && reverse && after < ends.last) ends.last = after
    if (after !== undefined && !reverse && after > ends.first) ends.first = after
    const { first, last } = ends
    const range = reverse ? { start: last, end: first, reverse } : { start: first, end: last }
    let found = 0
    for (const { key, value } of entries.getRange(range)) {
      const stored = key === after ? undefined : toStored(key, alive(value))
      if (!stored || !key.startsWith(prefix)) continue
      yield stored
      found += 1
      if (found >= limit) return
    }
  }

  function entryAt(key: string): Entry | undefined {
    // Another process may have written since the last look of this one.
    entries.resetReadTxn()
    return alive(entries.get(key))
  }

  /** What has not expired. */
  function alive(record: string | undefined): Entry | undefined {
    const entry = parseEntry(record)
    const { expires = Infinity } = entry ?? {}
    return expires > now().getTime() ? entry : undefined
  }
}

function endKey(time: number, key: string): string {
  return `${String(Math.max(0, time)).padStart(TIME_DIGITS, '0')} ${key}`
}

function toStored(key: string, entry: Entry | undefined): Stored | undefined {
  return entry && { key, value: parseEntryText(entry.text), version: entry.version }
}

function openAtAll(folder: string): {
  readonly environment: Environment
  readonly refusal?: StoreError
} {
  try {
    return { environment: openEnvironment(folder) }
  } catch (error) {
    const refusal = storeError(folder, error)
    const environment = openReadOnly(folder, error)
    if (!environment) throw refusal
    return { environment, refusal }
  }
}

/** Why a commit failed is in a promise, which rejects in the same turn. Left alone, it would end the process. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && 'commitError' in error)) return error
  let cause: unknown = error
  Promise.resolve(error.commitError).catch((reason: unknown) => (cause = reason))
  await setImmediate()
  return cause
}
