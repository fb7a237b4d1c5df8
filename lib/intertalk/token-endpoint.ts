import { SECRET_KINDS } from '../jwt/kinds.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { allowEveryOrigin } from '../web/cors.ts'
import type { Endpoint, RequestContext } from '../web/endpoint.ts'
import { RequestError } from '../web/errors.ts'
import { field } from '../web/form.ts'
import { createTokenEndpoint, NO_STORE, type Grant, type TokenRequest } from '../web/oauth.ts'
import { canonicalAddress, type UserAddress } from '../web/user-address.ts'
import { isUserName } from './local-users.ts'

type PassphraseOutcome =
  | { readonly ok: true }
  /** `retryAfter`: seconds, where nobody looked at it because there were too many tries. */
  | { readonly ok: false; readonly retryAfter?: number | undefined }

/** Looks at a passphrase, and counts how often that is asked. */
export type PassphraseCheck = (
  passphrase: string,
  visit: { readonly request: Request; readonly context?: RequestContext | undefined },
) => Promise<PassphraseOutcome>

export interface LocalTokenOptions {
  /** The one user that there is: the owner of the site. */
  readonly address: UserAddress
  readonly secrets: Secrets
  /** Without it nobody can sign in. */
  readonly checkPassphrase: PassphraseCheck | undefined
}

/**
 * Signs a local user in: name and passphrase for a token of twelve hours. `action=revoke&token=…` ends one
 * before its time.
 *
 * A browser's page of any origin may ask. Nothing is taken from cookies, and a page learns no more from the
 * answer than whoever knows the passphrase.
 *
 * @see intertalk, "Reference Implementation", "Login"
 * @see [RFC 6749 §4.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.3)
 */
export function createLocalTokenEndpoint(options: LocalTokenOptions): Endpoint {
  const answer = createTokenEndpoint([passwordGrant(options), tokenRevocation(options)])
  return allowEveryOrigin(answer, { methods: ['POST'] })
}

/**
 * @throws {RequestError} `invalid_request`; `invalid_grant`, alike for a wrong name and a wrong passphrase;
 *   `unsupported_grant_type` where the owner has no passphrase; `rate_limit_exceeded`, 429
 */
function passwordGrant({ address, secrets, checkPassphrase }: LocalTokenOptions): Grant {
  return async (form, request, context) => {
    if (field(form, 'grant_type') !== 'password') return undefined
    if (!checkPassphrase) {
      const message = 'the owner of this site has no passphrase to sign in with'
      throw new RequestError('unsupported_grant_type', message)
    }
    const [username, password] = [field(form, 'username'), field(form, 'password')]
    if (!username || !password) {
      throw new RequestError('invalid_request', '"username" and "password" are required')
    }
    // Before anybody looks at the name: a wrong one takes as long, and is counted.
    const outcome = await checkPassphrase(password, { request, context })
    if (!outcome.ok && outcome.retryAfter !== undefined) {
      const { retryAfter } = outcome
      throw new RequestError('rate_limit_exceeded', 'too many tries', { status: 429, retryAfter })
    }
    if (!outcome.ok || !isUserName(username, address)) {
      throw new RequestError('invalid_grant', 'the name or the passphrase is wrong')
    }
    const claims = { user: canonicalAddress(address) }
    return {
      access_token: await secrets.issue('intertalk-token', claims),
      token_type: 'Bearer',
      expires_in: SECRET_KINDS['intertalk-token'].lifetime,
    }
  }
}

/** @see [RFC 7009 §2](https://www.rfc-editor.org/rfc/rfc7009#section-2) */
function tokenRevocation({ secrets }: LocalTokenOptions): TokenRequest {
  return async (form) => {
    if (field(form, 'action') !== 'revoke') return undefined
    const token = field(form, 'token')
    if (!token) throw new RequestError('invalid_request', '"token" is missing')
    const opened = await secrets.open('intertalk-token', token)
    if (opened.valid) await secrets.revoke(opened)
    return new Response(null, { status: 200, headers: NO_STORE })
  }
}
