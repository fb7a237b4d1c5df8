/**
 * Webmentions of posts that only some may read, in both roles and both generations of the protocol.
 *
 * In Private-Webmention the sender makes the code. As the sender:
 *
 * 1. {@link createPrivateWebmentionDelivery} – `source`, `target`, `code` and `realm` to the recipient's endpoint
 * 2. {@link webmentionCodeGrant} – the code becomes an access token, once
 *
 * As the receiver, {@link createSourceAccess}:
 *
 * 1. `redeem` – finds the sender's token endpoint and exchanges the code at once
 * 2. `fetch` – asks for the source with that token
 *
 * In the founding document, seed 002, the receiver makes the code. As the receiver, where a source
 * answers 401 and no code came with it ({@link createSeedExchange}):
 *
 * 1. {@link createSeedCodeMint} – a code from our own authorization endpoint: the "pre-established trust"
 *    is the secret that both share
 * 2. {@link findSeedTokenEndpoint} – the sender's `token_endpoint`
 * 3. `code` and `me` are posted there, a token comes back, the source is fetched with it
 *
 * As the sender, {@link seedCodeGrant}: finds the authorization endpoint of that `me`, shows it the code
 * ({@link verifySeedCode}), and gives the token.
 *
 * ## Who could pass on what
 *
 * A seed code says "this is bob" to whoever holds it. Eve, whom Bob's receiver visited, could show it at
 * Alice's token endpoint and read what is meant for Bob. What stands against that:
 *
 * - our codes are made for one token endpoint; our authorization endpoint tells it (`aud`) to who verifies
 *   the code and can read it, and our token endpoint refuses a code that was made for another
 * - a code goes to a token endpoint of the source's own origin, or to another one if the owner trusts the source's
 *   host, never where that redirects, lives a minute, and is good for one verification
 * - a token goes to the origin that the source has, and to no other
 * - `mayIdentifyTo` can keep us from telling a stranger who we are at all
 *
 * What stays: where one of the two sides is an implementation that knows the founding document alone, it
 * neither tells nor heeds the audience, and Eve can pass the code on within that minute. A site that cannot
 * live with this leaves `mintSeedCode` out, or restricts `mayIdentifyTo` to senders that it knows.
 *
 * A `code` that a sender made is different: whoever holds it could have had the token anyway.
 *
 * @see https://indieweb.org/Private-Webmention
 * @see https://indieweb.org/private-webmention-brainstorming
 * @module
 */

/** As the largest receiver allows; no code of ours has more than half of it. */
export const MAX_CODE_LENGTH = 1024

/** An exchange happens while somebody waits: less than what a receiver allows for a whole verification. */
export const EXCHANGE_TIMEOUT = 5_000
