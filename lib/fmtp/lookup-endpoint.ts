import * as v from 'valibot'
import type { Rate } from '../store/rate-limit.ts'
import { RequestError } from '../web/errors.ts'
import { NO_STORE } from '../web/oauth.ts'
import { parseUserAddress, type UserAddress } from '../web/user-address.ts'
import { createObjectCache, FRESH } from './cache.ts'
import { clientFor, isAstray, readChildRequest, requireChild, Via } from './child-request.ts'
import type { FmtpClient } from './connection.ts'
import type { FmtpOptions, FmtpSession } from './fmtp.ts'
import type { UserObject } from './object.ts'
import { findUser } from './route.ts'
import { vouchForKeys } from './vouched-keys.ts'

const Lookup = v.object({
  ADDRESS: v.pipe(v.string(), v.maxLength(254)),
  /** Only what is in our cache. */
  CACHED: v.optional(v.boolean(), false),
  /** Whether the keys of the domain are wanted, too. */
  KEYS: v.optional(v.boolean(), false),
  VIA: Via,
})

const MAX_BYTES = 8 * 1024
/** Each may make us look for somebody on the whole web. */
const LOOKUPS: Rate = { name: 'fmtp-lookup', limit: 60, seconds: 60 }
/** Milliseconds: the child is waiting. */
const BUDGET = 8_000
/** Seconds after which a domain that nobody could reach is worth another try. */
const RETRY_AFTER = 60

/**
 * Looks a user up for a child: in our cache, or on the whole route. What was found is passed on as its own domain
 * signed it, and only if it is PUBLIC: what we may have, a child may not.
 *
 * @throws {RequestError} 403 for who is no child; 404 for what is not found; 503 for what could not be asked for
 * @see FMTP, "Route negotiation": Parent Cache, Parent Lookup
 */
export async function answerLookup(
  request: Request,
  session: FmtpSession,
  options: FmtpOptions,
): Promise<Response> {
  await requireChild(session, LOOKUPS, options)
  const { ADDRESS, CACHED, KEYS, VIA } = await readChildRequest(request, Lookup, MAX_BYTES)
  const address = parseUserAddress(ADDRESS)
  if (!address) throw new RequestError('invalid_request', 'ADDRESS is not user@domain')
  if (isAstray(VIA, options) || address.domain === options.address.domain) throw notFound()

  const client = { ...clientFor(options, session, VIA), budget: BUDGET }
  const user = CACHED ? await recall(address, client) : await search(address, client)
  if (user?.PUBLIC !== true) throw notFound()
  if (!KEYS) return Response.json(user, { headers: NO_STORE })
  const keys = await vouchForKeys(address.domain, options.address.domain, options)
  return Response.json({ OBJECTS: keys ? [user, keys] : [user] }, { headers: NO_STORE })
}

async function recall(address: UserAddress, client: FmtpClient): Promise<UserObject | undefined> {
  return (await createObjectCache(client).find(address, FRESH))?.user
}

async function search(address: UserAddress, client: FmtpClient): Promise<UserObject | undefined> {
  const found = await findUser(address, client)
  if (found.outcome === 'found') return found.user
  if (found.outcome !== 'unreachable') return undefined
  throw new RequestError('temporarily_unavailable', 'nobody of that domain could be reached', {
    status: 503,
    retryAfter: RETRY_AFTER,
  })
}

function notFound(): RequestError {
  return new RequestError('invalid_request', 'no such object was found', { status: 404 })
}
