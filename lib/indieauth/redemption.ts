import * as v from 'valibot'
import { discardBody } from '../web/body.ts'
import { ResponseError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { readJsonOrForm } from '../web/json-or-form.ts'
import { postForm } from '../web/post-form.ts'
import type { IndieAuthClient } from './authorization-request.ts'
import type { SignInRefusal } from './sign-in-refusal.ts'

/** @NOTE `profile` is left out on purpose: it says nothing of who somebody is (§5.3.4). */
const ProfileUrlResponse = v.object({ me: v.string() })

export interface RedemptionRequest extends IndieAuthClient {
  readonly code: string
  readonly codeVerifier: string
}

/**
 * Asks the authorization endpoint whom it gave this code to. Not the token endpoint: that one would have
 * to give us a token, and is another server for some.
 *
 * @returns Resolves with the response for {@link processRedemptionResponse}. A redirect is not followed,
 *   or else the code would go where nobody has sent it.
 * @see [IndieAuth §5.3.1 Request](https://indieauth.spec.indieweb.org/#request)
 */
export function redemptionRequest(
  authorizationEndpoint: URL,
  { code, clientId, redirectUri, codeVerifier }: RedemptionRequest,
  web: WebOptions,
): Promise<Response> {
  const fields = {
    grant_type: 'authorization_code',
    code,
    client_id: clientId.href,
    redirect_uri: redirectUri.href,
    code_verifier: codeVerifier,
  }
  // Alone: indieauth.com answers in form encoding as soon as anything else is welcome, too.
  return postForm(authorizationEndpoint, fields, { ...web, accept: 'application/json' })
}

export type Redemption =
  /** `me` as the server wrote it: neither validated nor confirmed. */
  | { readonly redeemed: true; readonly me: string }
  | {
      readonly redeemed: false
      readonly reason: Extract<SignInRefusal, { type: 'code_refused' | 'bad_answer' }>
    }

/**
 * Judges the answer to {@link redemptionRequest}, be it in JSON or, from older servers, in form encoding.
 *
 * @throws {FetchError} if the answer is too long, or breaks off
 * @see [IndieAuth §5.3.2 Profile URL Response](https://indieauth.spec.indieweb.org/#profile-url-response)
 */
export async function processRedemptionResponse(response: Response): Promise<Redemption> {
  const { status } = response
  if (status !== 200) {
    await discardBody(response)
    return { redeemed: false, reason: { type: 'code_refused', status } }
  }
  try {
    const answer = v.safeParse(ProfileUrlResponse, await readJsonOrForm(response))
    if (answer.success) return { redeemed: true, me: answer.output.me }
    return { redeemed: false, reason: { type: 'bad_answer', detail: 'the answer has no "me"' } }
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error
    return { redeemed: false, reason: { type: 'bad_answer', detail: error.message } }
  }
}
