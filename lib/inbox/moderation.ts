import type { Decisions } from '../policy/decisions.ts'
import { domainOf, hostOf } from '../policy/pattern.ts'
import { blockableOf, originOf } from './correspondents.ts'
import { MAX_WAITING } from './door.ts'
import { isForOwner, isPublished, messageOf, versionOf, type Entry } from './entry.ts'
import { hostPrefix } from './index-keys.ts'
import type { ReceivingOptions } from './receiving.ts'
import type { Shelf } from './shelf.ts'

/** `changed`: the message says something else by now than what the owner decided on. */
export type Decided = 'done' | 'gone' | 'changed'

/** What the owner does with a message. `version` is the one that they have seen. */
export interface Moderation {
  /** Lets a public message be seen by everybody; any other one just ceases to wait. */
  approve(id: string, version?: string): Promise<Decided>
  /** Takes it for a private message from now on, whatever its author says of it. */
  keepPrivate(id: string, version?: string): Promise<Decided>
  markRead(id: string, isRead: boolean): Promise<Decided>
  remove(id: string): Promise<Decided>
  /** Removes it with all that waits from the same address or host, and refuses what else comes from there. */
  block(id: string): Promise<Decided>
  /** The same for everybody at the host, where {@link block} is about one address. */
  blockHost(id: string): Promise<Decided>
  /** Approves it with all that waits from the same sender for no other reason, and lets in what else comes. */
  allow(id: string, version?: string): Promise<Decided>
}

export function createModeration({
  shelves,
  isHomePage,
  decisions,
  index,
  announce,
}: Omit<ReceivingOptions, 'policy' | 'now'> & { readonly decisions: Decisions }): Moderation {
  return { approve, keepPrivate, markRead, remove, block, blockHost, allow }

  async function approve(id: string, version?: string): Promise<Decided> {
    const found = await find(id, version)
    if (typeof found === 'string') return found
    const { entry, shelf } = found
    if (!entry.isHeld) return 'done'
    if (mayBecomePublic(entry)) return publish(entry)
    const changed = await shelf.change(id, entry.version, release)
    if (changed && !entry.isPrivate) await announce()
    return changed ? 'done' : 'changed'
  }

  /** What came in doubt moves to the public shelf: the owner has looked, and says that it is no secret. */
  async function publish(entry: Entry): Promise<Decided> {
    const { id, version, envelope } = entry
    const content = await shelves.private.read(entry)
    const open: Entry = {
      ...release(entry),
      isPrivate: false,
      envelope: { ...envelope, privacy: 'public' },
    }
    await shelves.public.put({ entry: open, content })
    await shelves.private.remove(id, version)
    // Another version, perhaps a private one, may have come meanwhile: that one wins.
    if (await shelves.private.find(id)) {
      await shelves.public.remove(id)
      return 'changed'
    }
    await announce()
    return 'done'
  }

  async function keepPrivate(id: string, version?: string): Promise<Decided> {
    const found = await find(id, version)
    if (typeof found === 'string') return found
    const { entry, shelf } = found
    const content = await shelf.read(entry)
    const envelope = { ...entry.envelope, privacy: 'private' as const }
    const hidden: Entry = {
      ...release(entry),
      isPrivate: true,
      envelope,
      version: versionOf(messageOf({ ...entry, envelope }, content)),
    }
    await shelves.public.hide(id)
    await shelves.private.put({ entry: hidden, content })
    await unpublish(id)
    return 'done'
  }

  async function markRead(id: string, isRead: boolean): Promise<Decided> {
    const found = await find(id)
    if (typeof found === 'string') return found
    const { entry, shelf } = found
    if (entry.isRead === isRead) return 'done'
    const done = await shelf.change(id, entry.version, (kept) => ({ ...kept, isRead }))
    return done ? 'done' : 'changed'
  }

  async function remove(id: string): Promise<Decided> {
    const hidden = await shelves.private.remove(id)
    const open = await unpublish(id)
    return hidden || open ? 'done' : 'gone'
  }

  async function block(id: string): Promise<Decided> {
    const found = await find(id)
    if (typeof found === 'string') return found
    return refuse(found.entry, blockableOf(found.entry.envelope))
  }

  async function blockHost(id: string): Promise<Decided> {
    const found = await find(id)
    if (typeof found === 'string') return found
    return refuse(found.entry, domainOf(found.entry.envelope.host))
  }

  async function refuse({ id, envelope }: Entry, origin: string): Promise<Decided> {
    // Whoever else is always allowed stays so, but not the one who gave cause for this.
    await decisions.forget(originOf(envelope))
    await decisions.block(origin)
    for (const entry of await waitingFrom(origin)) await remove(entry.id)
    await remove(id)
    return 'done'
  }

  async function allow(id: string, version?: string): Promise<Decided> {
    const found = await find(id, version)
    if (typeof found === 'string') return found
    const origin = originOf(found.entry.envelope)
    await decisions.allow(origin)
    for (const entry of await waitingFrom(origin)) {
      const { warnings = [], privacy } = entry.envelope
      if (warnings.length === 0 && privacy !== 'unsure') await approve(entry.id, entry.version)
    }
    return approve(id, version)
  }

  /** Of a host, also from those who have an address there; of an address, also from its sub-addresses. */
  async function waitingFrom(origin: string): Promise<readonly Entry[]> {
    const name = hostOf(origin)
    const undecided = await index.load(await index.names(hostPrefix(origin), MAX_WAITING))
    return undecided
      .filter(({ isHeld }) => isHeld)
      .filter(({ envelope }) =>
        [originOf(envelope), blockableOf(envelope), domainOf(envelope.host)]
          .map(hostOf)
          .includes(name),
      )
  }

  interface Found {
    readonly entry: Entry
    readonly shelf: Shelf
  }

  async function find(id: string, version?: string): Promise<Found | 'gone' | 'changed'> {
    for (const shelf of [shelves.private, shelves.public]) {
      const entry = await shelf.find(id)
      if (!entry) continue
      const isSeen = version === undefined || version === entry.version
      return isSeen ? { entry, shelf } : 'changed'
    }
    return 'gone'
  }

  function mayBecomePublic({ envelope }: Entry): boolean {
    return envelope.privacy === 'unsure' && !isForOwner(envelope) && !isHomePage(envelope.target)
  }

  async function unpublish(id: string): Promise<Entry | undefined> {
    const removed = await shelves.public.remove(id)
    if (removed && isPublished(removed)) await announce()
    return removed
  }
}

function release(entry: Entry): Entry {
  return { ...entry, isHeld: false, isRead: true }
}
