import type { Entry } from './entry.ts'
import type { IsHomePage } from './page-address.ts'
import { pageKey } from './page-address.ts'

/** Messages that belong together: all about one page, or a letter and the answers to it. */
export interface Thread {
  /** By the message that it begins with, or the page that it is about. */
  readonly key: string
  /** The page that it is about, as the first of its messages names it; `undefined` of a letter. */
  readonly about: string | undefined
  /** In the order in which they came. */
  readonly entries: readonly Entry[]
}

/**
 * Groups messages into threads, the one with the newest message first.
 *
 * A message belongs to the thread of what it answers: another message here, or the page of ours that it is
 * about. Where the protocol names the first message of the thread, that decides (FMTP's `top`).
 */
export function threadsOf(entries: readonly Entry[], isHomePage: IsHomePage): Thread[] {
  const bySource = new Map(entries.map((entry) => [pageKey(entry.envelope.source), entry]))
  const threads = new Map<string, { about: string | undefined; entries: Entry[] }>()
  for (const entry of entries.toSorted(byArrival)) {
    const { key, about } = rootOf(entry)
    const thread = threads.get(key)
    if (thread) thread.entries.push(entry)
    else threads.set(key, { about, entries: [entry] })
  }
  return [...threads]
    .map(([key, thread]) => ({ key, ...thread }))
    .toSorted((one, other) => (newest(one) > newest(other) ? -1 : 1))

  function rootOf(entry: Entry): { key: string; about: string | undefined } {
    const seen = new Set<Entry>()
    let first = entry
    for (;;) {
      seen.add(first)
      const { threadRoot, inReplyTo } = first.envelope
      if (threadRoot !== undefined) return { key: pageKey(threadRoot), about: undefined }
      const parent = inReplyTo === undefined ? undefined : bySource.get(pageKey(inReplyTo))
      if (!parent || seen.has(parent)) break
      first = parent
    }
    const { target, source } = first.envelope
    if (isHomePage(target)) return { key: pageKey(source), about: undefined }
    return { key: pageKey(target), about: target }
  }
}

export function byArrival(one: Entry, other: Entry): number {
  if (one.updated === other.updated) return one.id < other.id ? -1 : 1
  return one.updated < other.updated ? -1 : 1
}

function newest({ entries }: { readonly entries: readonly Entry[] }): string {
  return entries.reduce((latest, { updated }) => (updated > latest ? updated : latest), '')
}
