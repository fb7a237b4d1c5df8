import { discardBody } from '../web/body.ts'
import type { WebOptions } from '../web/fetch.ts'
import { isTemporary, parseRetryAfter } from '../web/retry-after.ts'
import { timeLimit } from '../web/time-limit.ts'
import { postForm } from '../web/post-form.ts'
import { PEER_TIMEOUT } from './limits.ts'
import type { Jf2Entry } from './jf2-entry.ts'
import type { Announcement, DeliveryRequest } from './pm-form.ts'

/**
 * What a peer's endpoint made of a request.
 *
 * - `taken`: as the protocol wants it
 * - `unauthorized`: the token is not, or no longer, good
 * - `deferred`: worth another try
 * - `refused`: no try will change that
 */
export type PmAnswer =
  | { readonly status: 'taken' }
  | { readonly status: 'unauthorized'; readonly reason: string }
  | { readonly status: 'deferred'; readonly reason: string; readonly notBefore?: Date }
  | { readonly status: 'refused'; readonly reason: string }

/**
 * Step 2: tells the recipient's endpoint that there is a message, by its name alone.
 *
 * @returns Resolves with the response for {@link processPmResponse}.
 */
export function announceRequest(
  endpoint: URL,
  { message, from, to, standing }: Announcement,
  web: WebOptions,
): Promise<Response> {
  const people = { ...senderNames(from), to: to.href }
  const fields = { ...messageNames(message), ...people, ...(standing && { standing: 'true' }) }
  return postToPeer(endpoint, fields, web)
}

/**
 * Step 3: asks the endpoint that the sender's home page names whether there is such a message.
 *
 * @returns Resolves with the response for {@link processCheckResponse}.
 */
export function checkRequest(
  endpoint: URL,
  { message, from, to }: Omit<Announcement, 'standing'>,
  web: WebOptions,
): Promise<Response> {
  const people = { ...senderNames(from), to: to.href }
  return postToPeer(endpoint, { check: message, ...messageNames(message), ...people }, web)
}

/**
 * Step 4: asks the same endpoint to bring the message, with a token for it.
 *
 * @returns Resolves with the response for {@link processPmResponse}.
 */
export function deliveryRequest(
  endpoint: URL,
  { message, to, deliverTo, token, standing }: DeliveryRequest,
  web: WebOptions,
): Promise<Response> {
  const fields = {
    ...messageNames(message),
    ...{ to: to.href, deliver_to: deliverTo.href, destination: deliverTo.href, token },
    ...(standing && {
      standing_token: standing.token,
      expires_in: String(standing.seconds),
    }),
  }
  return postToPeer(endpoint, fields, web)
}

/**
 * Step 6: hands the message over.
 *
 * @returns Resolves with the response for {@link processPmResponse}.
 */
export function pushRequest(
  endpoint: URL,
  { entry, token }: { readonly entry: Jf2Entry; readonly token: string },
  { fetch, signal }: WebOptions,
): Promise<Response> {
  return fetch(endpoint, {
    method: 'POST',
    headers: {
      accept: 'application/json, */*;q=0.1',
      authorization: `Bearer ${token}`,
      'content-type': 'application/jf2+json',
    },
    body: JSON.stringify(entry),
    redirect: 'manual',
    signal: timeLimit(PEER_TIMEOUT, signal),
  })
}

/**
 * Step 6 for software that reads no header: "a POST request with the message contents and secret", as a form or as JSON.
 *
 * @returns Resolves with the response for {@link processPmResponse}.
 */
export function pushFieldsRequest(
  endpoint: URL,
  { entry, token }: { readonly entry: Jf2Entry; readonly token: string },
  format: 'form' | 'json',
  { fetch, signal }: WebOptions,
): Promise<Response> {
  const { uid, author, content, published, name, url } = entry
  const { message: _, ...names } = messageNames(uid)
  const fields = {
    ...{ h: 'entry', ...names, ...senderNames(new URL(author.url)), token, secret: token, url },
    ...{ message: content.text, content: content.text },
    ...{ contents: content.text, message_contents: content.text },
    ...{ text: content.text, body: content.text },
    ...(content.html !== undefined && { html: content.html }),
    ...(name !== undefined && { name }),
    ...(published !== undefined && { published }),
    ...(entry['in-reply-to'] !== undefined && { 'in-reply-to': entry['in-reply-to'] }),
  }
  return fetch(endpoint, {
    ...{ method: 'POST', redirect: 'manual', signal: timeLimit(PEER_TIMEOUT, signal) },
    headers: {
      ...{ accept: 'application/json, */*;q=0.1', authorization: `Bearer ${token}` },
      ...(format === 'json' && { 'content-type': 'application/json' }),
    },
    body: format === 'json' ? JSON.stringify(fields) : new URLSearchParams(fields),
  })
}

/** Judges the answer to any of these but {@link checkRequest}. Any 2xx will do. */
export async function processPmResponse(response: Response, now: Date): Promise<PmAnswer> {
  const { ok, status, headers } = response
  // What a peer says in its answer may hold what it was sent: it is not repeated.
  await discardBody(response)
  if (ok) return { status: 'taken' }
  const reason = `the endpoint answered ${status}`
  if (status === 401) return { status: 'unauthorized', reason }
  if (!isTemporary(status)) return { status: 'refused', reason }
  const notBefore = parseRetryAfter(headers.get('retry-after'), now)
  return { status: 'deferred', reason, ...(notBefore && { notBefore }) }
}

/** The answers of somebody who knows no such form, and leaves the check to step 4. */
const NO_SUCH_FORM = [400, 405, 415, 422, 501]

/** Judges the answer to {@link checkRequest}: whether to go on, for good or for now. */
export async function processCheckResponse(
  response: Response,
  now: Date,
): Promise<Extract<PmAnswer, { status: 'taken' | 'deferred' | 'refused' }>> {
  if (NO_SUCH_FORM.includes(response.status)) {
    await discardBody(response)
    return { status: 'taken' }
  }
  const answer = await processPmResponse(response, now)
  return answer.status === 'unauthorized' ? { ...answer, status: 'refused' } : answer
}

/** By every name that the document's words suggest for it, as it names no field. */
function messageNames(message: string) {
  return { message, message_id: message, id: message, code: message }
}

function senderNames({ href: from }: URL) {
  return { from, sender: from, source: from }
}

function postToPeer(
  endpoint: URL,
  fields: Readonly<Record<string, string>>,
  { fetch, signal }: WebOptions,
): Promise<Response> {
  const accept = 'application/json, */*;q=0.1'
  return postForm(endpoint, fields, { fetch, accept, signal: timeLimit(PEER_TIMEOUT, signal) })
}
