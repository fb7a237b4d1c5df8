import { parseUrl } from '../web/parse-url.ts'
import type { PendingSignIn } from './pending-sign-in.ts'
import { isSameText } from './pkce.ts'
import type { SignInRefusal } from './sign-in-refusal.ts'

/** Some servers put a signed document into it. */
const MAX_CODE_LENGTH = 4096
const PARAMETERS = ['code', 'state', 'iss', 'error']

/**
 * Judges what the browser brought back from the authorization endpoint: `state` first, because without it
 * anybody may have sent this browser here; then `iss`, because an error of another server says nothing.
 *
 * @see [IndieAuth §5.2.1 Authorization Response](https://indieauth.spec.indieweb.org/#authorization-response)
 * @see [RFC 9207 §2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4)
 */
export function authorizationResponseOf(
  params: URLSearchParams,
  pending: PendingSignIn,
  now: Date,
): { readonly code: string } | SignInRefusal {
  const parameter = PARAMETERS.find((name) => params.getAll(name).length > 1)
  if (parameter !== undefined) return { type: 'repeated_parameter', parameter }
  if (!isSameText(params.get('state') ?? '', pending.state)) return { type: 'state_mismatch' }
  if (now.getTime() > Date.parse(pending.expires)) return { type: 'expired' }

  const iss = params.get('iss')
  if (iss === null && pending.requiresIss) return { type: 'iss_missing' }
  if (iss !== null && !isFrom(iss, pending)) return { type: 'iss_mismatch' }

  const error = params.get('error')
  if (error === 'access_denied') return { type: 'denied' }
  if (error !== null) return { type: 'server_refused', error: nameOf(error) }
  const code = params.get('code') ?? ''
  return code === '' || code.length > MAX_CODE_LENGTH ? { type: 'no_code' } : { code }
}

/**
 * By simple string comparison. A legacy server has announced no issuer; if it sends one nevertheless, that
 * must at least be a neighbour of its endpoint or of the profile: an honest server that was mixed up with
 * it names itself.
 */
function isFrom(iss: string, { issuer, authorizationEndpoint, urls }: PendingSignIn): boolean {
  if (issuer !== undefined) return iss === issuer
  const origin = parseUrl(iss)?.origin
  return [authorizationEndpoint, ...urls].some((url) => new URL(url).origin === origin)
}

/** Error codes of OAuth look like this; whatever else a stranger writes there stays out of our logs. */
function nameOf(error: string): string {
  return /^[a-z_]{1,40}$/.test(error) ? error : 'unknown'
}
