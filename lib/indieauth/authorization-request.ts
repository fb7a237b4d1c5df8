import { codeChallengeOf } from './pkce.ts'

/** Us, as a client of other people's IndieAuth servers. */
export interface IndieAuthClient {
  /** Where our client metadata is. */
  readonly clientId: URL
  readonly redirectUri: URL
}

export interface AuthorizationRequest extends IndieAuthClient {
  readonly state: string
  readonly codeVerifier: string
  /** A hint at who wants to sign in. */
  readonly profileUrl: URL
}

/**
 * Where to send somebody who shall prove who they are. Without `scope`, because knowing who they are is all
 * we want. The endpoint's own query stays as it is.
 *
 * @see [IndieAuth §5.2 Authorization Request](https://indieauth.spec.indieweb.org/#authorization-request)
 */
export function authorizationUrl(
  authorizationEndpoint: URL,
  { clientId, redirectUri, state, codeVerifier, profileUrl }: AuthorizationRequest,
): URL {
  const request = new URLSearchParams({
    response_type: 'code',
    client_id: clientId.href,
    redirect_uri: redirectUri.href,
    state,
    code_challenge: codeChallengeOf(codeVerifier),
    code_challenge_method: 'S256',
    me: profileUrl.href,
  })
  const url = new URL(authorizationEndpoint)
  // Only where it is needed: any change writes the whole query anew.
  for (const name of request.keys()) if (url.searchParams.has(name)) url.searchParams.delete(name)
  url.search = [url.search.slice(1), request.toString()].filter(Boolean).join('&')
  return url
}
