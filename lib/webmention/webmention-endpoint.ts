import type { MessageSink } from '../delivery/message.ts'
import { needRoom } from '../delivery/room.ts'
import { preferredType } from '../web/accept.ts'
import { withDeadline } from '../web/deadline.ts'
import { endpoint, type Endpoint, type RequestContext } from '../web/endpoint.ts'
import { FetchError, RequestError, ResponseError } from '../web/errors.ts'
import { readForm } from '../web/form.ts'
import { staticPageIdentity } from '../web/page-identity.ts'
import { heldKey } from './mention-keys.ts'
import { createWebmentionQueue, type QueuedMention } from './queue.ts'
import { checkLimits } from './receiver-limits.ts'
import { acceptedPage, formPage, NEGOTIATED, refusalPage } from './receiver-page.ts'
import { parseWebmentionRequest, type WebmentionRequest } from './receiver-request.ts'
import { statusResponse } from './receiver-status-page.ts'
import { findTarget } from './receiver-target.ts'
import { limitsOf, type WebmentionReceiverOptions } from './receiver.ts'

/** Two URLs, a code and a realm, with room for what others may add. */
const MAX_FORM_BYTES = 16 * 1024
/** Seconds until somebody who finds the queue full should come back. */
const WHEN_FULL = 60
/** What is prefilled is what a link says, cut to what a form may hold. */
const MAX_PREFILL = 2048

/** Any page may send us webmentions from its visitors' browsers. No cookie has a part in it. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'location, retry-after',
}
const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD, POST',
  'access-control-allow-headers': 'accept, content-type',
  'access-control-max-age': '86400',
}

export interface WebmentionEndpointOptions extends Omit<WebmentionReceiverOptions, 'sink'> {
  /** What is there already: it takes nothing in itself. */
  readonly sink: Pick<MessageSink, 'find' | 'hasRoom'>
  /** Verifies the queued webmention of this id. Called after it is queued, and not waited for by the sender. */
  readonly process: (id: string) => Promise<unknown>
}

/**
 * Receives webmentions at `paths.webmention`, and tells below it what became of each. It answers 201
 * with a status page once the mention is queued; nothing is fetched before, but for making use of a
 * code that may be good for a minute only.
 *
 * @see [Webmention §3.2](https://www.w3.org/TR/webmention/#receiving-webmentions)
 */
export function createWebmentionEndpoint(options: WebmentionEndpointOptions): Endpoint {
  const { site, paths, sink, process, allowLoopback = false } = options
  const limits = limitsOf(options)
  const queue = createWebmentionQueue(options)
  const address = new URL(paths.webmention.replace(/^\//, ''), site)
  const folder = `${address.pathname.replace(/\/$/, '')}/`

  const receiver = endpoint({ GET: showForm, POST: receive, OPTIONS: preflight }, refuse)
  const status = endpoint({ GET: showStatus, OPTIONS: preflight }, refuse)

  return async (request, context) => {
    const answer = idOf(request) === '' ? receiver : status
    const response = await answer(request, context)
    for (const [name, value] of Object.entries(CORS)) response.headers.set(name, value)
    return response
  }

  async function receive(request: Request, context?: RequestContext): Promise<Response> {
    const form = await readForm(request, { maxBytes: MAX_FORM_BYTES })
    const mention = parseWebmentionRequest(form, { allowLoopback })
    // What the inbox holds can always be updated, or taken back.
    const isKnown = (await heldKey(sink, mention)) !== undefined
    if (!isKnown) await checkTarget(mention)
    const counted = { ...mention, isKnown }
    const notBefore = await checkLimits(counted, context?.clientAddress, { ...options, limits })
    if (!isKnown && !(await queue.hasRoom(mention.source.hostname))) {
      throw new RequestError('temporarily_unavailable', 'too many webmentions are waiting', {
        status: 503,
        retryAfter: WHEN_FULL,
      })
    }
    if (!isKnown) {
      const { host, href: sender } = mention.source
      await needRoom(sink, { host, sender })
    }

    const id = await queue.add({ ...mention, ...(await useCode(mention)) }, notBefore)
    if (!notBefore) context?.waitUntil(process(id))
    return accepted(request, new URL(folder + id, site))
  }

  async function checkTarget({ source, target }: WebmentionRequest): Promise<void> {
    if (!(await findTarget(target, options))) {
      const message = '"target" is not a page of this site that takes webmentions'
      throw new RequestError('invalid_request', message)
    }
    if (staticPageIdentity(source) === staticPageIdentity(target)) {
      throw new RequestError('invalid_request', '"source" and "target" are the same page')
    }
  }

  /** What is left of a code afterwards: whether there was one, and whether it was good for a token. */
  async function useCode({
    source,
    code,
    realm,
  }: WebmentionRequest): Promise<Pick<QueuedMention, 'code' | 'redeemed'>> {
    if (code === undefined) return { code: false, redeemed: false }
    try {
      const offer = { source, code, ...(realm !== undefined && { realm }) }
      const { redeemed } = await withDeadline(options.access.redeem(offer), limits.redeeming)
      return { code: true, redeemed }
    } catch (error) {
      if (!(error instanceof FetchError || error instanceof ResponseError)) throw error
      return { code: true, redeemed: false }
    }
  }

  async function showForm(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const prefill = (name: string) => searchParams.get(name)?.slice(0, MAX_PREFILL)
    return formPage({
      endpoint: address,
      site,
      source: prefill('source'),
      target: prefill('target'),
    })
  }

  async function showStatus(request: Request): Promise<Response> {
    return statusResponse(request, await queue.statusOf(idOf(request)))
  }

  function refuse(error: RequestError, request: Request): Response {
    const { code, message, status, retryAfter } = error
    const headers = new Headers({ ...NEGOTIATED, 'cache-control': 'no-store' })
    if (retryAfter !== undefined) headers.set('retry-after', String(retryAfter))
    switch (preferredType(request, ['text/plain', 'application/json', 'text/html'])) {
      case 'text/plain':
        headers.set('content-type', 'text/plain; charset=utf-8')
        return new Response(`${message}\n`, { status, headers })
      case 'application/json':
        return Response.json({ error: code, error_description: message }, { status, headers })
      case 'text/html': {
        const page = refusalPage(error, address)
        if (retryAfter !== undefined) page.headers.set('retry-after', String(retryAfter))
        return page
      }
    }
  }

  /** What follows the endpoint's path: nothing, or the id of a status page. */
  function idOf(request: Request): string {
    const { pathname } = new URL(request.url)
    return pathname.startsWith(folder) ? pathname.slice(folder.length).replace(/\/$/, '') : ''
  }
}

function accepted(request: Request, statusUrl: URL): Response {
  const headers = { ...NEGOTIATED, location: statusUrl.href, 'cache-control': 'no-store' }
  switch (preferredType(request, ['text/plain', 'application/json', 'text/html'])) {
    case 'text/plain':
      return new Response('The webmention was queued.\n', {
        status: 201,
        headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
      })
    case 'application/json':
      return Response.json(
        { status: 'queued', summary: 'The webmention was queued.', location: statusUrl.href },
        { status: 201, headers },
      )
    case 'text/html':
      return acceptedPage(statusUrl)
  }
}

async function preflight(): Promise<Response> {
  return new Response(null, { status: 204, headers: PREFLIGHT })
}
