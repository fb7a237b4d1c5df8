import { createBuildHook, type BuildHook } from '../inbox/build-hook.ts'
import { createInbox, type Inbox } from '../inbox/inbox.ts'
import { partsOf, type SiteOptions } from './site-options.ts'

/** What the owner was sent. */
export function inboxOf(options: SiteOptions): Inbox {
  const hook = buildHookOf(options)
  return createInbox({
    ...partsOf(options),
    policy: options.settings.policy,
    ...(hook && { onApproved: () => hook.announce() }),
  })
}

/** Has the site built anew when public mentions have changed, where the owner wants it. */
export function buildHookOf(options: SiteOptions): BuildHook | undefined {
  const { buildHook: hook } = options
  return hook && createBuildHook({ ...options, hook })
}
