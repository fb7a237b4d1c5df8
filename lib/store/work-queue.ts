/**
 * Work that was promised and has to be done, even if the process crashes meanwhile: the queue of every protocol.
 *
 * The maker of a piece of work chooses its id, so that the same work asked for twice is done once. Every operation
 * takes the same number of store calls, however much waits. What a crash leaves undone, a sweep takes up
 * (sweep-queue.ts).
 *
 * @module
 */
import { randomBytes } from 'node:crypto'
import type * as v from 'valibot'
import { dueName, dueUntil, parseDue, type Due } from './due-key.ts'
import { openQueueEntries, type QueueEntry } from './queue-entries.ts'
import { createQueueRoom, type WorkLimits } from './queue-room.ts'
import type { Store } from './store.ts'

/** So many of the last due keys are looked at for one that gives way. */
const SHED_LOOK = 3
/** More writers than that change one entry at once only where something is wrong. */
const MAX_ATTEMPTS = 50

export interface WorkQueueOptions<Work> {
  readonly store: Store
  readonly now: () => Date
  /** The collection in the store; `<name>-due` orders it, `<name>-done` remembers what must not be done twice. */
  readonly name: string
  readonly schema: v.GenericSchema<unknown, Work>
  /** Milliseconds. Longer than any piece of work, so an expired lease means that its holder has crashed. */
  readonly lease: number
  readonly limits: WorkLimits
  /** Is told what gives way to the limit of `retrying`, before it is deleted. */
  readonly onShed?: (id: string, work: Work) => Promise<void>
}

/** A piece of work under a lease. */
export interface Claim<Work> {
  readonly id: string
  readonly work: Work
  readonly holder: string
  /** This one included. */
  readonly attempts: number
}

interface AddOptions {
  readonly host: string
  /** Now, if it is left out. */
  readonly notBefore?: Date
  /** What is waiting already is replaced, and tried at once. */
  readonly renews?: boolean
}

interface RetryOptions<Work> {
  /** When it is due where it was added again meanwhile: now, if it is left out. */
  readonly earliest?: Date
  readonly change?: (work: Work) => Work
}

export interface WorkQueue<Work> {
  /** Whether one more may be added for that host. */
  hasRoom(host: string): Promise<boolean>
  /** The work that waits or is being done under this id. */
  find(id: string): Promise<Work | undefined>
  /**
   * Queues it. What is waiting already is not queued again, nor what is remembered as done.
   *
   * @returns Whether there is something new to do.
   */
  add(id: string, work: Work, options: AddOptions): Promise<boolean>
  /** As `add`, for a caller that begins at once. */
  addClaimed(
    id: string,
    work: Work,
    options: Pick<AddOptions, 'host'>,
  ): Promise<Claim<Work> | undefined>
  /**
   * Changes work that is waiting, and has it tried at `notBefore` if that is sooner; where a process is doing it, it is
   * done once more.
   *
   * @returns `false` where nothing waits under this id.
   */
  renew(id: string, change: (work: Work) => Work, notBefore: Date): Promise<boolean>
  /** Takes a piece that is due. */
  claim(id: string): Promise<Claim<Work> | undefined>
  /** Whether the lease still holds: to be asked before anything is done that lasts. */
  holds(claim: Claim<Work>): Promise<boolean>
  /** Changes the work under the lease. */
  amend(claim: Claim<Work>, change: (work: Work) => Work): Promise<void>
  /** Puts it back until then. */
  retry(claim: Claim<Work>, notBefore: Date, options?: RetryOptions<Work>): Promise<void>
  /**
   * Deletes finished work. Until `remember`, an `add` with the same id is ignored.
   *
   * @returns `again` where it stays, because it was added again meanwhile.
   */
  settle(claim: Claim<Work>, options?: { readonly remember?: Date }): Promise<'done' | 'again'>
  /** Ids and hosts of what is due, the longest waiting first. Some may be in another process' hands. */
  due(): Promise<readonly Pick<Due, 'id' | 'host'>[]>
  /** Frees what a crashed process was doing, and mends due keys. Only while no other process works on the queue. */
  release(): Promise<void>
}

export function createWorkQueue<Work>(options: WorkQueueOptions<Work>): WorkQueue<Work> {
  const { store, now, name, lease: leaseMs, limits, onShed } = options
  type Entry = QueueEntry<Work>
  const entries = openQueueEntries(options)
  const room = createQueueRoom({ entries, now, limits })
  const doneKey = (id: string) => `${name}-done/${id}`

  return {
    hasRoom: (host) => room.has(host),
    ...{ find, add, addClaimed, renew, claim, holds, amend, retry, settle, due, release },
  }

  async function find(id: string): Promise<Work | undefined> {
    return (await entries.read(id))?.value.work
  }

  async function add(
    id: string,
    work: Work,
    { host, notBefore = now(), renews = false }: AddOptions,
  ): Promise<boolean> {
    if (await store.get(doneKey(id))) return false
    const due = dueName(id, host, notBefore)
    if (await create(id, { version: 1, host, work, attempts: 0, due, again: false })) return true
    return renews && renew(id, () => work, notBefore)
  }

  async function addClaimed(
    id: string,
    work: Work,
    { host }: Pick<AddOptions, 'host'>,
  ): Promise<Claim<Work> | undefined> {
    if (await store.get(doneKey(id))) return undefined
    const [due, lease] = [dueName(id, host, now()), newLease()]
    const entry: Entry = { version: 1, host, work, attempts: 1, due, lease, again: false }
    if (!(await create(id, entry))) return undefined
    return { id, work, holder: lease.holder, attempts: 1 }
  }

  async function create(id: string, entry: Entry): Promise<boolean> {
    const isNew =
      (await entries.create(id, entry)) ||
      // One that cannot be read is set aside when it is looked at: then there is none.
      (!(await entries.read(id)) && (await entries.create(id, entry)))
    if (isNew) room.count(entry.host)
    return isNew
  }

  async function renew(
    id: string,
    change: (work: Work) => Work,
    notBefore: Date,
  ): Promise<boolean> {
    const renewed = await entries.update(id, (entry) => ({
      ...entry,
      ...{ work: change(entry.work), attempts: 0, again: entry.lease !== undefined },
      due: timeOf(entry) > notBefore.getTime() ? dueName(id, entry.host, notBefore) : entry.due,
    }))
    return renewed !== undefined
  }

  async function claim(id: string): Promise<Claim<Work> | undefined> {
    const lease = newLease()
    const entry = await entries.update(id, (before) => {
      const isFree = before.lease === undefined || before.lease.until <= now().toISOString()
      if (timeOf(before) > now().getTime() || !isFree) return undefined
      return { ...before, attempts: before.attempts + 1, again: false, lease }
    })
    return entry && { id, holder: lease.holder, work: entry.work, attempts: entry.attempts }
  }

  async function holds({ id, holder }: Claim<Work>): Promise<boolean> {
    return (await entries.read(id))?.value.lease?.holder === holder
  }

  async function amend({ id, holder }: Claim<Work>, change: (work: Work) => Work): Promise<void> {
    await entries.update(id, (entry) =>
      entry.lease?.holder === holder ? { ...entry, work: change(entry.work) } : undefined,
    )
  }

  async function retry(
    { id, holder }: Claim<Work>,
    notBefore: Date,
    { earliest = now(), change = (work) => work }: RetryOptions<Work> = {},
  ): Promise<void> {
    const isPut = await entries.update(id, ({ lease, ...entry }) => {
      if (lease?.holder !== holder) return undefined
      const next = entry.again ? earliest : notBefore
      const due = dueName(id, entry.host, next)
      return { ...entry, work: change(entry.work), again: false, due }
    })
    room.forget()
    if (isPut) await shed()
  }

  /** Deletes what waits longest for its next attempt, where more wait for one than may. */
  async function shed(): Promise<void> {
    const limit = limits.retrying + 1
    if (limit === Infinity) return
    const retrying = await entries.listDue({ after: dueUntil(now()), limit })
    if (retrying.length < limit) return
    for (const { id, name } of await entries.listDue({ reverse: true, limit: SHED_LOOK })) {
      const stored = await entries.read(id)
      // Another process is moving it to this due key, or away from it.
      if (stored?.value.due !== name || stored.value.lease) continue
      await onShed?.(id, stored.value.work)
      if (await entries.remove(stored)) return
    }
  }

  async function settle(
    { id, holder }: Claim<Work>,
    { remember }: { readonly remember?: Date } = {},
  ): Promise<'done' | 'again'> {
    if (remember) await store.createIfAbsent(doneKey(id), true, { expires: remember })
    room.forget()
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const stored = await entries.read(id)
      if (!stored || stored.value.lease?.holder !== holder) return 'done'
      if (!stored.value.again && (await entries.remove(stored))) return 'done'
      const fresh = await entries.update(id, ({ lease, ...entry }) =>
        lease?.holder === holder && entry.again
          ? { ...entry, again: false, attempts: 0 }
          : undefined,
      )
      if (fresh) return 'again'
    }
    throw new Error(`The store refused ${MAX_ATTEMPTS} attempts to settle one entry of a queue`)
  }

  async function due(): Promise<readonly Pick<Due, 'id' | 'host'>[]> {
    return (await entries.due()).map(({ id, host }) => ({ id, host }))
  }

  async function release(): Promise<void> {
    for (const id of await entries.mend()) {
      await entries.update(id, ({ lease, ...entry }) => (lease ? entry : undefined))
    }
  }

  function newLease(): { readonly holder: string; readonly until: string } {
    const until = new Date(now().getTime() + leaseMs).toISOString()
    return { holder: randomBytes(8).toString('hex'), until }
  }
}

function timeOf({ due }: { readonly due: string }): number {
  return parseDue(due)?.time ?? 0
}
