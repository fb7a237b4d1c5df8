/**
 * The inbox as a feed. Its address is a capability: in no page's head, with no hub, in no index.
 *
 * @see [RFC 4287, Atom](https://www.rfc-editor.org/rfc/rfc4287)
 * @module
 */
import { escapeHtml } from '../web/markup.ts'
import { redactSecrets } from '../web/redaction.ts'
import { authorLine } from './correspondents.ts'
import type { Entry } from './entry.ts'
import {
  aboutOf,
  entryContent,
  entryTitle,
  openUrl,
  originalOf,
  type FeedEntryOptions,
} from './feed-entry.ts'
import { timeOf } from './message-time.ts'
import { homesOf } from './page-address.ts'
import type { Letter } from './shelf.ts'

/** What is longer is shown as text: of fifty messages full of tags, the feed would be more than a function may answer. */
const MAX_MARKUP = 20_000
/** Of a feed in which nothing has ever been: the same whenever it is asked for. */
const NEVER = '1970-01-01T00:00:00.000Z'

export interface AtomFeedOptions extends Partial<Pick<FeedEntryOptions, 'titleOf'>> {
  /** The feed's own address, which is the secret. */
  readonly self: URL
  /** The inbox: where each entry leads, because there only its owner can read on. */
  readonly inbox: URL
  readonly me: URL
  readonly letters: readonly Letter[]
  /** Of the letters that have any, sanitised to be shown. */
  readonly markup?: ReadonlyMap<Letter, string>
}

export function atomFeed({
  self,
  inbox,
  me,
  letters,
  markup = new Map(),
  titleOf = () => undefined,
}: AtomFeedOptions): string {
  const options = { homes: homesOf(inbox, me), titleOf }
  const entries = letters.map((letter) => {
    const words = markup.get(letter)
    const isLong = words !== undefined && words.length > MAX_MARKUP
    return atomEntry(letter, inbox, isLong ? undefined : words, options)
  })
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<title>Inbox of ${xml(me.host)}</title>
<id>${xml(inbox.href)}</id>
<link rel="self" type="application/atom+xml" href="${xml(self.href)}"/>
<link rel="alternate" type="text/html" href="${xml(inbox.href)}"/>
<updated>${xml(letters[0]?.entry.updated ?? NEVER)}</updated>
${entries.join('')}</feed>
`
}

/**
 * `rel="via"` is the post itself, and `rel="related"` the page of ours that it is about. A private message has no
 * `via`: its address may open it.
 */
function atomEntry(
  letter: Letter,
  inbox: URL,
  markup: string | undefined,
  options: FeedEntryOptions,
): string {
  const { entry } = letter
  const { id, updated, envelope } = entry
  const page = new URL(`${inbox.pathname}/${id}`, inbox)
  const about = aboutOf(entry, options)
  const author = openUrl(envelope.author.url)
  const content = entryContent(letter, about, { markup, homes: options.homes })
  const lines = [
    `<title>${xml(withoutSecrets(entryTitle(entry, about), entry))}</title>`,
    `<id>${xml(page.href)}</id>`,
    link('alternate', page),
    link('via', originalOf(entry)),
    link('related', about?.url),
    `<author><name>${xml(authorLine(envelope))}</name>${author ? `<uri>${xml(author.href)}</uri>` : ''}</author>`,
    `<published>${xml(timeOf(entry))}</published>`,
    `<updated>${xml(updated)}</updated>`,
    `<content type="html">${xml(withoutSecrets(content.markup, entry))}</content>`,
  ]
  return `<entry>\n${lines.filter((line) => line !== '').join('\n')}\n</entry>\n`
}

/** A feed reader is a service of somebody else's: what a private message says is for it to show, not what it opens. */
function withoutSecrets(text: string, { isPrivate }: Entry): string {
  if (!isPrivate) return text
  const unlinked = text.replace(/ href="([^"]*)"/g, (href, url: string) =>
    redactSecrets(url) === url ? href : '',
  )
  return redactSecrets(unlinked)
}

function link(rel: string, url: URL | undefined): string {
  return url ? `<link rel="${rel}" type="text/html" href="${xml(url.href)}"/>` : ''
}

/** Text for XML 1.0, which has no room for control characters. */
function xml(text: string): string {
  return escapeHtml(text.replace(/[^\P{Cc}\n\t]|[\p{Surrogate}\u{fffe}\u{ffff}]/gu, ' '))
}
