import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import type { RequestContext } from '../web/endpoint.ts'
import { RequestError } from '../web/errors.ts'
import { parseJson } from '../web/json-body.ts'
import { canonicalAddress, parseUserAddress } from '../web/user-address.ts'
import type { LocalUser } from './local-users.ts'
import { parseMessage, refuseFuture, type IntertalkMessage } from './message.ts'
import { acceptMessage, deliverAccepted, type OutboxOptions } from './outbox.ts'

/** As fast as anybody types, and for a programme that catches up. */
const IN_A_MINUTE: Rate = { name: 'intertalk-send', limit: 60, seconds: 60 }
/** What is kept of each for days must not fill the store. */
const IN_A_DAY: Rate = { name: 'intertalk-send-day', limit: 2_000, seconds: 24 * 60 * 60 }

/**
 * Takes a message of a local user. When this resolves it cannot be lost any more; it is delivered while the
 * process is kept alive for it, and otherwise by the sweep.
 *
 * @throws {RequestError} `invalid_request` for what is no message; `access_denied`, 403, for one of somebody else,
 *   or for a conversation that its sender is not in; `rate_limit_exceeded`, 429
 * @see intertalk, "Reference Implementation", "Sending Messages"
 */
export async function takeLocalMessage(
  text: string,
  { user }: Pick<LocalUser, 'user'>,
  { context, ...options }: OutboxOptions & { readonly context?: RequestContext | undefined },
): Promise<void> {
  const message = parseLocalMessage(text, options.now())
  const from = parseUserAddress(message.from)
  if (!from || canonicalAddress(from) !== user) {
    throw new RequestError('access_denied', `you can only send messages as ${user}`, {
      status: 403,
    })
  }
  await countMessage(user, options)
  const claim = await acceptMessage(message, options)
  if (!claim) return
  const delivery = deliverAccepted(claim, options)
  if (context) context.waitUntil(delivery)
  else await delivery
}

/** One without a time is from now, as at the reference implementation. */
function parseLocalMessage(text: string, now: Date): IntertalkMessage {
  const parsed = parseJson(text)
  if (!parsed) throw new RequestError('invalid_request', 'a message is JSON in UTF-8')
  const { value } = parsed
  const isUndated = typeof value === 'object' && value !== null && !('sentAt' in value)
  const message = parseMessage(isUndated ? { ...value, sentAt: now.toISOString() } : value, now)
  refuseFuture(message, now)
  return message
}

/** @throws {RequestError} `rate_limit_exceeded`, 429 */
async function countMessage(user: string, { store, now }: OutboxOptions): Promise<void> {
  const limit = createRateLimit(store, now)
  const retryAfter = (await limit(IN_A_MINUTE, user)) ?? (await limit(IN_A_DAY, user))
  if (retryAfter === undefined) return
  const message = 'so many messages at once are more than anybody reads'
  throw new RequestError('rate_limit_exceeded', message, { status: 429, retryAfter })
}
