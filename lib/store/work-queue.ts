/**
 * What was promised to somebody and has to be done, however often the process dies in between.
 *
 * Each piece of work is one entry, and each change of it one atomic step: whoever dies at it leaves it to
 * {@link sweepQueue}. Its id is its maker's to choose, so that the same thing asked for twice is done once.
 *
 * @module
 */
import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { listKept, readKept, updateKept } from './kept.ts'
import type { Store, Stored } from './store.ts'

/** So many hosts are worked for at the same time; each of them one piece after the other. */
const HOSTS_AT_ONCE = 8

export interface WorkQueueOptions<Work> {
  readonly store: Store
  readonly now: () => Date
  /** The collection in the store; `<name>-done` remembers what must not be done twice. */
  readonly name: string
  readonly schema: v.GenericSchema<unknown, Work>
  /** Milliseconds, longer than any piece of work may take: who takes one over takes it from the dead. */
  readonly lease: number
  readonly limits: WorkLimits
}

/** How many pieces may wait. */
export interface WorkLimits {
  /** That nobody has looked at yet. */
  readonly waiting: number
  /** Of one host. */
  readonly waitingPerHost: number
  /** That are to be tried again. What waits longest for its next attempt gives way. */
  readonly retrying: number
}

/** A piece of work that nobody else is at. */
export interface Claim<Work> {
  readonly id: string
  readonly work: Work
  readonly holder: string
  /** This one included. */
  readonly attempts: number
}

export interface WorkQueue<Work> {
  /** Whether one more may be taken on for that host. */
  hasRoom(host: string): Promise<boolean>
  /** Whether it is queued, so that an `add` of it needs no room. */
  isWaiting(id: string): Promise<boolean>
  /**
   * Queues it. What is waiting already is not queued again; with `renews` it is tried at once, and once
   * more if somebody is at it.
   *
   * @returns Whether there is something new to do.
   */
  add(
    id: string,
    work: Work,
    options: { readonly host: string; readonly renews?: boolean },
  ): Promise<boolean>
  /** Takes a piece that is due. */
  claim(id: string): Promise<Claim<Work> | undefined>
  /** Puts it back until then. */
  retry(claim: Claim<Work>, notBefore: Date): Promise<void>
  /** It is done with. Until `remember`, the same is not taken on again. */
  settle(claim: Claim<Work>, options?: { readonly remember?: Date }): Promise<void>
  /** Ids and hosts of what is due, the longest waiting first. */
  due(): Promise<readonly { readonly id: string; readonly host: string }[]>
  /** Frees what a process that has died was at. For whoever knows that nobody else works here. */
  release(): Promise<void>
}

export function createWorkQueue<Work>({
  store,
  now,
  name,
  schema,
  lease: leaseMs,
  limits,
}: WorkQueueOptions<Work>): WorkQueue<Work> {
  const Entry = v.object({
    version: v.literal(1),
    host: v.string(),
    work: schema,
    attempts: v.number(),
    /** ISO 8601: nobody needs to look before. */
    notBefore: v.pipe(v.string(), v.isoTimestamp()),
    /** Somebody is at it, until then. */
    lease: v.optional(v.object({ holder: v.string(), until: v.string() })),
    /** It was asked for again meanwhile. */
    again: v.boolean(),
  })
  type Entry = v.InferOutput<typeof Entry>
  const prefix = `${name}/`
  const doneKey = (id: string) => `${name}-done/${id}`

  return { hasRoom, isWaiting, add, claim, retry, settle, due, release }

  async function hasRoom(host: string): Promise<boolean> {
    const entries = await readAll()
    const own = entries.filter(({ entry }) => entry.host === host)
    const fresh = entries.filter(({ entry }) => !isRetrying(entry))
    return fresh.length < limits.waiting && own.length < limits.waitingPerHost
  }

  async function isWaiting(id: string): Promise<boolean> {
    return (await readKept(store, prefix + id, Entry)) !== undefined
  }

  async function add(
    id: string,
    work: Work,
    { host, renews = false }: { readonly host: string; readonly renews?: boolean },
  ): Promise<boolean> {
    if (await store.get(doneKey(id))) return false
    const fresh: Entry = {
      version: 1,
      host,
      work,
      attempts: 0,
      notBefore: now().toISOString(),
      again: false,
    }
    if (await store.createIfAbsent(prefix + id, fresh)) return true
    if (!renews) return false
    await updateKept(store, prefix + id, Entry, (value) => {
      if (value === undefined) return { value: fresh }
      const { lease } = value
      return { value: { ...fresh, ...(lease && { lease }), again: lease !== undefined } }
    })
    return true
  }

  async function claim(id: string): Promise<Claim<Work> | undefined> {
    const holder = randomBytes(8).toString('hex')
    const until = new Date(now().getTime() + leaseMs).toISOString()
    const entry = await update(id, (before) => {
      if (!isDue(before)) return undefined
      return {
        ...before,
        attempts: before.attempts + 1,
        again: false,
        lease: { holder, until },
      }
    })
    return entry && { id, holder, work: entry.work, attempts: entry.attempts }
  }

  async function retry({ id, holder }: Claim<Work>, notBefore: Date): Promise<void> {
    await update(id, ({ lease, ...entry }) => {
      if (lease?.holder !== holder) return undefined
      const next = entry.again ? now() : notBefore
      return { ...entry, again: false, notBefore: next.toISOString() }
    })
    await shed()
  }

  async function shed(): Promise<void> {
    const retrying = (await readAll()).filter(({ entry }) => isRetrying(entry)).sort(byTime)
    for (const { stored } of retrying.slice(limits.retrying)) await remove(stored)
  }

  function isRetrying({ attempts, notBefore }: Entry): boolean {
    return attempts > 0 && notBefore > now().toISOString()
  }

  async function settle(
    { id, holder }: Claim<Work>,
    { remember }: { readonly remember?: Date } = {},
  ): Promise<void> {
    if (remember) await store.createIfAbsent(doneKey(id), true, { expires: remember })
    for (;;) {
      const stored = await readKept(store, prefix + id, Entry)
      if (!stored) return
      const { lease, ...entry } = stored.value
      if (lease?.holder !== holder) return
      const fresh = { ...entry, again: false, attempts: 0 }
      const isSettled = entry.again
        ? await store.replaceIf(stored.key, fresh, stored.version)
        : await remove(stored)
      if (isSettled) return
    }
  }

  async function due() {
    return (await readAll())
      .filter(({ entry }) => isDue(entry))
      .sort(byTime)
      .map(({ id, entry }) => ({ id, host: entry.host }))
  }

  async function release(): Promise<void> {
    for (const { id } of await readAll()) {
      await update(id, ({ lease, ...entry }) => (lease ? entry : undefined))
    }
  }

  /** Deletes only this version of the entry. */
  async function remove({ key, value, version }: Stored): Promise<boolean> {
    const expires = new Date(now().getTime() - 1)
    if (!(await store.replaceIf(key, value, version, { expires }))) return false
    await store.delete(key)
    return true
  }

  async function readAll() {
    return (await listKept(store, prefix, Entry)).map((stored) => ({
      stored,
      id: stored.key.slice(prefix.length),
      entry: stored.value,
    }))
  }

  function isDue({ notBefore, lease }: Pick<Entry, 'notBefore' | 'lease'>): boolean {
    const time = now().toISOString()
    return notBefore <= time && (lease === undefined || lease.until <= time)
  }

  /** Changes an entry that is still there. `undefined`: it is not, or was to stay as it is. */
  async function update(
    id: string,
    change: (entry: Entry) => Entry | undefined,
  ): Promise<Entry | undefined> {
    let changed: Entry | undefined
    await updateKept(store, prefix + id, Entry, (value) => {
      changed = value && change(value)
      return changed && { value: changed }
    })
    return changed
  }
}

function byTime(one: { entry: { notBefore: string } }, other: { entry: { notBefore: string } }) {
  return one.entry.notBefore < other.entry.notBefore ? -1 : 1
}

export interface SweepOptions {
  /** How many to take up at most. */
  readonly limit?: number
  /** Milliseconds after which no other is begun. */
  readonly budgetMs?: number
  /** Aborted when no other is to be begun, because the process stops. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Does what is due and nobody is at: first one piece for each host, then the second of each, so that one
 * slow host does not keep the others waiting.
 *
 * @returns How many were taken up.
 */
export async function sweepQueue<Work>(
  queue: Pick<WorkQueue<Work>, 'due'>,
  process: (id: string) => Promise<void>,
  { now, limit = 100, budgetMs = 20_000, signal }: SweepOptions & { readonly now: () => Date },
): Promise<number> {
  const end = now().getTime() + budgetMs
  const lines = new Map<string, string[]>()
  for (const { id, host } of await queue.due()) lines.set(host, [...(lines.get(host) ?? []), id])
  const waiting = [...lines.values()]
  const troubles: unknown[] = []
  let taken = 0

  await Promise.all(Array.from({ length: HOSTS_AT_ONCE }, work))
  if (troubles.length > 0) throw troubles[0]
  return taken

  async function work(): Promise<void> {
    for (let line = waiting.shift(); line; line = waiting.shift()) {
      const [id, ...others] = line
      if (id === undefined) continue
      if (signal?.aborted || taken >= limit || now().getTime() >= end) return
      taken += 1
      await process(id).catch((error: unknown) => troubles.push(error))
      waiting.push(others)
    }
  }
}
