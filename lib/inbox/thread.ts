import { createHash } from 'node:crypto'
import { letterIdOf } from '../delivery/letter.ts'
import { pageIdentityOf, partIdentityOf, spellingsOf } from '../web/page-identity.ts'
import { conversationsOf } from './conversation.ts'
import { originOf } from './correspondents.ts'
import type { Entry } from './entry.ts'
import type { IsHomePage } from './page-address.ts'
import { webUrl } from './page-address.ts'
import { byArrival, orderOf, parentsOf, rootsOf } from './thread-order.ts'

/** Messages that belong together: all about one page, or a letter and the answers to it. */
export interface Thread {
  /** By the message that it begins with, or the page that it is about. */
  readonly key: string
  /** The page that it is about, as the first of its messages names it; `undefined` of a letter. */
  readonly about: string | undefined
  /** In the order in which they were written; what is answered stands before what answers it. */
  readonly entries: readonly Entry[]
  /** How many earlier ones were not read. */
  readonly earlier?: number
}

/** A name of the thread for addresses: its key may be a capability URL. */
export function threadId({ key }: Pick<Thread, 'key'>): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16)
}

/** {@link threadId} of the thread that a message would begin. */
export function ownThread(entry: Entry, isHomePage: IsHomePage): string {
  const { target } = entry.envelope
  return threadId({ key: keyAbout(entry, isHomePage(target) ? undefined : target) })
}

/** Each reader of a private post answers at their own copy of it. */
function keyAbout({ envelope, post }: Entry, about: string | undefined): string {
  if (about !== undefined) return post === undefined ? pageIdentityOf(about) : `post ${post}`
  // What is on the web only its own host can name; every other name a stranger can choose, too.
  const name = partIdentityOf(envelope.source)
  return webUrl(envelope.source) ? name : `${originOf(envelope)} ${name}`
}

/**
 * Groups messages into threads, the one with the newest message first, whatever protocols they came by.
 *
 * A message belongs to the thread of what it answers: another message here, or the page of ours that it is
 * about. Where it is not known what it answers, but with which message the thread began (FMTP's `TOP`,
 * intertalk's conversation), that decides. `conversation.ts` says who may be put under whose message; a message
 * that is kept apart from what it names carries a warning in what is returned. Which thread is the first depends on
 * arrivals, the order within one on when its messages were written (`message-time.ts`).
 */
export function threadsOf(entries: readonly Entry[], isHomePage: IsHomePage): Thread[] {
  const inOrder = entries.toSorted(byArrival)
  const conversationOf = conversationsOf(inOrder)
  const parentOf = parentsOf(inOrder, conversationOf)
  const rootOf = rootsOf(parentOf)
  const order = orderOf(inOrder, parentOf)
  const pageNamed = pagesByLetter(inOrder, isHomePage)
  const threads = new Map<string, { about: string | undefined; entries: Entry[] }>()
  for (const entry of inOrder.toSorted(order)) {
    const { key, about } = beginningOf(rootOf(entry))
    const { refused } = conversationOf(entry)
    const isApart = refused !== undefined && beginningOf(rootOf(refused)).key !== key
    const shown = isApart ? withWarning(entry, refused) : entry
    const thread = threads.get(key)
    if (thread) thread.entries.push(shown)
    else threads.set(key, { about, entries: [shown] })
  }
  return [...threads]
    .map(([key, thread]) => ({ key, ...thread }))
    .toSorted((one, other) => (newest(one) > newest(other) ? -1 : 1))

  function beginningOf(entry: Entry): { key: string; about: string | undefined } {
    const { target, inReplyTo, threadRoot } = entry.envelope
    const about = isHomePage(target) ? (pageNamed(inReplyTo) ?? pageNamed(threadRoot)) : target
    return { key: keyAbout(entry, about), about }
  }
}

/** Tells the reader why a message does not stand where it says that it belongs. */
function withWarning(entry: Entry, named: Entry): Entry {
  const { envelope } = entry
  const warning = `It says that it belongs to a conversation with ${originOf(named.envelope)}, in which its sender has no part. So it stands apart from it.`
  return { ...entry, envelope: { ...envelope, warnings: [...(envelope.warnings ?? []), warning] } }
}

/** Pages of ours as FMTP calls them: `fmtp:<letter id>.alice@alice.example`. */
function pagesByLetter(entries: readonly Entry[], isHomePage: IsHomePage) {
  let pages: ReadonlyMap<string, string> | undefined
  return (name: string | undefined): string | undefined => {
    const [, letter, host] = /^fmtp:([0-9a-f]{32})\.[^@/]+@([^@/]+)$/.exec(name ?? '') ?? []
    if (letter === undefined || !isHomePage(`https://${host}/`)) return undefined
    pages ??= new Map(
      entries
        .map(({ envelope: { target } }) => target)
        .filter((target) => !isHomePage(target))
        .flatMap((target) => lettersAt(target).map((id) => [id, target] as const)),
    )
    return pages.get(letter)
  }
}

/** The letters that may stand at a page, whichever spelling of it the build knows. */
function lettersAt(target: string): string[] {
  const page = webUrl(target)
  return page ? spellingsOf(page).map(letterIdOf) : []
}

function newest({ entries }: { readonly entries: readonly Entry[] }): string {
  return entries.reduce((latest, { updated }) => (updated > latest ? updated : latest), '')
}
