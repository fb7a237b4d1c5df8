import type { WebOptions } from '../web/fetch.ts'

/**
 * How private a parcel's source is.
 *
 * - `public`: anybody may see the source URL
 * - `capability`: the source URL is the secret; whoever lists it publishes the post
 * - `gated`: the source URL is no secret, what it shows is
 */
export type SourceExposure = 'public' | 'capability' | 'gated'

/** A post on its way to one target. */
export interface Parcel {
  /** The document that links to `target`; of a private post, this recipient's own copy. */
  readonly source: URL
  readonly target: URL
  readonly exposure: SourceExposure
  /** Whose copy it is: the recipient id, or `null` where nobody is named. */
  readonly recipient: string | null
}

/**
 * What came of one attempt.
 *
 * - `delivered`: the receiver took it
 * - `pending`: worth another try, not before `notBefore` if the receiver named a time
 * - `refused`: we would not hand it over, because that could publish it or visit a forbidden address
 * - `failed`: the receiver's answer is final
 * - `skipped`: there is nothing that could be sent
 */
export type Receipt =
  | { readonly outcome: 'delivered'; readonly reason: string; readonly statusUrl?: URL }
  | { readonly outcome: 'pending'; readonly reason: string; readonly notBefore?: Date }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'failed'; readonly reason: string }
  | { readonly outcome: 'skipped'; readonly reason: string }

/** What a receiver tells, some time later, about a parcel that it took. */
export type Progress = 'processing' | 'accepted' | { readonly rejected: string }

/** What a protocol must offer to carry posts. A new protocol is one of these. */
export interface DeliveryProtocol {
  readonly name: string
  /** Whether it is the way for such posts; by default it carries all. */
  carries?(exposure: SourceExposure): boolean
  /** Where `target` accepts this protocol, or `undefined` if it does not speak it. */
  discover(target: URL, options: WebOptions): Promise<URL | undefined>
  /** Hands the parcel over. Throws only `FetchError` and `ResponseError`. */
  deliver(parcel: Parcel, endpoint: URL, options: WebOptions): Promise<Receipt>
  /** Asks what became of a parcel that was taken with a `statusUrl`. */
  follow?(statusUrl: URL, options: WebOptions): Promise<Progress>
}
