import { createInvitationEndpoint } from '../gate/invitation.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { partsOf, type SiteOptions } from './site-options.ts'

/** `/invitation/<token>`: a reader without a website comes in. */
export function invitationOf(options: SiteOptions): Endpoint {
  return createInvitationEndpoint(partsOf(options))
}
