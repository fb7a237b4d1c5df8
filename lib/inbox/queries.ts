import type { Content, Entry } from './entry.ts'
import { threadPrefix, viewPrefix, type Named } from './index-keys.ts'
import type { MessageIndex } from './message-index.ts'
import type { IsHomePage } from './page-address.ts'
import type { Shelves } from './shelves.ts'
import type { Letter } from './shelf.ts'
import { ownThread, threadId, threadsOf, type Thread } from './thread.ts'
import { byArrival } from './thread-order.ts'
import { isIn, VIEWS, type View } from './views.ts'

/** How far is counted: whoever has more is told "1000 or more". */
export const COUNTED = 1_000
/** Of each conversation on a page of the inbox, so many are read, and more while there is room. */
const READ_OF_THREAD = 4
const READ_AT_ONCE = 100
/** Of a conversation, so many are read whole. What is longer is read in parts. */
const WHOLE_THREAD = 300

export interface Paging {
  /** From 0. */
  readonly page: number
  readonly perPage: number
}

export interface Page<Item> extends Paging {
  readonly items: readonly Item[]
  /** Of all pages, as far as it was counted: see {@link COUNTED}. */
  readonly total: number
}

export interface Queries {
  /** How many messages there are in each view, up to {@link COUNTED}. */
  counts(): Promise<Readonly<Record<View, number>>>
  /** Newest first. */
  list(view: View, paging: Paging): Promise<Page<Entry>>
  /** The thread with the newest message first. Of a long one, the latest messages. */
  threads(view: View, paging: Paging): Promise<Page<Thread>>
  /** By {@link threadId}; of a long one, the part of this page, the newest on the first. */
  thread(id: string, paging?: Paging): Promise<(Thread & { readonly total: number }) | undefined>
  threadOf(entry: Entry): Promise<Thread | undefined>
  letter(id: string): Promise<Letter | undefined>
  read(entry: Entry): Promise<Content>
}

export interface QueriesOptions {
  readonly shelves: Shelves
  readonly index: MessageIndex
  readonly isHomePage: IsHomePage
}

export function createQueries({ shelves, index, isHomePage }: QueriesOptions): Queries {
  return { counts, list, threads, thread, threadOf, letter, read }

  async function counts(): Promise<Record<View, number>> {
    const [all = 0, unread = 0, held = 0, hidden = 0, open = 0] = await Promise.all(
      VIEWS.map(async (view) => (await index.names(viewPrefix(view), COUNTED)).length),
    )
    return { all, unread, held, private: hidden, public: open }
  }

  async function list(view: View, { page, perPage }: Paging): Promise<Page<Entry>> {
    const end = Math.min((page + 1) * perPage, Number.MAX_SAFE_INTEGER)
    const named = await index.names(viewPrefix(view), Math.max(COUNTED, end + 1))
    const entries = (await index.load(named.slice(page * perPage, end))).filter(isIn(view))
    const warned = await withWarnings(entries)
    return { items: warned.toSorted(byArrival).toReversed(), total: named.length, page, perPage }
  }

  /** As they stand in their threads: one that is kept apart carries a warning. */
  async function withWarnings(entries: readonly Entry[]): Promise<Entry[]> {
    const answers = entries.filter(isAnswer)
    if (answers.length === 0) return [...entries]
    const grouped = threadsOf(await index.kin(answers, 'up'), isHomePage)
    const shown = new Map(grouped.flatMap((found) => found.entries).map((one) => [one.id, one]))
    return entries.map((entry) => shown.get(entry.id) ?? entry)
  }

  async function threads(view: View, { page, perPage }: Paging): Promise<Page<Thread>> {
    const named = await index.names(viewPrefix(view), COUNTED * (page + 1))
    const byThread = groupByThread(named)
    const start = page * perPage
    const groups = [...byThread.values()].slice(start, start + perPage)
    const entries = await index.load(chosenOf(groups))
    const ids = new Set(entries.map(({ id }) => id))
    // Grouped before they are filtered: an answer may belong to a letter that another view shows.
    const found = threadsOf(await index.kin(entries, 'up'), isHomePage).filter((one) =>
      one.entries.some(({ id }) => ids.has(id)),
    )
    const items = found.map((one) => {
      const shown = one.entries.filter(isIn(view))
      const known = new Set(one.entries.map(({ id }) => id))
      const all = byThread.get(threadId(one)) ?? []
      const earlier = all.filter(({ id }) => !known.has(id)).length
      return { ...one, entries: shown, ...(earlier > 0 && { earlier }) }
    })
    const joined = groups.length - items.length
    return { items, total: byThread.size - joined, page, perPage }
  }

  async function thread(id: string, paging: Paging = { page: 0, perPage: WHOLE_THREAD }) {
    const { page, perPage } = paging
    const end = (page + 1) * perPage
    const named = await index.names(threadPrefix(id), Math.max(COUNTED, end))
    const isLong = named.length > WHOLE_THREAD
    const part = isLong ? named.slice(page * perPage, end) : named
    const entries = await index.kin(await index.load(part), isLong ? 'up' : 'both')
    const found = threadsOf(entries, isHomePage).find((candidate) => threadId(candidate) === id)
    if (!found) return undefined
    if (isLong) return { ...found, total: named.length }
    // The newest are on the first page, and on each page they stand as they came.
    const total = found.entries.length
    const shown = found.entries.slice(Math.max(0, total - end), Math.max(0, total - page * perPage))
    return { ...found, entries: shown, total }
  }

  async function threadOf(entry: Entry): Promise<Thread | undefined> {
    const own = await index.names(threadPrefix(ownThread(entry, isHomePage)), READ_AT_ONCE)
    const siblings = await index.load(own.filter(({ id }) => id !== entry.id))
    const grouped = threadsOf(await index.kin([entry, ...siblings], 'both'), isHomePage)
    return grouped.find(({ entries }) => entries.some(({ id }) => id === entry.id))
  }

  async function letter(id: string): Promise<Letter | undefined> {
    const kept = (await shelves.private.find(id)) ?? (await shelves.public.find(id))
    if (!kept) return undefined
    const thread = isAnswer(kept) ? await threadOf(kept) : undefined
    const entry = thread?.entries.find((other) => other.id === id) ?? kept
    return { entry, content: await read(entry) }
  }

  function read(entry: Entry): Promise<Content> {
    return (entry.isPrivate ? shelves.private : shelves.public).read(entry)
  }
}

function isAnswer({ envelope: { inReplyTo, threadRoot } }: Entry): boolean {
  return inReplyTo !== undefined || threadRoot !== undefined
}

/** The latest of each, and then the others while there is room, the newest first. */
function chosenOf(groups: readonly (readonly Named[])[]): Named[] {
  const first = groups.flatMap((group) => group.slice(0, READ_OF_THREAD))
  const others = groups.flatMap((group) => group.slice(READ_OF_THREAD))
  return [...first, ...others.slice(0, Math.max(0, READ_AT_ONCE - first.length))]
}

function groupByThread(named: readonly Named[]): ReadonlyMap<string, readonly Named[]> {
  const groups = new Map<string, Named[]>()
  for (const one of named) {
    const group = groups.get(one.thread)
    if (group) group.push(one)
    else groups.set(one.thread, [one])
  }
  return groups
}
