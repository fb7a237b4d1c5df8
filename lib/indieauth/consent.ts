import { createHash } from 'node:crypto'
import type { Secrets } from '../jwt/secrets.ts'
import { isOwner, openSession, type Session } from '../jwt/session.ts'
import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import type { Store } from '../store/store.ts'
import { networkOf } from '../web/address-text.ts'
import type { RequestContext } from '../web/endpoint.ts'
import { RequestError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'
import {
  parseAuthorizationParameters,
  parseClientAddresses,
  verifyRedirectUri,
  type AuthorizationParameters,
  type ClientAddresses,
} from './authorization-parameters.ts'
import { authorizationResponse, type AuthorizationAnswer } from './authorization-answer.ts'
import type { Consent } from './consent-page.ts'
import type { OwnerSignIn } from './owner-sign-in.ts'
import { answeringServer, type ServerSite } from './server-addresses.ts'

/** Each makes us ask a stranger's site who it is. */
const REQUESTS: Rate = { name: 'authorization-request', limit: 60, seconds: 10 * 60 }
const REQUESTS_OF_ALL: Rate = { name: 'authorization-request-all', limit: 600, seconds: 10 * 60 }
/** In place of a session's id, in the form for who has none. */
const NOBODY = 'nobody'

export interface ConsentOptions extends ServerSite {
  readonly me: URL
  readonly secrets: Secrets
  readonly store: Store
  /** Guarded: client ids are strangers' URLs. */
  readonly fetch: Fetch
  readonly now: () => Date
  readonly allowLoopback?: boolean
  /** Without it nobody can consent, and there is no authorization endpoint. */
  readonly signInOwner?: OwnerSignIn
}

/** Who is at the other end. */
export interface Visit {
  readonly request: Request
  readonly context: RequestContext | undefined
}

/**
 * Puts a client's request before the owner, or sends the client away.
 *
 * @throws {RequestError} for a person to read, where the client must not be answered
 */
export async function considerRequest(
  params: URLSearchParams,
  options: ConsentOptions,
  visit: Visit,
  again: Pick<Consent, 'granted' | 'problem' | 'status' | 'headers'> = {},
): Promise<Response> {
  const { me, secrets, fetch, allowLoopback = false } = options
  const { issuer, authorization: action } = answeringServer(visit.request, options)
  const addresses = parseClientAddresses(params)
  await limitRequests(options, visit)
  // @NOTE Loaded when a client asks: the same endpoint redeems codes, and needs none of it for that.
  const { discoverClient } = await import('./client-information.ts')
  const { consentPage } = await import('./consent-page.ts')
  const client = await discoverClient(addresses.clientId, { fetch, allowLoopback })
  verifyRedirectUri(addresses, client)

  const asked = readOrRefuse(params, addresses)
  if (asked instanceof RequestError) {
    const { code: error, message } = asked
    const state = params.get('state') ?? undefined
    const iss = issuer.href
    return authorizationResponse(addresses.redirectUri, {
      error,
      error_description: message,
      state,
      iss,
    })
  }
  const session = await ownerSession(visit, options)
  const csrf = await secrets.issue('csrf', { session: session?.id ?? NOBODY, form: formOf(asked) })
  return consentPage({ me, action, asked, client, csrf, isSignedIn: !!session, ...again })
}

/**
 * Takes the owner's decision. What they decided about was judged when the form was made, and the form
 * proves that it is the same.
 *
 * @throws {RequestError} for a person to read
 */
export async function decideRequest(
  form: URLSearchParams,
  options: ConsentOptions,
  visit: Visit,
): Promise<Response> {
  const { secrets } = options
  const { issuer } = answeringServer(visit.request, options)
  const asked = parseAuthorizationParameters(form, parseClientAddresses(form))
  const granted = asked.scope.filter((name) => form.getAll('granted').includes(name))
  const again = (problem: string, status: number, headers = {}) =>
    considerRequest(form, options, visit, { granted, problem, status, headers })

  const session = await ownerSession(visit, options)
  const opened = await secrets.open('csrf', form.get('csrf') ?? '')
  const isOurForm = opened.valid && opened.claims.form === formOf(asked)
  const isOfSession = isOurForm && session?.id === opened.claims.session
  if (!isOurForm || !(isOfSession || opened.claims.session === NOBODY)) {
    return again('This page had become too old. Please decide once more.', 403)
  }

  const { redirectUri, state } = asked
  const answer = (parameters: Omit<AuthorizationAnswer, 'iss'>, cookies?: readonly string[]) =>
    authorizationResponse(redirectUri, { ...parameters, state, iss: issuer.href }, cookies)
  if (form.get('decision') !== 'allow') return answer({ error: 'access_denied' })

  if (isOfSession) return answer({ code: await issueCode(asked, granted, secrets) })

  const passphrase = form.get('passphrase') ?? ''
  if (passphrase === '' || !options.signInOwner) return again('Your passphrase is missing.', 403)
  const outcome = await options.signInOwner(passphrase, visit)
  if (outcome.signedIn) {
    return answer({ code: await issueCode(asked, granted, secrets) }, outcome.cookies)
  }
  const { retryAfter } = outcome
  if (retryAfter === undefined) return again('That was not your passphrase.', 403)
  const minutes = Math.ceil(retryAfter / 60)
  return again(
    `There were too many tries. Please wait ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`,
    429,
    { 'retry-after': String(retryAfter) },
  )
}

function issueCode(
  { clientId, redirectUri, codeChallenge }: AuthorizationParameters,
  granted: readonly string[],
  secrets: Secrets,
): Promise<string> {
  return secrets.issue('authorization-code', {
    client_id: clientId.href,
    redirect_uri: redirectUri.href,
    code_challenge: codeChallenge,
    scope: [...granted],
  })
}

async function ownerSession(
  { request }: Visit,
  { me, secrets, site }: ConsentOptions,
): Promise<Session | undefined> {
  const session = await openSession(request, { secrets, site })
  return session && isOwner(session, me) ? session : undefined
}

/** The name of the form for one request: the form for another one does not fit. */
function formOf(asked: AuthorizationParameters): string {
  const { clientId, redirectUri, state, codeChallenge, scope } = asked
  const request = [clientId.href, redirectUri.href, state, codeChallenge, ...scope]
  return `authorize ${createHash('sha256').update(JSON.stringify(request)).digest('base64url')}`
}

function readOrRefuse(
  params: URLSearchParams,
  addresses: ClientAddresses,
): AuthorizationParameters | RequestError {
  try {
    return parseAuthorizationParameters(params, addresses)
  } catch (error) {
    if (error instanceof RequestError) return error
    throw error
  }
}

/** @throws {RequestError} `rate_limit_exceeded`, 429 */
async function limitRequests({ store, now }: ConsentOptions, { context }: Visit): Promise<void> {
  const rateLimit = createRateLimit(store, now)
  const retryAfter =
    (await rateLimit(REQUESTS, networkOf(context?.clientAddress ?? ''))) ??
    (await rateLimit(REQUESTS_OF_ALL, ''))
  if (retryAfter === undefined) return
  throw new RequestError('rate_limit_exceeded', 'There were too many requests. Wait a while', {
    status: 429,
    retryAfter,
  })
}
