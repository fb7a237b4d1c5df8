import type { OwnerSignIn } from '../indieauth/owner-sign-in.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { isOwner, openSession, type Session } from '../jwt/session.ts'
import type { SitePaths } from '../ledger/site-record.ts'
import type { Store } from '../store/store.ts'
import { preferredType } from '../web/accept.ts'
import { endpoint, type Endpoint, type RequestContext } from '../web/endpoint.ts'
import type { RequestError } from '../web/errors.ts'
import { html } from '../web/markup.ts'
import { bearerToken, oauthErrorResponse } from '../web/oauth.ts'
import { pageResponse } from '../web/page.ts'
import { createFeedAnswer } from './feed-answer.ts'
import { openFeedAddress } from './feed-address.ts'
import type { Inbox } from './inbox.ts'
import { createOwnerForms } from './owner-forms.ts'
import { createOwnerPages } from './owner-pages.ts'
import { signInPage } from './sign-in-page.ts'
import { createTerminalAnswers } from './terminal-answers.ts'

export interface InboxEndpointOptions {
  /** Where the site is served, with a slash at its end. */
  readonly site: URL
  readonly me: URL
  readonly paths: Pick<SitePaths, 'inbox'>
  readonly inbox: Inbox
  readonly secrets: Secrets
  /** Where the feed's address is kept. */
  readonly store: Store
  /** Where the owner has a passphrase. */
  readonly signInOwner?: OwnerSignIn
  /** Where the owner signs in with their own website: a form with `me` and `next` is sent there. */
  readonly indieauthSignIn?: URL
  /** What a page of ours is called. */
  readonly titleOf?: (target: URL) => Promise<string | undefined>
  readonly now: () => Date
}

/** What a 401 has to name: the one way in that needs no page. */
const CHALLENGE = 'Bearer realm="inbox"'

/**
 * `/inbox` and all below it: pages for the owner's browser, JSON for their terminal, a feed for their feed
 * reader at an address of its own, and for everybody else one and the same 401, whatever is there.
 *
 * - `GET /inbox`, `?show=`, `?page=`, `?thread=` and `GET /inbox/{id}` change nothing
 * - `POST /inbox` decides: a form of our own pages, or JSON with `Authorization: Bearer`
 * - `GET /inbox/feed/{token}.xml`
 */
export function createInboxEndpoint(options: InboxEndpointOptions): Endpoint {
  const { site, me, paths, secrets, store, now } = options
  const inboxUrl = new URL(paths.inbox.replace(/^\//, '').replace(/\/$/, ''), site)
  const feedAddress = openFeedAddress(store, secrets, now)
  const common = { ...options, inboxUrl, feedAddress, signInAnswer }
  const pages = createOwnerPages(common)
  const forms = createOwnerForms(common)
  const terminal = createTerminalAnswers(common)
  const answerFeed = createFeedAnswer(common)

  return endpoint({ GET: show, POST: decide }, refusal)

  async function show(request: Request): Promise<Response> {
    const feed = await answerFeed(request)
    if (feed) return feed
    if (isForTerminal(request)) return terminal.show(request, await openOwnerSession(request))
    const session = await openOwnerSession(request)
    return session ? pages.show(request, session) : signInAnswer()
  }

  async function decide(request: Request, context?: RequestContext): Promise<Response> {
    // No cookie counts here: no page can make a browser send this header to us.
    if (bearerToken(request) !== undefined) return terminal.decide(request)
    return forms.decide(request, await openOwnerSession(request), context)
  }

  async function openOwnerSession(request: Request): Promise<Session | undefined> {
    const session = await openSession(request, { secrets, site })
    return session && isOwner(session, me) ? session : undefined
  }

  function signInAnswer(problem?: {
    readonly words: string
    readonly retryAfter?: number
  }): Response {
    const { signInOwner, indieauthSignIn } = options
    const headers = new Headers({
      vary: 'Cookie, Authorization, Accept',
      'www-authenticate': CHALLENGE,
    })
    if (problem?.retryAfter !== undefined) headers.set('retry-after', String(problem.retryAfter))
    return signInPage({
      me,
      passphrase: signInOwner !== undefined,
      indieauth: indieauthSignIn && { endpoint: indieauthSignIn, next: inboxUrl.pathname },
      status: problem?.retryAfter === undefined ? 401 : 429,
      headers,
      ...(problem && { problem: problem.words }),
    })
  }

  function refusal(error: RequestError, request: Request): Response {
    if (isForTerminal(request)) {
      const response = oauthErrorResponse(error)
      if (error.status === 401) response.headers.set('www-authenticate', CHALLENGE)
      return response
    }
    return pageResponse({
      title: 'That did not work',
      status: error.status,
      body: html`<h1>That did not work</h1>
        <p>${error.message}.</p>
        <p><a class="button" href="${inboxUrl.pathname}">Back to the inbox</a></p>`,
    })
  }
}

function isForTerminal(request: Request): boolean {
  if (request.headers.has('authorization')) return true
  return preferredType(request, ['text/html', 'application/json']) === 'application/json'
}
