/**
 * What every step that talks to the web takes as its last argument. `fetch` is injected, so that a
 * test can be the web, and so that only one place decides which addresses may be visited.
 */
export interface WebOptions {
  readonly fetch: Fetch
  readonly signal?: AbortSignal
}

/** Narrower than the global one: URLs are `URL` objects, and redirects are followed by its caller's rules. */
export type Fetch = (url: URL, init?: FetchInit) => Promise<Response>

export interface FetchInit extends RequestInit {
  /**
   * Over HTTPS, ports from 1024 on may be visited besides those of the web: for protocols whose servers may be at
   * any. Only the first request; a redirect to such a port is refused.
   */
  readonly highPorts?: boolean
}
