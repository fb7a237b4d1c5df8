import type { Store } from '../store/store.ts'
import { pageIdentityOf } from '../web/page-identity.ts'
import type { Entry } from './entry.ts'
import { createMessageIndex, type MessageIndex } from './message-index.ts'
import type { IsHomePage } from './page-address.ts'
import { createPublishedPages, type PublishedPages } from './published-pages.ts'
import { createShelf, type Letter, type Shelf } from './shelf.ts'
import { ownThread, threadId, threadsOf } from './thread.ts'

export interface Shelves {
  /** What only the owner sees, and what may turn out to be so. */
  readonly private: Shelf
  /** What everybody may see, once the owner has approved it. */
  readonly public: Shelf
}

/** Both shelves of a store, with what finds and shows what lies on them. */
export function openShelves(
  store: Store,
  isHomePage: IsHomePage,
): {
  readonly shelves: Shelves
  readonly index: MessageIndex
  readonly pages: PublishedPages
} {
  const index = createMessageIndex(store, (id, isPrivate) =>
    (isPrivate ? shelves.private : shelves.public).filed(id),
  )
  const pages = createPublishedPages(store)
  const common = { store, threadsOf: threadsOfOne, file: index.file }
  const shelves: Shelves = {
    private: createShelf({ ...common, name: 'inbox-private' }),
    public: createShelf({ ...common, name: 'inbox-public', show }),
  }
  return { shelves, index, pages }

  async function show(entry: Entry, letter: Letter | undefined): Promise<void> {
    const { target } = entry.envelope
    if (!isHomePage(target)) await pages.show(pageIdentityOf(target), entry, letter)
  }

  async function threadsOfOne(entry: Entry): Promise<{ own: string; thread: string }> {
    const own = ownThread(entry, isHomePage)
    const { inReplyTo, threadRoot } = entry.envelope
    if (inReplyTo === undefined && threadRoot === undefined) return { own, thread: own }
    // The thread of what it answers is known: nobody can make this long by a long conversation.
    const around = await index.kin([entry], 'up', 1)
    const found = threadsOf(around, isHomePage).find(({ entries }) =>
      entries.some(({ id }) => id === entry.id),
    )
    const above = found?.entries.find(({ id }) => id !== entry.id)
    const shelf = above?.isPrivate === true ? shelves.private : shelves.public
    const filed = above && (await shelf.filed(above.id))
    return { own, thread: filed?.thread ?? (found ? threadId(found) : own) }
  }
}
