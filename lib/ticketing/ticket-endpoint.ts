import { createPeerTokens } from '../jwt/peer-tokens.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import type { Store } from '../store/store.ts'
import { networkOf } from '../web/address-text.ts'
import { endpoint, type Endpoint, type RequestContext } from '../web/endpoint.ts'
import { FetchError, RequestError, ResponseError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'
import { readForm } from '../web/form.ts'
import { NO_STORE, oauthErrorResponse } from '../web/oauth.ts'
import { timeLimit } from '../web/time-limit.ts'
import { parseTicket, type ReceivedTicket } from './received-ticket.ts'
import { redeemTicket } from './redemption.ts'
import { createTicketTokens } from './ticket-tokens.ts'
import { TICKET_TIMEOUT, type TicketDiscovery } from './ticketing.ts'

/** Each ticket makes us visit the site that it names. */
const PER_CLIENT: Rate = { name: 'ticket-endpoint-client', limit: 20, seconds: 60 }
const PER_HOST: Rate = { name: 'ticket-endpoint-host', limit: 20, seconds: 60 }

export interface TicketEndpointOptions {
  readonly me: URL
  readonly fetch: Fetch
  readonly store: Store
  readonly secrets: Secrets
  readonly now: () => Date
  readonly discover: TicketDiscovery
  readonly allowLoopback?: boolean
}

/**
 * Takes tickets for the owner and redeems them: after the answer, which is then 202, where the host lets us
 * work on; otherwise before it, and the answer is 200, or 400 if nothing came of it.
 *
 * @see [Ticketing for IndieAuth](https://indieweb.org/IndieAuth_Ticket_Auth)
 */
export function createTicketEndpoint({
  me,
  fetch,
  store,
  secrets,
  now,
  discover,
  allowLoopback = false,
}: TicketEndpointOptions): Endpoint {
  const rateLimit = createRateLimit(store, now)
  const tokens = createPeerTokens({ store, secrets, now })
  const tickets = createTicketTokens({ tokens, fetch, now })
  return endpoint({ POST: take }, oauthErrorResponse)

  async function take(request: Request, context?: RequestContext): Promise<Response> {
    const received = parseTicket(await readForm(request), { me, allowLoopback })
    const named = new URL(received.iss ?? received.resources[0].href)
    const { clientAddress } = context ?? {}
    if (clientAddress !== undefined) await count(PER_CLIENT, networkOf(clientAddress))
    await count(PER_HOST, named.host)

    const work = redeem(received)
    if (context) {
      context.waitUntil(work)
      return answer(202, 'the ticket will be redeemed')
    }
    if (await work) return answer(200, 'the ticket was redeemed')
    throw new RequestError('invalid_request', 'the ticket could not be redeemed')
  }

  async function count(rate: Rate, subject: string): Promise<void> {
    const retryAfter = await rateLimit(rate, subject)
    if (retryAfter === undefined) return
    throw new RequestError('rate_limit_exceeded', 'too many', { status: 429, retryAfter })
  }

  /** Whether it got us a token. What the issuer did wrong is not for whoever brought the ticket. */
  async function redeem(received: ReceivedTicket): Promise<boolean> {
    try {
      const web = { fetch, signal: timeLimit(TICKET_TIMEOUT) }
      const { tokenEndpoint, token } = await redeemTicket(received, { me, discover, ...web })
      for (const resource of received.resources) await tickets.keep(resource, tokenEndpoint, token)
      return true
    } catch (error) {
      if (error instanceof FetchError || error instanceof ResponseError) return false
      throw error
    }
  }
}

function answer(status: number, success: string): Response {
  return Response.json({ success }, { status, headers: NO_STORE })
}
