import * as v from 'valibot'
import { MESSAGE_TYPES, Content, stateOf, type Entry } from './entry.ts'
import { urlOnHost } from './page-address.ts'

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
  summary: v.string(),
  inReplyTo: v.nullable(v.string()),
  unread: v.boolean(),
  host: v.string(),
  /** Their own page, where it is on that host. */
  authorUrl: v.nullable(v.string()),
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
  const { author, host, type, source, target, inReplyTo, warnings = [] } = envelope
  return {
    id,
    author: author.name || host,
    type,
    private: isPrivate,
    state: stateOf(entry),
    received,
    summary,
    inReplyTo: inReplyTo ?? null,
    unread: !isRead,
    host,
    authorUrl: urlOnHost(author.url, host)?.href ?? null,
    source,
    target,
    warnings: [...warnings],
    version,
  }
}
