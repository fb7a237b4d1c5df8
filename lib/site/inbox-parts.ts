import { openInboxParts, type InboxParts } from '../inbox/inbox-parts.ts'
import { partsOf, type SiteOptions } from './site-options.ts'

export function inboxPartsOf(options: SiteOptions): InboxParts {
  return openInboxParts({ ...partsOf(options), policy: options.settings.policy })
}
