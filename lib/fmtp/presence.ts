/**
 * STATUS: who is there. A user object tells it of its owner, and is asked for or sent on for that alone.
 *
 * @see FMTP, "Messages": "a client might request the user object of each 'buddy' when it starts up"
 * @module
 */
import type { Receipt } from '../delivery/delivery.ts'
import type { WebOptions } from '../web/fetch.ts'
import { formatUserAddress, type UserAddress } from '../web/user-address.ts'
import { FRESH_STATUS } from './cache.ts'
import type { FmtpClient } from './connection.ts'
import { handOver } from './contact.ts'
import { clientOf, type FmtpDeliveryOptions } from './delivery.ts'
import { findUser, statusOf } from './route.ts'
import { createSigner, signObject } from './signature.ts'
import { buildUserObject } from './user-object.ts'

/** What somebody says of themselves at the moment, as far as we could learn it. */
export interface Presence {
  readonly address: string
  /** `online`, `away`, or a sentence. */
  readonly status?: string
}

/** Nobody greets a hundred people at once. */
const MAX_BUDDIES = 50

/**
 * Asks for the STATUS of each buddy. A copy is good for a minute ({@link FRESH_STATUS}), where everything else
 * waits for an hour. One after the other, so that people at one server share its session.
 */
export async function readPresence(
  addresses: readonly UserAddress[],
  client: FmtpClient,
): Promise<readonly Presence[]> {
  const presences: Presence[] = []
  for (const address of addresses.slice(0, MAX_BUDDIES)) {
    const search = await findUser(address, client, { maxAge: FRESH_STATUS })
    const status = search.outcome === 'found' ? statusOf(search.user) : undefined
    presences.push({ address: formatUserAddress(address), ...(status !== undefined && { status }) })
  }
  return presences
}

/**
 * Sends our own user object to each buddy who is not offline: "the client may also send its user object to each
 * online buddy when the online/busy status changes".
 */
export async function announcePresence(
  addresses: readonly UserAddress[],
  options: FmtpDeliveryOptions,
  web: WebOptions,
): Promise<readonly { readonly address: string; readonly receipt: Receipt }[]> {
  const client = clientOf(options, web)
  const signer = await createSigner(options.secrets, options.address.domain)
  const user = signObject(await buildUserObject(options), signer)
  const receipts: { address: string; receipt: Receipt }[] = []
  for (const address of addresses.slice(0, MAX_BUDDIES)) {
    const search = await findUser(address, client, { maxAge: FRESH_STATUS })
    if (search.outcome !== 'found' || /^offline$/i.test(statusOf(search.user) ?? '')) continue
    const { receipt } = await handOver(search.user, [user], client)
    receipts.push({ address: formatUserAddress(address), receipt })
  }
  return receipts
}
