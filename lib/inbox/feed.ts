/**
 * The inbox as a feed. Its address is a capability: in no page's head, with no hub, in no index.
 *
 * @see [RFC 4287, Atom](https://www.rfc-editor.org/rfc/rfc4287)
 * @module
 */
import { escapeHtml } from '../web/markup.ts'
import { addressOf, describeWay, listPeople, originOf, othersOf } from './correspondents.ts'
import type { Entry } from './entry.ts'
import { describeTimes, timeOf } from './message-time.ts'
import { describeMessage } from './message-words.ts'
import { homesOf } from './page-address.ts'
import type { Letter } from './shelf.ts'

export interface AtomFeedOptions {
  /** The feed's own address, which is the secret. */
  readonly self: URL
  /** The inbox: where each entry leads, because there only its owner can read on. */
  readonly inbox: URL
  readonly me: URL
  readonly letters: readonly Letter[]
  readonly now: () => Date
}

export function atomFeed({ self, inbox, me, letters, now }: AtomFeedOptions): string {
  const updated = letters[0]?.entry.updated ?? now().toISOString()
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<title>Inbox of ${xml(me.host)}</title>
<id>${xml(inbox.href)}</id>
<link rel="self" type="application/atom+xml" href="${xml(self.href)}"/>
<link rel="alternate" type="text/html" href="${xml(inbox.href)}"/>
<updated>${xml(updated)}</updated>
${letters.map((letter) => atomEntry(letter, inbox, homesOf(inbox, me))).join('')}</feed>
`
}

function atomEntry({ entry, content }: Letter, inbox: URL, homes: readonly URL[]): string {
  const { id, updated, envelope } = entry
  const page = new URL(`${inbox.pathname}/${id}`, inbox)
  return `<entry>
<title>${xml(titleOf(entry))}</title>
<id>${xml(page.href)}</id>
<link rel="alternate" type="text/html" href="${xml(page.href)}"/>
<author><name>${xml(envelope.author.name || originOf(envelope))}</name></author>
<published>${xml(timeOf(entry))}</published>
<updated>${xml(updated)}</updated>
<content type="text">${xml(contentOf(entry, content.text, homes))}</content>
</entry>
`
}

function titleOf({ isHeld, isPrivate, envelope }: Entry): string {
  const who = envelope.author.name || originOf(envelope)
  const notes = [
    envelope.warnings?.length && 'careful',
    isPrivate && 'only for you',
    isHeld && 'waits for your decision',
  ].filter(Boolean)
  const note = notes.length > 0 ? ` (${notes.join(', ')})` : ''
  const title = envelope.title ? `: ${envelope.title}` : ''
  return `${who} ${describeMessage(envelope)}${title}${note}`
}

/** Warnings before all, and in the end what the words do not say: a feed reader shows nothing else. */
function contentOf(entry: Entry, text: string, homes: readonly URL[]): string {
  const { envelope } = entry
  const times = describeTimes(entry)
  const others = othersOf(envelope, homes)
  const address = addressOf(envelope)
  const foot = [
    envelope.type === 'unopened' && `${envelope.source}.`,
    address !== undefined && `From ${address}, ${describeWay(envelope)}.`,
    address === undefined && envelope.sender && `Came ${describeWay(envelope)}.`,
    others.length > 0 && `Also to ${listPeople(others)}.`,
    times !== undefined && `${times}.`,
  ].filter(Boolean)
  const warnings = (envelope.warnings ?? []).map((warning) => `Careful: ${warning}`)
  return [...warnings, text, foot.join(' ')].filter((part) => part !== '').join('\n\n')
}

/** Text for XML 1.0, which has no room for control characters. */
function xml(text: string): string {
  return escapeHtml(text.replace(/[^\P{Cc}\n\t]|[\p{Surrogate}\u{fffe}\u{ffff}]/gu, ' '))
}
