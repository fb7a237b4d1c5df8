import { explainRefusal } from '../indieauth/sign-in-refusal.ts'
import { parseProfileUrl } from '../indieauth/profile-url.ts'
import { startSignIn } from '../indieauth/sign-in.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import type { Store } from '../store/store.ts'
import { networkOf } from '../web/address-text.ts'
import { endpoint, type Endpoint, type RequestContext } from '../web/endpoint.ts'
import { RequestError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'
import { field, readForm } from '../web/form.ts'
import { html, type Markup } from '../web/markup.ts'
import { gateAddresses, type GateSite } from './addresses.ts'
import { nextPath } from './next-path.ts'
import { isFromElsewhere } from './own-form.ts'
import { keepPending } from './pending-cookies.ts'
import { signInPage } from './sign-in-page.ts'

/** Each try makes us visit a stranger's site; a person needs a handful. */
const SIGN_INS: Rate = { name: 'gate-sign-in', limit: 20, seconds: 10 * 60 }
/** A form with one address in it, and where to go from there. */
const FORM_BYTES = 4 * 1024

export interface SignInOptions extends GateSite {
  readonly me: URL
  readonly secrets: Secrets
  readonly store: Store
  readonly fetch: Fetch
  readonly now: () => Date
  readonly allowLoopback?: boolean
}

/**
 * Where somebody says who they are: `GET` shows the form, `POST` sends its sender to their own site, or back
 * to the form with what is wrong. `next`, in the query or the form, is where it leads in the end.
 *
 * @see [IndieAuth §5.2, Authorization Request](https://indieauth.spec.indieweb.org/#authorization-request)
 */
export function createSignInEndpoint(options: SignInOptions): Endpoint {
  const { site, me, secrets, store, fetch, now, allowLoopback = false } = options
  const { client, callback, inbox } = gateAddresses(options)
  const rateLimit = createRateLimit(store, now)
  return endpoint({ GET: show, POST: start }, refuse)

  async function show(request: Request): Promise<Response> {
    return signInPage({ me, status: 200, next: nextOf(request) })
  }

  async function start(request: Request, context?: RequestContext): Promise<Response> {
    const form = await readForm(request, { maxBytes: FORM_BYTES })
    const typed = field(form, 'me')?.trim() ?? ''
    const next = nextOf(request, field(form, 'next'))
    const complain = (problem: Markup | string, status = 400) =>
      signInPage({ me, status, typed, problem, next })

    if (isFromElsewhere(request, site)) {
      return complain('Another website began this. If you want to sign in, press the button.', 403)
    }
    await countTry(context)
    const profileUrl = parseProfileUrl(typed, { allowLoopback })
    if (!profileUrl) {
      return complain(
        'Type the address of your own website, such as you.example or you.example/name.',
      )
    }
    const outcome = await startSignIn(
      { profileUrl, client: { clientId: client, redirectUri: callback } },
      { fetch, now, allowLoopback },
    )
    if (!outcome.started) {
      return complain(
        profileUrl.href === me.href ? ownerHint(inbox) : explainRefusal(outcome.reason),
      )
    }

    const headers = new Headers({
      location: outcome.location.href,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    const visit = { pending: outcome.pending, next }
    for (const cookie of await keepPending(request, visit, { secrets, site })) {
      headers.append('set-cookie', cookie)
    }
    return new Response(null, { status: 303, headers })
  }

  function nextOf({ url }: Request, inForm?: string): string {
    return nextPath(inForm ?? new URL(url).searchParams.get('next'), site)
  }

  /** @throws {RequestError} `rate_limit_exceeded`, 429 */
  async function countTry(context: RequestContext | undefined): Promise<void> {
    const wait = await rateLimit(SIGN_INS, networkOf(context?.clientAddress ?? ''))
    if (wait === undefined) return
    const minutes = Math.ceil(wait / 60)
    throw new RequestError(
      'rate_limit_exceeded',
      `That was a lot of tries. Please wait ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`,
      { status: 429, retryAfter: wait },
    )
  }

  function refuse({ message, status, retryAfter }: RequestError, request: Request): Response {
    const headers = new Headers()
    if (retryAfter !== undefined) headers.set('retry-after', String(retryAfter))
    return signInPage({ me, status, problem: message, next: nextOf(request), headers })
  }
}

function ownerHint(inbox: URL): Markup {
  return html`This is your own site, and it has no IndieAuth server of its own on its front page.
    Sign in at <a href="${inbox.pathname}">your inbox</a> with your passphrase: that opens the gate,
    too.`
}
