import type { OwnerSignIn } from '../indieauth/owner-sign-in.ts'
import { checkCsrf, endSession, type Session } from '../jwt/session.ts'
import type { RequestContext } from '../web/endpoint.ts'
import { RequestError } from '../web/errors.ts'
import { field, readForm } from '../web/form.ts'
import { isId } from './entry.ts'
import { newsOf, parseAction, perform } from './inbox-actions.ts'
import { CSRF_FORM, type OwnerPagesOptions } from './owner-pages.ts'
import { parsePlace, placePath, type News, type Place } from './place.ts'
import { canParseUrl } from '../web/parse-url.ts'

/** More than a page shows. */
const MAX_SHOWN = 200

export interface OwnerFormsOptions extends OwnerPagesOptions {
  readonly site: URL
  readonly signInOwner?: OwnerSignIn
  readonly signInAnswer: (problem?: {
    readonly words: string
    readonly retryAfter?: number
  }) => Response
}

/** What the buttons of the owner's pages do. Each answer is a redirect, so that reloading repeats nothing. */
export function createOwnerForms(options: OwnerFormsOptions) {
  const { site, inboxUrl, inbox, feedAddress, secrets, signInOwner, signInAnswer } = options
  return { decide }

  async function decide(
    request: Request,
    session: Session | undefined,
    context?: RequestContext,
  ): Promise<Response> {
    const form = await readForm(request)
    const button = field(form, 'do') ?? ''
    if (button === 'sign-in') return signIn(request, field(form, 'passphrase') ?? '', context)
    if (!session) return signInAnswer()
    await checkCsrf(form, session, CSRF_FORM, secrets)

    const place = placeOf(field(form, 'at') ?? '')
    if (button === 'sign-out') {
      const headers = { 'set-cookie': await endSession(session, { secrets, site }) }
      return goTo(inboxUrl.pathname, headers)
    }
    const message = parseAction(button)
    if (message) {
      const news = newsOf(message.action, await perform(message, inbox))
      const { message: page, ...list } = place
      const isGone = ['deleted', 'blocked', 'gone'].includes(news)
      // Whoever is done with the page of a message goes back to the list; in the list one stays in place.
      const isDone = isGone || news === 'read'
      const anchor = page === undefined && !isGone ? `#m-${message.id}` : ''
      return goTo(placePath(inboxUrl, isDone ? list : place, news) + anchor)
    }
    const news = await change(button, form)
    return goTo(placePath(inboxUrl, place, news) + (news === 'feed' ? '#feed' : ''))
  }

  /** What is about no single message. */
  async function change(button: string, form: URLSearchParams): Promise<News> {
    if (button.startsWith('forget.')) {
      await inbox.decisions.forget(button.slice('forget.'.length))
      return 'forgotten'
    }
    switch (button) {
      case 'read-shown': {
        const ids = (field(form, 'shown') ?? '').split(',').filter(isId).slice(0, MAX_SHOWN)
        for (const id of ids) await inbox.markRead(id, true)
        return 'read'
      }
      case 'feed-create':
        await feedAddress.create()
        return 'feed'
      case 'feed-revoke':
        await feedAddress.revoke()
        return 'no-feed'
      default:
        throw new RequestError('invalid_request', 'this button does nothing here')
    }
  }

  async function signIn(
    request: Request,
    passphrase: string,
    context: RequestContext | undefined,
  ): Promise<Response> {
    const fetchSite = request.headers.get('sec-fetch-site') ?? 'none'
    if (!['same-origin', 'none'].includes(fetchSite)) {
      throw new RequestError('access_denied', 'sign in on the page of this inbox', { status: 403 })
    }
    if (!signInOwner) return signInAnswer()
    const outcome = await signInOwner(passphrase, { request, context })
    if (outcome.signedIn) {
      const response = goTo(placePath(inboxUrl, placeOf(request.url)))
      for (const cookie of outcome.cookies) response.headers.append('set-cookie', cookie)
      return response
    }
    const { retryAfter } = outcome
    if (retryAfter === undefined) return signInAnswer({ words: 'That was not the passphrase.' })
    return signInAnswer({ words: 'Too many tries. Please wait a little.', retryAfter })
  }

  function placeOf(address: string): Place {
    const url = canParseUrl(address, inboxUrl.href) ? new URL(address, inboxUrl) : inboxUrl
    return parsePlace(url, inboxUrl) ?? { view: 'all', page: 0 }
  }
}

/** Only ever to a path of ours, which {@link placePath} has made. */
function goTo(path: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, {
    status: 303,
    headers: { ...headers, location: path, 'cache-control': 'private, no-store' },
  })
}
