/**
 * Messages between providers: each domain is a provider, and its users are `user@domain`.
 *
 * As the sending provider:
 *
 * 1. `discovery.ts` – whether a domain is a provider: it publishes `/keys`, or asks for a token at `/messages`
 * 2. `provider-token.ts`, {@link buildProviderToken} – a JWT that names the sender, the receiving provider and the body
 * 3. `sender.ts` – one `POST /messages` for each provider in the conversation, however many recipients it has
 * 4. `delivery.ts` – a post becomes a message
 *
 * As the receiving provider:
 *
 * 1. `keys-endpoint.ts` – `GET /keys` and `GET /keys/{kid}`, for those who receive from us
 * 2. `message.ts`, `conversation.ts`, `formatted.ts` – what a message is, and how it is shown
 * 3. `provider-token.ts`, {@link verifyProviderToken} – `aud`, `iss`, `sub`, `exp`; then `peer-keys.ts`, the signing
 *    key; then the signature, the body and whether the token was here before
 * 4. `receiver.ts` – a message of another provider, by these rules; `inbox-message.ts` – the same for the inbox
 *
 * For the provider's own users (the reference implementation's half): `local-users.ts` and `token-endpoint.ts`
 * sign them in, `messages-endpoint.ts` and `outbox.ts` take what they send, `message-log.ts`, `event-stream.ts` and
 * `message-socket.ts` give them what arrives.
 *
 * Where the document is silent, ambiguous or at odds with itself:
 *
 * - The key is at `https://{iss}/keys/{kid}`; where that is not there (404, 405, 501), or the token names no `kid`,
 *   among those of `https://{iss}/keys`. `https://{iss}/{kid}`, which could be any page, is asked last: only where
 *   the domain publishes no set of keys at all. Our own keys are at all three places.
 * - A `kid` stands in that path percent-encoded, and never as `.` or `..`. Redirects are not followed.
 * - Algorithms are ES256, ES384, EdDSA, RS256, RS384, RS512, PS256, PS384 and PS512, and each fits its key alone.
 *   Keys in the token's header (`jwk`, `jku`, `x5c`, `x5u`) are not looked at, and a `crit` that makes demands is
 *   refused.
 * - `exp` is at most a day ahead. A token without `exp` needs an `iat` of the last ten minutes, or a message that was
 *   sent in the last 30 days; it is remembered for 31 days. `nbf` and `iat` are checked where they are given, and
 *   clocks may be a minute apart.
 * - A token with a `jti` is good for one request. A token without one may bring several messages, each body once.
 * - `sha256`, the base64url hash of the body, binds the token to it: always sent, checked where it is there.
 * - 401 for what is no valid token for this request; 403 for a valid one whose `aud`, `iss` or `sub` are another's,
 *   for a `from` that is not in `to`, and where nobody in `to` is of ours.
 * - Where a key cannot be had just now, the 401 has a `Retry-After`, and our sender takes such an answer for "later".
 * - 201 for what was stored, and 202 for users that there are not: nothing else tells them apart. A site has one
 *   user, whose address it publishes.
 * - The same `id` from the same sender again is answered 201 and kept once; 503 while the first one is coming in, for
 *   it is not kept yet. A message without an `id` is known by what it says and when it was sent.
 * - A key that came over HTTP makes a message with a warning. HTTP is asked only where nothing takes connections for
 *   HTTPS; a domain that was once reached by HTTPS is never asked without again, nor is one whose certificate is bad.
 *   The names below `localhost` are always HTTP, so what comes from there carries the warning too.
 * - We send over HTTPS alone. For a provider that has none, `send` and `routes` say so before anything is sent, and
 *   nothing is. In development `localhost` names are sent to without HTTPS, and `routes` says that, too.
 * - `sentAt` may be in any form of ISO 8601; without a zone it is UTC, or where that lies in the future, a clock east of it.
 * - The type of a request's body is not looked at: the document names none, so that minimal senders name any.
 * - `sentAt` is when a post is handed over, not when it was written: a receiver would not take the time of a post
 *   that is dated ahead.
 * - What the owner's policy keeps out of the inbox is not in the stream either.
 * - A local user is the site's owner, who signs in with the passphrase of the inbox. Their token is one of ours, so
 *   that a provider's is never taken for it. Without a passphrase there is no password grant.
 * - The token may come without the word Bearer, and a message without `sentAt`, as at the reference implementation.
 * - "Sent" means written down: who did not take it is asked again for three days, and what is not delivered then
 *   comes back as an event `failed` in the stream and on the socket.
 * - Links are looked for in short markdown only: a provider could keep us busy with long ones.
 * - The WebSocket is at `/messages`, as in the text, and not at the `/messageStream` of the implementation. It
 *   gives what arrives from the moment of the connection, not of the token; a message has `receivedAt`, `warnings`
 *   and `cursor` added to it. Where no socket can be held, `GET /messages` with `Accept: text/event-stream` gives
 *   the same, and goes on behind `Last-Event-ID`; the token stands in a header only, never in the URL.
 *
 * | key in the store | value | lives |
 * | --- | --- | --- |
 * | `intertalk-token-seen/…` | `true`: this token was here; `false`: its message is coming in | until the token has expired, 31 days without `exp`; 30 seconds |
 * | `intertalk-message-seen/…` | `true`: this message was here; `false`: it is coming in | 30 days; 30 seconds |
 * | `intertalk-key/…` | `{ keys, isAuthenticated }`: of a domain and a `kid`, public keys that it published | 5 minutes |
 * | `intertalk-signer/…` | `true`: a domain's token was signed by the key of that name | 30 days |
 * | `intertalk-https/…` | `true`: this domain was reached by HTTPS | a year since it last was |
 * | `intertalk-log/…` | `{ type, … }`: what the local user is shown, numbered as it came | 30 days, the last 1,000 |
 * | `intertalk-log-head/last` | the number of the last one, or of one shortly before | – |
 * | `intertalk-outbox/…` | `{ message, domains, … }`: what a provider has still to take | three days |
 * | `intertalk-outbox-done/…` | `true`: this message of the local user is done with | 4 days |
 * | `rate-intertalk-…/…` | counts, see `store/rate-limit.ts` | a minute; of a user's own messages also a day |
 *
 * @see [intertalk](https://github.com/blackdoor-specialteams/intertalk)
 * @module
 */
import { isLoopbackHost } from '../web/address-text.ts'
import { FetchError, type RequestError } from '../web/errors.ts'
import { NO_STORE } from '../web/oauth.ts'
import { domainUrl } from '../web/user-address.ts'

/**
 * How the names of our keys begin, and the paths at the root where they are published: the document also has
 * `{iss}{/kid}`. Long enough that no page of a site begins like that.
 */
export const KEY_NAME_PREFIX = 'intertalk-key-'

/** Nothing takes connections, or what does speaks no TLS at all. A bad certificate is none of these. */
const NO_HTTPS = ['ECONNREFUSED', 'ERR_SSL_WRONG_VERSION_NUMBER']

/** Milliseconds for all that one exchange with another provider takes. */
export const PEER_TIMEOUT = 5_000

/**
 * An endpoint of a provider.
 *
 * @throws {FetchError} `refused`, for a name of this machine where that is not allowed
 */
export function providerUrl(domain: string, path: string, allowLoopback = false): URL {
  const url = domainUrl(domain)
  if (isLoopbackHost(url.hostname) && !allowLoopback) {
    throw new FetchError(`${domain} is on this machine`, { kind: 'refused' })
  }
  return new URL(path, url)
}

/** Whether a request over HTTPS has failed because there is no HTTPS. */
export function isWithoutHttps(error: unknown): boolean {
  if (!(error instanceof FetchError) || error.kind === 'refused') return false
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && NO_HTTPS.includes(String(cause.code))) return true
  }
  return false
}

/**
 * How a refusal is worded: as in OAuth, with the challenge of RFC 6750 where a token is what is missing.
 *
 * @see [RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3)
 */
export function intertalkErrorResponse({
  code,
  message,
  status,
  retryAfter,
}: RequestError): Response {
  const headers = new Headers(NO_STORE)
  if (retryAfter !== undefined) headers.set('retry-after', String(retryAfter))
  if (status === 401) headers.set('www-authenticate', `Bearer error="${code}"`)
  return Response.json({ error: code, error_description: message }, { status, headers })
}
