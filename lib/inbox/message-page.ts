import { html, trustedMarkup, type Markup } from '../web/markup.ts'
import { displayedMarkup } from './displayed-markup.ts'
import { originOf } from './correspondents.ts'
import type { Entry } from './entry.ts'
import { inboxForm, inboxPage } from './frame.ts'
import { messageCard } from './message-card.ts'
import { describeTime, fullTime, timeBefore } from './message-time.ts'
import { replyLines, toAllLines } from './reply-lines.ts'
import { homesOf, webUrl } from './page-address.ts'
import { placePath, type News } from './place.ts'
import type { Letter } from './shelf.ts'
import { threadId, type Thread } from './thread.ts'

export interface MessagePageOptions {
  readonly letter: Letter
  /** What it is a part of. */
  readonly thread: Thread | undefined
  readonly inbox: URL
  readonly me: URL
  readonly csrf: string
  readonly news: News | undefined
  readonly now: Date
}

/** One message as a whole, and how to answer it. */
export async function messagePage({
  letter,
  thread,
  inbox,
  me,
  csrf,
  news,
  now,
}: MessagePageOptions): Promise<Response> {
  const { entry, content } = letter
  const { author, title } = entry.envelope
  const name = author.name || originOf(entry.envelope)
  const at = placePath(inbox, { message: entry.id })
  const homes = homesOf(inbox, me)
  const markup = (await displayedMarkup([letter])).get(letter)
  const body = html`<header class="top">
      <a class="more" href="${inbox.pathname}">← Inbox</a>
    </header>
    ${inboxForm(inbox, { csrf, at }, messageCard({ entry, inbox, homes, now, isWhole: true }))}
    <div class="said">
      ${title !== undefined && !content.text.startsWith(title) && html`<h2>${title}</h2>`}
      ${said(letter, markup)}
    </div>
    ${context(letter, thread, { inbox, now })} ${replyHint(entry, homes)}`
  return inboxPage({ title: `${name} · Inbox`, body, news })
}

function said({ content: { text } }: Letter, markup: string | undefined): Markup {
  if (markup !== undefined) return trustedMarkup(markup)
  return html`<p class="words">${text}</p>`
}

function context(
  { entry }: Letter,
  thread: Thread | undefined,
  { inbox, now }: { readonly inbox: URL; readonly now: Date },
): Markup {
  const page = webUrl(thread?.about)
  const others = thread ? thread.entries.length - 1 : 0
  return html`<p class="soft">
    ${whenOf(entry, now)}
    ${page && html`It is about <a href="${page}" rel="noreferrer">this page of yours</a>.`}
    ${
      thread &&
      others > 0 &&
      html`<a href="${placePath(inbox, { thread: threadId(thread) })}"
        >The whole conversation (${others + 1} messages)</a
      >`
    }
  </p>`
}

/** A date that does not count is not kept from the reader. */
function whenOf(entry: Entry, now: Date): string {
  const arrival = describeTime(entry.received, now)
  const time = timeBefore(entry)
  if (time !== undefined) return `Written ${fullTime(time)} UTC, came ${arrival}.`
  const day = entry.envelope.published?.slice(0, 10)
  const isOdd = day !== undefined && day !== entry.received.slice(0, 10)
  return isOdd ? `Came ${arrival}, dated ${day}.` : `Came ${arrival}.`
}

/** To a private message one answers privately: who wrote it joins the audience by itself. */
function replyHint({ isPrivate, envelope }: Entry, homes: readonly URL[]): Markup {
  const lines = replyLines(envelope, isPrivate)
  if (!lines || ['like', 'repost', 'bookmark', 'follow'].includes(envelope.type)) return html``
  const words = isPrivate
    ? 'Begin a new post with these lines. It stays between the two of you, and reaches its author by itself.'
    : 'Begin a new post with these lines. Add "visibility: private" to answer its author alone.'
  const toAll = isPrivate && toAllLines(envelope, homes)
  return html`<h2 id="reply">Reply</h2>
    <p>${words}</p>
    <pre class="copy">${lines.join('\n')}</pre>
    ${
      toAll &&
      html`<p>
          It went to others, too. With these lines you answer all of them, and each sees who:
        </p>
        <pre class="copy">${toAll.join('\n')}</pre>`
    }`
}
