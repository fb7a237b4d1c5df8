/**
 * Webmention, the sender's side: tells the author of a page that another page links to it.
 *
 * 1. {@link discoverWebmentionEndpoint} – where the target accepts webmentions (§3.1.2)
 * 2. {@link webmentionRequest} – "`source` links to `target`" (§3.1.3)
 * 3. {@link processWebmentionResponse} – taken, moved, later or never (§3.1.3)
 * 4. {@link followStatus} – what became of it, where the receiver has a status page (§3.2)
 *
 * {@link createWebmentionDelivery} is all four as a way for posts to travel, and stands in front of
 * receivers that would publish a private source ({@link recognisePublisher}).
 *
 * @see https://www.w3.org/TR/webmention/
 * @module
 */

/** What a sender claims: `source` links to `target`. */
export interface Webmention {
  readonly source: URL
  readonly target: URL
}

/**
 * What opens a private source to the receiver.
 *
 * @see [Private-Webmention, Sending](https://indieweb.org/Private-Webmention)
 */
export interface WebmentionCredentials {
  readonly code: string
  readonly realm: string
}
