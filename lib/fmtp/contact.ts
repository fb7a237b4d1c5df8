/**
 * How to make contact with a user whose object we have, in the document's order.
 *
 * 1. recommended – the server that the object names as CONTACT
 * 2. domain – the domain's own servers, "if the object cannot be contacted directly"
 * 3. parent – "if you cannot connect directly to the target domain, we can ask our parent to deliver our message"
 *
 * The recommended server too has to greet in the name of the user's domain: an object can send us to any address,
 * but a message goes to nobody without the domain's key. A server that was reached and has no time is not passed
 * by on the way over the parent; it is asked again later.
 *
 * @see FMTP, "Route negotiation": "The following methods may be used to connect to a known object"
 * @module
 */
import type { Receipt } from '../delivery/delivery.ts'
import { discardBody } from '../web/body.ts'
import { isTemporary, parseRetryAfter } from '../web/retry-after.ts'
import { postOf, readError, type Connection, type FmtpClient } from './connection.ts'
import { recommendedServer } from './discovery.ts'
import { connectionsTo, failureOf, tryServer } from './domain-servers.ts'
import { addressOf, type FmtpObject, type UserObject } from './object.ts'
import { parentFor, relayByParent } from './parent.ts'
import { noteIn, notBeforeOf, reasonOf, type Note, type RouteEntry } from './route-trace.ts'
import { withBudget } from './route.ts'

/** What came of handing over, and how it was tried. */
export interface Handover {
  readonly receipt: Receipt
  readonly trace: readonly RouteEntry[]
}

/** A server of the user's, and where to write down what came of it. */
interface Contact {
  readonly connection: Connection
  readonly note: Note
}

/**
 * Hands objects over to the user's server: "This is edgar@poe.net. Here is a message for lost@lenore.org."
 *
 * @param objects The sender's user object, and the message; both signed.
 */
export async function handOver(
  user: UserObject,
  objects: readonly FmtpObject[],
  client: FmtpClient,
): Promise<Handover> {
  const trace: RouteEntry[] = []
  const limited = withBudget(client)
  let isReached = false
  for await (const { connection, note } of contactsOf(user, limited, trace)) {
    const receipt = await post(objects, connection, limited, note)
    if (receipt && receipt.outcome !== 'pending') return { receipt, trace }
    isReached ||= receipt !== undefined
  }
  const relayed = isReached ? undefined : await relay(user, objects, limited, trace)
  const pending = { outcome: 'pending', reason: reasonOf(trace), ...notBeforeOf(trace) } as const
  return { receipt: relayed ?? pending, trace }
}

/** The servers with which contact can be made, connected, in the document's order. */
export async function* contactsOf(
  user: UserObject,
  client: FmtpClient,
  trace: RouteEntry[],
): AsyncGenerator<Contact, void> {
  const { domain } = addressOf(user.ADDRESS)
  const recommended = recommendedServer(user)
  const atRecommended = noteIn(trace, 'recommended')
  if (recommended) {
    const connection = await tryServer(recommended, domain, client, atRecommended)
    if (connection) yield { connection, note: atRecommended }
  } else {
    atRecommended({ outcome: 'skipped', reason: 'the object recommends no place to write to' })
  }
  const atDomain = noteIn(trace, 'domain')
  const others = connectionsTo(domain, client, atDomain, { except: recommended })
  for await (const connection of others) yield { connection, note: atDomain }
}

/** @returns `undefined` where there was no answer that could be used */
async function post(
  objects: readonly FmtpObject[],
  connection: Connection,
  client: FmtpClient,
  note: Note,
): Promise<Receipt | undefined> {
  const server = connection.server.host
  try {
    const response = await connection.request('objects', postOf(objects))
    const { ok, status, headers } = response
    if (ok) {
      await discardBody(response)
      const reason = `${server} took the message (${status})`
      note({ server, outcome: 'taken', reason })
      return { outcome: 'delivered', reason }
    }
    const explanation = await readError(response)
    const reason = `the answer was ${status}${explanation === '' ? '' : `, "${explanation}"`}`
    if (isTemporary(status)) {
      const notBefore = parseRetryAfter(headers.get('retry-after'), client.now())
      note({ server, outcome: 'failed', reason, ...(notBefore && { notBefore }) })
      return { outcome: 'pending', reason }
    }
    if (status === 401 || (status >= 300 && status < 400)) {
      note({ server, outcome: 'failed', reason })
      return undefined
    }
    note({ server, outcome: 'refused', reason })
    return { outcome: 'failed', reason: `${server} refused the message: ${reason}` }
  } catch (error) {
    note({ server, ...failureOf(error) })
    return undefined
  }
}

async function relay(
  user: UserObject,
  objects: readonly FmtpObject[],
  client: FmtpClient,
  trace: RouteEntry[],
): Promise<Receipt | undefined> {
  const note = noteIn(trace, 'parent')
  const parent = parentFor(addressOf(user.ADDRESS).domain, client)
  if (parent === undefined) {
    note({ outcome: 'skipped', reason: 'there is no parent to ask' })
    return undefined
  }
  const server = await relayByParent(objects, parent, client, note)
  if (!server) return undefined
  const reason = `our parent ${parent} took the message, to carry it on`
  note({ server: server.host, outcome: 'taken', reason })
  return { outcome: 'delivered', reason }
}
