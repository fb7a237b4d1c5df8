import type { Secrets } from '../jwt/secrets.ts'
import { RequestError } from '../web/errors.ts'
import { field } from '../web/form.ts'
import type { Grant } from '../web/oauth.ts'
import { openAuthorizationCode, redeemAuthorizationCode } from './code-redemption.ts'
import { issueTokens } from './issued-tokens.ts'
import { profileFor, type OwnerProfile } from './owner-profile.ts'

export interface AuthorizationCodeGrantOptions {
  readonly me: URL
  readonly secrets: Secrets
  readonly profile?: OwnerProfile
}

/**
 * Gives a client of the owner's a token for the code that the owner let it have. Without `client_id` the
 * request is about somebody else's code: that of a webmention.
 *
 * A code without scopes gets no token and stays unspent: it can still say who the owner is.
 *
 * @see [IndieAuth §5.3.3 Access Token Response](https://indieauth.spec.indieweb.org/#access-token-response)
 */
export function authorizationCodeGrant({
  me,
  secrets,
  profile,
}: AuthorizationCodeGrantOptions): Grant {
  return async (form) => {
    const isOfThisKind = field(form, 'grant_type') === 'authorization_code' && form.has('client_id')
    if (!isOfThisKind) return undefined

    const { claims } = await openAuthorizationCode(form, secrets)
    if (claims.scope.length === 0) {
      throw new RequestError('invalid_scope', 'the code was issued without a scope: no token')
    }
    const { id: family } = await redeemAuthorizationCode(form, secrets)
    const { scope, client_id } = claims
    const tokens = await issueTokens({ me: me.href, scope, client_id, family }, secrets)
    return { ...tokens, ...profileFor(scope, profile) }
  }
}
