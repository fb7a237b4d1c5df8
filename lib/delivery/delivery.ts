import type { WebOptions } from '../web/fetch.ts'
import type { Letter } from './letter.ts'

/**
 * How private a parcel's source is.
 *
 * - `public`: anybody may see the source URL
 * - `capability`: the source URL is the secret; whoever lists it publishes the post
 * - `gated`: the source URL is no secret, what it shows is
 */
export type SourceExposure = 'public' | 'capability' | 'gated'

/**
 * By what a protocol finds its way.
 *
 * - `page`: the target itself, a page that says where it takes notifications
 * - `profile`: the recipient's profile URL, whose page says where they take messages
 * - `address`: the recipient's `user@domain`, as an `acct:` URL
 */
type Reach = 'page' | 'profile' | 'address'

/** A post on its way to one target. */
export interface Parcel {
  /** The document that links to `target`; of a private post, this recipient's own copy. */
  readonly source: URL
  readonly target: URL
  readonly exposure: SourceExposure
  /** Whose copy it is: the recipient id, or `null` where nobody is named. */
  readonly recipient: string | null
  /** What the protocol's `discover` was given: the page, the profile, or the address. */
  readonly destination: URL
  /** What the post says to this recipient; `undefined` where that is not, or no longer, known. */
  letter(): Promise<Letter | undefined>
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
  | {
      readonly outcome: 'refused'
      readonly reason: string
      /** What it is refused for can be put right by the author: it is looked at again in the next run. */
      readonly remediable?: true
    }
  | { readonly outcome: 'failed'; readonly reason: string }
  | { readonly outcome: 'skipped'; readonly reason: string }

/** What a receiver tells, some time later, about a parcel that it took. */
export type Progress = 'processing' | 'accepted' | { readonly rejected: string }

/** What a protocol must offer to carry posts. A new protocol is one of these. */
export interface DeliveryProtocol {
  readonly name: string
  /** What it has to know to find its way; by default the page. */
  readonly reaches?: Reach
  /** Whether its receivers forget what is gone when they are told once more; by default they do. */
  readonly takesBack?: boolean
  /** Whether it is the way for such posts; by default it carries all. */
  carries?(exposure: SourceExposure): boolean
  /** Where `destination` accepts this protocol, or `undefined` if it does not speak it. */
  discover(destination: URL, options: WebOptions): Promise<URL | undefined>
  /**
   * Why it would not hand such a post over there, where that is clear without asking the recipient. Throws only
   * `FetchError`.
   */
  objects?(
    exposure: SourceExposure,
    endpoint: URL,
    options: WebOptions,
  ): string | undefined | Promise<string | undefined>
  /**
   * What handing such a post over there would make public, as far as `discover` has seen it: asks nobody. Said
   * where the author allows it, too.
   */
  warns?(exposure: SourceExposure, endpoint: URL): string | undefined
  /**
   * Where everybody may read the sources that a target was sent, besides the target itself and its feeds. A
   * protocol that has this hands addresses over, which its receivers may publish.
   */
  listings?(endpoint: URL, target: URL): readonly URL[]
  /** How it finds the way, step by step, for an author who wants to know. No secrets. */
  explain?(destination: URL, options: WebOptions): Promise<readonly string[]>
  /** Hands the parcel over. Throws only `FetchError` and `ResponseError`. */
  deliver(parcel: Parcel, endpoint: URL, options: WebOptions): Promise<Receipt>
  /** Asks what became of a parcel that was taken with a `statusUrl`. */
  follow?(statusUrl: URL, options: WebOptions): Promise<Progress>
  /** Milliseconds for which `follow` can tell something; by default three days. */
  readonly followed?: number
}
