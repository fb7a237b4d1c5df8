import {
  orderKeys,
  serializeEntry,
  type ListOptions,
  type Store,
  type Stored,
  type StoreOptions,
} from './store.ts'

interface Entry {
  readonly text: string
  readonly version: string
  readonly expires: Date | undefined
}

/** So many writes lie between two looks at everything for what has expired. */
const SWEEP_INTERVAL = 1_000

/** Keeps entries as long as the process lives: for tests, and for trying things out. */
export function createMemoryStore({ now }: { readonly now: () => Date }): Store {
  const entries = new Map<string, Entry>()
  let writes = 0

  return {
    async get(key) {
      return toStored(key, entryAt(key))
    },
    async createIfAbsent(key, value, options) {
      const text = serializeEntry(key, value)
      if (entryAt(key)) return false
      write(key, text, options)
      return true
    },
    async replaceIf(key, value, version, options) {
      const text = serializeEntry(key, value)
      if (entryAt(key)?.version !== version) return false
      write(key, text, options)
      return true
    },
    async delete(key) {
      entries.delete(key)
    },
    async list(prefix, options) {
      return aliveKeys(prefix, options).flatMap((key) => toStored(key, entryAt(key)) ?? [])
    },
    async listKeys(prefix, options) {
      return aliveKeys(prefix, options)
    },
  }

  function aliveKeys(prefix: string, options: ListOptions = {}): readonly string[] {
    const keys = orderKeys(entries.keys(), prefix, options)
    return keys.filter((key) => entryAt(key)).slice(0, options.limit)
  }

  function entryAt(key: string): Entry | undefined {
    const entry = entries.get(key)
    if (entry?.expires === undefined || entry.expires > now()) return entry
    entries.delete(key)
    return undefined
  }

  function write(key: string, text: string, { expires }: StoreOptions = {}): void {
    writes += 1
    if (writes % SWEEP_INTERVAL === 0) for (const old of entries.keys()) entryAt(old)
    entries.set(key, { text, version: String(writes), expires })
  }
}

function toStored(key: string, entry: Entry | undefined): Stored | undefined {
  return entry && { key, value: JSON.parse(entry.text), version: entry.version }
}
