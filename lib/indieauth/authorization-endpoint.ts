/**
 * Where other websites ask who the owner of this one is, and where they find out.
 *
 * 1. {@link parseClientAddresses}, {@link discoverClient}, {@link verifyRedirectUri} – who asks, and may
 *    they be answered there? Until that is clear, nobody is sent anywhere
 * 2. {@link parseAuthorizationParameters} – what do they ask?
 * 3. {@link consentPage} – the owner says who they are, and whether
 * 4. {@link authorizationResponse} – back to the client, with a code
 * 5. {@link redeemAuthorizationCode} – the client's server asks whom the code was given to
 *
 * @see [IndieAuth §5](https://indieauth.spec.indieweb.org/#authorization)
 * @module
 */
import { endpoint, type Endpoint } from '../web/endpoint.ts'
import { RequestError } from '../web/errors.ts'
import { readForm } from '../web/form.ts'
import { html } from '../web/markup.ts'
import { oauthErrorResponse } from '../web/oauth.ts'
import { pageResponse } from '../web/page.ts'
import { parseUrl } from '../web/parse-url.ts'
import { answerRedemption } from './authorization-redemption.ts'
import { considerRequest, decideRequest, type ConsentOptions } from './consent.ts'
import { CONSENT_STYLE } from './consent-style.ts'
import type { OwnerProfile } from './owner-profile.ts'

export interface AuthorizationEndpointOptions extends ConsentOptions {
  /** The option of that name: our server works for the owner only if it is `true`. */
  readonly indieauth: boolean | string
  readonly profile?: OwnerProfile
}

export function createAuthorizationEndpoint(options: AuthorizationEndpointOptions): Endpoint {
  const { me, indieauth, signInOwner } = options
  return endpoint({ GET: ask, POST: answer }, (error, request) =>
    request.method === 'POST' ? oauthErrorResponse(error) : refusalPage(error, me),
  )

  async function ask(...[request, context]: Parameters<Endpoint>): Promise<Response> {
    if (indieauth !== true || !signInOwner) return absencePage(options)
    return considerRequest(new URL(request.url).searchParams, options, { request, context })
  }

  async function answer(...[request, context]: Parameters<Endpoint>): Promise<Response> {
    if (indieauth !== true) throw absence(me)
    const form = await readForm(request)
    if (!form.has('decision')) return answerRedemption(form, request, options)
    if (!signInOwner) return absencePage(options)
    try {
      return await decideRequest(form, options, { request, context })
    } catch (error) {
      if (error instanceof RequestError) return refusalPage(error, me)
      throw error
    }
  }
}

function absence(me: URL): RequestError {
  return new RequestError('invalid_request', `${me.host} does not answer for its owner here`, {
    status: 404,
  })
}

/** For who was sent here by a client that must not be answered, or cannot be. */
function refusalPage({ message, status, retryAfter }: RequestError, me: URL): Response {
  const body = html`<h1>This request cannot be answered</h1>
    <p>
      Another website or app has sent you here to ask something of the owner of
      <strong>${me.host}</strong>. But something about its request is wrong:
    </p>
    <p class="notice bad">${message}.</p>
    <p>
      Nothing has been given away. If you know the website or app, try again from its own page; if
      it happens again, its makers would like to know.
    </p>`
  const headers = new Headers(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) })
  return pageResponse({ title: 'Not answered', body, status, headers, style: CONSENT_STYLE })
}

function absencePage({ me, indieauth }: AuthorizationEndpointOptions): Response {
  const other = typeof indieauth === 'string' && parseUrl(indieauth)
  const body = html`<h1>Nobody answers here</h1>
    <p>
      The owner of <strong>${me.host}</strong> does not sign in to other websites with this address.
      ${other && html`They use <a href="${other}">${other.host}</a> for that.`}
    </p>
    <p>
      If this is your site: what your home page names as your <code>indieauth-metadata</code> or
      <code>authorization_endpoint</code> should not lead
      here${indieauth === true && ', or your site needs a passphrase (PRIVATE_POSTS_OWNER)'}.
    </p>`
  return pageResponse({ title: 'Nobody answers here', body, status: 404, style: CONSENT_STYLE })
}
