import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { Message, MessageAuthor, MessageType } from '../delivery/message.ts'
import { parseDateText } from '../web/date-text.ts'
import { isSecretUrl } from '../web/secret-url.ts'
import { webUrl } from './page-address.ts'

/** What is kept of one message; a letter longer than that is read where it stands. */
const MAX_TEXT = 10_000
const MAX_HTML = 40_000
const MAX_URL = 2048
const MAX_LINE = 200
const MAX_WARNINGS = 5
const MAX_HOSTS = 20
/** As many as intertalk lets write to each other. */
const MAX_AUDIENCE = 50
/** What a list shows of a message. */
const MAX_SUMMARY = 280
/** Half of a SHA-256: enough to name a message for ever, and too short to be taken for a capability. */
const ID_LETTERS = 24

export const MESSAGE_TYPES = [
  'reply',
  'like',
  'repost',
  'bookmark',
  'follow',
  'rsvp',
  'invitation',
  'person-tag',
  'mention',
  'message',
  'unopened',
] as const

/** Such a message is for the owner, whatever it says of itself. */
const FOR_OWNER: readonly MessageType[] = ['message', 'unopened']

export function isForOwner({ type }: Pick<Message, 'type'>): boolean {
  return FOR_OWNER.includes(type)
}

/** Everything else is between its author and the owner, whatever it says of itself. */
const PUBLIC_PROTOCOLS = ['webmention', 'private-webmention']

const Text = v.string()

/** A message without what it says at length. */
const Envelope = v.object({
  protocol: Text,
  source: Text,
  url: v.exactOptional(Text),
  sender: v.exactOptional(Text),
  audience: v.exactOptional(v.array(Text)),
  target: Text,
  author: v.object({
    name: Text,
    url: v.exactOptional(Text),
    photo: v.exactOptional(Text),
    via: v.exactOptional(Text),
  }),
  type: v.picklist(MESSAGE_TYPES),
  privacy: v.picklist(['public', 'private', 'unsure']),
  host: Text,
  title: v.exactOptional(Text),
  published: v.exactOptional(Text),
  rsvp: v.exactOptional(Text),
  inReplyTo: v.exactOptional(Text),
  threadRoot: v.exactOptional(Text),
  hosts: v.exactOptional(v.array(Text)),
  warnings: v.exactOptional(v.array(Text)),
})
export type Envelope = Readonly<v.InferOutput<typeof Envelope>>

export const Content = v.object({ text: Text, html: v.exactOptional(Text) })
/** What a message says: plain, and sanitised for display. */
export type Content = Readonly<v.InferOutput<typeof Content>>

/** A message as a protocol, an import or the terminal hands it over. */
export const MessageSchema = v.object({ ...Envelope.entries, ...Content.entries })

export const Entry = v.object({
  /** Names the message for ever. */
  id: Text,
  /** ISO 8601: when it first came. */
  received: Text,
  /** ISO 8601: when it last said something new. */
  updated: Text,
  /** Changes with whatever the message says: what the owner approved is one version of it. */
  version: Text,
  /** Waits for the owner's decision. */
  isHeld: v.boolean(),
  isRead: v.boolean(),
  /** Only the owner sees it, now and for ever. */
  isPrivate: v.boolean(),
  envelope: Envelope,
  summary: Text,
  /** The private post of the owner's that it is about, whichever copy of it was answered. */
  post: v.exactOptional(Text),
})
/** A message in the inbox, and what the owner has done with it. */
export type Entry = Readonly<v.InferOutput<typeof Entry>>

/** `held`: waits for a decision. Of the others, the owner has seen them or not. */
export type MessageState = 'held' | 'unread' | 'read'

export function stateOf({ isHeld, isRead }: Entry): MessageState {
  if (isHeld) return 'held'
  return isRead ? 'read' : 'unread'
}

/** Whether everybody may see it: asked again wherever something is shown in public. */
export function isPublished({ isHeld, isPrivate, envelope }: Entry): boolean {
  const { privacy, protocol } = envelope
  const mayBe = privacy === 'public' && !isForOwner(envelope) && PUBLIC_PROTOCOLS.includes(protocol)
  return mayBe && !isHeld && !isPrivate
}

export function idOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, ID_LETTERS)
}

export function isId(text: string): boolean {
  return /^[0-9a-f]{24}$/.test(text)
}

/** The same for the same message, in whatever order its fields are. */
export function versionOf(message: Message): string {
  const fields = Object.entries(message).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, ID_LETTERS)
}

/** Between the title and the text of a summary. */
export const TITLE_END = ' – '

/** Title and text in one line, without saying the same twice. */
export function summaryOf({ title = '', text }: Pick<Message, 'title' | 'text'>): string {
  const line = text.replace(/\s+/g, ' ').trim()
  const begins = line.toLowerCase().startsWith(title.toLowerCase().replace(/…$/, ''))
  const whole = begins ? line : [title, line].filter(Boolean).join(TITLE_END)
  return cut(whole, MAX_SUMMARY)
}

/**
 * A message within the limits of what is kept, in one order of its fields. `undefined` where it cannot
 * be kept as what it is: a URL that is cut off is another one.
 */
export function boundMessage(message: Message): Message | undefined {
  const { source, sender, audience, target, author, title, html, published, rsvp } = message
  const { hosts, warnings } = message
  if ([source, sender, target].some((url) => url !== undefined && url.length > MAX_URL)) {
    return undefined
  }
  const inReplyTo = urlWithin(message.inReplyTo)
  const threadRoot = urlWithin(message.threadRoot)
  const isPublic = message.privacy === 'public'
  const url = webUrlWithin(message.url, isPublic)
  const isDated = published !== undefined && parseDateText(published) !== undefined
  return {
    protocol: lineOf(message.protocol),
    source,
    ...(url && { url }),
    ...(sender && { sender: printable(sender) }),
    ...(audience && { audience: boundAudience(audience) }),
    target,
    author: boundAuthor(author, isPublic),
    type: message.type,
    privacy: PUBLIC_PROTOCOLS.includes(message.protocol) ? message.privacy : 'private',
    host: lineOf(message.host),
    ...(title && { title: lineOf(title) }),
    text: cut(printable(message.text).trim(), MAX_TEXT),
    ...(html && html.length <= MAX_HTML && { html: wellFormed(html) }),
    ...(isDated && { published: lineOf(published) }),
    ...(rsvp && { rsvp: lineOf(rsvp) }),
    ...(inReplyTo && { inReplyTo }),
    ...(threadRoot && { threadRoot }),
    ...(hosts && { hosts: hosts.slice(0, MAX_HOSTS).map(lineOf) }),
    ...(warnings && { warnings: warnings.slice(0, MAX_WARNINGS).map(lineOf) }),
  }
}

export function envelopeOf({ text: _, html: __, ...envelope }: Message): Envelope {
  const { audience, hosts, warnings, ...rest } = envelope
  return {
    ...rest,
    ...(audience && { audience: [...audience] }),
    ...(hosts && { hosts: [...hosts] }),
    ...(warnings && { warnings: [...warnings] }),
  }
}

/** Puts both halves together again. */
export function messageOf({ envelope }: Entry, content: Content): Message {
  return { ...envelope, ...content }
}

/** Each once, and none cut: half of an address is somebody else's. */
function boundAudience(audience: readonly string[]): string[] {
  const people = audience.filter((person) => person.length <= MAX_URL).map(lineWhole)
  return [...new Set(people)].filter((person) => person !== '').slice(0, MAX_AUDIENCE)
}

function boundAuthor({ name, url, photo, via }: MessageAuthor, isPublic: boolean): MessageAuthor {
  const page = webUrlWithin(url, isPublic)
  const picture = webUrlWithin(photo)
  return {
    name: lineOf(name),
    ...(page && { url: page }),
    ...(picture && { photo: picture }),
    ...(via !== undefined && { via: lineOf(via) }),
  }
}

/**
 * A URL of the web that shows in the same letters where it leads. Of a public message, none that opens something:
 * `/mentions.json` would hand it to everybody.
 */
function webUrlWithin(address: string | undefined, isPublic = false): string | undefined {
  const url = webUrl(address)
  if (!url || url.username !== '' || url.password !== '') return undefined
  return isPublic && isSecretUrl(url) ? undefined : urlWithin(url.href)
}

function urlWithin(url: string | undefined): string | undefined {
  return url !== undefined && url.length <= MAX_URL ? url : undefined
}

/** One line without signs that could turn it round or hide a part of it. */
function lineOf(text: string): string {
  return cut(lineWhole(text), MAX_LINE)
}

function lineWhole(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim()
}

function printable(text: string): string {
  return wellFormed(text).replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, ' ')
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${wellFormed(text.slice(0, length - 1))}…`
}

/** Without halves of letters, which no document may hold. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\u{fffd}')
}
