import * as v from 'valibot'
import type { DeliveryProtocol, Parcel, Progress, Receipt } from '../delivery/delivery.ts'
import type { Secrets } from '../jwt/secrets.ts'
import type { Store } from '../store/store.ts'
import { discardBody } from '../web/body.ts'
import { FetchError, ResponseError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { readJsonAnswer } from '../web/json-body.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import { timeLimit } from '../web/time-limit.ts'
import { bringAtOnce } from './bring.ts'
import { discoverPmEndpoint } from './discovery.ts'
import { ANNOUNCEMENT_LIFETIME, PEER_TIMEOUT, STATE_LIFETIME, WORK_TIMEOUT } from './limits.ts'
import { messageNameOf, type AddressedLetter } from './message-name.ts'
import { createOwnHome } from './own-home.ts'
import { CALL_PURPOSE, pmAddress, type PmPlace } from './rel-pm.ts'
import { announceRequest, processPmResponse, type PmAnswer } from './sender.ts'

const HANDED_OVER: Receipt = { outcome: 'delivered', reason: 'handed over' }

const STATE_BYTES = 4 * 1024
const State = v.object({
  state: v.picklist(['waiting', 'handed over', 'refused']),
  reason: v.optional(v.string()),
})

export interface RelPmDeliveryOptions extends PmPlace {
  readonly secrets: Secrets
  /** Where standing tokens are looked for. */
  readonly store: Store
  /** It runs on another machine than the site, or beside it, and has none of its tokens. */
  readonly isAway?: boolean
  readonly now: () => Date
  readonly name?: string
  readonly allowLoopback?: boolean
}

/**
 * Carries posts as messages: announces each to the recipient's endpoint, which asks ours for it; or brings
 * it at once, where that endpoint has given the site a standing token. In both cases what they say is what the
 * deployed site has as its letter, so the site has to be there before.
 *
 * @see steps 1 and 2; and 5 and 6 of the alternate example
 */
export function createRelPmDelivery(options: RelPmDeliveryOptions): DeliveryProtocol {
  const { me, secrets, now, isAway = false } = options
  const ownHome = createOwnHome(options)
  return {
    name: 'rel-pm',
    reaches: 'profile',
    takesBack: false,
    carries: (exposure) => exposure !== 'public',
    discover: (profile, web) => discover(profile, options, web),
    // An announcement is believed by nobody, unless our own home page says as much.
    objects: (_exposure, _endpoint, web) => ownHome(web),
    deliver,
    follow,
    followed: STATE_LIFETIME,
  }

  async function deliver(parcel: Parcel, endpoint: URL, web: WebOptions): Promise<Receipt> {
    const addressed = await addressedLetter(parcel)
    if (!addressed) return { outcome: 'skipped', reason: 'there is no letter to this recipient' }
    try {
      const direct = await bringDirectly(addressed, endpoint, web)
      return direct ?? (await announce(addressed, endpoint, web))
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      const { kind, message: reason, notBefore } = error
      if (kind === 'refused') return { outcome: 'refused', reason }
      return { outcome: 'pending', reason, ...(notBefore && { notBefore }) }
    }
  }

  /** With a standing token. `undefined`: it takes an announcement. */
  async function bringDirectly(
    addressed: AddressedLetter,
    endpoint: URL,
    web: WebOptions,
  ): Promise<Receipt | undefined> {
    if (isAway) return askSite(addressed, web)
    const answer = await bringAtOnce(addressed, endpoint, options, web)
    if (answer?.status === 'taken') return HANDED_OVER
    if (answer?.status !== 'moved') return answer && receiptOf(answer)
    if (answer.endpoint) return await announce(addressed, answer.endpoint, web)
    const reason = `the home page of ${addressed.to.host} names no endpoint any more`
    return { outcome: 'failed', reason }
  }

  /**
   * Standing tokens are where the site is: it is asked to bring the message, if it has one. Where it does not
   * know us, or is not there, it would know no recipient's server better, and nothing is announced.
   */
  async function askSite(
    addressed: AddressedLetter,
    web: WebOptions,
  ): Promise<Receipt | undefined> {
    const { letter, to } = addressed
    const place = messageAddress(messageNameOf(addressed, secrets), letter.version)
    const body = new URLSearchParams({ to: to.href })
    try {
      const progress = await processStateResponse(
        await callOwn(place, { method: 'POST', body }, WORK_TIMEOUT, web),
      )
      if (progress === 'processing') return undefined
      if (progress === 'accepted') return HANDED_OVER
      return { outcome: 'refused', reason: progress.rejected, remediable: true }
    } catch (error) {
      if (!(error instanceof ResponseError)) throw error
      return { outcome: 'pending', reason: `your own endpoint: ${error.message}` }
    }
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

    const statusUrl = messageAddress(message, letter.version)
    const until = new Date(now().getTime() + ANNOUNCEMENT_LIFETIME)
    statusUrl.searchParams.set('until', until.toISOString())
    const reason = `announced at ${endpoint.host}, which will ask for it`
    return { outcome: 'delivered', reason, statusUrl }
  }

  async function follow(statusUrl: URL, web: WebOptions): Promise<Progress> {
    const response = await callOwn(statusUrl, {}, PEER_TIMEOUT, web)
    const progress = await processStateResponse(response)
    const until = statusUrl.searchParams.get('until')
    if (progress !== 'processing' || until === null || now() < new Date(until)) return progress
    return { rejected: 'their server has not come for it within a day' }
  }

  /** Where our own endpoint knows of a message. */
  function messageAddress(message: string, version: string): URL {
    const address = pmAddress(options)
    const place = new URL(`${address.pathname.replace(/\/$/, '')}/${message}`, address)
    place.searchParams.set('version', version)
    return place
  }

  async function callOwn(
    place: URL,
    init: Pick<RequestInit, 'method' | 'body'>,
    limit: number,
    { fetch, signal }: WebOptions,
  ): Promise<Response> {
    const call = await secrets.issue('call', { purpose: CALL_PURPOSE })
    return fetch(place, {
      ...init,
      headers: { accept: 'application/json', authorization: `Bearer ${call}` },
      redirect: 'manual',
      signal: timeLimit(limit, signal),
    })
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
