import { ticketOf } from '../../lib/site/ticket.ts'
import { openSite, toFunction } from '../site.ts'

/** `/indieauth/ticket`: tickets that others deposit for the owner. */
export default (settings: unknown) => toFunction(ticketOf(openSite(settings)))
