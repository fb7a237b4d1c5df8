import { createInbox, type Inbox } from '../../lib/inbox/inbox.ts'
import { createLmdbStore } from '../../lib/store/lmdb-store.ts'
import type { Store } from '../../lib/store/store.ts'
import { progress } from '../report.ts'

/** As many at once share the flush to the disk. */
const AT_ONCE = 64
const MESSAGES_OF_A_PAGE = 20
/** All messages about every tenth page are published. */
const PAGES_FOR_A_PUBLISHED = 10
/** Everybody here is published at once, and everybody else waits. */
const ALLOWED = 'known.example'
const ME = new URL('https://alice.example/')
const POLICY = {
  allow: [ALLOWED],
  deny: [],
  hold: [],
  otherwise: 'hold',
} as const

export interface OpenInbox {
  readonly store: Store
  readonly inbox: Inbox
  close(): Promise<void>
}

/** Opens the inbox that `serve` has in this folder. */
export function openInbox(folder: string, site: URL): OpenInbox {
  const now = () => new Date()
  const store = createLmdbStore({ folder, now })
  const inbox = createInbox({ store, policy: POLICY, me: ME, site, now })
  return { store, inbox, close: () => store.close() }
}

/** Puts messages number `from` to `to` into the inbox, a tenth of them published, twenty for a page. */
export async function fillInbox(
  { inbox }: OpenInbox,
  site: URL,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index)
  const fill = async (own: readonly number[], atOnce: number) => {
    const rest = own.values()
    const worker = async () => {
      for (const number of rest) await accept(number)
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
  }
  const accept = async (number: number) => {
    if (number % 10_000 === 0) progress(`inbox: ${number} messages`)
    const host = isPublished(number) ? ALLOWED : `host-${number}.example`
    const source = `https://${host}/replies/${number}`
    await inbox.accept(`webmention ${source}`, {
      ...{ protocol: 'webmention', source, target: targetOf(number, site).href, host },
      ...{ type: 'reply', privacy: 'public' },
      author: { name: `Reader ${number}`, url: `https://${host}/` },
      text: `Well said, in answer ${number}. `.repeat(6),
      published: new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString(),
    })
  }
  // What is published is one entry for a page and one for all, which are written one after the other.
  await Promise.all([
    fill(numbers.filter(isPublished), 1),
    fill(
      numbers.filter((number) => !isPublished(number)),
      AT_ONCE,
    ),
  ])
}

function isPublished(number: number): boolean {
  return Math.floor(number / MESSAGES_OF_A_PAGE) % PAGES_FOR_A_PUBLISHED === 0
}

/** The page that a message is about. */
export function targetOf(number: number, site: URL): URL {
  return new URL(`posts/about-${Math.floor(number / MESSAGES_OF_A_PAGE)}/`, site)
}
