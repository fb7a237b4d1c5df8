/**
 * How queued work lies in the store: `<name>/<id>` holds the work, `<name>-due/…` says by its name when that is due
 * (due-key.ts).
 *
 * A due key is written before the entry that names it, and deleted after it. A crash between two store calls so leaves
 * a due key without an entry at worst, which {@link QueueEntries.due} deletes when it is old.
 *
 * @module
 */
import * as v from 'valibot'
import { parseDue, type Due } from './due-key.ts'
import { listKept, readKept, type Kept } from './kept.ts'
import type { ListOptions, Store } from './store.ts'

/** So many due keys are looked at in one sweep. */
const DUE_LOOK = 1_000
/** Milliseconds. No operation takes so long between its store calls, so an older due key without an entry is a remnant. */
const REMNANT_AGE = 60 * 60 * 1000
/** So many old due keys are checked in one sweep. */
const REMNANT_LOOK = 50
/** More writers than that change one entry at once only where something is wrong. */
const MAX_ATTEMPTS = 50

/** A piece of work as it is stored. */
export interface QueueEntry<Work> {
  readonly version: 1
  readonly host: string
  readonly work: Work
  readonly attempts: number
  /** The name of its due key. */
  readonly due: string
  /** A process is doing it, until then. */
  readonly lease?: { readonly holder: string; readonly until: string } | undefined
  /** It was added again meanwhile. */
  readonly again: boolean
}

export interface QueueEntries<Work> {
  read(id: string): Promise<Kept<QueueEntry<Work>> | undefined>
  /** Whether there was none with this id. */
  create(id: string, entry: QueueEntry<Work>): Promise<boolean>
  /** Changes an entry that is still there. `undefined`: it is not, or was to stay as it is. */
  update(
    id: string,
    change: (entry: QueueEntry<Work>) => QueueEntry<Work> | undefined,
  ): Promise<QueueEntry<Work> | undefined>
  /** Deletes an entry, unless it has changed since it was read. */
  remove(stored: Kept<QueueEntry<Work>>): Promise<boolean>
  /** What is due, the longest waiting first. */
  due(): Promise<readonly Due[]>
  /** What the due keys say, in their order, due or not. */
  listDue(options: ListOptions): Promise<readonly Due[]>
  /** Reads every entry, and writes the due keys that are missing. */
  mend(): Promise<readonly string[]>
}

export function openQueueEntries<Work>({
  store,
  now,
  name,
  schema,
}: {
  readonly store: Store
  readonly now: () => Date
  readonly name: string
  readonly schema: v.GenericSchema<unknown, Work>
}): QueueEntries<Work> {
  const Entry = v.object({
    version: v.literal(1),
    host: v.string(),
    work: schema,
    attempts: v.number(),
    due: v.pipe(
      v.string(),
      v.check((text) => parseDue(text) !== undefined),
    ),
    lease: v.optional(v.object({ holder: v.string(), until: v.string() })),
    again: v.boolean(),
  })
  type Entry = QueueEntry<Work>
  const prefix = `${name}/`
  const duePrefix = `${name}-due/`

  return { read, create, update, remove, due, listDue, mend }

  async function read(id: string): Promise<Kept<Entry> | undefined> {
    return readKept(store, prefix + id, Entry)
  }

  async function create(id: string, entry: Entry): Promise<boolean> {
    await store.createIfAbsent(duePrefix + entry.due, true)
    if (await store.createIfAbsent(prefix + id, entry)) return true
    await store.delete(duePrefix + entry.due)
    return false
  }

  async function update(
    id: string,
    change: (entry: Entry) => Entry | undefined,
  ): Promise<Entry | undefined> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const stored = await read(id)
      const next = stored && change(stored.value)
      if (!next) return undefined
      const isMoved = next.due !== stored.value.due
      if (isMoved) await store.createIfAbsent(duePrefix + next.due, true)
      const isDone = await store.replaceIf(stored.key, next, stored.version)
      const surplus = isDone ? stored.value.due : next.due
      if (isMoved) await store.delete(duePrefix + surplus)
      if (isDone) return next
    }
    throw new Error(`The store refused ${MAX_ATTEMPTS} attempts to change one entry of a queue`)
  }

  async function remove({ key, value, version }: Kept<Entry>): Promise<boolean> {
    const expires = new Date(now().getTime() - 1)
    if (!(await store.replaceIf(key, value, version, { expires }))) return false
    await store.delete(key)
    await store.delete(duePrefix + value.due)
    return true
  }

  async function due(): Promise<readonly Due[]> {
    const found = await listDue({ limit: DUE_LOOK })
    const time = now().getTime()
    const old = found.filter((due) => due.time < time - REMNANT_AGE).slice(0, REMNANT_LOOK)
    const remnants = new Set<Due>()
    for (const due of old) {
      if ((await read(due.id))?.value.due !== due.name) remnants.add(due)
    }
    for (const { name } of remnants) await store.delete(duePrefix + name)
    return found.filter((due) => due.time <= time && !remnants.has(due))
  }

  async function listDue({ after, ...options }: ListOptions): Promise<readonly Due[]> {
    const from = after === undefined ? {} : { after: duePrefix + after }
    const keys = await store.listKeys(duePrefix, { ...options, ...from })
    return keys.flatMap((key) => parseDue(key.slice(duePrefix.length)) ?? [])
  }

  async function mend(): Promise<readonly string[]> {
    const entries = await listKept(store, prefix, Entry)
    for (const { value } of entries) await store.createIfAbsent(duePrefix + value.due, true)
    return entries.map(({ key }) => key.slice(prefix.length))
  }
}
