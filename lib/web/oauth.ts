/**
 * What OAuth 2.0 says of every token endpoint, whoever's grants it redeems.
 *
 * @see [RFC 6749 §5](https://www.rfc-editor.org/rfc/rfc6749#section-5)
 * @module
 */
import { RequestError } from './errors.ts'
import { endpoint, type Endpoint, type RequestContext } from './endpoint.ts'
import { field, readForm } from './form.ts'

/** Answers that hold a token, or say why there is none, stay out of every cache. */
export const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' }

/** The successful answer of a token endpoint. */
export interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly me?: string
  readonly scope?: string
  readonly refresh_token?: string
  readonly profile?: Readonly<Record<string, string>>
  readonly resource?: string | readonly string[]
}

/**
 * One way to come by a token. Answers `undefined` where the request is not of its kind.
 *
 * @throws {RequestError} where it is of its kind, and wrong
 */
export type Grant = (
  form: URLSearchParams,
  request: Request,
  context?: RequestContext,
) => Promise<TokenResponse | undefined>

/** Something else that is asked at a token endpoint, or is answered there in another form. */
export type TokenRequest = (
  form: URLSearchParams,
  request: Request,
  context?: RequestContext,
) => Promise<Response | undefined>

/** Offers each grant the request, in order; the first that knows its kind answers. */
export function createTokenEndpoint(grants: readonly (Grant | TokenRequest)[]): Endpoint {
  return endpoint({ POST: redeem }, oauthErrorResponse)

  async function redeem(request: Request, context?: RequestContext): Promise<Response> {
    const form = await readForm(request)
    for (const grant of grants) {
      const answer = await grant(form, request, context)
      if (answer === undefined) continue
      return 'access_token' in answer ? Response.json(answer, { headers: NO_STORE }) : answer
    }
    const grantType = field(form, 'grant_type')
    if (grantType === undefined)
      throw new RequestError('invalid_request', '"grant_type" is missing')
    throw new RequestError('unsupported_grant_type', 'this grant is not supported here')
  }
}

/** @see [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2) */
export function oauthErrorResponse({ code, message, status, retryAfter }: RequestError): Response {
  const headers = new Headers(NO_STORE)
  if (retryAfter !== undefined) headers.set('retry-after', String(retryAfter))
  return Response.json({ error: code, error_description: message }, { status, headers })
}

/** The token of an `Authorization: Bearer` header, or `undefined` without such a header. */
export function bearerToken(request: Request): string | undefined {
  return /^bearer +([\w.~+/-]+=*) *$/i.exec(request.headers.get('authorization') ?? '')?.[1]
}
