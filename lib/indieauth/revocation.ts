import type { Secrets } from '../jwt/secrets.ts'
import { endpoint, type Endpoint } from '../web/endpoint.ts'
import { field, readForm } from '../web/form.ts'
import { NO_STORE, oauthErrorResponse, type TokenRequest } from '../web/oauth.ts'
import { required } from './code-redemption.ts'

export interface RevocationOptions {
  readonly secrets: Secrets
}

/**
 * Ends a token before its time, for whoever has it: an access token alone, a refresh token with everything
 * that came of it. What was no token any more is answered alike.
 *
 * @see [IndieAuth §7 Token Revocation](https://indieauth.spec.indieweb.org/#token-revocation)
 * @see [RFC 7009 §2](https://www.rfc-editor.org/rfc/rfc7009#section-2)
 */
export function createRevocationEndpoint({ secrets }: RevocationOptions): Endpoint {
  return endpoint(
    { POST: async (request) => revokeIn(await readForm(request), secrets) },
    oauthErrorResponse,
  )
}

/** The same as older clients ask for it: `action=revoke` at the token endpoint. */
export function legacyRevocation({ secrets }: RevocationOptions): TokenRequest {
  return async (form) => (field(form, 'action') === 'revoke' ? revokeIn(form, secrets) : undefined)
}

/** @throws {RequestError} `invalid_request` if there is no token in it */
async function revokeIn(form: URLSearchParams, secrets: Secrets): Promise<Response> {
  const token = required(form, 'token')
  const access = await secrets.open('access-token', token)
  if (access.valid) await secrets.revoke(access)
  const refresh = await secrets.open('refresh-token', token)
  if (refresh.valid) await secrets.revokeFamily(refresh.claims.family)
  return new Response(null, { status: 200, headers: NO_STORE })
}
