import * as v from 'valibot'
import type {
  DeliveryProtocol,
  Parcel,
  Progress,
  Receipt,
  SourceExposure,
} from '../delivery/delivery.ts'
import type { Secrets } from '../jwt/secrets.ts'
import type { Store } from '../store/store.ts'
import { discardBody } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { readJsonAnswer } from '../web/json-body.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import { timeLimit } from '../web/time-limit.ts'
import { discoverPmEndpoint } from './discovery.ts'
import { buildEntry } from './jf2-entry.ts'
import { ANNOUNCEMENT_LIFETIME, PEER_TIMEOUT, STATE_LIFETIME } from './limits.ts'
import { messageNameOf, type AddressedLetter } from './message-name.ts'
import { createOwnHome } from './own-home.ts'
import { CALL_PURPOSE, pmAddress, type PmPlace } from './rel-pm.ts'
import { announceRequest, processPmResponse, pushRequest, type PmAnswer } from './sender.ts'
import { findStanding, forgetStanding } from './standing-tokens.ts'

const STATE_BYTES = 4 * 1024
const State = v.object({
  state: v.picklist(['waiting', 'handed over', 'refused']),
  reason: v.optional(v.string()),
})

export interface RelPmDeliveryOptions extends PmPlace {
  readonly secrets: Secrets
  /** Where standing tokens are looked for. Away from the site there are none, and each message is announced. */
  readonly store: Store
  readonly now: () => Date
  readonly name?: string
  readonly allowLoopback?: boolean
}

/**
 * Carries posts as messages: announces each to the recipient's endpoint, which asks ours for it; or brings
 * it at once, where that endpoint has given us a standing token. In both cases what they say is what the
 * deployed site has as its letter, so the site has to be there before.
 *
 * @see steps 1 and 2; and 5 and 6 of the alternate example
 */
export function createRelPmDelivery(options: RelPmDeliveryOptions): DeliveryProtocol {
  const { me, secrets, now } = options
  const ownHome = createOwnHome(options)
  return {
    name: 'rel-pm',
    reaches: 'profile',
    takesBack: false,
    carries: (exposure) => exposure !== 'public',
    discover: (profile, web) => discover(profile, options, web),
    objects,
    deliver,
    follow,
    followed: STATE_LIFETIME,
  }

  /** An announcement is believed by nobody, unless our own home page says as much. */
  async function objects(
    _exposure: SourceExposure,
    _endpoint: URL,
    web: WebOptions,
  ): Promise<string | undefined> {
    try {
      return await ownHome(web)
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      return `your own home page could not be asked for its endpoint: ${error.message}`
    }
  }

  async function deliver(parcel: Parcel, endpoint: URL, web: WebOptions): Promise<Receipt> {
    const addressed = await addressedLetter(parcel)
    if (!addressed) return { outcome: 'skipped', reason: 'there is no letter to this recipient' }
    try {
      const direct = await bringAtOnce(addressed, endpoint, web)
      return direct ?? (await announce(addressed, endpoint, web))
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      const { kind, message: reason, notBefore } = error
      if (kind === 'refused') return { outcome: 'refused', reason }
      return { outcome: 'pending', reason, ...(notBefore && { notBefore }) }
    }
  }

  /** Steps 5 and 6. `undefined` where it takes all six: there is no token, or none that is still good. */
  async function bringAtOnce(
    addressed: AddressedLetter,
    endpoint: URL,
    web: WebOptions,
  ): Promise<Receipt | undefined> {
    const { to } = addressed
    const token = await findStanding({ to, endpoint }, options)
    if (token === undefined) return undefined
    // What was discovered may be remembered from another day; the message goes where the page says now.
    const destination = await discoverPmEndpoint(to, { ...options, ...web })
    if (destination?.href !== endpoint.href) {
      await forgetStanding({ to, endpoint }, options)
      const reason = `the home page of ${to.host} names another endpoint now`
      return destination
        ? await announce(addressed, destination, web)
        : { outcome: 'failed', reason }
    }
    const uid = messageNameOf(addressed, secrets)
    const entry = buildEntry(addressed, { ...options, uid })
    const response = await pushRequest(endpoint, { entry, token }, web)
    const answer = await processPmResponse(response, now())
    if (answer.status === 'taken') return { outcome: 'delivered', reason: 'handed over' }
    if (answer.status !== 'unauthorized') return receiptOf(answer)
    await forgetStanding({ to, endpoint }, options)
    return undefined
  }

  /** Step 2. */
  async function announce(
    addressed: AddressedLetter,
    endpoint: URL,
    web: WebOptions,
  ): Promise<Receipt> {
    const whyNot = await ownHome(web)
    if (whyNot !== undefined) return { outcome: 'refused', reason: whyNot, remediable: true }
    const { letter, to } = addressed
    const message = messageNameOf(addressed, secrets)
    const announcement = { message, from: me, to, standing: true }
    const response = await announceRequest(endpoint, announcement, web)
    const answer = await processPmResponse(response, now())
    if (answer.status !== 'taken') return receiptOf(answer)

    const address = pmAddress(options)
    const statusUrl = new URL(`${address.pathname.replace(/\/$/, '')}/${message}`, address)
    statusUrl.searchParams.set('version', letter.version)
    const until = new Date(now().getTime() + ANNOUNCEMENT_LIFETIME)
    statusUrl.searchParams.set('until', until.toISOString())
    const reason = `announced at ${endpoint.host}, which will ask for it`
    return { outcome: 'delivered', reason, statusUrl }
  }

  async function follow(statusUrl: URL, { fetch, signal }: WebOptions): Promise<Progress> {
    const call = await secrets.issue('call', { purpose: CALL_PURPOSE })
    const response = await fetch(statusUrl, {
      headers: { accept: 'application/json', authorization: `Bearer ${call}` },
      redirect: 'manual',
      signal: timeLimit(PEER_TIMEOUT, signal),
    })
    const progress = await processStateResponse(response)
    const until = statusUrl.searchParams.get('until')
    if (progress !== 'processing' || until === null || now() < new Date(until)) return progress
    return { rejected: 'their server has not come for it within a day' }
  }
}

/** Where nobody is who could bring a message. */
const NOT_THERE = [404, 405, 410]

/**
 * Judges what our own endpoint says of a message. Where it does not know us, or is not there, it answers
 * recipients no better, and no message will come from it.
 *
 * @throws {ResponseError | FetchError} if it says nothing that could be understood
 */
export async function processStateResponse(response: Response): Promise<Progress> {
  const whyNot = whyNotBrought(response.status)
  if (whyNot !== undefined) {
    await discardBody(response)
    return { rejected: whyNot }
  }
  const result = v.safeParse(State, await readJsonAnswer(response, { maxBytes: STATE_BYTES }))
  if (!result.success || result.output.state === 'waiting') return 'processing'
  const { state, reason = 'their server did not take it' } = result.output
  return state === 'handed over' ? 'accepted' : { rejected: reason }
}

function whyNotBrought(status: number): string | undefined {
  if (status === 401) {
    return "your own endpoint did not know the signature: PRIVATE_POSTS_SECRET has to be the one of the site's functions"
  }
  return NOT_THERE.includes(status)
    ? `your own endpoint answered ${status}: the site's functions are not there, and nobody can fetch the message`
    : undefined
}

/** Nothing is said over a connection that others can read: whoever has http alone does not speak this. */
async function discover(
  profile: URL,
  { now, allowLoopback = false }: RelPmDeliveryOptions,
  web: WebOptions,
): Promise<URL | undefined> {
  if (profile.protocol === 'http:' && !allowLoopback) return undefined
  return discoverPmEndpoint(profile, { ...web, now, allowLoopback })
}

async function addressedLetter(parcel: Parcel): Promise<AddressedLetter | undefined> {
  const letter = await parcel.letter()
  const to = parseWebUrl(parcel.destination.href)
  if (!letter || !to || parcel.recipient === null) return undefined
  to.hash = ''
  return { letter, recipient: parcel.recipient, to }
}

function receiptOf(answer: Exclude<PmAnswer, { status: 'taken' }>): Receipt {
  if (answer.status !== 'deferred') return { outcome: 'failed', reason: answer.reason }
  const { reason, notBefore } = answer
  return { outcome: 'pending', reason, ...(notBefore && { notBefore }) }
}
