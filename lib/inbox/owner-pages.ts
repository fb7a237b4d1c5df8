import type { Secrets } from '../jwt/secrets.ts'
import { csrfToken, type Session } from '../jwt/session.ts'
import { html } from '../web/markup.ts'
import type { FeedAddress } from './feed-address.ts'
import { feedUrl } from './feed-answer.ts'
import { inboxPage } from './frame.ts'
import type { Inbox } from './inbox.ts'
import { listPage } from './list-page.ts'
import { messagePage } from './message-page.ts'
import { titlesOf, type TitleOf } from './own-titles.ts'
import { parseNews, parsePlace, type Place } from './place.ts'
import type { Page } from './queries.ts'
import type { Thread } from './thread.ts'

/** The form whose token the pages carry. */
export const CSRF_FORM = 'inbox'

const THREADS_PER_PAGE = 15
const MESSAGES_PER_PAGE = 100

export interface OwnerPagesOptions {
  readonly me: URL
  readonly inboxUrl: URL
  readonly inbox: Inbox
  readonly feedAddress: FeedAddress
  readonly secrets: Secrets
  readonly titleOf?: TitleOf
  readonly now: () => Date
}

/** The pages of somebody who is signed in as the owner. They change nothing. */
export function createOwnerPages(options: OwnerPagesOptions) {
  const { me, inboxUrl, inbox, feedAddress, secrets, titleOf, now } = options
  return { show }

  async function show(request: Request, session: Session): Promise<Response> {
    const url = new URL(request.url)
    const place = parsePlace(url, inboxUrl)
    if (!place) return nothingHere()
    const common = {
      inbox: inboxUrl,
      csrf: await csrfToken(session, CSRF_FORM, secrets),
      news: parseNews(url),
      now: now(),
    }
    if (place.message !== undefined) {
      const letter = await inbox.letter(place.message)
      if (!letter) return nothingHere()
      return messagePage({ ...common, me, letter, thread: await inbox.threadOf(letter.entry) })
    }
    const [threads, counts, decided, token] = await Promise.all([
      threadsAt(place),
      inbox.counts(),
      inbox.decisions.read(),
      feedAddress.read(),
    ])
    return listPage({
      ...{ ...common, me, place, threads, counts, decided },
      feed: token === undefined ? undefined : feedUrl(inboxUrl, token),
      titleOf: await titlesOf(
        threads.items.map(({ about }) => about),
        titleOf,
      ),
    })
  }

  async function threadsAt({ view, page, thread: id }: Place): Promise<Page<Thread>> {
    if (id === undefined) return inbox.threads(view, { page, perPage: THREADS_PER_PAGE })
    const perPage = MESSAGES_PER_PAGE
    const thread = await inbox.thread(id, { page, perPage })
    const { total = 0, entries = [] } = thread ?? {}
    return { items: thread && entries.length > 0 ? [thread] : [], total, page, perPage }
  }

  function nothingHere(): Response {
    return inboxPage({
      title: 'Not here',
      status: 404,
      body: html`<h1>That message is not here</h1>
        <p>Its author may have taken it back, or you have deleted it.</p>
        <p><a class="button" href="${inboxUrl.pathname}">Back to the inbox</a></p>`,
    })
  }
}
