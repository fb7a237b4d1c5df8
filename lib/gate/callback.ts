import { explainRefusal, type SignInRefusal } from '../indieauth/sign-in-refusal.ts'
import { finishSignIn } from '../indieauth/sign-in.ts'
import { startSession } from '../jwt/session.ts'
import { endpoint, type Endpoint } from '../web/endpoint.ts'
import { html } from '../web/markup.ts'
import { oauthErrorResponse } from '../web/oauth.ts'
import { pageResponse } from '../web/page.ts'
import { gateAddresses } from './addresses.ts'
import { LETTER_STYLE, SEALED_LETTER } from './letter.ts'
import { forgetPending, readPending } from './pending-cookies.ts'
import type { SignInOptions } from './sign-in.ts'

/**
 * Where an authorization server sends somebody back to: finishes the sign-in that this browser began, and
 * no other, starts the session, and goes to what they wanted to read.
 *
 * @see [IndieAuth §5.2.1, Authorization Response](https://indieauth.spec.indieweb.org/#authorization-response)
 */
export function createCallbackEndpoint(options: SignInOptions): Endpoint {
  const { site, secrets, fetch, now, allowLoopback = false } = options
  const { signIn } = gateAddresses(options)
  // HEAD would use up the code.
  const HEAD: Endpoint = async () => new Response(null, { status: 405, headers: { allow: 'GET' } })
  return endpoint({ GET: finish, HEAD }, oauthErrorResponse)

  async function finish(request: Request): Promise<Response> {
    const params = new URL(request.url).searchParams
    const state = params.get('state') ?? ''
    const visit = await readPending(request, state, { secrets, site })
    if (!visit) return refuse({ type: 'state_mismatch' }, signIn.pathname)

    const { next } = visit
    const forget = forgetPending(state, { site })
    const outcome = await finishSignIn(params, visit.pending, { fetch, now, allowLoopback })
    if (!outcome.signedIn) return refuse(outcome.reason, next, forget)

    const claims = { reader: outcome.me.href, by: 'indieauth' } as const
    const headers = new Headers({
      location: site.origin + next,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    headers.append('set-cookie', await startSession(claims, { secrets, site }))
    headers.append('set-cookie', forget)
    return new Response(null, { status: 303, headers })
  }
}

/** Says what happened in our own words: what a stranger's server writes is not repeated. */
function refuse(reason: SignInRefusal, next: string, forget?: string): Response {
  const body = html`${SEALED_LETTER}
    <h1>${reason.type === 'denied' ? 'You are not signed in' : 'That did not work'}</h1>
    <p>${explainRefusal(reason)}</p>
    <p><a class="button" href="${next}">Back to the start</a></p>`
  const page = pageResponse({
    title: 'Not signed in',
    status: reason.type === 'denied' ? 403 : 400,
    body,
    style: LETTER_STYLE,
  })
  if (forget !== undefined) page.headers.append('set-cookie', forget)
  return page
}
