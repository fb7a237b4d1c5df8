import { randomUUID } from 'node:crypto'
import { SECRET_KINDS } from '../jwt/kinds.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { RequestError } from '../web/errors.ts'
import { field } from '../web/form.ts'
import type { Grant } from '../web/oauth.ts'

const SCOPE = 'read'

export interface TicketGrantOptions {
  readonly secrets: Secrets
  /** Names what the refresh token and all its successors have in common. */
  readonly newFamily?: () => string
}

/**
 * Redeems a ticket that we issued: `grant_type=ticket` and `ticket`. `me` is the subject, as both dialects
 * want it. The token is good for the ticket's resource and what lies below it.
 *
 * @throws {RequestError} `invalid_request` without a ticket, `invalid_grant` for one that is not good
 * @see [Ticketing for IndieAuth, Redeeming](https://indieweb.org/IndieAuth_Ticket_Auth)
 */
export function ticketGrant({ secrets, newFamily = randomUUID }: TicketGrantOptions): Grant {
  return async (form) => {
    if (field(form, 'grant_type') !== 'ticket') return undefined
    const ticket = field(form, 'ticket')
    if (!ticket) throw new RequestError('invalid_request', '"ticket" is missing')

    const opened = await secrets.redeem('ticket', ticket)
    if (!opened.valid) {
      throw new RequestError('invalid_grant', 'the ticket is unknown, expired or used')
    }
    const { subject: me, resource } = opened.claims
    const claims = { me, scope: [SCOPE], resource, family: newFamily() }
    return {
      access_token: await secrets.issue('access-token', claims),
      token_type: 'Bearer',
      scope: SCOPE,
      me,
      resource,
      expires_in: SECRET_KINDS['access-token'].lifetime,
      refresh_token: await secrets.issue('refresh-token', claims),
    }
  }
}
