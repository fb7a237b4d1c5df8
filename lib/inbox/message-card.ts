import { createHash } from 'node:crypto'
import { html, type Markup } from '../web/markup.ts'
import { blockableOf, describeWay, listPeople, originOf, othersOf } from './correspondents.ts'
import { TITLE_END, type Entry } from './entry.ts'
import { describeTime, describeTimes, timeOf } from './message-time.ts'
import { describeMessage } from './message-words.ts'
import { webUrl } from './page-address.ts'
import { placePath } from './place.ts'

const HUES = 6
/** Of those whom a message went to as well, a list names the first. */
const SHOWN_OTHERS = 3
/** For links to where strangers write: they do not learn where they were followed from. */
const STRANGER = 'nofollow ugc noreferrer noopener'

const LOCK = html`<svg viewBox="0 0 14 16" aria-hidden="true">
  <path d="M3 7V5a4 4 0 0 1 8 0v2h1v9H2V7zm2 0h4V5a2 2 0 0 0-4 0z" />
</svg>`

export interface CardOptions {
  readonly entry: Entry
  readonly inbox: URL
  /** The owner's home pages. */
  readonly homes: readonly URL[]
  readonly now: Date
  /** On a page of its own it is not cut off, and leads nowhere. */
  readonly isWhole?: boolean
}

/** One message of a list: who it really came from stands beside what they call themselves. */
export function messageCard({ entry, inbox, homes, now, isWhole = false }: CardOptions): Markup {
  const { id, isRead, isPrivate, envelope, summary } = entry
  const { author, warnings = [] } = envelope
  const origin = originOf(envelope)
  const name = author.name || origin
  const others = othersOf(envelope, homes)
  const page = placePath(inbox, { message: id })
  const times = describeTimes(entry) ?? describeTime(entry.received, now)
  const time = html`<time datetime="${timeOf(entry)}">${times}</time>`
  const classes = ['message', isRead ? 'read' : 'new', isPrivate && 'private']
  return html`<article class="${classes.filter(Boolean).join(' ')}" id="m-${id}">
    <span class="face hue${hueOf(origin)}" aria-hidden="true">${initialOf(name)}</span>
    <div>
      <p class="head">
        <span
          ><strong class="who">${nameLink(entry, name)}</strong
          >${author.via !== undefined && html`<span class="via">, via ${author.via}</span>`}</span
        >
        <span>${describeMessage(envelope)}</span>
        ${isWhole ? time : html`<a class="vh" href="${page}">Open this message</a>${time}`}
      </p>
      <p class="from">
        ${sourceLink(entry, name)}
        ${envelope.type !== 'unopened' && html`<span>${describeWay(envelope)}</span>`}
        ${originalLink(entry)} ${tags(entry)}
      </p>
      ${others.length > 0 && html`<p class="from">Also to ${listPeople(others, isWhole ? undefined : SHOWN_OTHERS)}</p>`}
      ${warnings.map((warning) => html`<p class="careful"><strong>Careful:</strong> ${warning}</p>`)}
      ${!isWhole && summary !== '' && html`<p class="excerpt"><a href="${page}">${excerpt(entry)}</a></p>`}
      ${envelope.type === 'unopened' && beforeOpening(entry)} ${actions(entry, { inbox, isWhole })}
    </div>
  </article>`
}

function excerpt({ summary, envelope: { title } }: Entry): Markup {
  const head = `${title}${TITLE_END}`
  if (title === undefined || !summary.startsWith(head)) return html`${summary}`
  return html`<strong>${title}</strong> ${summary.slice(head.length)}`
}

function nameLink({ envelope: { author } }: Entry, name: string): Markup {
  const url = webUrl(author.url)
  return url ? html`<a href="${url}" rel="${STRANGER}">${name}</a>` : html`${name}`
}

function sourceLink({ envelope }: Entry, name: string): Markup {
  const url = webUrl(envelope.source)
  const origin = originOf(envelope)
  if (envelope.type === 'unopened') return html``
  if (!url) return name === origin ? html`` : html`<span>${origin}</span>`
  // Who is called as they are addressed need not be named twice.
  if (name === origin) return html`<a href="${url}" rel="${STRANGER}">Read it there</a>`
  return html`<a href="${url}" rel="${STRANGER}"
    >${origin}<span class="vh">: read it there</span></a
  >`
}

/** Where the post stands, as the page says: whose word that is stands before it. */
function originalLink({ envelope }: Entry): Markup {
  const url = webUrl(envelope.url)
  if (!url) return html``
  const host = url.host === envelope.host ? '' : ` at ${url.host}`
  return html`<span>names <a href="${url}" rel="${STRANGER}">the original${host}</a></span>`
}

function tags({ isRead, isHeld, isPrivate, envelope: { privacy } }: Entry): Markup {
  const isUnsure = isPrivate && privacy === 'unsure'
  return html`${!isRead && html`<span class="vh">new</span>`}
  ${isPrivate && !isUnsure && html`<span class="tag mine">${LOCK} only for you</span>`}
  ${isUnsure && html`<span class="tag wait">${LOCK} perhaps only for you</span>`}
  ${isHeld && !isUnsure && html`<span class="tag wait">waiting for you</span>`}`
}

/** What the owner has to know before they follow a link of somebody who has proven nothing. */
function beforeOpening({ envelope: { host } }: Entry): Markup {
  return html`<p class="from">
    This site cannot sign in at ${host} to fetch it; perhaps you can. Anybody could have sent this
    notice, so open it only if you know ${host}.
  </p>`
}

function openThere({ envelope: { source, host } }: Entry): Markup | false {
  const url = webUrl(source)
  return (
    url !== undefined &&
    html`<a class="button" href="${url}" rel="${STRANGER}"
      >Open it there<span class="vh">, at ${host}</span></a
    >`
  )
}

/** What the owner can do with it: what they want most often first, what cannot be undone behind a second tap. */
function actions(
  entry: Entry,
  { inbox, isWhole }: { readonly inbox: URL; readonly isWhole: boolean },
): Markup {
  const { id, isHeld, isRead, isPrivate, envelope } = entry
  const { host, privacy, type } = envelope
  const origin = originOf(envelope)
  const name = envelope.author.name || origin
  const isUnsure = isPrivate && privacy === 'unsure'
  const button = (action: string, label: Markup | string, look = '') =>
    html`<button
      name="do"
      value="${action}.${id}.${entry.version}"
      ${look !== '' && html` class="${look}"`}
    >
      ${label}<span class="vh"> (${name})</span>
    </button>`
  const isAnswerable = ['reply', 'mention', 'message', 'invitation'].includes(type)
  const replyPage = `${placePath(inbox, { message: id })}#reply`
  return html`<div class="do">
    ${isHeld && type !== 'unopened' && button('approve', isUnsure ? 'Show publicly' : isPrivate ? 'Let it in' : 'Approve')}
    ${isHeld && (isUnsure || !isPrivate) && button('keep', 'Keep to myself', 'plain')}
    ${type === 'unopened' && openThere(entry)}
    ${type === 'unopened' && button('delete', 'Delete', 'plain')}
    ${!isHeld && !isRead && button('read', 'Mark as read', 'plain')}
    ${!isWhole && !isHeld && isAnswerable && html`<a class="button quiet" href="${replyPage}">Reply<span class="vh"> (${name})</span></a>`}
    <details>
      <summary>More<span class="vh"> (${name})</span></summary>
      <div class="row">
        ${!isHeld && isRead && button('unread', 'Mark as unread', 'quiet')}
        ${!isHeld && !isPrivate && button('keep', 'Make it private', 'quiet')}
        ${button('allow', `Always allow ${origin}`, 'quiet')} ${button('delete', 'Delete', 'bad')}
        ${button('block', `Block ${blockableOf(envelope)}`, 'bad')}
        ${origin !== host && button('block-host', `Block everybody at ${host}`, 'bad')}
      </div>
    </details>
  </div>`
}

function initialOf(name: string): string {
  return (/[\p{L}\p{N}]/u.exec(name)?.[0] ?? '·').toUpperCase()
}

function hueOf(host: string): number {
  return (createHash('sha256').update(host).digest()[0] ?? 0) % HUES
}
