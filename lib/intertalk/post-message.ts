import { createHash } from 'node:crypto'
import { redactSecrets, redactTokens } from '../web/redaction.ts'
import type { Letter } from '../delivery/letter.ts'
import { html, trustedMarkup } from '../web/markup.ts'
import {
  canonicalAddress,
  formatUserAddress,
  parseUserAddress,
  type UserAddress,
} from '../web/user-address.ts'
import { conversationId } from './conversation.ts'
import { MAX_MESSAGE_BYTES, MAX_PARTICIPANTS, type IntertalkMessage } from './message.ts'

/** Recipient ids and the addresses behind them, where the ids are none. */
export type Addressbook = Readonly<Record<string, { readonly address?: string | undefined }>>

export interface PostConversation {
  readonly to: readonly string[]
  /** Whether it is the recipient's and the owner's alone, so that it may hold the recipient's own link. */
  readonly isAlone: boolean
}

/**
 * Whom a post brings together: the recipient and the owner, and whoever else the post shows in its audience.
 *
 * @param others Recipient ids.
 */
export function conversationOf(
  others: readonly string[],
  {
    recipient,
    owner,
    recipients,
  }: {
    readonly recipient: UserAddress
    readonly owner: UserAddress
    readonly recipients: Addressbook
  },
): PostConversation {
  const shown = others.flatMap((id) => {
    const text = Object.hasOwn(recipients, id) ? (recipients[id]?.address ?? id) : id
    return parseUserAddress(text) ?? []
  })
  const members = new Map<string, string>()
  for (const member of [recipient, owner, ...shown]) {
    const name = canonicalAddress(member)
    if (!members.has(name)) members.set(name, formatUserAddress(member))
  }
  const isAlone = members.size <= 2
  // Sorted, so that it is the same one whoever of them it is made for.
  const to = [...members.keys()].sort().flatMap((name) => members.get(name) ?? [])
  if (to.length <= MAX_PARTICIPANTS) return { to, isAlone }
  return { to: [recipient, owner].map(formatUserAddress), isAlone: true }
}

/** What goes with what the post says: fifty long addresses take most of it. */
const ENVELOPE_BYTES = 20 * 1024

/**
 * What a post says, as a message. In a conversation with others there is no link, and nothing that holds
 * one: it would be the one recipient's own.
 */
export function messageOf(
  letter: Letter,
  { to, isAlone }: PostConversation,
  { owner, sentAt }: { readonly owner: UserAddress; readonly sentAt: Date },
): IntertalkMessage & { readonly id: string } {
  const { title, url, inReplyTo } = letter
  const words = [title, letter.text]
    .filter((part) => part !== undefined && part !== '')
    .join('\n\n')
  const room = MAX_MESSAGE_BYTES - ENVELOPE_BYTES
  const message = isAlone ? `${cut(words, room)}\n\n${url}` : cut(redactTokens(words), room)
  const formatted = formattedOf(letter, isAlone)
  const hasRoom = formatted !== undefined && bytesIn(message) + bytesIn(formatted) <= room
  const isShared = inReplyTo !== undefined && redactSecrets(inReplyTo) === inReplyTo
  return {
    id: idOf(isAlone ? [letter.id, letter.version] : [message, letter.published ?? ''], to),
    to,
    from: formatUserAddress(owner),
    sentAt: sentAt.toISOString(),
    message,
    ...(hasRoom && { messageFormatted: formatted, format: 'text/html' }),
    ...(isAlone && { url }),
    ...(inReplyTo !== undefined && (isAlone || isShared) && { inReplyTo }),
  }
}

function formattedOf(letter: Letter, isAlone: boolean): string | undefined {
  if (letter.html === undefined) return undefined
  if (!isAlone && redactTokens(letter.html) !== letter.html) return undefined
  const { title, url } = letter
  const parts = [
    title !== undefined && title !== '' && html`<p><strong>${title}</strong></p>`,
    trustedMarkup(letter.html),
    isAlone && html`<p><a href="${url}">${url}</a></p>`,
  ]
  return parts.flatMap((part) => (part ? [part.markup] : [])).join('\n')
}

/** The same for the same version of a post in the same conversation. Says nothing of either. */
function idOf(post: readonly string[], to: readonly string[]): string {
  const parts = [...post, conversationId({ to })]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

/** As much as fits, in whole letters. */
function cut(text: string, bytes: number): string {
  if (bytesIn(text) <= bytes) return text
  let kept = text.slice(0, bytes)
  while (bytesIn(kept) > bytes) kept = kept.slice(0, -(kept.length >> 4) - 1)
  return `${kept.replace(/\p{Surrogate}$/u, '')}…`
}

/** As it is in JSON, where quotes and line breaks take two. */
function bytesIn(text: string): number {
  return Buffer.byteLength(JSON.stringify(text))
}
