import type { Secrets } from '../jwt/secrets.ts'
import { checkCsrf, csrfToken, endSession, openSession, type Session } from '../jwt/session.ts'
import { endpoint, type Endpoint } from '../web/endpoint.ts'
import type { RequestError } from '../web/errors.ts'
import { readForm } from '../web/form.ts'
import { html } from '../web/markup.ts'
import { pageResponse } from '../web/page.ts'
import { gateAddresses, type GateSite } from './addresses.ts'
import { LETTER_STYLE } from './letter.ts'
import { personName } from './person-name.ts'

const FORM = 'sign-out'

export interface SignOutOptions extends GateSite {
  readonly secrets: Secrets
}

/** Ends the session of this browser: `GET` offers it, `POST` does it, for copies of the cookie as well. */
export function createSignOutEndpoint(options: SignOutOptions): Endpoint {
  const { site, secrets } = options
  const { signOut, signIn } = gateAddresses(options)
  return endpoint({ GET: offer, POST: end }, refuse)

  async function offer(request: Request): Promise<Response> {
    const session = await openSession(request, options)
    return session ? offerPage(session) : goodbyePage()
  }

  async function end(request: Request): Promise<Response> {
    const session = await openSession(request, options)
    if (session) await checkCsrf(await readForm(request), session, FORM, secrets)
    const headers = { location: signOut.href, 'cache-control': 'no-store' }
    const response = new Response(null, { status: 303, headers })
    response.headers.append('set-cookie', await endSession(session, { secrets, site }))
    return response
  }

  async function offerPage(session: Session): Promise<Response> {
    const body = html`<h1>Sign out?</h1>
      <p>
        You are signed in as <strong class="who">${personName(session.claims.reader)}</strong> in
        this browser, until ${DAY.format(session.expires)}.
      </p>
      <form method="post">
        <input type="hidden" name="csrf" value="${await csrfToken(session, FORM, secrets)}" />
        <button>Sign out</button>
      </form>`
    return pageResponse({ title: 'Sign out', body, style: LETTER_STYLE })
  }

  function goodbyePage(): Response {
    const body = html`<h1>You are signed out</h1>
      <p>Nobody who uses this browser after you can read what was shared with you.</p>
      <p class="row">
        <a class="button" href="${signIn.pathname}">Sign in</a>
        <a href="${site.pathname}">Front page</a>
      </p>`
    return pageResponse({ title: 'Signed out', body, style: LETTER_STYLE })
  }

  function refuse({ message, status }: RequestError): Response {
    const body = html`<h1>Still signed in</h1>
      <p>That did not work: ${message}.</p>
      <p><a class="button" href="${signOut.pathname}">Try again</a></p>`
    return pageResponse({ title: 'Sign out', status, body, style: LETTER_STYLE })
  }
}

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
