/**
 * What a function may spend on a page of somebody it does not know: 5 seconds for all redirects, and 1 MB.
 *
 * @see [Webmention §4.4 Limits on GET requests](https://www.w3.org/TR/webmention/#limits-on-get-requests)
 */
export const FETCH_LIMITS = { timeout: 5_000, maxBytes: 1024 * 1024 }
