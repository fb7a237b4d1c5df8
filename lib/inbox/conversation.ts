/**
 * Which message here another one answers, and whether its sender has a part in that conversation.
 *
 * What a message answers is its author's word alone. A stranger who has learnt, or guessed, the name of a
 * private message of somebody else's could put theirs before, between or on top of that conversation. So
 * only who wrote a private message, was told of it by its author, or is answered in it, can be put under it.
 * Everybody else's message begins a thread of its own, and its reader is told why.
 *
 * @see FMTP, "Threads, or object relation": PARENT and TOP
 * @module
 */
import { decodeSegment } from '../web/path-segment.ts'
import { pageIdentityOf, partIdentityOf } from '../web/page-identity.ts'
import { canonicalAddress, parseUserAddress } from '../web/user-address.ts'
import { addressOf, nameOf, senderOf } from './correspondents.ts'
import { idOf, type Entry } from './entry.ts'
import { webUrl } from './page-address.ts'

/** How far up a conversation is looked whether somebody has a part in it. */
const MAX_STEPS = 100
/** How many messages of one name, or with one root, are looked at. */
const MAX_NAMESAKES = 50
/** How many folders above a page of a host may be somebody's profile. */
const MAX_FOLDERS = 5

export interface Conversation {
  /** What it answers, of what is here. */
  readonly parent: Entry | undefined
  /** A message which it says that it answers, in whose conversation its sender has no part. */
  readonly refused: Entry | undefined
}

/** @param entries In the order in which they came. */
export function conversationsOf(entries: readonly Entry[]): (entry: Entry) => Conversation {
  const byPart = groups(entries, ({ envelope }) => partIdentityOf(envelope.source))
  const byPage = groups(entries, ({ envelope }) => pageIdentityOf(envelope.source))
  const byRoot = groups(
    entries,
    ({ envelope: { threadRoot: root } }) => root && partIdentityOf(root),
  )
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  const namedBy = once(namedMessages)
  const peopleOf = once(participants)
  return once(conversationOf)

  function conversationOf(entry: Entry): Conversation {
    const named = namedBy(entry)
    const parent = named.find((other) => hasPart(entry, other))
    return { parent: parent ?? sameRoot(entry), refused: parent ? undefined : named[0] }
  }

  /** What it answers, and then the first message of its thread, under whichever name. */
  function namedMessages(entry: Entry): Entry[] {
    const { inReplyTo, threadRoot } = entry.envelope
    return [inReplyTo, threadRoot]
      .flatMap((name) => (name === undefined ? [] : find(name)))
      .filter((other) => other !== entry)
  }

  function find(name: string): readonly Entry[] {
    const found = namesakes(name).slice(0, MAX_NAMESAKES)
    const key = inboxKeyOf(name)
    const kept = key === undefined ? undefined : byId.get(idOf(key))
    return kept && !found.includes(kept) ? [kept, ...found] : found
  }

  /** The comment that the name is of, or else the page; and of a page, what is on it if there is nothing else. */
  function namesakes(name: string): readonly Entry[] {
    const [page, part] = [pageIdentityOf(name), partIdentityOf(name)]
    return byPart.get(part) ?? (part === page ? byPage.get(page) : byPart.get(page)) ?? []
  }

  /** An earlier message of that conversation, where the first one of it is not to be had. */
  function sameRoot(entry: Entry): Entry | undefined {
    const { threadRoot } = entry.envelope
    if (threadRoot === undefined) return undefined
    const others = (byRoot.get(partIdentityOf(threadRoot)) ?? []).slice(0, MAX_NAMESAKES)
    const earlier = others.includes(entry) ? others.slice(0, others.indexOf(entry)) : others
    return earlier.find((other) => hasPart(entry, other))
  }

  function hasPart(entry: Entry, other: Entry): boolean {
    const names = namesOf(entry)
    let above: Entry | undefined = other
    for (let step = 0; above && step < MAX_STEPS; step++) {
      const people = peopleOf(above)
      if (!above.isPrivate || names.some((name) => people.has(name))) return true
      ;[above] = namedBy(above)
    }
    return false
  }
}

/** The key under which the rooms of the protocols hand over what they call by this name. */
export function inboxKeyOf(name: string): string | undefined {
  const [, fmtp] = /^fmtp:(.+)$/.exec(name) ?? []
  if (fmtp !== undefined) return `fmtp ${fmtp.toLowerCase()}`
  const [, from = '', id = ''] = /^intertalk:([^/]+)\/(.+)$/.exec(name) ?? []
  const address = parseUserAddress(from)
  return address && `intertalk ${canonicalAddress(address)} ${decodeSegment(id) ?? id}`
}

/** Who wrote it, and whom they told of it. */
function participants({ envelope }: Entry): ReadonlySet<string> {
  const { sender, host, audience = [] } = envelope
  const author = addressOf(envelope) ?? sender ?? `https://${host}/`
  return new Set([author, ...audience].map(nameOf))
}

/**
 * Under which names somebody may know its sender: their address; of a page, what it lies below. Whose site
 * it is goes by its name, too: `https://bob.example/` is `bob@bob.example`.
 */
function namesOf({ envelope }: Entry): string[] {
  const address = addressOf(envelope)
  if (address !== undefined) return [nameOf(address), ...siteOf(address)]
  const page = webUrl(senderOf(envelope))
  if (!page) return [envelope.host]
  const folders = page.pathname.split('/').filter(Boolean).slice(0, MAX_FOLDERS)
  const below = folders.map((_, index) => folders.slice(0, index + 1).join('/'))
  const profiles = ['', ...below].map((path) => nameOf(new URL(path, page.origin).href))
  return [...profiles, nameOf(`${labelOf(page.hostname)}@${page.hostname}`)]
}

function siteOf(address: string): string[] {
  const user = parseUserAddress(address)
  const isSite = user && user.local.toLowerCase() === labelOf(user.domain)
  return isSite ? [nameOf(`https://${user.domain}/`)] : []
}

/** The first part of a host's name. */
function labelOf(host: string): string {
  return host
    .replace(/^www\./, '')
    .split('.', 1)
    .join('')
}

function groups(
  entries: readonly Entry[],
  keyOf: (entry: Entry) => string | undefined,
): ReadonlyMap<string, readonly Entry[]> {
  const found = new Map<string, Entry[]>()
  for (const entry of entries) {
    const key = keyOf(entry)
    if (key === undefined) continue
    const group = found.get(key)
    if (group) group.push(entry)
    else found.set(key, [entry])
  }
  return found
}

/** Works each one out at most once. */
function once<Value>(work: (entry: Entry) => Value): (entry: Entry) => Value {
  const known = new Map<Entry, Value>()
  return (entry) => {
    const value = known.get(entry) ?? work(entry)
    known.set(entry, value)
    return value
  }
}
