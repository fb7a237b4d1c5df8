import type { Secrets } from '../jwt/secrets.ts'
import { RequestError } from '../web/errors.ts'
import { field } from '../web/form.ts'
import type { Grant } from '../web/oauth.ts'
import { isSameUrl, required } from './code-redemption.ts'
import { issueTokens } from './issued-tokens.ts'
import { isWithin, parseScope } from './scopes.ts'

/**
 * Exchanges a refresh token for the next pair of tokens. Each is good for one exchange; the second one ends
 * the whole family, because a token that is used twice has been stolen from somebody.
 *
 * A recipient's refresh token names no client, because their server is none of ours.
 *
 * @see [IndieAuth §5.5 Refresh Token](https://indieauth.spec.indieweb.org/#refresh-tokens)
 * @see [RFC 9700 §4.14.2](https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2)
 */
export function refreshTokenGrant({ secrets }: { readonly secrets: Secrets }): Grant {
  return async (form) => {
    if (field(form, 'grant_type') !== 'refresh_token') return undefined
    const opened = await secrets.open('refresh-token', required(form, 'refresh_token'))
    if (!opened.valid) throw refusal()

    const { claims } = opened
    if (claims.client_id !== undefined && !isSameClient(form, claims.client_id)) throw refusal()
    const scope = requestedScope(form) ?? claims.scope
    if (!isWithin(scope, claims.scope)) {
      throw new RequestError('invalid_scope', 'this was not granted')
    }
    if (!(await secrets.spend(opened))) {
      await secrets.revokeFamily(claims.family)
      throw refusal()
    }
    return issueTokens({ ...claims, scope: [...scope] }, secrets, claims.scope)
  }
}

/** @throws {RequestError} `invalid_scope` */
function requestedScope(form: URLSearchParams): readonly string[] | undefined {
  const text = field(form, 'scope')
  if (text === undefined || text === '') return undefined
  const scope = parseScope(text)
  if (scope && scope.length > 0) return scope
  throw new RequestError('invalid_scope', '"scope" is no list of scopes')
}

/** @throws {RequestError} `invalid_request` */
function isSameClient(form: URLSearchParams, clientId: string): boolean {
  return isSameUrl(required(form, 'client_id'), clientId)
}

/** One answer for every reason (RFC 6749 §5.2). */
function refusal(): RequestError {
  return new RequestError(
    'invalid_grant',
    'the refresh token is unknown, expired, used or not for this client',
  )
}
