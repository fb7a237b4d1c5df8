/**
 * Signing somebody in with their own site, as an IndieAuth client that wants to know who they are and
 * nothing more.
 *
 * 1. {@link parseProfileUrl} – what they typed
 * 2. {@link discoverIndieAuth} – which server speaks for that address
 * 3. {@link authorizationUrl} – where to send them; {@link startSignIn} does 2 and 3
 * 4. {@link authorizationResponseOf} – what they bring back: `code`, `state`, `iss`
 * 5. {@link redemptionRequest} – who was the code given to?
 * 6. {@link confirmMe} – does that address name the same server? {@link finishSignIn} does 4 to 6
 *
 * @see [IndieAuth](https://indieauth.spec.indieweb.org/)
 * @module
 */
import { randomBytes } from 'node:crypto'
import { FetchError, ResponseError } from '../web/errors.ts'
import { timeLimit } from '../web/time-limit.ts'
import { authorizationUrl, type IndieAuthClient } from './authorization-request.ts'
import { authorizationResponseOf } from './authorization-response.ts'
import { confirmMe } from './confirmation.ts'
import {
  discoverIndieAuthEndpoints,
  type IndieAuthEndpoints,
  type IndieAuthOptions,
} from './discovery.ts'
import { PENDING_LENGTH, SIGN_IN_LIFETIME, type PendingSignIn } from './pending-sign-in.ts'
import { createCodeVerifier } from './pkce.ts'
import { parseMe } from './profile-url.ts'
import { processRedemptionResponse, redemptionRequest } from './redemption.ts'
import type { SignInRefusal } from './sign-in-refusal.ts'

/** Somebody is waiting in front of a blank page, for two or three answers in a row. */
const PATIENCE = 15_000

export interface SignInOptions extends IndieAuthOptions {
  readonly now: () => Date
}

export type SignInStart =
  /** Send the browser to `location`, and let it keep `pending` where no script and no other site can read it. */
  | { readonly started: true; readonly location: URL; readonly pending: PendingSignIn }
  | { readonly started: false; readonly reason: SignInRefusal }

/** Finds out where somebody can prove that `profileUrl` is theirs. Never throws for what their site does. */
export async function startSignIn(
  { profileUrl, client }: { readonly profileUrl: URL; readonly client: IndieAuthClient },
  options: SignInOptions,
): Promise<SignInStart> {
  const refuse = (reason: SignInRefusal): SignInStart => ({ started: false, reason })
  const signal = timeLimit(PATIENCE, options.signal)
  const found = await serverOf(profileUrl, { ...options, signal })
  if ('type' in found) return refuse(found)

  const { authorizationEndpoint, codeChallengeMethods, issuer, requiresIss, urls } = found
  if (!authorizationEndpoint) {
    const speaks = found.tokenEndpoint ?? found.ticketEndpoint ?? issuer
    return refuse({ type: speaks ? 'no_authorization_endpoint' : 'no_server' })
  }
  if (codeChallengeMethods && !codeChallengeMethods.includes('S256')) {
    return refuse({ type: 'no_pkce' })
  }

  const state = randomBytes(32).toString('base64url')
  const codeVerifier = createCodeVerifier()
  const pending: PendingSignIn = {
    state,
    codeVerifier,
    profileUrl: profileUrl.href,
    urls: urls.map(({ href }) => href),
    authorizationEndpoint: authorizationEndpoint.href,
    ...(issuer !== undefined && { issuer }),
    requiresIss,
    clientId: client.clientId.href,
    redirectUri: client.redirectUri.href,
    expires: new Date(options.now().getTime() + SIGN_IN_LIFETIME * 1000).toISOString(),
  }
  if (Buffer.byteLength(JSON.stringify(pending)) > PENDING_LENGTH)
    return refuse({ type: 'too_long' })

  const request = { ...client, state, codeVerifier, profileUrl }
  return { started: true, location: authorizationUrl(authorizationEndpoint, request), pending }
}

export type SignIn =
  /** `me` is confirmed and canonical. Nothing else that the server says tells who somebody is. */
  | { readonly signedIn: true; readonly me: URL }
  | { readonly signedIn: false; readonly reason: SignInRefusal }

/**
 * Finds out who came back. Never throws for what the browser brings or their server answers.
 *
 * @param params The query of the redirect.
 * @param pending What {@link startSignIn} gave to this very browser.
 */
export async function finishSignIn(
  params: URLSearchParams,
  pending: PendingSignIn,
  options: SignInOptions,
): Promise<SignIn> {
  const answer = authorizationResponseOf(params, pending, options.now())
  if ('type' in answer) return { signedIn: false, reason: answer }

  const web = { ...options, signal: timeLimit(PATIENCE, options.signal) }
  const me = await redeem(answer.code, pending, web)
  if (!(me instanceof URL)) return { signedIn: false, reason: me }
  const objection = await confirm(me, pending, web)
  return objection ? { signedIn: false, reason: objection } : { signedIn: true, me }
}

async function serverOf(
  profileUrl: URL,
  options: SignInOptions,
): Promise<IndieAuthEndpoints | SignInRefusal> {
  try {
    return await discoverIndieAuthEndpoints(profileUrl, options)
  } catch (error) {
    if (error instanceof FetchError) return { type: 'unreachable', detail: error.message }
    if (error instanceof ResponseError) return { type: 'broken_server', detail: error.message }
    throw error
  }
}

async function redeem(
  code: string,
  { authorizationEndpoint, clientId, redirectUri, codeVerifier }: PendingSignIn,
  options: SignInOptions,
): Promise<URL | SignInRefusal> {
  const client = { clientId: new URL(clientId), redirectUri: new URL(redirectUri) }
  try {
    const request = { ...client, code, codeVerifier }
    const response = await redemptionRequest(new URL(authorizationEndpoint), request, options)
    const outcome = await processRedemptionResponse(response)
    if (!outcome.redeemed) return outcome.reason
    return parseMe(outcome.me, options) ?? { type: 'invalid_me' }
  } catch (error) {
    if (error instanceof FetchError) return { type: 'redemption_failed', detail: error.message }
    throw error
  }
}

async function confirm(
  me: URL,
  pending: PendingSignIn,
  options: SignInOptions,
): Promise<SignInRefusal | undefined> {
  try {
    return (await confirmMe(me, pending, options)) ? undefined : { type: 'me_elsewhere' }
  } catch (error) {
    if (error instanceof FetchError) return { type: 'me_unreachable', detail: error.message }
    if (error instanceof ResponseError) return { type: 'me_elsewhere' }
    throw error
  }
}
