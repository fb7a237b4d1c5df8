/**
 * How the receiver gets at a source that may be private. Without private webmention, it just fetches.
 */
export interface SourceAccess {
  /**
   * Makes use of a `code` at once, before the mention is queued: it may be good for a minute only, and
   * is kept nowhere. Never throws for what the sender did.
   */
  redeem(offer: CodeOffer): Promise<CodeOutcome>
  /** Fetches the source, with a token where we have or can get one. Throws only `FetchError` and `ResponseError`. */
  fetch(source: URL, target: URL): Promise<FetchedSource>
}

export interface CodeOffer {
  readonly source: URL
  readonly code: string
  readonly realm?: string
}

export type CodeOutcome =
  | { readonly redeemed: true }
  /** `no_token_endpoint`, `access_token_error`, … The sender is not told: it may say who we are. */
  | { readonly redeemed: false; readonly reason: string }

export interface FetchedSource {
  /** `url` is set to where it came from after redirects. */
  readonly response: Response
  /** Whether it was shown to us only because we identified ourselves. */
  readonly authenticated: boolean
  /** Every URL on the way, the source first. */
  readonly chain: readonly URL[]
}
