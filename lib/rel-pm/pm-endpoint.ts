import { setImmediate } from 'node:timers/promises'
import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import { networkOf } from '../web/address-text.ts'
import { endpoint, type Endpoint, type RequestContext } from '../web/endpoint.ts'
import { RequestError } from '../web/errors.ts'
import { NO_STORE, oauthErrorResponse } from '../web/oauth.ts'
import { infoPage } from './info-page.ts'
import { MAX_FORM_BYTES, PM_LIMITS, REQUEST_LIFETIME } from './limits.ts'
import { findCurrentLetter } from './message-name.ts'
import { ownMessage } from './own-message.ts'
import { readMessageBody } from './message-body.ts'
import { entryOfForm } from './message-form.ts'
import { readPmBody } from './pm-body.ts'
import { tokenBeside } from './pm-fields.ts'
import {
  parseCheckQuery,
  parsePmForm,
  type Announcement,
  type Asked,
  type PmForm,
  type ReceivedRequest,
} from './pm-form.ts'
import { createPmQueue, workId, type PmWork } from './pm-queue.ts'
import { processQueued } from './process.ts'
import { isSamePerson } from './profile.ts'
import { isOwnToken, receivePush } from './push.ts'
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

  const main = endpoint({ GET: show, POST: receive }, refuse)
  return (request, context) => {
    const name = nameIn(request)
    return name === ''
      ? main(request, context)
      : ownMessage(name, options, refuse)(request, context)
  }

  async function receive(request: Request, context?: RequestContext): Promise<Response> {
    await countClient(context)
    const bearer = tokenBeside(request)
    const body = await readPmBody(request, bearer)
    if ('format' in body) {
      const read = (from: URL) => readMessageBody(body.request, body.format, from)
      return receivePush({ token: body.token, read }, options)
    }
    const { fields, bytes } = body
    const form = await resolve(parsePmForm(fields, { me, allowLoopback, bearer }))
    if (form.step === 'message') {
      const read = async (_from: URL, announced?: string) => entryOfForm(fields, announced)
      return receivePush({ token: form.token, read }, options)
    }
    if (bytes > MAX_FORM_BYTES) throw tooLarge()
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

  /** What a form with a token is that may be a message. */
  async function resolve(form: PmForm): Promise<PmForm> {
    if (form.step !== 'message' || form.otherwise === undefined) return form
    if (await isOwnToken(form.token, options)) return form
    if (form.otherwise instanceof RequestError) throw form.otherwise
    return form.otherwise
  }

  /** Step 3 may come as a GET; other than that, a person looks at what is here. */
  async function show(request: Request, context?: RequestContext): Promise<Response> {
    const check = parseCheckQuery(new URL(request.url).searchParams, { me, allowLoopback })
    if (!check) return infoPage(options)
    await countClient(context)
    return answerCheck(check)
  }

  /** Step 2. */
  async function takeAnnouncement(
    { message, from, to: recipient, standing }: Announcement,
    context?: RequestContext,
  ): Promise<Response> {
    const to = isOwnEndpoint(recipient) ? me : recipient
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
  async function answerCheck({ message, from, to, otherwise }: Asked): Promise<Response> {
    const letter = isSamePerson(from, me)
      ? await findCurrentLetter(message, to, options)
      : undefined
    if (!letter && otherwise) throw otherwise
    const answer = letter ? { status: 200, text: 'yes' } : { status: 404, text: 'no' }
    return plain(answer.text, answer.status)
  }

  /** Step 4. */
  async function takeRequest(
    { message, to: recipient, deliverTo, token, standing }: ReceivedRequest,
    context?: RequestContext,
  ): Promise<Response> {
    const { url, isHost } = deliverTo
    await makeRoom(url.hostname)
    const addressed = await findCurrentLetter(message, recipient, options)
    if (addressed) {
      const to = addressed.to.href
      const id = workId('request', message, to, url.href, token)
      const work = {
        kind: 'request',
        ...{ message, to, deliverTo: url.href, ...(isHost && { isHost }) },
        sealedToken: await secrets.seal(token),
        ...(standing && {
          standing: {
            sealedToken: await secrets.seal(standing.token),
            seconds: standing.seconds,
          },
        }),
        until: new Date(now().getTime() + REQUEST_LIFETIME).toISOString(),
      } as const
      await queueWork(id, work, { host: url.hostname }, context)
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

  async function countClient(context?: RequestContext): Promise<void> {
    const network = networkOf(context?.clientAddress ?? '')
    if (network !== '') await count({ name: 'pm-client', limit: limits.perClient }, network)
  }

  /** Some name the endpoint where we would name its owner. */
  function isOwnEndpoint({ host, href, pathname: path }: URL): boolean {
    const own = pmAddress(options)
    return href === own.href || (host === own.host && path === '/')
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

function tooLarge(): RequestError {
  const message = `send at most ${MAX_FORM_BYTES} bytes`
  return new RequestError('invalid_request', message, { status: 413 })
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
