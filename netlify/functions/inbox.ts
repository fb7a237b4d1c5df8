import { inboxEndpointOf } from '../../lib/site/inbox-endpoint.ts'
import { openSite, toFunction } from '../site.ts'

/** `/inbox`: what the owner was sent. */
export default (settings: unknown) => toFunction(inboxEndpointOf(openSite(settings)))
