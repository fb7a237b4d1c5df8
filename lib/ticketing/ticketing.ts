/**
 * Ticketing for IndieAuth: instead of asking for a token, a reader's site is given a ticket for one.
 *
 * As the issuer:
 *
 * 1. {@link discoverTicketEndpoint} – where the subject takes tickets
 * 2. {@link sendTicket} – `ticket`, `resource`, `subject` and `iss`
 * 3. {@link ticketGrant} – the ticket becomes an access token, once
 * 4. {@link ticketRequest} – somebody asks us to send one; the answer is always the same
 *
 * As the subject:
 *
 * 1. {@link createTicketEndpoint} – takes a ticket, finds its issuer's token endpoint and redeems it
 * 2. {@link createTicketTokens} – the token for a page below its resource, refreshed when it is too old
 *
 * Two dialects are alive. Publ sends no `iss`, and knows `rel=ticket_endpoint` only; WordPress wants `me` to
 * be the subject, and an `iss` to be a proper issuer. Both are understood, and what we send suits both.
 *
 * @see https://indieweb.org/IndieAuth_Ticket_Auth
 * @module
 */
import type { WebOptions } from '../web/fetch.ts'

/** What a page says of its IndieAuth server, as far as it concerns tickets. */
interface TicketServer {
  readonly ticketEndpoint?: URL
  readonly tokenEndpoint?: URL
  readonly issuer?: string
  readonly grantTypes?: readonly string[]
}

/**
 * Reads a page's IndieAuth metadata, or else its legacy rels.
 *
 * @throws {FetchError | ResponseError} if the page cannot be had, or is broken
 */
export type TicketDiscovery = (page: URL, web: WebOptions) => Promise<TicketServer>

/** For everything that one ticket takes at a peer. */
export const TICKET_TIMEOUT = 5_000
