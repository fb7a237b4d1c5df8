import type { GateAddresses } from './addresses.ts'

/** Why a Bearer token was not enough (RFC 6750 §3.1). */
export type TokenError = 'invalid_token' | 'insufficient_scope'

/** What is said of it. Constant: a challenge tells nobody anything about a post. */
const DESCRIPTIONS = {
  invalid_token: 'the token is unknown, expired or revoked',
  insufficient_scope: 'the token is not good for reading here',
} satisfies Record<TokenError, string>

/**
 * The headers of everything below the gate's prefix, whoever asks: kept by no cache, no index and no
 * referrer, and saying where codes are exchanged. The largest receiver reads that from headers only.
 *
 * @see [Private-Webmention, Discovery](https://indieweb.org/Private-Webmention)
 */
export function gateHeaders({
  tokenEndpoint,
  metadata,
  webmentionEndpoint,
}: GateAddresses): Headers {
  const links = [
    [tokenEndpoint, 'token_endpoint'],
    [tokenEndpoint, 'oauth2-token'],
    [metadata, 'indieauth-metadata'],
    [webmentionEndpoint, 'webmention'],
  ] as const
  return new Headers({
    link: links.map(([url, rel]) => `<${url.href}>; rel="${rel}"`).join(', '),
    'cache-control': 'private, no-store',
    vary: 'Authorization, Cookie',
    'x-robots-tag': 'noindex, nofollow, noarchive, nosnippet',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  })
}

/**
 * Adds both challenges. The one that the private-webmention draft names comes first, because software that
 * was written from the draft reads the first challenge; the registered one, which needs a parameter, follows.
 * Without credentials there is no error to report.
 *
 * @see [private-webmention draft, Protocol Flow](https://indieweb.org/private-webmention-brainstorming#Protocol_Flow)
 * @see [RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3)
 */
export function challenge(headers: Headers, error?: TokenError): Headers {
  const parameters = ['realm="private"', 'scope="read"']
  if (error) parameters.push(`error="${error}"`, `error_description="${DESCRIPTIONS[error]}"`)
  headers.append('www-authenticate', 'IndieAuth')
  headers.append('www-authenticate', `Bearer ${parameters.join(', ')}`)
  return headers
}
