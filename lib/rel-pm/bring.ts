import type { Secrets } from '../jwt/secrets.ts'
import type { Store } from '../store/store.ts'
import type { WebOptions } from '../web/fetch.ts'
import { discoverPmEndpoint } from './discovery.ts'
import { handOver } from './hand-over.ts'
import { buildEntry } from './jf2-entry.ts'
import { messageNameOf, type AddressedLetter } from './message-name.ts'
import type { PmAnswer } from './sender.ts'
import { findStanding, forgetStanding } from './standing-tokens.ts'

interface BringOptions {
  readonly me: URL
  readonly name?: string
  readonly secrets: Secrets
  readonly store: Store
  readonly now: () => Date
  readonly allowLoopback?: boolean
}

type Brought =
  | Exclude<PmAnswer, { status: 'unauthorized' }>
  /** The home page names this endpoint now, or none. */
  | { readonly status: 'moved'; readonly endpoint: URL | undefined }

/**
 * Steps 5 and 6 alone: brings a message with the standing token that its recipient's endpoint has given us.
 *
 * @returns `undefined` where it takes all six: there is no token, or none that is still good.
 * @throws {FetchError} where the home page or the endpoint cannot be had
 */
export async function bringAtOnce(
  addressed: AddressedLetter,
  endpoint: URL,
  options: BringOptions,
  web: WebOptions,
): Promise<Brought | undefined> {
  const { to } = addressed
  if ((await findStanding({ to, endpoint }, options)) === undefined) return undefined
  // What was discovered may be remembered from another day; the message goes where the page says now.
  const destination = await discoverPmEndpoint(to, { ...options, ...web })
  if (destination?.href === endpoint.href) {
    return pushStanding(addressed, endpoint, options, web)
  }
  await forgetStanding({ to, endpoint }, options)
  return { status: 'moved', endpoint: destination }
}

/**
 * Step 6 alone, to the endpoint that the home page names at this moment.
 *
 * @returns `undefined` where there is no token, or none that is still good.
 */
export async function pushStanding(
  addressed: AddressedLetter,
  endpoint: URL,
  options: BringOptions,
  web: WebOptions,
): Promise<Exclude<PmAnswer, { status: 'unauthorized' }> | undefined> {
  const { to } = addressed
  const token = await findStanding({ to, endpoint }, options)
  if (token === undefined) return undefined
  const uid = messageNameOf(addressed, options.secrets)
  const entry = buildEntry(addressed, { ...options, uid })
  const answer = await handOver(endpoint, { entry, token }, web, options.now())
  if (answer.status !== 'unauthorized') return answer
  await forgetStanding({ to, endpoint }, options)
  return undefined
}
