import { createAuthorizationEndpoint } from '../indieauth/authorization-endpoint.ts'
import { createOwnerSignIn, type OwnerSignIn } from '../indieauth/owner-sign-in.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { profileOf } from './owner-profile.ts'
import { partsOf, type SiteOptions } from './site-options.ts'

/** `/indieauth/auth`: the owner tells other sites who they are. */
export function authorizationOf(options: SiteOptions): Endpoint {
  const { indieauth } = options.settings
  const profile = profileOf(options)
  return createAuthorizationEndpoint({
    ...partsOf(options),
    ...{ indieauth, profile },
    ...ownerSignInOf(options),
  })
}

/** How the owner signs in with a passphrase, where there is one. */
export function ownerSignInOf(options: SiteOptions): { readonly signInOwner?: OwnerSignIn } {
  const { owner } = options
  return owner === undefined || owner === ''
    ? {}
    : { signInOwner: createOwnerSignIn({ ...partsOf(options), owner }) }
}
