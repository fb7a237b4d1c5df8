import { setImmediate } from 'node:timers/promises'
import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import { networkOf } from '../web/address-text.ts'
import { endpoint, type Endpoint, type RequestContext } from '../web/endpoint.ts'
import { RequestError } from '../web/errors.ts'
import { readForm } from '../web/form.ts'
import { NO_STORE, oauthErrorResponse } from '../web/oauth.ts'
import { infoPage } from './info-page.ts'
import { MAX_FORM_BYTES, PM_LIMITS, REQUEST_LIFETIME } from './limits.ts'
import { findCurrentLetter } from './message-name.ts'
import { ownMessage } from './own-message.ts'
import { parsePmForm, type Announcement, type Check, type DeliveryRequest } from './pm-form.ts'
import { createPmQueue, workId, type PmWork } from './pm-queue.ts'
import { processQueued } from './process.ts'
import { isSamePerson } from './profile.ts'
import { receivePush } from './push.ts'
import { pmAddress, type PmOptions } from './rel-pm.ts'
import { revokeToken } from './standing-tokens.ts'

/** Seconds until somebody who finds the queue full should come back. */
const WHEN_FULL = 60

/**
 * The owner's endpoint, for both sides of the protocol: as the recipient's it takes announcements (2) and
 * messages (6), as the sender's checks (3) and requests (4). Below it, the owner's own
 * machines ask about their messages (own-message.ts).
 *
 * It answers before anything is asked of anybody, and alike whether the message and the person are there.
 */
export function createPmEndpoint(options: PmOptions): Endpoint {
  const { me, store, secrets, now, isDenied, allowLoopback = false } = options
  const limits = { ...PM_LIMITS, ...options.limits }
  const queue = createPmQueue(options)
  const countRate = createRateLimit(store, now)
  const { pathname } = pmAddress(options)
  const folder = `${pathname.replace(/\/$/, '')}/`

  const main = endpoint({ GET: async () => infoPage(options), POST: receive }, refuse)
  return (request, context) => {
    const name = nameIn(request)
    return name === ''
      ? main(request, context)
      : ownMessage(name, options, refuse)(request, context)
  }

  async function receive(request: Request, context?: RequestContext): Promise<Response> {
    const network = networkOf(context?.clientAddress ?? '')
    if (network !== '') await count({ name: 'pm-client', limit: limits.perClient }, network)
    if (isPush(request)) return receivePush(request, options)

    const form = parsePmForm(await readForm(request, { maxBytes: MAX_FORM_BYTES }), allowLoopback)
    switch (form.step) {
      case 'announcement':
        return takeAnnouncement(form.announcement, context)
      case 'check':
        return answerCheck(form.check)
      case 'request':
        return takeRequest(form.request, context)
      case 'revocation':
        await revokeToken(form.token, options)
        return new Response(null, { status: 200, headers: NO_STORE })
    }
  }

  /** Step 2. */
  async function takeAnnouncement(
    { message, from, to, standing }: Announcement,
    context?: RequestContext,
  ): Promise<Response> {
    await makeRoom(from.hostname)
    const isForUs = isSamePerson(to, me) && !isSamePerson(from, me)
    if (isForUs && !(await isDenied(from.href))) {
      const id = workId('announcement', message, from.href)
      const work = {
        kind: 'announcement',
        message,
        from: from.href,
        to: to.href,
        standing,
      } as const
      await queueWork(id, work, { host: from.hostname, renews: true }, context)
    }
    return accepted()
  }

  /** Step 3. */
  async function answerCheck({ message, from, to }: Check): Promise<Response> {
    const letter = isSamePerson(from, me)
      ? await findCurrentLetter(message, to, options)
      : undefined
    const answer = letter ? { status: 200, text: 'yes' } : { status: 404, text: 'no' }
    return plain(answer.text, answer.status)
  }

  /** Step 4. */
  async function takeRequest(
    { message, to, deliverTo, token, standing }: DeliveryRequest,
    context?: RequestContext,
  ): Promise<Response> {
    await makeRoom(deliverTo.hostname)
    if (await findCurrentLetter(message, to, options)) {
      const id = workId('request', message, to.href, deliverTo.href, token)
      const work = {
        kind: 'request',
        ...{ message, to: to.href, deliverTo: deliverTo.href },
        sealedToken: await secrets.seal(token),
        ...(standing && {
          standing: {
            sealedToken: await secrets.seal(standing.token),
            seconds: standing.seconds,
          },
        }),
        until: new Date(now().getTime() + REQUEST_LIFETIME).toISOString(),
      } as const
      await queueWork(id, work, { host: deliverTo.hostname }, context)
    }
    return accepted()
  }

  async function queueWork(
    id: string,
    work: PmWork,
    place: { readonly host: string; readonly renews?: boolean },
    context: RequestContext | undefined,
  ): Promise<void> {
    if (await queue.add(id, work, place)) context?.waitUntil(afterwards(id))
  }

  async function afterwards(id: string): Promise<void> {
    // Whoever waits for the answer learns nothing from what is asked of others meanwhile.
    await setImmediate()
    await processQueued(id, options)
  }

  /** Before it is looked at whom or what it is about, so that nobody learns anything from a full queue. */
  async function makeRoom(host: string): Promise<void> {
    await count({ name: 'pm-host', limit: limits.perHost }, host)
    if (await queue.hasRoom(host)) return
    throw new RequestError('temporarily_unavailable', 'too many messages are waiting', {
      status: 503,
      retryAfter: WHEN_FULL,
    })
  }

  async function count(rate: Omit<Rate, 'seconds'>, subject: string): Promise<void> {
    const retryAfter = await countRate({ ...rate, seconds: 60 }, subject)
    if (retryAfter === undefined) return
    const message = 'too many requests'
    throw new RequestError('rate_limit_exceeded', message, { status: 429, retryAfter })
  }

  /** What follows the endpoint's path: nothing, or the name of a message. */
  function nameIn(request: Request): string {
    const { pathname: path } = new URL(request.url)
    return path.startsWith(folder) ? path.slice(folder.length).replace(/\/$/, '') : ''
  }
}

/** A message comes as JSON, with a token or without; everything else is a form. */
function isPush({ headers }: Request): boolean {
  const type = headers.get('content-type') ?? ''
  return headers.has('authorization') || /^application\/(\w+\+)?json\b/i.test(type)
}

function accepted(): Response {
  return plain('Accepted', 202)
}

function plain(text: string, status: number): Response {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
  return new Response(`${text}\n`, { status, headers })
}

function refuse(error: RequestError): Response {
  const response = oauthErrorResponse(error)
  if (error.status === 401) {
    response.headers.set('www-authenticate', 'Bearer error="invalid_token"')
  }
  return response
}
