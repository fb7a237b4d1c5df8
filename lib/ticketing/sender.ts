import type { Secrets } from '../jwt/secrets.ts'
import { discardBody } from '../web/body.ts'
import { FetchError, ResponseError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { discoverRels } from '../web/rel-discovery.ts'
import { isAsSafeAs } from '../web/endpoint-safety.ts'
import { postForm } from '../web/post-form.ts'
import type { TicketDiscovery } from './ticketing.ts'

const LEGACY_REL = 'ticket_endpoint'

/** A ticket, and what its receiver must know to redeem it. */
export interface Ticket {
  readonly ticket: string
  /** What the token will be good for: this page and all below it. */
  readonly resource: URL
  /** Whom it is for. */
  readonly subject: URL
  /** Our issuer identifier: where the subject's site finds our token endpoint. */
  readonly iss: URL
}

export type TicketReceipt =
  /** `redeemed`: already, as far as the status can tell. */
  | { readonly sent: true; readonly redeemed: boolean }
  | { readonly sent: false; readonly reason: string }

export interface TicketSenderOptions extends WebOptions {
  readonly secrets: Secrets
  readonly discover: TicketDiscovery
}

/** Issues a ticket for `subject` and brings it to them, if they have a place for it. */
export async function sendTicket(
  { subject, resource, iss }: Omit<Ticket, 'ticket'>,
  { secrets, discover, ...web }: TicketSenderOptions,
): Promise<TicketReceipt> {
  try {
    const endpoint = await discoverTicketEndpoint(subject, { ...web, discover })
    if (!endpoint) return { sent: false, reason: 'no ticket endpoint' }
    const claims = { subject: subject.href, resource: resource.href }
    const ticket = await secrets.issue('ticket', claims)
    const response = await ticketNotification(endpoint, { ticket, subject, resource, iss }, web)
    return await processTicketResponse(response)
  } catch (error) {
    if (error instanceof FetchError || error instanceof ResponseError) {
      return { sent: false, reason: error.message }
    }
    throw error
  }
}

/**
 * Finds where `subject` takes tickets: in their metadata, or else by `rel=ticket_endpoint`.
 *
 * @throws {FetchError | ResponseError} if their page cannot be had, or is broken
 * @see [Ticketing for IndieAuth, Discovery](https://indieweb.org/IndieAuth_Ticket_Auth)
 */
export async function discoverTicketEndpoint(
  subject: URL,
  { discover, ...web }: WebOptions & { readonly discover: TicketDiscovery },
): Promise<URL | undefined> {
  const { ticketEndpoint } = await discover(subject, web)
  const endpoint = ticketEndpoint ?? (await legacyEndpoint(subject, web))
  return endpoint && isAsSafeAs(subject, endpoint) ? endpoint : undefined
}

/** Metadata that does not know tickets may stand beside the rel from before it. */
async function legacyEndpoint(subject: URL, web: WebOptions): Promise<URL | undefined> {
  const { found } = await discoverRels(subject, [LEGACY_REL], { ...web, elements: ['link'] })
  return found.get(LEGACY_REL)
}

/**
 * Brings a ticket to an endpoint. A redirect is not followed.
 *
 * @returns Resolves with the response for {@link processTicketResponse}.
 */
export function ticketNotification(
  endpoint: URL,
  { ticket, resource, subject, iss }: Ticket,
  web: WebOptions,
): Promise<Response> {
  const fields = { ticket, resource: resource.href, subject: subject.href, iss: iss.href }
  return postForm(endpoint, fields, web)
}

/** Judges the answer to {@link ticketNotification}: 202 says that the ticket will be redeemed later. */
export async function processTicketResponse(response: Response): Promise<TicketReceipt> {
  const { ok, status } = response
  await discardBody(response)
  if (ok) return { sent: true, redeemed: status !== 202 }
  return { sent: false, reason: `the ticket endpoint answered ${status}` }
}
