import type { Opened, Secrets } from '../jwt/secrets.ts'
import { RequestError } from '../web/errors.ts'
import { field } from '../web/form.ts'
import { parseUrl } from '../web/parse-url.ts'
import { verifyCodeVerifier } from './pkce.ts'

/**
 * Redeems a code for who it was given to, at whichever endpoint. The code is spent only by its own client:
 * somebody who has nothing but the code can do nothing with it, not even use it up.
 *
 * A second redemption by the same client ends what came of the first, because one of the two was not it.
 *
 * @throws {RequestError} `invalid_request`, `invalid_grant`
 * @see [IndieAuth §5.3.1](https://indieauth.spec.indieweb.org/#redeeming-the-authorization-code)
 * @see [RFC 6749 §4.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2)
 */
export async function redeemAuthorizationCode(
  form: URLSearchParams,
  secrets: Secrets,
): Promise<Opened<'authorization-code'>> {
  const opened = await openAuthorizationCode(form, secrets)
  if (await secrets.spend(opened)) return opened
  await secrets.revokeFamily(opened.id)
  throw refusal()
}

/**
 * Checks a code and that its own client brings it, without spending it.
 *
 * @throws {RequestError} `invalid_request`, `invalid_grant`
 */
export async function openAuthorizationCode(
  form: URLSearchParams,
  secrets: Secrets,
): Promise<Opened<'authorization-code'>> {
  const code = required(form, 'code')
  const clientId = required(form, 'client_id')
  const redirectUri = required(form, 'redirect_uri')
  const codeVerifier = field(form, 'code_verifier') ?? ''

  const opened = await secrets.open('authorization-code', code)
  if (!opened.valid) throw refusal()
  const { client_id, redirect_uri, code_challenge = '' } = opened.claims
  const isTheirs = isSameUrl(clientId, client_id) && isSameUrl(redirectUri, redirect_uri)
  if (!isTheirs || !verifyCodeVerifier(codeVerifier, code_challenge)) throw refusal()
  return opened
}

/** @throws {RequestError} `invalid_request` */
export function required(form: URLSearchParams, name: string): string {
  const value = field(form, name)
  if (value) return value
  throw new RequestError('invalid_request', `"${name}" is missing`)
}

/** Whether a client has written the address that it wrote before: `https://app.example` has a slash, too. */
export function isSameUrl(text: string, href: string): boolean {
  return parseUrl(text)?.href === href
}

/** One answer for every reason (RFC 6749 §5.2). */
function refusal(): RequestError {
  return new RequestError(
    'invalid_grant',
    'the code is unknown, expired, used or not for this client',
  )
}
