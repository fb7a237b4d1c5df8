import { RequestError } from '../web/errors.ts'
import { field } from '../web/form.ts'
import type { ClientInformation } from './client-information.ts'
import { isOwnRedirect, parseClientId, parseRedirectUri } from './client-id.ts'
import { parseScope } from './scopes.ts'

/** 43 letters of base64url: a SHA-256 (RFC 7636 §4.2). */
const CODE_CHALLENGE = /^[\w-]{43}$/
const MAX_STATE_LENGTH = 2048

/** Who asks, and where the answer would go. Until both are known to belong together, nobody is sent anywhere. */
export interface ClientAddresses {
  readonly clientId: URL
  readonly redirectUri: URL
}

/** What a client asks of the owner. */
export interface AuthorizationParameters extends ClientAddresses {
  /** OAuth clients that see that we ask for PKCE send none: PKCE protects them from the same. */
  readonly state: string | undefined
  readonly codeChallenge: string
  readonly scope: readonly string[]
  /** Whom the client expects, as it wrote it. */
  readonly me: string | undefined
}

/**
 * Reads who asks and where the answer would go.
 *
 * @throws {RequestError} `invalid_request`, for a person to read: there is nowhere to send it
 * @see [RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)
 */
export function parseClientAddresses(params: URLSearchParams): ClientAddresses {
  const clientId = parseClientId(field(params, 'client_id') ?? '')
  if (!clientId)
    throw refusal('It does not say which app it is, in an address that we could look at')
  const redirectUri = parseRedirectUri(field(params, 'redirect_uri') ?? '')
  if (!redirectUri) throw refusal('It does not say where to go back to, in an address that is safe')
  return { clientId, redirectUri }
}

/**
 * Whether the client may be answered there: at an address that it lists, or else on its own origin.
 *
 * @throws {RequestError} `invalid_request`, for a person to read
 * @see [IndieAuth §4.2.2 Redirect URL](https://indieauth.spec.indieweb.org/#redirect-url)
 */
export function verifyRedirectUri(
  { clientId, redirectUri }: ClientAddresses,
  { redirectUris, isComplete }: ClientInformation,
): void {
  const isListed = redirectUris.some((uri) => parseRedirectUri(uri)?.href === redirectUri.href)
  if (isListed || (!isComplete && isOwnRedirect(redirectUri, clientId))) return
  throw refusal(
    `It wants to be answered at an address that ${clientId.host} does not name as its own`,
  )
}

/**
 * Reads the rest of the request.
 *
 * PKCE is not optional: a code without it could be planted on somebody. `response_type=id` is what the
 * same request was called when it came without scopes.
 *
 * @throws {RequestError} to be sent back to the client
 * @see [IndieAuth §5.2 Authorization Request](https://indieauth.spec.indieweb.org/#authorization-request)
 */
export function parseAuthorizationParameters(
  params: URLSearchParams,
  addresses: ClientAddresses,
): AuthorizationParameters {
  const responseType = field(params, 'response_type')
  if (responseType === undefined) throw invalid('"response_type" is missing')
  if (responseType !== 'code' && responseType !== 'id') {
    throw new RequestError('unsupported_response_type', 'ask for a code')
  }
  const state = field(params, 'state')
  if (state !== undefined && state.length > MAX_STATE_LENGTH) throw invalid('"state" is too long')

  const codeChallenge = field(params, 'code_challenge')
  if (codeChallenge === undefined) throw invalid('"code_challenge" is missing')
  if (field(params, 'code_challenge_method') !== 'S256') {
    throw invalid('"code_challenge_method" has to be S256')
  }
  if (!CODE_CHALLENGE.test(codeChallenge)) throw invalid('"code_challenge" is no S256 challenge')

  const scope = parseScope(field(params, 'scope') ?? '')
  if (!scope) throw new RequestError('invalid_scope', '"scope" is no list of scopes')
  const me = field(params, 'me')
  return { ...addresses, state, codeChallenge, scope: responseType === 'id' ? [] : scope, me }
}

function invalid(message: string): RequestError {
  return new RequestError('invalid_request', message)
}

/** For a person: what is wrong with the request that brought them here. */
function refusal(message: string): RequestError {
  return new RequestError('invalid_request', message)
}
