import type { UserAddress } from '../web/user-address.ts'
import { FRESH_STATUS } from './cache.ts'
import type { FmtpClient } from './connection.ts'
import { contactsOf } from './contact.ts'
import { addressOf } from './object.ts'
import { parentFor } from './parent.ts'
import { noteIn, type RouteEntry, type RouteTrace } from './route-trace.ts'
import { findUser, withBudget } from './route.ts'

/**
 * Goes the way of a message to a user, without a message: every try of the route negotiation, and the server
 * that would be given it. What is in our cache is used for a minute only, because whoever asks for the way wants
 * to know of STATUS, too; where nobody can be reached, for as long as it would be then.
 *
 * @see FMTP, "Messages": "a client might request the user object of each 'buddy' […] The response would include
 *   online/busy status"
 */
export async function explainRoute(address: UserAddress, client: FmtpClient): Promise<RouteTrace> {
  const fresh = await findUser(address, client, { maxAge: FRESH_STATUS })
  const search = fresh.outcome === 'unreachable' ? await findUser(address, client) : fresh
  if (search.outcome !== 'found') return search.trace

  const trace: RouteEntry[] = [...search.trace]
  for await (const { connection, note } of contactsOf(search.user, withBudget(client), trace)) {
    const reason = `it has proved to speak for ${connection.domain}, and would be given the message`
    note({ server: connection.server.host, outcome: 'found', reason })
    return trace
  }
  const parent = parentFor(addressOf(search.user.ADDRESS).domain, client)
  const note = noteIn(trace, 'parent')
  if (parent === undefined) note({ outcome: 'skipped', reason: 'there is no parent to ask' })
  else
    note({ server: parent, outcome: 'found', reason: 'it would be asked to carry the message on' })
  return trace
}

/** A trace as lines for people. */
export function formatTrace(trace: RouteTrace): readonly string[] {
  return trace.map(({ step, server, outcome, reason }) => {
    const where = server === undefined ? '' : ` ${server}`
    return `${step}:${where} – ${outcome}: ${reason}`
  })
}
