/**
 * Where messages are kept: the private ones on one shelf, the public ones on another, so that what
 * shows public ones never sees a private one.
 *
 * | key | value |
 * | --- | --- |
 * | `<shelf>/message/<id>` | one message |
 * | `<shelf>/content/<id>.<version>` | what a longer one says |
 *
 * First the message is written, and then by what it is found (`index-keys.ts`) and shown (`published-pages.ts`). What
 * is to be shown no longer leaves the shown ones first. A crash between two steps leaves a note below `<shelf>/open/`.
 *
 * @module
 */
import * as v from 'valibot'
import { readKept, updateKept } from '../store/kept.ts'
import type { Store } from '../store/store.ts'
import { Content, Entry, isPublished } from './entry.ts'
import type { Filed } from './index-keys.ts'

/** What is shorter lies in the message's entry itself: most messages are. */
const INLINE_LETTERS = 1000
/** So many that were cut off are looked at in one go. */
const MAX_OPEN = 100

const Kept = v.object({
  entry: Entry,
  content: v.exactOptional(Content),
  own: v.string(),
  thread: v.string(),
})
type Kept = v.InferOutput<typeof Kept>
/** `null`: was removed a moment ago. */
const Slot = v.nullable(Kept)

export interface Letter {
  readonly entry: Entry
  readonly content: Content
}

export interface Shelf {
  find(id: string): Promise<Entry | undefined>
  filed(id: string): Promise<Filed | undefined>
  /** What it says; only its summary if that went missing. */
  read(entry: Entry): Promise<Content>
  /** Keeps it instead of what was there under its id. Returns that. */
  put(letter: Letter): Promise<Entry | undefined>
  /** Replaces the entry of this version, without touching what it says. `false`: there is none. */
  change(id: string, version: string, change: (entry: Entry) => Entry): Promise<boolean>
  /** Removes it, if it is of this version. Returns what was removed. */
  remove(id: string, version?: string): Promise<Entry | undefined>
  /** Takes it away from what everybody sees, before it is written elsewhere. */
  hide(id: string): Promise<void>
  /** Finishes what a crash cut off. */
  mend(): Promise<void>
}

export interface ShelfOptions {
  readonly store: Store
  readonly name: string
  /** To which threads a message belongs: the one that it would begin, and the one that it is in. */
  readonly threadsOf: (entry: Entry) => Promise<Pick<Filed, 'own' | 'thread'>>
  readonly file: (now: Filed | undefined, before: Filed | undefined) => Promise<void>
  /** Shows a message to everybody, or takes it away. */
  readonly show?: (entry: Entry, letter: Letter | undefined) => Promise<void>
}

export function createShelf({ store, name, threadsOf, file, show }: ShelfOptions): Shelf {
  return { find, filed, read, put, change, remove, hide, mend }

  async function find(id: string): Promise<Entry | undefined> {
    return (await open(id))?.entry
  }

  async function filed(id: string): Promise<Filed | undefined> {
    return open(id)
  }

  async function read({ id, version, summary }: Entry): Promise<Content> {
    const kept = await open(id)
    if (kept?.content && kept.entry.version === version) return kept.content
    return (await readLong({ id, version })) ?? { text: summary }
  }

  async function put({ entry, content }: Letter): Promise<Entry | undefined> {
    const { id, version } = entry
    const isShort = content.text.length + (content.html?.length ?? 0) <= INLINE_LETTERS
    const threads = await threadsOf(entry)
    // First what it says, then that it is there: a reader finds both or none.
    if (!isShort) await store.createIfAbsent(contentKey(entry), content)
    const before = await write(id, () => ({ entry, ...threads, ...(isShort && { content }) }))
    if (before && before.entry.version !== version) await discard(before)
    return before?.entry
  }

  async function change(
    id: string,
    version: string,
    edit: (entry: Entry) => Entry,
  ): Promise<boolean> {
    let changed = false
    await write(id, (kept) => {
      changed = kept?.entry.version === version
      return kept && changed ? { ...kept, entry: edit(kept.entry) } : undefined
    })
    return changed
  }

  async function remove(id: string, version?: string): Promise<Entry | undefined> {
    const found = await open(id)
    if (!found || (version !== undefined && version !== found.entry.version)) return undefined
    await hide(id)
    let removed: Kept | undefined
    await write(id, (kept) => {
      removed = version === undefined || kept?.entry.version === version ? kept : undefined
      return removed && null
    })
    if (removed) await discard(removed)
    return removed?.entry
  }

  async function hide(id: string): Promise<void> {
    const kept = await open(id)
    if (kept && isPublished(kept.entry)) await show?.(kept.entry, undefined)
  }

  async function mend(): Promise<void> {
    for (const key of await store.listKeys(`${name}/open/`, { limit: MAX_OPEN })) {
      const id = key.slice(`${name}/open/`.length)
      const kept = await open(id)
      if (kept) {
        await file(kept, undefined)
        await showAsIs(kept.entry)
      }
      await store.delete(key)
    }
  }

  /** Writes a message and all by which it is found. Returns what was there before. */
  async function write(
    id: string,
    edit: (kept: Kept | undefined) => Kept | null | undefined,
  ): Promise<Kept | undefined> {
    const mark = `${name}/open/${id}`
    await store.createIfAbsent(mark, true)
    let before: Kept | undefined
    let now: Kept | null | undefined
    const trial = await open(id)
    const next = edit(trial)
    if (trial && isPublished(trial.entry) && next && !isPublished(next.entry)) await hide(id)
    await updateKept(store, messageKey(id), Slot, (kept) => {
      before = kept ?? undefined
      now = edit(before)
      return now === undefined ? undefined : { value: now }
    })
    if (now !== undefined) {
      await file(now ?? undefined, before)
      const shown = [now?.entry, before?.entry].filter((entry) => entry && isPublished(entry))
      for (const entry of shown) if (entry) await showAsIs(entry)
      if (now === null) await sweepAway(id)
    }
    await store.delete(mark)
    return now === undefined ? undefined : before
  }

  /** Shows what is there; looks again afterwards, because another process may have changed it. */
  async function showAsIs(entry: Entry): Promise<void> {
    if (!show) return
    for (;;) {
      const kept = await open(entry.id)
      const letter = kept && isPublished(kept.entry) ? await letterOf(kept) : undefined
      await show(letter?.entry ?? entry, letter)
      const after = await open(entry.id)
      if (JSON.stringify(after?.entry) === JSON.stringify(kept?.entry)) return
    }
  }

  async function letterOf({ entry, content }: Kept): Promise<Letter> {
    return { entry, content: content ?? (await read(entry)) }
  }

  async function sweepAway(id: string): Promise<void> {
    const key = messageKey(id)
    const slot = await store.get(key)
    if (slot?.value !== null) return
    // Only if nothing was written meanwhile.
    await store.replaceIf(key, null, slot.version, { expires: new Date(0) })
  }

  async function open(id: string): Promise<Kept | undefined> {
    return (await readKept(store, messageKey(id), Slot))?.value ?? undefined
  }

  async function readLong(of: Pick<Entry, 'id' | 'version'>): Promise<Content | undefined> {
    return (await readKept(store, contentKey(of), Content))?.value
  }

  async function discard({ entry, content }: Kept): Promise<void> {
    if (content === undefined) await store.delete(contentKey(entry))
  }

  function messageKey(id: string): string {
    return `${name}/message/${id}`
  }

  function contentKey({ id, version }: Pick<Entry, 'id' | 'version'>): string {
    return `${name}/content/${id}.${version}`
  }
}
