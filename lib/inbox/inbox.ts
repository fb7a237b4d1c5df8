/**
 * Received messages of every protocol: kept, judged, decided on by the owner, and shown.
 *
 * 1. {@link createInbox} – takes messages in (`receiving.ts`), by the rules that stand there
 * 2. `moderation.ts` – what the owner does with them; `queries.ts` – what there is
 * 3. `endpoint.ts` – the owner's pages, and the same for the terminal
 * 4. `mentions-endpoint.ts` – what everybody may see of it
 * 5. `feed.ts` – the same messages in a feed reader, at an address that only the owner knows
 * 6. `build-hook.ts` – rebuilds the site when what everybody may see has changed
 * 7. `import-mentions.ts` – what another receiver has kept until now
 *
 * | key in the store | value |
 * | --- | --- |
 * | `inbox-private/…`, `inbox-public/…` | messages, see `shelf.ts` |
 * | `inbox-public/page/…`, `…/older/…` | what everybody may see, see `published-pages.ts` |
 * | `inbox-by-…` | by what a message is found, see `index-keys.ts` |
 * | `policy/decisions` | hosts and addresses that the owner blocked or always allows |
 * | `inbox/feed` | the hash of the feed's address, and the address, sealed |
 * | `inbox/build` | when a build was last asked for |
 *
 * @module
 */
import type { MessageSink } from '../delivery/message.ts'
import type { Decisions, SenderPolicy } from '../policy/decisions.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import { createDoor } from './door.ts'
import { openInboxParts, type InboxPartsOptions } from './inbox-parts.ts'
import { createModeration, type Moderation } from './moderation.ts'
import { openOwnPosts } from './own-posts.ts'
import { createPublished, type Published } from './published.ts'
import { createQueries, type Queries } from './queries.ts'
import { createReceiving } from './receiving.ts'

export interface InboxOptions extends InboxPartsOptions {
  /** Where the build left the letters of the owner's posts. */
  readonly files?: DeployFiles
  readonly now: () => Date
  /** What everybody may see has changed: something was approved, changed, or taken back. */
  readonly onApproved?: () => Promise<void>
}

/** What protocols hand their messages to, what the owner does with them, and what there is. */
export interface Inbox extends MessageSink, Moderation, Queries, Published {
  readonly decisions: Decisions
  /** For receivers, which need not visit what is denied. */
  readonly policy: SenderPolicy
  /** Finishes what a crash cut off. */
  mend(): Promise<void>
}

/** @throws {ConfigurationError} if a list of the policy holds what is no pattern */
export function createInbox({
  files,
  now,
  onApproved: announce = async () => {},
  ...options
}: InboxOptions): Inbox {
  const { shelves, index, pages, isHomePage, decisions, policy } = openInboxParts(options)
  const ownPosts = files && openOwnPosts(files)
  const common = { shelves, index, isHomePage, ownPosts, announce }
  return {
    ...createDoor({ shelves, index, policy }),
    ...createReceiving({ ...common, policy, now }),
    ...createModeration({ ...common, decisions }),
    ...createQueries({ shelves, index, isHomePage }),
    ...createPublished({ pages, isHomePage }),
    async mend() {
      await shelves.private.mend()
      await shelves.public.mend()
    },
    decisions,
    policy,
  }
}
