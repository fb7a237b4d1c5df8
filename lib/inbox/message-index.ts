import { ifWritable } from '../store/kept.ts'
import type { Store } from '../store/store.ts'
import type { Entry } from './entry.ts'
import {
  answersOf,
  idsAnswered,
  keysOf,
  namesAnswered,
  parseKey,
  sameRootOf,
  type Filed,
  type Named,
} from './index-keys.ts'

/** How many messages of one name are looked at. */
const MAX_NAMESAKES = 50
/** How many messages a look at a conversation reads at most. */
const MAX_KIN = 300

/** Finds what lies on the shelves by {@link keysOf}. */
export interface MessageIndex {
  /** Files a message, after it was written, and takes away by which keys it was found before. */
  file(now: Filed | undefined, before: Filed | undefined): Promise<void>
  /** Each message once; where it lies on both shelves for a moment, the private one. */
  names(prefix: string, limit: number): Promise<readonly Named[]>
  /** Those that are still as their keys say. Keys that a crash left behind are taken away. */
  load(named: readonly Named[]): Promise<Entry[]>
  /** These with what they answer, and if wanted with what answers them, as far as a bounded look goes. */
  kin(entries: readonly Entry[], way: 'up' | 'both', levels?: number): Promise<Entry[]>
}

type Find = (id: string, isPrivate: boolean) => Promise<Filed | undefined>

export function createMessageIndex(store: Store, find: Find): MessageIndex {
  return { file, names, load, kin }

  async function file(now: Filed | undefined, before: Filed | undefined): Promise<void> {
    const [keys, old] = [now ? keysOf(now) : [], before ? keysOf(before) : []]
    const known = new Set(old)
    const fresh = keys.filter((key) => !known.has(key))
    await Promise.all(fresh.map((key) => store.createIfAbsent(key, true)))
    const current = new Set(keys)
    await Promise.all(old.filter((key) => !current.has(key)).map((key) => store.delete(key)))
  }

  async function names(prefix: string, limit: number): Promise<readonly Named[]> {
    const named = (await store.listKeys(prefix, { limit })).flatMap((key) => parseKey(key) ?? [])
    const known = new Map<string, Named>()
    for (const one of named) if (one.isPrivate || !known.has(one.id)) known.set(one.id, one)
    return [...known.values()]
  }

  async function load(named: readonly Named[]): Promise<Entry[]> {
    const loaded = await Promise.all(
      named.map(async ({ key, id, isPrivate }) => {
        const filed = await find(id, isPrivate)
        if (filed && keysOf(filed).includes(key)) return filed.entry
        await ifWritable(() => store.delete(key))
        return undefined
      }),
    )
    return loaded.filter((entry) => entry !== undefined)
  }

  async function kin(
    entries: readonly Entry[],
    way: 'up' | 'both',
    levels = MAX_KIN,
  ): Promise<Entry[]> {
    const known = new Map(entries.map((entry) => [entry.id, entry]))
    const looked = new Set<string>()
    let next: readonly Entry[] = entries
    const most = entries.length + MAX_KIN
    for (let level = 0; level < levels && next.length > 0 && known.size < most; level++) {
      const prefixes = next.flatMap((entry) => [
        ...namesAnswered(entry),
        ...sameRootOf(entry),
        ...(way === 'both' ? answersOf(entry) : []),
      ])
      const ids = next.flatMap(idsAnswered).filter((id) => !known.has(id) && !looked.has(id))
      const fresh = [...new Set(prefixes)].filter((prefix) => !looked.has(prefix))
      for (const one of [...fresh, ...ids]) looked.add(one)
      const lists = await Promise.all(fresh.map((prefix) => names(prefix, MAX_NAMESAKES)))
      const named = new Map(lists.flat().map((one) => [one.id, one]))
      const unknown = [...named.values()].filter(({ id }) => !known.has(id))
      const byId = ids.filter((id) => !named.has(id)).map(findEither)
      const found = [...(await load(unknown.slice(0, most - known.size)))]
      for (const entry of await Promise.all(byId)) if (entry) found.push(entry)
      for (const entry of found) known.set(entry.id, entry)
      next = found
    }
    return [...known.values()]
  }

  async function findEither(id: string): Promise<Entry | undefined> {
    return ((await find(id, true)) ?? (await find(id, false)))?.entry
  }
}
