import { ResponseError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { processTokenResponse, type ReceivedToken } from '../web/token-response.ts'
import { isAsSafeAs } from '../web/endpoint-safety.ts'
import type { ReceivedTicket } from './received-ticket.ts'
import type { TicketDiscovery } from './ticketing.ts'
import { canParseUrl } from '../web/parse-url.ts'
import { postForm } from '../web/post-form.ts'

export interface TicketRedemptionOptions extends WebOptions {
  readonly me: URL
  readonly discover: TicketDiscovery
}

export interface RedeemedTicket {
  readonly tokenEndpoint: URL
  readonly token: ReceivedToken
}

/**
 * Redeems a ticket where its issuer says, and makes sure that the token is for us.
 *
 * @throws {FetchError | ResponseError} if there is no such place, or no such token
 * @see [Ticketing for IndieAuth, Redeeming](https://indieweb.org/IndieAuth_Ticket_Auth)
 */
export async function redeemTicket(
  received: ReceivedTicket,
  { me, discover, ...web }: TicketRedemptionOptions,
): Promise<RedeemedTicket> {
  const tokenEndpoint = await discoverTicketIssuer(received, { discover, ...web })
  const token = await processTokenResponse(await redemptionRequest(tokenEndpoint, received, web))
  // @NOTE Without this, Eve could leave her own ticket with us, and have us read as her.
  if (!token.me || !canParseUrl(token.me) || new URL(token.me).href !== me.href) {
    throw new ResponseError('the token is not for us')
  }
  return { tokenEndpoint, token }
}

/**
 * Finds the token endpoint of the issuer, or, without an `iss`, of the resource. Each resource of another
 * origin must name the same one: or else anybody could replace the token that we have for that resource.
 *
 * @throws {FetchError | ResponseError} if there is none that redeems tickets, and speaks for the resources
 */
export async function discoverTicketIssuer(
  { iss, resources }: ReceivedTicket,
  { discover, ...web }: WebOptions & { readonly discover: TicketDiscovery },
): Promise<URL> {
  const page = iss === undefined ? resources[0] : new URL(iss)
  const { tokenEndpoint, issuer, grantTypes } = await discover(page, web)
  if (!tokenEndpoint || !isAsSafeAs(page, tokenEndpoint)) {
    throw new ResponseError('the issuer has no usable token endpoint')
  }
  if (iss !== undefined && issuer !== undefined && issuer !== iss) {
    throw new ResponseError('the issuer calls itself by another name')
  }
  if (grantTypes && !grantTypes.includes('ticket')) {
    throw new ResponseError('the issuer does not redeem tickets')
  }
  for (const resource of resources) {
    if (resource.origin === page.origin) continue
    const { tokenEndpoint: own } = await discover(resource, web)
    if (own?.href !== tokenEndpoint.href) {
      throw new ResponseError('the issuer does not speak for the resource')
    }
  }
  return tokenEndpoint
}

/**
 * @returns Resolves with the response for {@link processTokenResponse}. A redirect is not followed.
 */
export function redemptionRequest(
  tokenEndpoint: URL,
  { ticket }: Pick<ReceivedTicket, 'ticket'>,
  web: WebOptions,
): Promise<Response> {
  return postForm(tokenEndpoint, { grant_type: 'ticket', ticket }, web)
}
