/**
 * A message that somebody sent to the owner of the site, by whatever protocol it came.
 *
 * The rooms of the protocols make them, the inbox keeps and shows them.
 *
 * @module
 */

/** Who wrote it, by the words of the page or the letter. */
export interface MessageAuthor {
  readonly name: string
  readonly url?: string
  /** Nothing of ours loads it: its host would learn who reads the message, and when. */
  readonly photo?: string
  /**
   * The host that the message came from, where `url` or the post's permalink is on another site: then all of this is a
   * claim of that host.
   * The inbox sets it, whatever a protocol's room says.
   */
  readonly via?: string
}

/** What it is, in the words of microformats and of the wiki. */
export type MessageType =
  | 'reply'
  | 'like'
  | 'repost'
  | 'bookmark'
  | 'follow'
  | 'rsvp'
  | 'invitation'
  | 'person-tag'
  | 'mention'
  | 'message'
  /** Nothing that its author says: a page that this site cannot open, for the owner to open there. */
  | 'unopened'

/**
 * How sure we are that nobody else may see it: `private` where any sign says so, `public` where none
 * does, `unsure` where only weak ones do.
 */
export type Privacy = 'public' | 'private' | 'unsure'

/** A message as a protocol's room has verified it. All texts are plain, `html` is sanitised. */
export interface Message {
  /** The protocol's name: `webmention`, `private-webmention`, `rel-pm`, `intertalk`, `fmtp` */
  readonly protocol: string
  /**
   * Where it can be read; of a webmention, the source as it was sent. A message that stands nowhere on the
   * web is named by its protocol: `pm:…`, `intertalk:bob@chat.example/…`, `fmtp:1.bob@mail.example`.
   */
  readonly source: string
  /** Its permalink as the page says, where that is not the source: a bridge shows what stands elsewhere. */
  readonly url?: string
  /** Who sent it, as the lists of the policy name them: a profile URL or an address. By default the source. */
  readonly sender?: string
  /** Whom its author addressed it to, as far as they say so: profile URLs and addresses. */
  readonly audience?: readonly string[]
  /** The page of ours that it is about, or our home page. */
  readonly target: string
  readonly author: MessageAuthor
  readonly type: MessageType
  readonly privacy: Privacy
  /** The host that it really came from, which no author can choose. */
  readonly host: string
  readonly title?: string
  /** Plain text, cut to a length that an inbox can show. */
  readonly text: string
  /** Sanitised for display. */
  readonly html?: string
  /** ISO 8601, as its author dates it. */
  readonly published?: string
  readonly rsvp?: string
  /** The message or page that it answers. */
  readonly inReplyTo?: string
  /** The first message of the thread, where the protocol knows it. */
  readonly threadRoot?: string
  /** Every host that its fetch went through: block lists apply to each. */
  readonly hosts?: readonly string[]
  /** The host of a page that links to where it came from: a hint that the sender is known to somebody. */
  readonly vouchedBy?: string
  /** What the owner should know of it, such as "redirected to another site". Makes it wait for approval. */
  readonly warnings?: readonly string[]
}

/** What a protocol tells the inbox. `key` names the message for ever: the same key replaces it. */
export interface MessageSink {
  accept(key: string, message: Message): Promise<void>
  /** Its author took it back. */
  withdraw(key: string): Promise<void>
  /** What the inbox holds under the key, for rules that depend on how it came. */
  find(key: string): Promise<Message | undefined>
  /** Whether one more from there may wait for the owner: otherwise the protocol answers 429. */
  hasRoom?(host: string, sender: string): Promise<boolean>
}
