import { pageIdentity, staticPageIdentity } from '../web/page-identity.ts'
import { isPublished } from './entry.ts'
import type { IsHomePage } from './page-address.ts'
import type { PublishedPages } from './published-pages.ts'
import type { Page, Paging } from './queries.ts'
import type { Letter } from './shelf.ts'

export interface Published {
  /** What everybody may see, newest first; with targets, only what is about one of these pages. */
  published(targets: readonly URL[], paging: Paging): Promise<Page<Letter>>
}

export interface PublishedOptions {
  readonly pages: PublishedPages
  readonly isHomePage: IsHomePage
}

export function createPublished({ pages, isHomePage }: PublishedOptions): Published {
  return { published }

  async function published(
    targets: readonly URL[],
    { page, perPage }: Paging,
  ): Promise<Page<Letter>> {
    // What was received is kept without its target's query.
    const names = new Set(targets.flatMap((url) => [pageIdentity(url), staticPageIdentity(url)]))
    const [start, end] = [page * perPage, (page + 1) * perPage]
    const isOne = names.size <= 1
    const parts = await Promise.all(
      (names.size === 0 ? [undefined] : [...names]).map((name) =>
        pages.read(name, end, isOne ? start : 0),
      ),
    )
    const [first] = parts
    const offset = isOne ? (first?.offset ?? 0) : 0
    const letters = parts.flatMap((part) => part.letters)
    const inOrder = isOne
      ? letters
      : letters.toSorted((one, other) => (one.entry.received < other.entry.received ? 1 : -1))
    const items = inOrder
      .slice(Math.max(0, start - offset), Math.max(0, end - offset))
      // Asked again, whatever lies there.
      .filter(({ entry }) => isPublished(entry) && !isHomePage(entry.envelope.target))
    const total = parts.reduce((sum, part) => sum + part.total, 0)
    return { items, total, page, perPage }
  }
}
