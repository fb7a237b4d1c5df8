import type { TicketDiscovery } from '../ticketing/ticketing.ts'
import type { SiteOptions } from './site-options.ts'

/** IndieAuth discovery, loaded when a page is to be looked at: most requests can do without a parser of HTML. */
export function discoveryOf({ allowLoopback = false }: SiteOptions): TicketDiscovery {
  return async (page, web) => {
    const { discoverIndieAuthEndpoints } = await import('../indieauth/discovery.ts')
    return discoverIndieAuthEndpoints(page, { ...web, allowLoopback })
  }
}
