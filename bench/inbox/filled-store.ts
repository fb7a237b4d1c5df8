import { createInbox, type Inbox } from '../../lib/inbox/inbox.ts'
import { createLmdbStore } from '../../lib/store/lmdb-store.ts'
import type { Store } from '../../lib/store/store.ts'
import { progress } from '../report.ts'

/** As many at once share the flush to the disk. */
const AT_ONCE = 64
const MESSAGES_OF_A_PAGE = 20
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

/** Puts messages number `from` to `to` into the inbox, half of them published, about twenty for a page. */
export async function fillInbox(
  { inbox }: OpenInbox,
  site: URL,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  let next = from
  // One after the other for each page: its published messages are one entry.
  const worker = async () => {
    while (next < to) {
      const first = next
      next += MESSAGES_OF_A_PAGE
      if (first > from && (first - from) % 10_000 === 0) progress(`inbox: ${first} messages`)
      for (let number = first; number < Math.min(first + MESSAGES_OF_A_PAGE, to); number++)
        await accept(number)
    }
  }
  const accept = async (number: number) => {
    const isKnown = number % 2 === 0
    const host = isKnown ? ALLOWED : `host-${number}.example`
    const source = `https://${host}/replies/${number}`
    await inbox.accept(`webmention ${source}`, {
      ...{ protocol: 'webmention', source, target: targetOf(number, site).href, host },
      ...{ type: 'reply', privacy: 'public' },
      author: { name: `Reader ${number}`, url: `https://${host}/` },
      text: `Well said, in answer ${number}. `.repeat(6),
      published: new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString(),
    })
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** The page that a message is about. */
export function targetOf(number: number, site: URL): URL {
  return new URL(`posts/about-${Math.floor(number / MESSAGES_OF_A_PAGE)}/`, site)
}
