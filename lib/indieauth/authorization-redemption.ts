import type { Secrets } from '../jwt/secrets.ts'
import { preferredType } from '../web/accept.ts'
import { RequestError } from '../web/errors.ts'
import { field } from '../web/form.ts'
import { NO_STORE } from '../web/oauth.ts'
import { redeemAuthorizationCode, required } from './code-redemption.ts'
import { profileFor, type OwnerProfile } from './owner-profile.ts'

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'

export interface AuthorizationRedemptionOptions {
  readonly me: URL
  readonly secrets: Secrets
  readonly profile?: OwnerProfile
}

/**
 * Says whom a code was given to, at the authorization endpoint. `grant_type` may be missing, because some
 * clients leave it out. A code of our own receiver's is what a sender's token endpoint asks about: the draft says that
 * `client_id` and `redirect_uri` are not necessary, and older libraries send both.
 *
 * @throws {RequestError} `invalid_request`, `invalid_grant`, `unsupported_grant_type`
 * @see [IndieAuth §5.3.2 Profile URL Response](https://indieauth.spec.indieweb.org/#profile-url-response)
 */
export async function answerRedemption(
  form: URLSearchParams,
  request: Request,
  { me, secrets, profile }: AuthorizationRedemptionOptions,
): Promise<Response> {
  const grantType = field(form, 'grant_type') ?? 'authorization_code'
  if (grantType !== 'authorization_code') {
    throw new RequestError('unsupported_grant_type', 'only codes are redeemed here')
  }
  const { valid: isOfReceiver } = await secrets.open('seed-code', required(form, 'code'))
  // With a verifier it is asked for by a client of the owner's, who was given no such code.
  if (!form.has('client_id') || (isOfReceiver && !form.has('code_verifier'))) {
    return answerSeedRedemption(form, request, secrets)
  }

  const { claims } = await redeemAuthorizationCode(form, secrets)
  const answer = { me: me.href, ...profileFor(claims.scope, profile) }
  return preferredType(request, [JSON_TYPE, FORM_TYPE]) === JSON_TYPE
    ? Response.json(answer, { headers: NO_STORE })
    : formResponse(me.href)
}

/**
 * @throws {RequestError} `invalid_request`, `invalid_grant`
 * @see [private-webmention, "Alice's server verifies the authorization code"](https://indieweb.org/private-webmention-brainstorming#Alice.27s_server_verifies_the_authorization_code)
 */
async function answerSeedRedemption(
  form: URLSearchParams,
  request: Request,
  secrets: Secrets,
): Promise<Response> {
  const opened = await secrets.redeem('seed-code', required(form, 'code'))
  if (!opened.valid) {
    throw new RequestError('invalid_grant', 'the code is unknown, expired or used')
  }
  // `aud`: a token endpoint that it was not made for must not take it from somebody who was shown it.
  const { me, audience: aud } = opened.claims
  return preferredType(request, [FORM_TYPE, JSON_TYPE]) === JSON_TYPE
    ? Response.json({ me, aud }, { headers: NO_STORE })
    : formResponse(me)
}

/** `:` and `/` may stand in a form as they are, and do so in the founding document. */
function formResponse(me: string): Response {
  const body = `${new URLSearchParams({ me })}`.replaceAll('%3A', ':').replaceAll('%2F', '/')
  return new Response(body, { headers: { ...NO_STORE, 'content-type': FORM_TYPE } })
}
