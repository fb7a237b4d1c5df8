/**
 * Webmention, the receiver's side: takes note that another page links to one of ours.
 *
 * 1. {@link createWebmentionEndpoint} – judges the request and queues it (§3.2.1); a code of
 *    Private-Webmention is made use of on the spot
 * 2. {@link processQueued} – after the answer, or when the sweep ({@link sweepWebmentions}) comes by
 * 3. {@link verifyWebmention} – fetches the source and looks for the link (§3.2.2); the page is read in a
 *    worker thread ({@link readSource})
 * 4. {@link classify} – who may see it: private wins, doubt holds
 * 5. {@link readEntry} – what it says, by microformats2, in the worker thread too
 * 6. {@link completeAuthor} – who wrote it, where only the author's own page says so
 * 7. the {@link MessageSink} – into the inbox, or out of it (§3.2.4)
 *
 * @see https://www.w3.org/TR/webmention/#receiving-webmentions
 * @module
 */
import type { MessageSink } from '../delivery/message.ts'
import type { SitePaths } from '../ledger/site-record.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import type { Store } from '../store/store.ts'
import type { Fetch } from '../web/fetch.ts'
import type { PageParser } from '../web/page-parser.ts'
import { RECEIVER_LIMITS, type ReceiverLimits } from './receiver-limits.ts'
import type { SourceAccess } from './source-access.ts'

export interface WebmentionReceiverOptions {
  /** Where the site is served, with a slash at its end. */
  readonly site: URL
  /** The owner's profile URL: the home page, too, where it is elsewhere. */
  readonly me: URL
  readonly paths: Pick<SitePaths, 'webmention'>
  readonly files: DeployFiles
  readonly store: Store
  readonly access: SourceAccess
  readonly sink: MessageSink
  /** For pages of authors, and those that vouch for a sender. */
  readonly fetch: Fetch
  /** The owner's block list, asked for every URL that a source leads through. */
  readonly isDenied: (url: URL) => boolean | Promise<boolean>
  readonly now: () => Date
  /** For development only. */
  readonly allowLoopback?: boolean
  readonly limits?: Partial<ReceiverLimits>
  /** Reads strangers' pages; by default in the worker threads of this process. */
  readonly parse?: PageParser
}

export function limitsOf({ limits }: Pick<WebmentionReceiverOptions, 'limits'>): ReceiverLimits {
  return { ...RECEIVER_LIMITS, ...limits }
}
