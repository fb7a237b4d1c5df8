import { createInboxEndpoint } from '../inbox/endpoint.ts'
import { openOwnPosts } from '../inbox/own-posts.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { ownerSignInOf } from './authorization.ts'
import { inboxOf } from './inbox.ts'
import { issuerAddress, partsOf, type SiteOptions } from './site-options.ts'

/** `/inbox`: its owner signs in with a passphrase, or with their own site where another server speaks for them. */
export function inboxEndpointOf(options: SiteOptions): Endpoint {
  const parts = partsOf(options)
  const { owner, settings } = options
  const isElsewhere = typeof settings.indieauth === 'string' || !owner
  return createInboxEndpoint({
    ...parts,
    inbox: inboxOf(options),
    titleOf: openOwnPosts(options.files).titleOf,
    ...ownerSignInOf(options),
    ...(isElsewhere && { indieauthSignIn: issuerAddress(parts, 'sign-in') }),
  })
}
