import type { MessageSink } from '../delivery/message.ts'
import { needRoom } from '../delivery/room.ts'
import { createRateLimit } from '../store/rate-limit.ts'
import { storeKey, updateEntry } from '../store/store.ts'
import { RequestError } from '../web/errors.ts'
import { parseDateText } from '../web/date-text.ts'
import { bearerToken } from '../web/oauth.ts'
import {
  canonicalAddress,
  isSameUser,
  parseUserAddress,
  type UserAddress,
} from '../web/user-address.ts'
import { inboxMessageOf, nameOfMessage } from './inbox-message.ts'
import { intertalkErrorResponse } from './intertalk.ts'
import {
  MAX_MESSAGE_BYTES,
  parseMessageBody,
  refuseFuture,
  type IntertalkMessage,
} from './message.ts'
import type { PeerKeyOptions } from './peer-keys.ts'
import {
  invalid,
  TAKING,
  verifyProviderToken,
  type TokenRequest,
  type VerifiedToken,
} from './provider-token.ts'

export interface ReceiverOptions extends PeerKeyOptions {
  /** The one user of this provider. */
  readonly address: UserAddress
  readonly me: URL
  readonly site: URL
  readonly sink: MessageSink
  /** Whether the owner wants nothing from there: an address, or a domain. */
  readonly isDenied: (address: string) => Promise<boolean>
  /** Called once for each message that came in for the local user. */
  readonly onMessage?: (
    message: IntertalkMessage,
    about: { readonly warnings: readonly string[] },
  ) => Promise<void>
}

/** How many messages of one sender, and of one provider, a minute may bring. */
const SENDER_RATE = { name: 'intertalk-sender', limit: 60, seconds: 60 }
const PROVIDER_RATE = { name: 'intertalk-provider', limit: 300, seconds: 60 }
/** Milliseconds. Whoever has not got through by then has given up. */
const MESSAGE_MEMORY = 30 * 24 * 60 * 60 * 1000

/**
 * Takes a message from another provider.
 *
 * 201: it is there, now or since before; 202: there is no such user, and it is dropped; 400: it is no message;
 * 401: its token is not valid; 403: it is not the sender's to send, or for nobody here; 413; 429; 503: the same
 * one is coming in at this moment.
 *
 * @see intertalk, "`POST /messages`" and "Client Authentication"
 */
export async function receiveFromProvider(
  request: Request,
  body: Uint8Array,
  options: ReceiverOptions,
): Promise<Response> {
  try {
    const message = readMessage(request, body, options)
    const token = await verifiedToken(request, sentIn(message, body), options)
    await countMessage(message, token, options)
    await token.claim()
    try {
      const response = await take(message, token, options)
      await token.spend()
      return response
    } catch (error) {
      await token.release()
      throw error
    }
  } catch (error) {
    if (error instanceof RequestError) return intertalkErrorResponse(error)
    throw error
  }
}

/**
 * The document names no media type for a message: whatever a sender's library calls it, it is JSON.
 *
 * @throws {RequestError} 400, 401, 403, 413
 */
function readMessage(
  request: Request,
  body: Uint8Array,
  { address, now }: ReceiverOptions,
): IntertalkMessage {
  if (bearerToken(request) === undefined) throw invalid('there is none')
  if (body.byteLength > MAX_MESSAGE_BYTES) {
    const problem = `send at most ${MAX_MESSAGE_BYTES} bytes`
    throw new RequestError('invalid_request', problem, { status: 413 })
  }
  const message = parseMessageBody(body, now())
  refuseFuture(message, now())
  if (localUsersIn(message, address).length === 0) {
    throw new RequestError('access_denied', `nobody in "to" is at ${address.domain}`, {
      status: 403,
    })
  }
  return message
}

/** What the token of a message has to fit. `parseMessageBody` has read the time. */
function sentIn({ from, sentAt }: IntertalkMessage, body: Uint8Array): TokenRequest {
  return { from, body, sentAt: parseDateText(sentAt) ?? new Date(0) }
}

async function verifiedToken(
  request: Request,
  sent: TokenRequest,
  options: ReceiverOptions,
): Promise<VerifiedToken> {
  const token = bearerToken(request) ?? ''
  return verifyProviderToken(token, sent, { ...options, domain: options.address.domain })
}

/** @throws {RequestError} 429 */
async function countMessage(
  { from }: IntertalkMessage,
  { domain }: VerifiedToken,
  { store, now }: ReceiverOptions,
): Promise<void> {
  const count = createRateLimit(store, now)
  const wait =
    (await count(SENDER_RATE, nameOfSender(from))) ?? (await count(PROVIDER_RATE, domain))
  if (wait === undefined) return
  const options = { status: 429, retryAfter: wait }
  throw new RequestError('rate_limit_exceeded', 'too many messages', options)
}

async function take(
  message: IntertalkMessage,
  { domain, warnings }: VerifiedToken,
  options: ReceiverOptions,
): Promise<Response> {
  const { address, isDenied, store, now, sink, onMessage } = options
  const isKnown = localUsersIn(message, address).some((user) => isSameUser(user, address))
  if (!isKnown) return Response.json({ status: 'queued' }, { status: 202 })

  const stored = () => Response.json({ status: 'stored' }, { status: 201 })
  const { from } = message
  // They are told what everybody is told.
  if (await isDenied(from)) return stored()

  const seen = storeKey('intertalk-message-seen', nameOfSender(from), nameOfMessage(message))
  const until = (milliseconds: number) => ({ expires: new Date(now().getTime() + milliseconds) })
  if (!(await store.createIfAbsent(seen, false, until(TAKING)))) {
    if ((await store.get(seen))?.value === true) return stored()
    throw beingTaken()
  }
  try {
    const key = `intertalk ${nameOfSender(from)} ${nameOfMessage(message)}`
    const kept = await inboxMessageOf(message, { ...options, domain, warnings })
    await needRoom(sink, { key, host: kept.host, sender: kept.sender ?? kept.host })
    await sink.accept(key, kept)
    // What the policy keeps out of the inbox is not shown elsewhere either.
    if (await sink.find(key)) await onMessage?.(message, { warnings })
    await updateEntry(store, seen, () => ({ value: true, ...until(MESSAGE_MEMORY) }))
  } catch (error) {
    // Not kept, so not seen either: its sender may try again.
    await store.delete(seen)
    throw error
  }
  return stored()
}

/** It is not kept before it is: whoever is at it may die, and then its sender has to come again. */
function beingTaken(): RequestError {
  const options = { status: 503, retryAfter: TAKING / 1000 }
  return new RequestError('temporarily_unavailable', 'the same message is just coming in', options)
}

function localUsersIn({ to }: IntertalkMessage, { domain }: UserAddress): readonly UserAddress[] {
  return to.flatMap((text) => {
    const user = parseUserAddress(text)
    return user?.domain === domain ? [user] : []
  })
}

function nameOfSender(from: string): string {
  const address = parseUserAddress(from)
  return address ? canonicalAddress(address) : from
}
