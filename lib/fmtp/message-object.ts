import { letterIdOf, type Letter } from '../delivery/letter.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import { domainUrl, formatUserAddress, type UserAddress } from '../web/user-address.ts'
import { parseObjectId, type MessageObject } from './object.ts'

export interface MessageObjectOptions {
  readonly from: UserAddress
  /** Empty for a public post: its object names its author. */
  readonly to: readonly UserAddress[]
  /** The first message of the thread, where we know it. */
  readonly top?: string | undefined
  readonly now: () => Date
}

/** Longer than any inbox shows. Both together stay below what a peer takes, whatever the script. */
const MAX_TEXT_LENGTH = 32_000
const MAX_HTML_BYTES = 96 * 1024
const MAX_SUBJECT_LENGTH = 300

/** How an inbox names a message of FMTP: `fmtp:` and its ID. */
export const ID_SCHEME = 'fmtp:'

/**
 * A post as a message. Its ID is made of the post's URL, so that whoever has that and its author's address can
 * name it; it stays when the post is changed, while the HASH does not.
 *
 * @returns To be encrypted as its recipient wants it, and signed
 * @see FMTP, "Threads, or object relation"
 */
export function buildMessageObject(
  letter: Letter,
  { from, to, top, now }: MessageObjectOptions,
): MessageObject {
  const { id, url, title, published } = letter
  const text = cut(letter.text, MAX_TEXT_LENGTH)
  const isShort = letter.html !== undefined && Buffer.byteLength(letter.html) <= MAX_HTML_BYTES
  const html = isShort ? wellFormed(letter.html ?? '') : undefined
  const parent = parentOf(letter, to)
  const inReplyTo = parseWebUrl(letter.inReplyTo ?? '')
  return {
    TYPE: 'message',
    ID: postIdOf(id, from),
    FROM: formatUserAddress(from),
    TO: (to.length === 0 ? [from] : to).map(formatUserAddress),
    ...dateOf(published, now()),
    ...(parent !== undefined && { PARENT: parent, TOP: top ?? parent }),
    ...(title !== undefined && { SUBJECT: cut(title, MAX_SUBJECT_LENGTH) }),
    URL: url,
    ...(inReplyTo && { 'IN-REPLY-TO': inReplyTo.href }),
    FORMAT: html === undefined ? ['text/plain'] : ['text/plain', 'text/html'],
    BODY: { text, ...(html !== undefined && { html }) },
    ...(to.length === 0 && { PUBLIC: true }),
  }
}

/** The ID of a post's message: `<letter id>.<author's address>`. */
function postIdOf(letterId: string, author: UserAddress): string {
  return `${letterId}.${formatUserAddress(author)}`
}

/** The message that a letter answers: as an inbox names it, or a post of one of its recipients. */
export function parentOf(
  { inReplyTo = '' }: Letter,
  to: readonly UserAddress[],
): string | undefined {
  if (inReplyTo.startsWith(ID_SCHEME)) {
    const id = inReplyTo.slice(ID_SCHEME.length)
    return parseObjectId(id) && id
  }
  const url = parseWebUrl(inReplyTo)
  const author = to.find(({ domain }) => domainUrl(domain).origin === url?.origin)
  return author && url && postIdOf(letterIdOf(url), author)
}

/**
 * None for a post that says none, or that is dated tomorrow: nobody takes messages from the future, and the moment
 * of sending would make another version of the same post each time.
 */
function dateOf(published: string | undefined, now: Date): { readonly DATE?: string } {
  const time = Date.parse(published ?? '')
  return time <= now.getTime() ? { DATE: new Date(time).toISOString() } : {}
}

function cut(text: string, length: number): string {
  return text.length <= length ? wellFormed(text) : `${wellFormed(text.slice(0, length - 1))}…`
}

/** Half a surrogate pair is no Unicode, and cannot be signed. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}
