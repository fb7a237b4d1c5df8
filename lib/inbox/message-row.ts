import * as v from 'valibot'
import { senderOf } from './correspondents.ts'
import { timeOf } from './message-time.ts'
import { MESSAGE_TYPES, Content, stateOf, type Entry } from './entry.ts'

/** A message as the terminal prints it, and as the inbox answers whoever asks for JSON. */
export const MessageRow = v.object({
  id: v.string(),
  /** A name that they chose; `host` is what nobody can choose. */
  author: v.string(),
  type: v.picklist(MESSAGE_TYPES),
  /** Whether only the owner ever sees it. */
  private: v.boolean(),
  /** `held`: waits for a decision. */
  state: v.picklist(['held', 'unread', 'read']),
  received: v.string(),
  /** When it was written, as its author says, if they do, and if it can be so. */
  published: v.exactOptional(v.string()),
  summary: v.string(),
  inReplyTo: v.nullable(v.string()),
  unread: v.boolean(),
  host: v.string(),
  /** Their own page, where it is on the same site as that host. */
  authorUrl: v.nullable(v.string()),
  /** Of somebody whose page is on another site: that page, and the host whose claim this is. */
  claimedUrl: v.exactOptional(v.string()),
  via: v.exactOptional(v.string()),
  /** A stranger's picture: its host learns of whoever loads it. */
  photo: v.exactOptional(v.string()),
  /** The permalink that the page names as its own, where it is another page than the source. */
  url: v.exactOptional(v.string()),
  /** By which way it came: `webmention`, `rel-pm`, … */
  protocol: v.optional(v.string(), 'webmention'),
  /** As the lists of the policy name them: the source of a webmention, else a profile URL or an address. */
  sender: v.optional(v.string(), ''),
  /** Whom it went to, as its author says: profile URLs and addresses. */
  audience: v.optional(v.array(v.string()), []),
  /** Where it stands on the web, or what its protocol calls it. */
  source: v.string(),
  target: v.string(),
  warnings: v.array(v.string()),
  /** What was decided on, for the next decision. */
  version: v.string(),
})
export type MessageRow = Readonly<v.InferOutput<typeof MessageRow>>

export const FullMessage = v.object({ ...MessageRow.entries, content: Content })
export type FullMessage = Readonly<v.InferOutput<typeof FullMessage>>

export function messageRow(entry: Entry): MessageRow {
  const { id, received, summary, isPrivate, isRead, version, envelope } = entry
  const { author, host, protocol, type, source, url, target, inReplyTo } = envelope
  const { audience = [], warnings = [] } = envelope
  const time = timeOf(entry)
  const isClaim = author.via !== undefined
  return {
    id,
    author: author.name || host,
    type,
    private: isPrivate,
    state: stateOf(entry),
    received,
    ...(time !== received && { published: time }),
    summary,
    inReplyTo: inReplyTo ?? null,
    unread: !isRead,
    host,
    authorUrl: isClaim ? null : (author.url ?? null),
    ...(isClaim && author.url !== undefined && { claimedUrl: author.url }),
    ...(author.via !== undefined && { via: author.via }),
    ...(author.photo !== undefined && { photo: author.photo }),
    ...(url !== undefined && { url }),
    protocol,
    sender: senderOf(envelope),
    audience: [...audience],
    source,
    target,
    warnings: [...warnings],
    version,
  }
}
