import type { Receipt } from '../delivery/delivery.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { discardBody } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { isTemporary, parseRetryAfter } from '../web/retry-after.ts'
import { timeLimit } from '../web/time-limit.ts'
import { parseUserAddress } from '../web/user-address.ts'
import { providersOf } from './conversation.ts'
import { PEER_TIMEOUT, providerUrl } from './intertalk.ts'
import { providerKeys } from './keys.ts'
import { MAX_MESSAGE_BYTES, type IntertalkMessage } from './message.ts'
import { buildProviderToken } from './provider-token.ts'

export interface SenderOptions extends WebOptions {
  readonly secrets: Pick<Secrets, 'seeds'>
  readonly now: () => Date
  readonly allowLoopback?: boolean
  /** Only these providers, of those in the conversation. */
  readonly only?: readonly string[]
}

/** What one provider made of it. */
export interface ProviderReceipt {
  readonly domain: string
  readonly receipt: Receipt
}

/**
 * Sends a message to every provider in its conversation but the sender's own: one request each, however many
 * of its users are in it.
 *
 * @see intertalk, "Sending messages between providers"
 */
export async function sendToProviders(
  message: IntertalkMessage,
  options: SenderOptions,
): Promise<readonly ProviderReceipt[]> {
  const own = parseUserAddress(message.from)?.domain
  const domains = providersOf(message).filter(
    (domain) => domain !== own && (options.only?.includes(domain) ?? true),
  )
  const body = Buffer.from(JSON.stringify(message))
  return Promise.all(
    domains.map(async (domain) => ({
      domain,
      receipt: await sendTo({ domain, from: message.from, body }, options),
    })),
  )
}

interface Sending {
  readonly domain: string
  readonly from: string
  readonly body: Uint8Array
}

async function sendTo(sending: Sending, options: SenderOptions): Promise<Receipt> {
  if (sending.body.byteLength > MAX_MESSAGE_BYTES) {
    const reason = `the message has more than ${MAX_MESSAGE_BYTES} bytes`
    return { outcome: 'failed', reason }
  }
  try {
    const response = await messageRequest(sending, options)
    await discardBody(response)
    return processMessageResponse(response, options.now())
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    const { kind, notBefore, message: reason } = error
    if (kind === 'refused') return { outcome: 'refused', reason }
    return { outcome: 'pending', reason, ...(notBefore && { notBefore }) }
  }
}

/**
 * Posts a message to a provider, whose certificate has to be valid.
 *
 * @throws {FetchError} where it could not be reached
 * @see intertalk, "`POST /messages`" and "Server Authentication"
 */
async function messageRequest(
  sending: Sending,
  { secrets, now, fetch, signal, allowLoopback }: SenderOptions,
): Promise<Response> {
  const endpoint = providerUrl(sending.domain, '/messages', allowLoopback)
  const keys = await providerKeys(secrets)
  const token = await buildProviderToken(sending, { keys, now })
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json',
  }
  return fetch(endpoint, {
    method: 'POST',
    headers,
    body: sending.body,
    redirect: 'manual',
    signal: timeLimit(PEER_TIMEOUT, signal),
  })
}

/** What a provider's answer says of a message. */
export function processMessageResponse({ ok, status, headers }: Response, now: Date): Receipt {
  const notBefore = parseRetryAfter(headers.get('retry-after'), now)
  const later = notBefore && { notBefore }
  if (ok) return { outcome: 'delivered', reason: `the provider answered ${status}` }
  // The reference implementation's way to say that it takes nothing from other providers.
  if (status === 501) {
    return { outcome: 'failed', reason: 'the provider takes no messages from others (501)' }
  }
  // It could not ask for our key just then.
  const isLater = isTemporary(status) || (status === 401 && notBefore !== undefined)
  if (isLater) return { outcome: 'pending', reason: `the provider answered ${status}`, ...later }
  return { outcome: 'failed', reason: `the provider answered ${status}` }
}
