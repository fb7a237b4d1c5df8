import type { Message } from '../delivery/message.ts'
import { readMarkup, SANITISED_HTML, TEXT_OF_HTML } from '../web/markup-readings.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import { domainUrl, formatUserAddress } from '../web/user-address.ts'
import { findPostPage } from './access.ts'
import type { FmtpOptions } from './fmtp.ts'
import { ID_SCHEME } from './message-object.ts'
import {
  addressOf,
  listOf,
  type MessageContent,
  type MessageObject,
  type UserObject,
} from './object.ts'
import { canonicalId } from './thread.ts'
import { nameOf } from './user-object.ts'

export interface ReceivedMessage {
  readonly message: MessageObject
  /** What it says: of an encrypted one, what was inside. */
  readonly content: MessageContent
  readonly user: UserObject
  /** The server that brought it. */
  readonly server: string
  readonly warnings: readonly string[]
}

/**
 * A verified message as the inbox keeps it. All of it is the author's to say, but nothing of it may speak for
 * somebody else: pages are theirs only on their own domain.
 */
export async function inboxMessage(
  { message, content, user, server, warnings }: ReceivedMessage,
  options: Pick<FmtpOptions, 'site' | 'me' | 'address' | 'files' | 'sink'>,
): Promise<Message> {
  const { site, me } = options
  const sender = addressOf(message.FROM)
  const origin = domainUrl(sender.domain).origin
  const url = ownPage(content.URL, origin)
  const authorUrl = ownPage(user.URL, origin)
  const parent = await placeOf(message.PARENT, options)
  const named = parseWebUrl(content['IN-REPLY-TO'] ?? '')?.href
  const ours = [parent, named].find((place) => isOurs(place, site))
  const inReplyTo = ours ?? named ?? parent
  const top = (await placeOf(message.TOP, options)) ?? (await rootOf(message.PARENT, options))
  const { SUBJECT } = content
  return {
    protocol: 'fmtp',
    source: url ?? `${ID_SCHEME}${message.ID}`,
    sender: formatUserAddress(sender),
    audience: listOf(message.TO),
    target: ours ?? me.href,
    author: {
      name: nameOf(user) ?? formatUserAddress(sender),
      ...(authorUrl !== undefined && { url: authorUrl }),
    },
    type: ours === undefined ? 'message' : 'reply',
    privacy: 'private',
    host: sender.domain,
    ...(SUBJECT !== undefined && { title: SUBJECT }),
    ...(await bodyOf(content)),
    ...(message.DATE !== undefined && { published: message.DATE }),
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(top !== undefined && { threadRoot: top }),
    ...(server !== sender.domain && { hosts: [server] }),
    ...(warnings.length > 0 && { warnings }),
  }
}

/** Text as it is, HTML without what could do harm, and text made of it where there is no other. */
async function bodyOf({
  BODY = '',
  FORMAT,
}: MessageContent): Promise<{ readonly text: string; readonly html?: string }> {
  const isHtml = listOf(FORMAT)[0] === 'text/html'
  const body = typeof BODY !== 'string' ? BODY : isHtml ? { text: '', html: BODY } : { text: BODY }
  const html = body.html === undefined ? undefined : await readMarkup(SANITISED_HTML, body.html)
  if (html === undefined || body.text.trim() !== '') {
    return { text: body.text, ...(html !== undefined && { html }) }
  }
  const text = await readMarkup(TEXT_OF_HTML, { html, maxLength: html.length })
  return { text: text ?? '', html }
}

/** Where an ID stands: the page of a post of ours, or else in somebody's inbox. */
async function placeOf(
  id: string | undefined,
  options: Pick<FmtpOptions, 'address' | 'files'>,
): Promise<string | undefined> {
  if (id === undefined) return undefined
  return (await findPostPage(id, options))?.href ?? `${ID_SCHEME}${id}`
}

/** The thread of a message that we have. */
async function rootOf(
  parent: string | undefined,
  { sink }: Pick<FmtpOptions, 'sink'>,
): Promise<string | undefined> {
  return parent === undefined ? undefined : (await sink.find(inboxKey(parent)))?.threadRoot
}

/** What names a message for ever. */
export function inboxKey(id: string): string {
  return `fmtp ${canonicalId(id)}`
}

function ownPage(text: string | undefined, origin: string): string | undefined {
  const url = parseWebUrl(text ?? '')
  return url?.origin === origin ? url.href : undefined
}

function isOurs(place: string | undefined, site: URL): boolean {
  return parseWebUrl(place ?? '')?.origin === site.origin
}
