import type { DecidedSenders } from '../policy/decisions.ts'
import { redactSecrets } from '../web/redaction.ts'
import { html, type Markup } from '../web/markup.ts'
import type { Entry } from './entry.ts'
import { inboxForm, inboxPage } from './frame.ts'
import { messageCard } from './message-card.ts'
import { homesOf, webUrl } from './page-address.ts'
import { placePath, type News, type Place } from './place.ts'
import { COUNTED, type Page } from './queries.ts'
import { threadId, type Thread } from './thread.ts'
import { byArrival } from './thread-order.ts'
import { VIEWS, type View } from './views.ts'

/** Of a long thread, the list shows the latest to arrive. */
const SHOWN_OF_THREAD = 4

const VIEW_NAMES: Readonly<Record<View, string>> = {
  all: 'All',
  unread: 'New',
  held: 'Waiting',
  private: 'Only for you',
  public: 'Public',
}

export interface ListPageOptions {
  readonly inbox: URL
  readonly me: URL
  readonly place: Place
  readonly threads: Page<Thread>
  readonly counts: Readonly<Record<View, number>>
  readonly decided: DecidedSenders
  /** The feed's address, where there is one. */
  readonly feed: URL | undefined
  readonly titleOf: (about: string) => string | undefined
  readonly csrf: string
  readonly news: News | undefined
  readonly now: Date
}

/** The inbox itself, or one thread of it. */
export function listPage(options: ListPageOptions): Response {
  const { inbox, place, threads, counts, csrf, news, me } = options
  const isThread = place.thread !== undefined
  const body = html`<header class="top">
      <h1>Inbox</h1>
      <p class="soft">${numbersOf(counts)}</p>
      ${isThread && html`<a class="back" href="${inbox.pathname}">All messages</a>`}
    </header>
    ${!isThread && views(inbox, place, counts)}
    ${
      threads.items.length === 0
        ? empty(place.view)
        : inboxForm(
            inbox,
            { csrf, at: placePath(inbox, place) },
            html`${threads.items.map((thread) => threadSection(thread, options))}
            ${shownUnread(threads.items, isThread)}`,
          )
    }
    ${pages(inbox, place, threads)} ${settings(options)}`
  const title =
    counts.unread > 0 ? `Inbox (${numberOf(counts.unread)}) · ${me.host}` : `Inbox · ${me.host}`
  return inboxPage({ title, body, news })
}

function numbersOf({ unread, held }: ListPageOptions['counts']): string {
  const numbers = [
    unread > 0 && `${numberOf(unread)} new`,
    held > 0 && `${numberOf(held)} waiting for you`,
  ]
  return numbers.filter(Boolean).join(' · ') || 'Nothing new'
}

/** What is more is not counted. */
function numberOf(count: number): string {
  return count < COUNTED ? String(count) : `${COUNTED}+`
}

function views(inbox: URL, { view }: Place, counts: ListPageOptions['counts']): Markup {
  const links = VIEWS.map(
    (other) =>
      html`<a
        href="${placePath(inbox, { view: other })}"
        ${other === view && html` aria-current="page"`}
        >${VIEW_NAMES[other]} <b>${numberOf(counts[other])}</b></a
      >`,
  )
  return html`<nav class="views" aria-label="Which messages">${links}</nav>`
}

function threadSection(
  thread: Thread,
  { inbox, me, place, titleOf, now }: ListPageOptions,
): Markup {
  const { entries, about } = thread
  const shown = place.thread === undefined ? latestOf(entries) : entries
  const hidden = entries.length - shown.length + (thread.earlier ?? 0)
  const whole = placePath(inbox, { thread: threadId(thread) })
  return html`<section class="thread">
    ${about !== undefined && html`<h2>${aboutLink(about, titleOf(about))}</h2>`}
    ${hidden > 0 && html`<a class="more" href="${whole}">Show ${hidden} earlier</a>`}
    ${shown.map((entry) => messageCard({ entry, inbox, homes: homesOf(inbox, me), now }))}
  </section>`
}

/** The latest to arrive, in their order: what is new is shown, however long it was on its way. */
function latestOf(entries: readonly Entry[]): readonly Entry[] {
  const latest = new Set(entries.toSorted(byArrival).slice(-SHOWN_OF_THREAD))
  return entries.filter((entry) => latest.has(entry))
}

/** A page of ours is called by its title, or else by its path: of a capability URL, not all of it. */
function aboutLink(about: string, title: string | undefined): Markup {
  const url = webUrl(about)
  if (!url) return html`${about}`
  return html`On <a href="${url}" rel="noreferrer">${title ?? redactSecrets(url.pathname)}</a>`
}

/** Marks as read what the page shows whole; what waits is read when it is decided on. */
function shownUnread(threads: readonly Thread[], isThread: boolean): Markup | false {
  const entries = threads.flatMap(({ entries: all }) => (isThread ? all : latestOf(all)))
  const unread = entries.filter(({ isRead, isHeld }) => !isRead && !isHeld)
  if (unread.length < 2) return false
  return html`<p>
    <input type="hidden" name="shown" value="${unread.map(({ id }) => id).join(',')}" />
    <button class="quiet" name="do" value="read-shown">Mark these ${unread.length} as read</button>
  </p>`
}

function empty(view: View): Markup {
  const words: Readonly<Record<View, string>> = {
    all: 'Nothing here yet. When somebody mentions one of your pages, or writes to you, you find it here.',
    unread: 'Nothing new. You have seen it all.',
    held: 'Nothing waits for you.',
    private: 'Nobody has written to you alone yet.',
    public: 'Nobody has mentioned one of your pages in public yet.',
  }
  return html`<div class="empty">
    <svg viewBox="0 0 64 48" aria-hidden="true">
      <path d="M4 28 14 6h36l10 22v14a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3zM4 28h17a11 11 0 0 0 22 0h17" />
    </svg>
    <p>${words[view]}</p>
  </div>`
}

function pages(inbox: URL, place: Place, { page, perPage, total }: Page<Thread>): Markup {
  const link = (to: number, label: string) =>
    html`<a class="button quiet" href="${placePath(inbox, { ...place, page: to })}">${label}</a>`
  const isLast = (page + 1) * perPage >= total
  if (page === 0 && isLast) return html``
  return html`<nav class="pages" aria-label="Pages">
    ${page > 0 ? link(page - 1, '← Newer') : html`<span></span>`}
    ${!isLast && link(page + 1, 'Older →')}
  </nav>`
}

function settings({ inbox, place, csrf, decided, feed, news }: ListPageOptions): Markup {
  const hosts = (list: readonly string[], what: string) =>
    list.map(
      (host) =>
        html`<li>
          <span>${host} <small>${what}</small></span>
          <button class="quiet" name="do" value="forget.${host}">
            Undo<span class="vh"> (${host})</span>
          </button>
        </li>`,
    )
  const count = decided.deny.length + decided.allow.length
  return inboxForm(
    inbox,
    { csrf, at: placePath(inbox, place) },
    html`<div class="settings">
      ${
        count > 0 &&
        html`<details>
          <summary>Blocked and always allowed (${count})</summary>
          <ul>
            ${hosts(decided.deny, 'blocked')}${hosts(decided.allow, 'always allowed')}
          </ul>
        </details>`
      }
      <details id="feed" ${news === 'feed' && html` open`}>
        <summary>Read it in a feed reader</summary>
        ${feed === undefined ? noFeed() : hasFeed(feed)}
      </details>
      <p><button class="quiet" name="do" value="sign-out">Sign out</button></p>
    </div>`,
  )
}

function noFeed(): Markup {
  return html`<p>
      A feed has an address that nobody can guess. Whoever learns it can read your messages, and so
      can the service that your feed reader belongs to. You can take it back at any time.
    </p>
    <p><button class="plain" name="do" value="feed-create">Make an address</button></p>`
}

function hasFeed(feed: URL): Markup {
  return html`<p>Give this to your feed reader, and to nobody else:</p>
    <pre class="copy">${feed}</pre>
    <p><button class="bad" name="do" value="feed-revoke">Take it back</button></p>`
}
