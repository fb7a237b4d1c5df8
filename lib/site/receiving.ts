import type { MessageSink } from '../delivery/message.ts'
import { inboxOf } from './inbox.ts'
import { partsOf, type SiteOptions, type SiteParts } from './site-options.ts'

/** What every protocol needs to take messages in: where they go, and from whom none are wanted. */
export interface Receiving extends SiteParts {
  readonly sink: MessageSink
  readonly isDenied: (address: string) => Promise<boolean>
}

export function receivingOf(options: SiteOptions): Receiving {
  const inbox = inboxOf(options)
  return {
    ...partsOf(options),
    sink: inbox,
    isDenied: (address) => inbox.policy.isDenied(address),
  }
}
