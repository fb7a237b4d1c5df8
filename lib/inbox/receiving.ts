import type { Message, MessageSink } from '../delivery/message.ts'
import type { SenderPolicy } from '../policy/decisions.ts'
import type { Judgement } from '../policy/policy.ts'
import { claimedPlaces, withClaim } from './claim.ts'
import { senderOf } from './correspondents.ts'
import {
  boundMessage,
  envelopeOf,
  idOf,
  isForOwner,
  summaryOf,
  versionOf,
  isPublished,
  type Entry,
} from './entry.ts'
import type { MessageIndex } from './message-index.ts'
import type { OwnPosts } from './own-posts.ts'
import { webUrl, type IsHomePage } from './page-address.ts'
import type { Letter } from './shelf.ts'
import type { Shelves } from './shelves.ts'

export interface ReceivingOptions {
  readonly shelves: Shelves
  readonly index: MessageIndex
  readonly policy: SenderPolicy
  readonly isHomePage: IsHomePage
  readonly ownPosts: OwnPosts | undefined
  readonly now: () => Date
  /** What everybody may see has changed. */
  readonly announce: () => Promise<void>
}

/**
 * Takes messages in, by these rules:
 *
 * - who is denied leaves no trace here, nor does what a denied site is said to have written
 * - who an author says to be is a claim, where their page is on another site, and opens nothing
 * - once private, a message stays private, whatever a later version of it says
 * - a private message, or one to the home page, only the owner ever sees; it waits for a decision only
 *   where something is odd about it, or where FMTP says so: there the policy `hold` means `confirm`
 * - whatever did not come as a webmention is private
 * - where there is doubt, a message waits, and counts as private until the owner says otherwise
 * - a notice of what this site cannot open is private, and waits, whoever it is from
 * - a public one waits, too, unless its sender is allowed
 * - the owner's decisions hold for what they have seen: a changed message is judged anew
 */
export function createReceiving({
  shelves,
  policy,
  isHomePage,
  ownPosts,
  now,
  announce,
}: ReceivingOptions): Pick<MessageSink, 'accept' | 'withdraw'> {
  return { accept, withdraw }

  async function accept(key: string, incoming: Message): Promise<void> {
    const id = idOf(key)
    const bounded = boundMessage(await withClaim(incoming))
    if (!bounded) return
    const { host, hosts = [] } = bounded
    const judgement = await policy.judge([senderOf(bounded), host, ...hosts])
    if (judgement.verdict === 'reject' || (await isClaimDenied(bounded))) {
      // What was public, and is so no longer, may not stay so because its author is blocked by now.
      if (bounded.privacy !== 'public') await unpublish(id)
      return
    }
    const hidden = await shelves.private.find(id)
    const earlier = hidden ?? (await shelves.public.find(id))
    const message = await withRoot(bounded)
    const letter = withPost(letterOf(id, message, earlier, judgement), await postOf(message))
    if (earlier && !earlier.isHeld && earlier.version === letter.entry.version) return
    await (letter.entry.isPrivate ? keepHidden(letter) : keepOpen(letter, hidden))
  }

  async function isClaimDenied(message: Message): Promise<boolean> {
    const places = claimedPlaces(message).map((place) => policy.isDenied(place))
    return (await Promise.all(places)).includes(true)
  }

  async function withdraw(key: string): Promise<void> {
    const id = idOf(key)
    await shelves.private.remove(id)
    await unpublish(id)
  }

  /** An answer to an answer of the owner's belongs to what that one answers. */
  async function withRoot(message: Message): Promise<Message> {
    const page = privatePageOf(message)
    const parent = page && (await ownPosts?.parentOf(page))
    return parent === undefined ? message : { ...message, threadRoot: parent }
  }

  async function postOf(message: Message): Promise<string | undefined> {
    const page = privatePageOf(message)
    return page && (await ownPosts?.postOf(page))
  }

  function privatePageOf({ target, privacy }: Message): URL | undefined {
    return isHomePage(target) || privacy !== 'private' ? undefined : webUrl(target)
  }

  function letterOf(
    id: string,
    bounded: Message,
    earlier: Entry | undefined,
    judgement: Judgement,
  ): Letter {
    const wasPrivate = earlier?.envelope.privacy === 'private'
    const message: Message = wasPrivate ? { ...bounded, privacy: 'private' } : bounded
    const { text, html, privacy, target } = message
    const isPrivate = privacy !== 'public' || isForOwner(message) || isHomePage(target)
    const version = versionOf(message)
    const isSame = earlier?.version === version
    const time = now().toISOString()
    const entry: Entry = {
      id,
      received: earlier?.received ?? time,
      updated: isSame ? earlier.updated : time,
      version,
      isHeld: isHeld(message, isPrivate, judgement),
      isRead: isSame && earlier.isRead,
      isPrivate,
      envelope: envelopeOf(message),
      summary: summaryOf(message),
    }
    return { entry, content: { text, ...(html !== undefined && { html }) } }
  }

  async function keepHidden(letter: Letter): Promise<void> {
    await shelves.public.hide(letter.entry.id)
    await shelves.private.put(letter)
    await unpublish(letter.entry.id)
  }

  async function keepOpen(letter: Letter, hidden: Entry | undefined): Promise<void> {
    const { id } = letter.entry
    const before = await shelves.public.put(letter)
    if (hidden) await shelves.private.remove(id, hidden.version)
    // Somebody may have put a private version there meanwhile: that one wins.
    if (await shelves.private.find(id)) await shelves.public.remove(id)
    if (isPublished(letter.entry) || (before && isPublished(before))) await announce()
  }

  async function unpublish(id: string): Promise<void> {
    const removed = await shelves.public.remove(id)
    if (removed && isPublished(removed)) await announce()
  }
}

function withPost({ entry, content }: Letter, post: string | undefined): Letter {
  return { entry: { ...entry, ...(post !== undefined && { post }) }, content }
}

function isHeld(
  { protocol, privacy, type, warnings = [] }: Message,
  isPrivate: boolean,
  { verdict, by }: Judgement,
): boolean {
  if (type === 'unopened') return true
  if (warnings.length > 0 || privacy === 'unsure' || by === 'hold') return true
  return (!isPrivate || protocol === 'fmtp') && verdict !== 'accept'
}
