import type { Opened, Secrets } from '../jwt/secrets.ts'
import { RequestError } from '../web/errors.ts'
import { bearerToken, oauthErrorResponse } from '../web/oauth.ts'

/** What our own machines say in their signed call, and the scope of a server that checks others' tokens. */
const PURPOSE = 'introspect'

/** Which tokens a caller may be told of. */
type MayKnow = (token: Opened<'access-token'>) => boolean

/** @throws {RequestError} `invalid_token`, 401 */
export async function openBearer(
  request: Request,
  secrets: Secrets,
): Promise<Opened<'access-token'>> {
  const opened = await secrets.open('access-token', presentedToken(request))
  if (opened.valid) return opened
  throw new RequestError('invalid_token', 'the token is unknown, expired or revoked', {
    status: 401,
  })
}

/**
 * Who may ask about tokens: a machine of our own, or a server that the owner gave a token. That one is told
 * of its client's own tokens; of everybody's only if the owner granted it the scope `introspect`.
 *
 * @throws {RequestError} `unauthorized` or `invalid_token`, 401
 */
export async function verifyCaller(
  request: Request,
  { me, secrets }: { readonly me: URL; readonly secrets: Secrets },
): Promise<MayKnow> {
  const call = await secrets.open('call', presentedToken(request))
  if (call.valid && call.claims.purpose === PURPOSE) return () => true
  const { claims } = await openBearer(request, secrets)
  const { client_id, scope } = claims
  if (claims.me === me.href && client_id !== undefined) {
    return (token) => scope.includes(PURPOSE) || token.claims.client_id === client_id
  }
  throw new RequestError('insufficient_scope', 'only the owner of this site may ask', {
    status: 403,
  })
}

/**
 * How RFC 6750 words a refusal. Who showed nothing is told nothing.
 *
 * @see [RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3)
 */
export function bearerErrorResponse(error: RequestError): Response {
  const response = oauthErrorResponse(error)
  if (error.status !== 401 && error.status !== 403) return response
  const why = error.code === 'unauthorized' ? '' : `, error="${error.code}"`
  response.headers.set('www-authenticate', `Bearer realm="indieauth"${why}`)
  return response
}

/** @throws {RequestError} `unauthorized`, 401 */
function presentedToken(request: Request): string {
  const token = bearerToken(request)
  if (token !== undefined) return token
  throw new RequestError('unauthorized', 'show an access token', { status: 401 })
}
