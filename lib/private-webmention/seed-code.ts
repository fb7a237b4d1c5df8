import { discoverIndieAuth, type IndieAuthOptions } from '../indieauth/discovery.ts'
import { parseProfileUrl } from '../indieauth/profile-url.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { ResponseError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { readJsonOrForm } from '../web/json-or-form.ts'
import { postForm } from '../web/post-form.ts'

/** Seconds. The code is made while the connection to the one who will verify it is being opened. */
const LIFETIME = 60

export interface SeedCodeOptions {
  readonly secrets: Secrets
  /** Whom the code speaks for. */
  readonly me: URL
}

/** Makes codes that our own authorization endpoint confirms, each for one token endpoint. */
export type SeedCodeMint = (audience: URL) => Promise<string>

/**
 * The "pre-established trust" between our receiver and our authorization endpoint: both have the secret.
 *
 * @see [seed 002, Generating the authorization code](https://indieweb.org/private-webmention-brainstorming#Generating_the_authorization_code)
 */
export function createSeedCodeMint({ secrets, me }: SeedCodeOptions): SeedCodeMint {
  return (audience) => {
    const claims = { me: me.href, audience: audience.href }
    return secrets.issue('seed-code', claims, { lifetime: LIFETIME })
  }
}

/** What a receiver says: this code shows that I am `me`. */
export interface SeedOffer {
  readonly code: string
  readonly me: URL
}

/**
 * Asks the site of `me` whether it made this code: for `me`, and not for another token endpoint than ours.
 *
 * @throws {FetchError} if it cannot be reached
 * @throws {ResponseError} if what it says is no confirmation
 */
export async function verifySeedCode(
  { code, me }: SeedOffer,
  tokenEndpoint: URL,
  options: IndieAuthOptions,
): Promise<boolean> {
  const server = await discoverIndieAuth(me, options)
  if (!server) return false

  const response = await verificationRequest(server.authorizationEndpoint, code, options)
  const confirmed = await processVerificationResponse(response)
  if (confirmed.audience !== undefined && confirmed.audience !== tokenEndpoint.href) return false
  return parseProfileUrl(confirmed.me, options)?.href === me.href
}

/**
 * Shows the code to the authorization endpoint of the one who is said to have made it. Nothing else is
 * sent: there is no client and no redirect here.
 *
 * @returns Resolves with the response for {@link processVerificationResponse}. A redirect is not followed,
 *   or else the code would go where nobody has sent it.
 * @see [seed 002, Alice's server verifies the authorization code](https://indieweb.org/private-webmention-brainstorming#Alice.27s_server_verifies_the_authorization_code)
 */
export function verificationRequest(
  authorizationEndpoint: URL,
  code: string,
  web: WebOptions,
): Promise<Response> {
  const accept = 'application/json, application/x-www-form-urlencoded;q=0.9'
  return postForm(authorizationEndpoint, { code }, { ...web, accept })
}

/** Whom a code speaks for, and to whom, as its maker says. Neither is confirmed yet. */
interface Verification {
  readonly me: string
  /** The token endpoint that it was made for; the founding document knows no such thing. */
  readonly audience: string | undefined
}

/**
 * Judges the answer to {@link verificationRequest}, in JSON or form encoding.
 *
 * @throws {ResponseError} if it does not confirm the code
 * @throws {FetchError} if it is too long, or breaks off
 */
export async function processVerificationResponse(response: Response): Promise<Verification> {
  const { me, aud } = await readJsonOrForm(response)
  if (typeof me !== 'string') throw new ResponseError('the answer has no "me"')
  // Fail closed: an audience that we cannot read is not ours.
  const audience = aud === undefined || typeof aud === 'string' ? aud : ''
  return { me, audience }
}
