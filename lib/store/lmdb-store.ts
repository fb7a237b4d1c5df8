import { randomBytes } from 'node:crypto'
import { chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { makePrivateFolder, OWNER_ONLY_FILE } from './private-folder.ts'
import { isStoreKey, serializeEntry, type Store, type StoreOptions } from './store.ts'

interface Entry {
  /** JSON. */
  readonly text: string
  readonly version: string
  /** Milliseconds since 1970. */
  readonly expires?: number
}

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

/**
 * Keeps entries in lmdb, an embedded database: the default where no host offers one. What was answered is
 * on the disk, also if the machine fails in that moment. Several processes may use the folder at once.
 *
 * @see [lmdb-js, transactions](https://github.com/kriszyp/lmdb-js#transactions)
 */
export function createLmdbStore({
  folder,
  now,
}: LmdbStoreOptions): Store & { close(): Promise<void> } {
  makePrivateFolder(folder)
  // @NOTE Without overlapping, a commit is answered only after it was flushed to the disk.
  const root = open({ path: folder, overlappingSync: false, maxDbs: 2 })
  const entries = root.openDB<Entry, string>({ name: 'entries', encoding: 'json' })
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), OWNER_ONLY_FILE)
  /** When entries end: `<time> <key>`. */
  const ends = root.openDB<boolean, string>({ name: 'ends', encoding: 'json' })

  return {
    async get(key) {
      const entry = isStoreKey(key) ? entryAt(key) : undefined
      return entry && { key, value: JSON.parse(entry.text), version: entry.version }
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
      if (isStoreKey(key)) await entries.remove(key)
    },
    async list(prefix) {
      entries.resetReadTxn()
      const range = entries.getRange({ start: prefix, end: prefix + BEHIND })
      return [...range]
        .filter(({ value }) => isAlive(value))
        .map(({ key, value: { text, version } }) => ({ key, value: JSON.parse(text), version }))
    },
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
    return entries.transaction(() => {
      const before = entries.get(key)
      if (!isWelcome(before && isAlive(before) ? before : undefined)) return false
      sweep()
      const version = randomBytes(9).toString('base64url')
      const end = expires?.getTime()
      entries.putSync(key, { text, version, ...(end !== undefined && { expires: end }) })
      if (end !== undefined) ends.putSync(endKey(end, key), true)
      return true
    })
  }

  function sweep(): void {
    const time = now().getTime()
    const due = ends.getKeys({ end: endKey(time + 1, ''), limit: SWEPT_PER_WRITE })
    for (const end of [...due]) {
      const key = end.slice(TIME_DIGITS + 1)
      const entry = entries.get(key)
      if (entry && !isAlive(entry)) entries.removeSync(key)
      ends.removeSync(end)
    }
  }

  function entryAt(key: string): Entry | undefined {
    // Another process may have written since the last look of this one.
    entries.resetReadTxn()
    const entry = entries.get(key)
    return entry && isAlive(entry) ? entry : undefined
  }

  function isAlive({ expires }: Entry): boolean {
    return expires === undefined || expires > now().getTime()
  }
}

function endKey(time: number, key: string): string {
  return `${String(Math.max(0, time)).padStart(TIME_DIGITS, '0')} ${key}`
}
