import { html } from '../web/markup.ts'
import { pageResponse } from '../web/page.ts'
import { isWeb } from './client-id.ts'

/** RFC 6749 §4.1.2.1, errors are of its characters. */
const NOT_IN_DESCRIPTION = /[^\x20-\x21\x23-\x5b\x5d-\x7e]/g
const MAX_STATE_LENGTH = 2048

/** What goes back to the client, in the query of its redirect URI. */
export interface AuthorizationAnswer {
  readonly code?: string
  readonly error?: string
  readonly error_description?: string
  /** Exactly as the client sent it. */
  readonly state?: string | undefined
  /** @see [RFC 9207](https://www.rfc-editor.org/rfc/rfc9207) */
  readonly iss: string
}

/**
 * Sends the browser back to the client, by a redirect that turns the POST into a GET (RFC 9700 §4.12). An
 * app is opened by a link instead: a form must not lead there, and a person sees what happens.
 *
 * @see [IndieAuth §5.2.1 Authorization Response](https://indieauth.spec.indieweb.org/#authorization-response)
 */
export function authorizationResponse(
  redirectUri: URL,
  answer: AuthorizationAnswer,
  cookies: readonly string[] = [],
): Response {
  const location = answerUrl(redirectUri, answer)
  const headers = new Headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  if (isWeb(redirectUri)) {
    headers.set('location', location)
    return new Response(null, { status: 303, headers })
  }
  const body = html`<h1>Back to the app</h1>
    <p>That is all. The app will tell you how it goes on.</p>
    <p><a class="button" href="${location}">Open the app</a></p>`
  return pageResponse({ title: 'Back to the app', body, headers })
}

/** The redirect URI keeps its own query as it is. */
function answerUrl({ href }: URL, answer: AuthorizationAnswer): string {
  const { code, error, error_description, state, iss } = answer
  const query = new URLSearchParams({
    ...(code !== undefined && { code }),
    ...(error !== undefined && { error }),
    ...(error_description !== undefined && {
      error_description: error_description.replaceAll(NOT_IN_DESCRIPTION, ''),
    }),
    ...(state !== undefined && state.length <= MAX_STATE_LENGTH && { state }),
    iss,
  })
  return `${href}${href.includes('?') ? '&' : '?'}${query}`
}
