import { createHash } from 'node:crypto'
import { pageIdentity, pageIdentityOf, staticPageIdentity } from '../web/page-identity.ts'
import { isPublished, type Content, type Entry } from './entry.ts'
import type { IsHomePage } from './page-address.ts'
import type { Shelves } from './receiving.ts'
import type { Letter } from './shelf.ts'
import { threadsOf, type Thread } from './thread.ts'
import { byArrival } from './thread-order.ts'

export const VIEWS = ['all', 'unread', 'held', 'private', 'public'] as const
/** Which messages: all, or those that are new, wait for a decision, are for the owner only, or are public. */
export type View = (typeof VIEWS)[number]

interface Paging {
  /** From 0. */
  readonly page: number
  readonly perPage: number
}

export interface Page<Item> extends Paging {
  readonly items: readonly Item[]
  /** Of all pages. */
  readonly total: number
}

export interface Queries {
  /** How many messages there are in each view. */
  counts(): Promise<Readonly<Record<View, number>>>
  /** Newest first. */
  list(view: View, paging: Paging): Promise<Page<Entry>>
  /** The thread with the newest message first. */
  threads(view: View, paging: Paging): Promise<Page<Thread>>
  /** By {@link threadId}. */
  thread(id: string): Promise<Thread | undefined>
  threadOf(entry: Entry): Promise<Thread | undefined>
  letter(id: string): Promise<Letter | undefined>
  read(entry: Entry): Promise<Content>
  /** What everybody may see, newest first; with targets, only what is about one of these pages. */
  published(targets: readonly URL[], paging: Paging): Promise<Page<Letter>>
}

/** A name of the thread for addresses: its key may be a capability URL. */
export function threadId({ key }: Pick<Thread, 'key'>): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16)
}

export function createQueries(shelves: Shelves, isHomePage: IsHomePage): Queries {
  return { counts, list, threads, thread, threadOf, letter, read, published }

  async function counts(): Promise<Record<View, number>> {
    const entries = await all()
    const count = (view: View) => entries.filter(isIn(view)).length
    return {
      all: entries.length,
      unread: count('unread'),
      held: count('held'),
      private: count('private'),
      public: count('public'),
    }
  }

  async function list(view: View, paging: Paging): Promise<Page<Entry>> {
    const entries = (await grouped()).flatMap((found) => found.entries)
    return pageOf(entries.filter(isIn(view)).toSorted(byArrival).toReversed(), paging)
  }

  async function threads(view: View, paging: Paging): Promise<Page<Thread>> {
    // Grouped before they are filtered: an answer may belong to a letter that another view shows.
    const isShown = isIn(view)
    const shown = (await grouped())
      .map((found) => ({ ...found, entries: found.entries.filter(isShown) }))
      .filter(({ entries }) => entries.length > 0)
    return pageOf(shown, paging)
  }

  async function thread(id: string): Promise<Thread | undefined> {
    return (await grouped()).find((candidate) => threadId(candidate) === id)
  }

  async function threadOf({ id }: Entry): Promise<Thread | undefined> {
    return (await grouped()).find(({ entries }) => entries.some((other) => other.id === id))
  }

  async function letter(id: string): Promise<Letter | undefined> {
    const kept = (await shelves.private.find(id)) ?? (await shelves.public.find(id))
    if (!kept) return undefined
    const { inReplyTo, threadRoot } = kept.envelope
    const isAnswer = inReplyTo !== undefined || threadRoot !== undefined
    const thread = isAnswer ? await threadOf(kept) : undefined
    const entry = thread?.entries.find((other) => other.id === id) ?? kept
    return { entry, content: await read(entry) }
  }

  function read(entry: Entry): Promise<Content> {
    return (entry.isPrivate ? shelves.private : shelves.public).read(entry)
  }

  async function published(targets: readonly URL[], paging: Paging): Promise<Page<Letter>> {
    // What was received is kept without its target's query.
    const pages = new Set(targets.flatMap((url) => [pageIdentity(url), staticPageIdentity(url)]))
    const entries = (await shelves.public.entries())
      .filter(isPublished)
      .filter(({ envelope: { target } }) => !isHomePage(target))
      .filter(({ envelope: { target } }) => pages.size === 0 || pages.has(pageIdentityOf(target)))
      .toSorted((one, other) => (one.received < other.received ? 1 : -1))
    const page = pageOf(onceEach(entries), paging)
    const items = page.items.map(async (entry) => ({
      entry,
      content: await shelves.public.read(entry),
    }))
    return { ...page, items: await Promise.all(items) }
  }

  async function grouped(): Promise<readonly Thread[]> {
    return threadsOf(await all(), isHomePage)
  }

  /** Where a message lies on both shelves for a moment, the private one counts. */
  async function all(): Promise<Entry[]> {
    const [hidden, open] = await Promise.all([shelves.private.entries(), shelves.public.entries()])
    const ids = new Set(hidden.map(({ id }) => id))
    return [...hidden, ...open.filter(({ id }) => !ids.has(id))]
  }
}

/** Earlier versions kept a mention for each spelling of its target. The newest counts. */
function onceEach(newestFirst: readonly Entry[]): Entry[] {
  const known = new Set<string>()
  return newestFirst.filter(({ envelope: { source, target } }) => {
    const pair = `${source} ${pageIdentityOf(target)}`
    return !known.has(pair) && known.add(pair)
  })
}

function isIn(view: View): (entry: Entry) => boolean {
  switch (view) {
    case 'all':
      return () => true
    case 'unread':
      return ({ isRead }) => !isRead
    case 'held':
      return ({ isHeld }) => isHeld
    case 'private':
      return ({ isPrivate }) => isPrivate
    case 'public':
      return ({ isPrivate }) => !isPrivate
  }
}

function pageOf<Item>(items: readonly Item[], { page, perPage }: Paging): Page<Item> {
  const start = page * perPage
  return { items: items.slice(start, start + perPage), total: items.length, page, perPage }
}
