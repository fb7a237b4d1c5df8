/**
 * By which keys a message is found. A key has no value: it names the message, so that a list in the order of the keys
 * needs no other reads.
 *
 * | key | order |
 * | --- | --- |
 * | `inbox-by-view/<view>/<time>_<id>_<shelf>_<thread>` | newest first |
 * | `inbox-by-thread/<thread>/<time>_<id>_<shelf>` | newest first: of the thread that it would begin |
 * | `inbox-by-name/<hash>/<time>_<id>_<shelf>` | oldest first: what others call it |
 * | `inbox-by-answer/<hash>/<time>_<id>_<shelf>` | oldest first: what it answers |
 * | `inbox-by-host/<host>/<time>_<id>_<shelf>` | oldest first: what the owner has not decided on |
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { letterIdOf } from '../delivery/letter.ts'
import { domainOf } from '../policy/pattern.ts'
import { hostName } from '../store/due-key.ts'
import { pageIdentityOf, partIdentityOf, spellingsOf } from '../web/page-identity.ts'
import { inboxKeyOf } from './conversation.ts'
import { idOf, type Entry } from './entry.ts'
import { webUrl } from './page-address.ts'
import { isIn, VIEWS, type View } from './views.ts'

const LAST_TIME = 9_999_999_999_999
const NAME = /(\d{13})_([0-9a-f]{24})_([po])(?:_([0-9a-f]{16}))?$/

/** A message as its key names it. */
export interface Named {
  readonly key: string
  readonly id: string
  readonly isPrivate: boolean
  /** The thread that it belonged to when it was written, where the key says it. */
  readonly thread: string
}

export interface Filed {
  readonly entry: Entry
  /** {@link threadId} of the thread that it would begin, and of the one that it belonged to when it was written. */
  readonly own: string
  readonly thread: string
}

export function viewPrefix(view: View): string {
  return `inbox-by-view/${view}/`
}

export function threadPrefix(thread: string): string {
  return `inbox-by-thread/${thread}/`
}

export function hostPrefix(host: string): string {
  return `inbox-by-host/${hostName(domainOf(host))}/`
}

/** Below which keys that is which the message answers, or what began its conversation. */
export function namesAnswered({ envelope }: Entry): string[] {
  return referencesOf(envelope).map((hash) => `inbox-by-name/${hash}/`)
}

/** Below which keys its answers are, and what else is in the conversation that it names. */
export function answersOf(entry: Entry): string[] {
  return [...new Set([...namesOf(entry), entry.id])].map((hash) => `inbox-by-answer/${hash}/`)
}

export function sameRootOf({ envelope: { threadRoot: root } }: Entry): string[] {
  return root === undefined ? [] : [`inbox-by-answer/${hashOf(partIdentityOf(root))}/`]
}

/** The messages which it names by what the rooms of the protocols call them. */
export function idsAnswered({ envelope: { inReplyTo, threadRoot } }: Entry): string[] {
  return [inReplyTo, threadRoot].flatMap((name) => {
    const key = name === undefined ? undefined : inboxKeyOf(name)
    return key === undefined ? [] : [idOf(key)]
  })
}

/** Whether the owner has not decided on it: so much of one host is kept, and no more. */
function isUndecided({ isHeld, isPrivate, isRead }: Entry): boolean {
  return isHeld || (isPrivate && !isRead)
}

/** All keys of a message: a bounded number, whatever else there is. */
export function keysOf({ entry, own, thread }: Filed): string[] {
  const { id, updated, isPrivate, envelope } = entry
  const time = Math.min(Math.max(0, Date.parse(updated) || 0), LAST_TIME)
  const name = `${id}_${isPrivate ? 'p' : 'o'}`
  const oldestFirst = `${String(time).padStart(13, '0')}_${name}`
  const newestFirst = `${String(LAST_TIME - time).padStart(13, '0')}_${name}`
  const references = [...referencesOf(envelope), ...idsAnswered(entry)]
  return [
    ...VIEWS.filter((view) => isIn(view)(entry)).map(
      (view) => `${viewPrefix(view)}${newestFirst}_${thread}`,
    ),
    threadPrefix(own) + newestFirst,
    ...namesOf(entry).map((hash) => `inbox-by-name/${hash}/${oldestFirst}`),
    ...[...new Set(references)].map((hash) => `inbox-by-answer/${hash}/${oldestFirst}`),
    ...(isUndecided(entry) ? [hostPrefix(envelope.host) + oldestFirst] : []),
  ]
}

export function parseKey(key: string): Named | undefined {
  const [, , id, shelf, thread = ''] = NAME.exec(key) ?? []
  return id === undefined ? undefined : { key, id, isPrivate: shelf === 'p', thread }
}

function namesOf({ isPrivate, envelope: { source, target } }: Entry): string[] {
  const page = isPrivate ? webUrl(target) : undefined
  const letters = page ? spellingsOf(page).map((url) => `letter ${letterIdOf(url)}`) : []
  return hashesOf([partIdentityOf(source), pageIdentityOf(source), ...letters])
}

function referencesOf({ inReplyTo, threadRoot }: Entry['envelope']): string[] {
  const names = [inReplyTo, threadRoot].flatMap((name) => {
    if (name === undefined) return []
    const [, letter] = /^fmtp:([0-9a-f]{32})\./.exec(name) ?? []
    const letters = letter === undefined ? [] : [`letter ${letter}`]
    return [partIdentityOf(name), pageIdentityOf(name), ...letters]
  })
  return hashesOf(names)
}

function hashesOf(names: readonly string[]): string[] {
  return [...new Set(names)].map(hashOf)
}

function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32)
}
