import type { Opened, Secrets } from '../jwt/secrets.ts'
import { preferredType } from '../web/accept.ts'
import { endpoint, type Endpoint } from '../web/endpoint.ts'
import { readForm } from '../web/form.ts'
import { NO_STORE } from '../web/oauth.ts'
import { bearerErrorResponse, openBearer, verifyCaller } from './caller.ts'
import { required } from './code-redemption.ts'

export interface IntrospectionOptions {
  readonly me: URL
  readonly secrets: Secrets
}

/**
 * Tells a server of the owner's what an access token is good for. Of anything else that we sign, as of what
 * is nothing at all, or not for the caller to know (RFC 7662 §2.2), it says that it is not active and no more.
 *
 * @see [IndieAuth §6 Access Token Verification](https://indieauth.spec.indieweb.org/#access-token-verification)
 * @see [RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)
 */
export function createIntrospectionEndpoint(options: IntrospectionOptions): Endpoint {
  const { secrets } = options
  return endpoint({ POST: introspect }, bearerErrorResponse)

  async function introspect(request: Request): Promise<Response> {
    const mayKnow = await verifyCaller(request, options)
    const token = required(await readForm(request), 'token')
    const opened = await secrets.open('access-token', token)
    const answer =
      opened.valid && mayKnow(opened) ? { active: true, ...describe(opened) } : { active: false }
    return Response.json(answer, { headers: NO_STORE })
  }
}

/**
 * The same as it was asked before there was introspection: `GET` at the token endpoint, with the token itself.
 * Some servers still know no other way.
 */
export function createLegacyVerification({ secrets }: Pick<IntrospectionOptions, 'secrets'>) {
  return endpoint({ GET: verify }, bearerErrorResponse)

  async function verify(request: Request): Promise<Response> {
    const { me, client_id, scope } = describe(await openBearer(request, secrets))
    const answer = { me, ...(client_id !== undefined && { client_id }), scope }
    const type = preferredType(request, ['application/json', 'application/x-www-form-urlencoded'])
    return type === 'application/json'
      ? Response.json(answer, { headers: NO_STORE })
      : new Response(new URLSearchParams(answer), { headers: NO_STORE })
  }
}

function describe({ claims, issued, expires }: Opened<'access-token'>) {
  const { me, client_id, scope, resource } = claims
  return {
    me,
    ...(client_id !== undefined && { client_id }),
    scope: scope.join(' '),
    ...(resource !== undefined && { resource }),
    iat: Math.floor(issued.getTime() / 1000),
    exp: Math.floor(expires.getTime() / 1000),
  }
}
