import { createTicketEndpoint } from '../ticketing/ticket-endpoint.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { discoveryOf } from './discover.ts'
import { partsOf, type SiteOptions } from './site-options.ts'

/** `/indieauth/ticket`: tickets that others deposit for the owner. */
export function ticketOf(options: SiteOptions): Endpoint {
  return createTicketEndpoint({ ...partsOf(options), discover: discoveryOf(options) })
}
