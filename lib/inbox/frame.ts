import { html, type Markup } from '../web/markup.ts'
import { pageResponse } from '../web/page.ts'
import { INBOX_STYLE } from './inbox-style.ts'
import type { News } from './place.ts'

/** A page of the inbox, with what was just done at its top. */
export function inboxPage({
  title,
  body,
  news,
  status = 200,
}: {
  readonly title: string
  readonly body: Markup
  readonly news?: News | undefined
  readonly status?: number
}): Response {
  return pageResponse({
    title,
    status,
    body: html`${news !== undefined && newsNotice(news)}${body}`,
    wide: true,
    style: INBOX_STYLE,
  })
}

/** One form around everything: each of its buttons says what to do with which message. */
export function inboxForm(
  inbox: URL,
  { csrf, at }: { readonly csrf: string; readonly at: string },
  body: Markup,
): Markup {
  return html`<form method="post" action="${inbox.pathname}">
    <input type="hidden" name="csrf" value="${csrf}" />
    <input type="hidden" name="at" value="${at}" />
    ${body}
  </form>`
}

function newsNotice(news: News): Markup {
  const isBad = news === 'gone' || news === 'changed'
  return html`<p class="notice ${isBad ? 'bad' : 'good'}" role="status">${wordsOf(news)}</p>`
}

function wordsOf(news: News): string {
  switch (news) {
    case 'approved':
      return 'Approved. If it is a public one, your pages may show it now.'
    case 'kept':
      return 'Kept: only you can see it, whatever becomes of it elsewhere.'
    case 'read':
      return 'Marked as read.'
    case 'unread':
      return 'Marked as unread.'
    case 'deleted':
      return 'Deleted.'
    case 'blocked':
      return 'Blocked: it is deleted with all that waited from there, and nothing else comes in.'
    case 'allowed':
      return 'Allowed: what comes from there need not wait any more.'
    case 'forgotten':
      return 'Done: what comes from there waits for you again.'
    case 'feed':
      return 'Your feed has an address now: it stands below.'
    case 'no-feed':
      return 'The address of your feed does not work any more, wherever it is.'
    case 'gone':
      return 'That message is not here any more: its author took it back, or you deleted it.'
    case 'changed':
      return 'That message has changed since you read it. Please look at it again.'
  }
}
