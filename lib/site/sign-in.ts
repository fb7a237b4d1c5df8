import { createCallbackEndpoint } from '../gate/callback.ts'
import { createSignInEndpoint } from '../gate/sign-in.ts'
import { createSignOutEndpoint } from '../gate/sign-out.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { partsOf, type SiteOptions } from './site-options.ts'

/** `/indieauth/sign-in`: a reader names their own site, and is sent there. */
export function signInOf(options: SiteOptions): Endpoint {
  return createSignInEndpoint(partsOf(options))
}

/** `/indieauth/callback`: and comes back from there. */
export function callbackOf(options: SiteOptions): Endpoint {
  return createCallbackEndpoint(partsOf(options))
}

/** `/indieauth/sign-out` */
export function signOutOf(options: SiteOptions): Endpoint {
  return createSignOutEndpoint(partsOf(options))
}
