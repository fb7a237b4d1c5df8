import * as v from 'valibot'
import type { Rate } from '../store/rate-limit.ts'
import type { RequestContext } from '../web/endpoint.ts'
import { FetchError, RequestError } from '../web/errors.ts'
import { NO_STORE } from '../web/oauth.ts'
import { canonicalAddress, isSameUser, parseUserAddress } from '../web/user-address.ts'
import { clientFor, isAstray, readChildRequest, requireChild, Via } from './child-request.ts'
import { verifyByDomain } from './domain-key.ts'
import type { FmtpOptions, FmtpSession } from './fmtp.ts'
import {
  addressOf,
  listOf,
  MAX_OBJECT_BYTES,
  parseObject,
  type FmtpObject,
  type MessageObject,
  type UserObject,
} from './object.ts'
import { keyUnknown } from './receive.ts'
import { createRelayQueue, relayId, sweepRelay } from './relay-queue.ts'

const Relay = v.object({ OBJECTS: v.pipe(v.array(v.unknown()), v.length(2)), VIA: Via })

const MAX_BYTES = MAX_OBJECT_BYTES + 64 * 1024
const RELAYS: Rate = { name: 'fmtp-relay', limit: 60, seconds: 60 }
/** Addresses that one message may be carried to. */
const MAX_RECIPIENTS = 10
/** Seconds. By then some of the queue has been carried, or given up. */
const RETRY_AFTER = 10 * 60

/**
 * Takes a message of a child, to carry it to whom it is for. What it carries it neither opens nor signs: each
 * object stays its own domain's.
 *
 * @throws {RequestError} 400 for what is not a user and their message; 403 for who is no child, for what is not
 *   signed, or has been here before; 429; 503 where a key could not be asked for, or too much waits already
 * @see FMTP, "Route negotiation", Parent: "we can ask our parent to deliver our message"
 */
export async function answerRelay(
  request: Request,
  session: FmtpSession,
  options: FmtpOptions,
  context?: RequestContext,
): Promise<Response> {
  await requireChild(session, RELAYS, options)
  const { OBJECTS, VIA } = await readChildRequest(request, Relay, MAX_BYTES)
  const { user, message } = parseOrder(OBJECTS)
  if (isAstray(VIA, options)) throw refusal('the message has been here before, or has come too far')
  const recipients = recipientsOf(message, options)
  for (const object of [user, message]) await requireSignature(object, options)

  const queue = createRelayQueue(options)
  const { via = [] } = clientFor(options, session, VIA)
  for (const recipient of recipients) {
    const address = canonicalAddress(recipient)
    const id = relayId(address, message.ID, message.HASH ?? '')
    const host = session.server
    if ((await queue.find(id)) === undefined && !(await queue.hasRoom(host))) throw tooMuch()
    await queue.add(id, { address, objects: [user, message], via: [...via], child: host }, { host })
  }
  context?.waitUntil(sweepRelay(options))
  return Response.json({ ANSWER: 'Thanks.' }, { status: 202, headers: NO_STORE })
}

function parseOrder(values: readonly unknown[]): { user: UserObject; message: MessageObject } {
  const [user, message] = values.map(parseObject)
  const isOrder =
    user?.TYPE === 'user' &&
    message?.TYPE === 'message' &&
    isSameUser(addressOf(user.ADDRESS), addressOf(message.FROM))
  if (isOrder) return { user, message }
  throw new RequestError('invalid_request', 'send the user object of FROM, and the message')
}

function recipientsOf({ TO }: MessageObject, { address }: FmtpOptions) {
  const recipients = listOf(TO).flatMap((to) => parseUserAddress(to) ?? [])
  if (recipients.length === 0 || recipients.length > MAX_RECIPIENTS) {
    throw new RequestError('invalid_request', `TO has to name 1 to ${MAX_RECIPIENTS} addresses`)
  }
  if (recipients.some(({ domain }) => domain === address.domain)) {
    throw refusal('what is for somebody of this domain is brought to it directly')
  }
  return recipients
}

async function requireSignature(object: FmtpObject, options: FmtpOptions): Promise<void> {
  try {
    const { verified } = await verifyByDomain(object, options)
    if (!verified) throw refusal(`the ${object.TYPE} object is not signed by its domain`)
  } catch (error) {
    throw error instanceof FetchError ? keyUnknown(error) : error
  }
}

function refusal(message: string): RequestError {
  return new RequestError('access_denied', message, { status: 403 })
}

function tooMuch(): RequestError {
  return new RequestError('temporarily_unavailable', 'too much waits to be carried already', {
    status: 503,
    retryAfter: RETRY_AFTER,
  })
}
