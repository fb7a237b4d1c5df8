import type { DeliveryProtocol, Receipt } from '../delivery/delivery.ts'
import type { Letter } from '../delivery/letter.ts'
import { FetchError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { formatUserAddress, parseAcctUrl, type UserAddress } from '../web/user-address.ts'
import type { FmtpClient } from './connection.ts'
import { handOver } from './contact.ts'
import { recommendedServer } from './discovery.ts'
import { encryptFor } from './encryption.ts'
import type { FmtpOptions } from './fmtp.ts'
import { buildMessageObject, parentOf } from './message-object.ts'
import { listOf, type UserObject } from './object.ts'
import { notBeforeOf, reasonOf } from './route-trace.ts'
import { findUser, type UserSearch } from './route.ts'
import { createSigner, signObject } from './signature.ts'
import { findTop, rememberTop } from './thread.ts'
import { buildUserObject } from './user-object.ts'

export type FmtpDeliveryOptions = Omit<FmtpOptions, 'files' | 'fetch' | 'sink' | 'isDenied'> & {
  /** Milliseconds for all tries to reach one user together. */
  readonly budget?: number
}

/**
 * Carries the words of a post to an address, as a message object that our domain has signed. What it says, the
 * URL of the recipient's own copy included, is for this recipient alone: one message each, and encrypted where
 * their user object asks for it.
 *
 * @see FMTP, "Example conversation"
 */
export function createFmtpDelivery(options: FmtpDeliveryOptions): DeliveryProtocol {
  return {
    name: 'fmtp',
    reaches: 'address',
    takesBack: false,
    carries: (exposure) => exposure !== 'public',
    async discover(destination, web) {
      const address = recipientOf(destination, options)
      if (!address) return undefined
      const search = await findUser(address, clientOf(options, web))
      return endpointOf(search)
    },
    async deliver(parcel, _, web) {
      const address = recipientOf(parcel.destination, options)
      const letter = await parcel.letter()
      if (!address || !letter) {
        return { outcome: 'skipped', reason: 'there are no words of the post to send' }
      }
      const client = clientOf(options, web)
      const search = await findUser(address, client)
      if (search.outcome !== 'found') return receiptOf(address, search)
      const receipt = await send(letter, address, search.user, options, client)
      if (receipt.outcome !== 'failed' && receipt.outcome !== 'refused') return receipt

      // Perhaps they want it otherwise since we asked: a new key, or nothing in the clear any more.
      const again = await findUser(address, client, { maxAge: 0 })
      if (again.outcome !== 'found' || isWantedAlike(search.user, again.user)) return receipt
      return send(letter, address, again.user, options, client)
    },
  }
}

/** Ourselves, as we talk to other servers. */
export function clientOf(
  { settings, ...options }: FmtpDeliveryOptions,
  { fetch, signal }: WebOptions,
): FmtpClient {
  return { ...options, fmtp: settings.fmtp, fetch, ...(signal && { signal }) }
}

/** Somebody else than us: nobody needs a server to write to themselves. */
function recipientOf(
  destination: URL,
  { address: own }: Pick<FmtpOptions, 'address'>,
): UserAddress | undefined {
  const address = parseAcctUrl(destination)
  return address?.domain === own.domain ? undefined : address
}

/** @throws {FetchError} where nobody could be asked */
function endpointOf(search: UserSearch): URL | undefined {
  switch (search.outcome) {
    case 'found':
      return recommendedServer(search.user) ?? search.server
    case 'unknown':
      return search.server
    case 'silent':
      return undefined
    case 'unreachable':
      throw new FetchError(reasonOf(search.trace), notBeforeOf(search.trace))
  }
}

function receiptOf(
  address: UserAddress,
  search: Exclude<UserSearch, { outcome: 'found' }>,
): Receipt {
  const { domain } = address
  switch (search.outcome) {
    case 'unknown': {
      const name = formatUserAddress(address)
      return { outcome: 'failed', reason: `${domain} does not know ${name}, or does not tell us` }
    }
    case 'silent':
      return { outcome: 'failed', reason: `${domain} publishes no key: it does not speak FMTP` }
    case 'unreachable':
      return { outcome: 'pending', reason: reasonOf(search.trace), ...notBeforeOf(search.trace) }
  }
}

/** "This is edgar@poe.net. Here is a message for lost@lenore.org from edgar@poe.net" */
async function send(
  letter: Letter,
  to: UserAddress,
  user: UserObject,
  options: FmtpDeliveryOptions,
  client: FmtpClient,
): Promise<Receipt> {
  const { address, secrets, now } = options
  const words = acceptsHtml(user) ? letter : withoutHtml(letter)
  const parent = parentOf(letter, [to])
  const top = parent === undefined ? undefined : await findTop(parent, user, client)
  const message = buildMessageObject(words, { from: address, to: [to], now, top })
  const encryption = await encryptFor(user, message)
  if (!encryption.done) {
    const reason = `${user.ADDRESS} takes encrypted messages only, by a method that we do not know`
    return { outcome: 'refused', reason }
  }
  const signer = await createSigner(secrets, address.domain)
  const author = signObject(await buildUserObject(options), signer)
  const { receipt } = await handOver(user, [author, signObject(encryption.message, signer)], client)
  if (receipt.outcome === 'delivered') {
    await rememberTop(message.ID, message.TOP ?? message.ID, options)
  }
  return receipt
}

/** Whether a message to the one would be the same to the other. */
function isWantedAlike(one: UserObject, other: UserObject): boolean {
  const names = ['FORMAT', 'ENCRYPT-POLICY', 'ENCRYPT-METHOD', 'CONTACT'] as const
  return names.every((name) => JSON.stringify(one[name]) === JSON.stringify(other[name]))
}

/** @see FMTP, FORMAT: "List of accepted formats" */
function acceptsHtml({ FORMAT }: UserObject): boolean {
  return FORMAT === undefined || listOf(FORMAT).some((format) => /\bhtml\b/i.test(format))
}

function withoutHtml({ html: _, ...letter }: Letter): Letter {
  return letter
}
