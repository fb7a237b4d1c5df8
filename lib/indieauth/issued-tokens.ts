import { SECRET_KINDS, type ClaimsOf } from '../jwt/kinds.ts'
import type { Secrets } from '../jwt/secrets.ts'
import type { TokenResponse } from '../web/oauth.ts'

/**
 * Issues an access token with the refresh token that succeeds it. Both belong to one family: whoever ends it
 * ends them and all that come after.
 *
 * @param granted The scope of the refresh token, where the access token has less.
 */
export async function issueTokens(
  claims: ClaimsOf['refresh-token'],
  secrets: Secrets,
  granted = claims.scope,
): Promise<TokenResponse> {
  const { me, scope, resource } = claims
  return {
    access_token: await secrets.issue('access-token', claims),
    token_type: 'Bearer',
    expires_in: SECRET_KINDS['access-token'].lifetime,
    me,
    scope: scope.join(' '),
    refresh_token: await secrets.issue('refresh-token', { ...claims, scope: granted }),
    ...(resource !== undefined && { resource }),
  }
}
