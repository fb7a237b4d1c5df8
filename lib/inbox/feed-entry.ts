import { html, trustedMarkup, type Markup } from '../web/markup.ts'
import { redactSecrets } from '../web/redaction.ts'
import { addressOf, authorLine, describeWay, listPeople, othersOf } from './correspondents.ts'
import type { Entry } from './entry.ts'
import { deedTo, describeMessage } from './message-words.ts'
import { createIsHomePage, webUrl } from './page-address.ts'
import { describeTimes } from './message-time.ts'
import type { Letter } from './shelf.ts'

/** A page of ours that a message is about. */
export interface About {
  readonly name: string
  /** Not of a secret address: a feed reader is a service of somebody else's. */
  readonly url: URL | undefined
}

export interface FeedEntryOptions {
  /** The owner's home pages. */
  readonly homes: readonly URL[]
  /** What a page of ours is called. */
  readonly titleOf: (target: string) => string | undefined
}

/** What a message is about, by the title of the page or else by its path; `undefined` for one to the owner. */
export function aboutOf(
  { envelope: { target } }: Entry,
  { homes, titleOf }: FeedEntryOptions,
): About | undefined {
  const url = webUrl(target)
  if (!url || createIsHomePage(homes)(target)) return undefined
  return { name: titleOf(target) ?? redactSecrets(url.pathname), url: openUrl(target) }
}

/** An address of the web that opens nothing by itself. */
export function openUrl(address: string | undefined): URL | undefined {
  const url = webUrl(address)
  return url && redactSecrets(url.href) === url.href ? url : undefined
}

/** Where the post itself stands: of a private message only where nobody can read it without signing in. */
export function originalOf({ isPrivate, envelope }: Entry): URL | undefined {
  return isPrivate && envelope.type !== 'unopened'
    ? undefined
    : (webUrl(envelope.url) ?? webUrl(envelope.source))
}

export function entryTitle(entry: Entry, about: About | undefined): string {
  const { isHeld, isPrivate, envelope } = entry
  const notes = [
    envelope.warnings?.length && 'careful',
    isPrivate && 'only for you',
    isHeld && 'waits for your decision',
  ].filter(Boolean)
  const note = notes.length > 0 ? ` (${notes.join(', ')})` : ''
  const title = envelope.title ? `: ${envelope.title}` : ''
  const deed = about && deedTo(envelope)
  const what = deed === undefined ? describeMessage(envelope) : `${deed} ${about?.name}`
  return `${authorLine(envelope)} ${what}${title}${note}`
}

/** Warnings before all, then what it is about, its words, and in the end what they do not say: a feed reader shows nothing else. */
export function entryContent(
  { entry, content }: Letter,
  about: About | undefined,
  { markup, homes }: { readonly markup: string | undefined; readonly homes: readonly URL[] },
): Markup {
  const { envelope } = entry
  const original = originalOf(entry)
  const address = addressOf(envelope)
  const others = othersOf(envelope, homes)
  const times = describeTimes(entry)
  const foot = [
    address !== undefined && `From ${address}, ${describeWay(envelope)}.`,
    address === undefined && envelope.sender && `Came ${describeWay(envelope)}.`,
    others.length > 0 && `Also to ${listPeople(others)}.`,
    times !== undefined && `${times}.`,
  ].filter(Boolean)
  return html`${(envelope.warnings ?? []).map((warning) => html`<p><strong>Careful:</strong> ${warning}</p>`)}${deed(entry, about)}${said(content.text, markup)}${
    original && html`<p><a href="${original}">Read it at ${original.host}</a></p>`
  }${foot.length > 0 && html`<p>${foot.join(' ')}</p>`}`
}

function deed({ envelope }: Entry, about: About | undefined): Markup | false {
  const words = about && deedTo(envelope)
  if (!about || words === undefined) return false
  const page = about.url ? html`<a href="${about.url}">${about.name}</a>` : html`${about.name}`
  return html`<p>${authorLine(envelope)} ${words} ${page}.</p>`
}

/** As the inbox shows it, which sanitises it at that moment; or else plain text, line by line. */
function said(text: string, markup: string | undefined): Markup {
  if (markup !== undefined) return trustedMarkup(markup)
  const paragraphs = text.split(/\n{2,}/).filter((paragraph) => paragraph.trim() !== '')
  return html`${paragraphs.map((paragraph) => html`<p>${linesOf(paragraph)}</p>`)}`
}

function linesOf(paragraph: string): Markup {
  const lines = paragraph.split('\n')
  return html`${lines.map((line, index) => (index === 0 ? html`${line}` : html`<br />${line}`))}`
}
