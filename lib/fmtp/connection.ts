import * as v from 'valibot'
import { createPeerTokens } from '../jwt/peer-tokens.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { discardBody, readText } from '../web/body.ts'
import { FetchError, ResponseError } from '../web/errors.ts'
import { parseJson, readJsonAnswer } from '../web/json-body.ts'
import { isTemporary, parseRetryAfter } from '../web/retry-after.ts'
import { timeLimit } from '../web/time-limit.ts'
import type { UserAddress } from '../web/user-address.ts'
import type { DomainKeyOptions } from './domain-key.ts'
import { buildGreeting, verifyGreetingAnswer, type GreetingFault } from './greeting.ts'
import { createSigner } from './signature.ts'

/** One server that talks to others: who it is, and through what it sees the world. */
export interface FmtpClient extends DomainKeyOptions {
  /** Its owner's. The domain is the server's name. */
  readonly address: UserAddress
  /** `peer-token/…`: sessions, encrypted. */
  readonly secrets: Secrets
  readonly fmtp: { readonly parent?: string | undefined }
  readonly signal?: AbortSignal
  /** Milliseconds for all tries to reach one user together. */
  readonly budget?: number
  /** The servers that the question came through, of which none is asked again. */
  readonly via?: readonly string[]
}

/** An open session with a server that has proved whom it speaks for. */
export interface Connection {
  readonly server: URL
  readonly domain: string
  /** Asks for a path below the server. Greets again, once, if the session is over. */
  request(path: string, init?: RequestInit): Promise<Response>
}

interface NotConnected {
  readonly connected: false
  readonly reason: string
  readonly notBefore?: Date
}
export type ConnectionOutcome =
  { readonly connected: true; readonly connection: Connection } | NotConnected
type GreetOutcome = { readonly connected: true; readonly session: string } | NotConnected

/** Milliseconds. The server has to look up our key in that time, over DNS or the web. */
const GREETING_TIMEOUT = 6_000
/** Milliseconds. A parent looks for somebody else meanwhile. */
const REQUEST_TIMEOUT = 15_000
/** Seconds for which a session is used: a little less than the ten minutes that it lives with us. */
const SESSION_LIFETIME = 9 * 60
/** A greeting is half of it. */
const MAX_GREETING_BYTES = 16 * 1024
/** What a header can carry. */
const SESSION_TOKEN = /^[\x21-\x7e]+$/
const MAX_ERROR_BYTES = 4 * 1024
/** Letters of an explanation that are passed on to the author. */
const MAX_EXPLANATION = 200

const FAULTS: Readonly<Record<GreetingFault, string>> = {
  shape: 'it answers the greeting with something else',
  'not for us': 'it answers another greeting than ours',
  'not from them': 'it greets in another name',
  time: 'its clock differs from ours by more than five minutes, or its answer is an old one',
  replayed: 'its answer was used before',
  unsigned: 'its greeting is not signed',
  hash: 'its greeting was changed on the way',
  signature: "its greeting is not signed with the domain's key",
  'no key': 'the domain publishes no key',
}

/**
 * Connects to a server in order to reach a domain: over a session that is still open, or else with a greeting.
 * "Perhaps connections could be left open, either for a time period": they are, until their session is over.
 *
 * @returns Not connected, with the reason, where the server does not prove that it speaks for the domain
 * @throws {FetchError} where the server, or the domain's key, could not be reached
 * @see FMTP, "Example conversation"
 */
export async function connect(
  server: URL,
  domain: string,
  client: FmtpClient,
): Promise<ConnectionOutcome> {
  const sessions = createPeerTokens(client)
  const place = ['fmtp-session', server.href, domain] as const
  const kept = (await sessions.find(place))?.access_token
  if (kept !== undefined) return { connected: true, connection: connectionWith(kept) }

  const greeted = await greet(server, domain, client)
  if (!greeted.connected) return greeted
  await keep(greeted.session)
  return { connected: true, connection: connectionWith(greeted.session) }

  function connectionWith(first: string): Connection {
    let session = first
    return {
      server,
      domain,
      async request(path, init = {}) {
        const response = await authorizedRequest(new URL(path, server), session, init, client)
        if (response.status !== 401) return response
        await discardBody(response)
        await sessions.forget(place)
        const again = await greet(server, domain, client)
        if (!again.connected) throw new FetchError(again.reason)
        session = again.session
        await keep(session)
        return authorizedRequest(new URL(path, server), session, init, client)
      },
    }
  }

  function keep(access_token: string): Promise<void> {
    const expires = new Date(client.now().getTime() + SESSION_LIFETIME * 1000).toISOString()
    return sessions.keep(place, { access_token, expires })
  }
}

/** "Hi, I'm poe.net. Here's my hash." */
async function greet(server: URL, domain: string, client: FmtpClient): Promise<GreetOutcome> {
  const signer = await createSigner(client.secrets, client.address.domain)
  const greeting = buildGreeting(domain, server.host, { signer, now: client.now })
  const response = await fmtpRequest(
    new URL('greeting', server),
    postOf(greeting),
    client,
    GREETING_TIMEOUT,
  )
  if (!response.ok) {
    await discardBody(response)
    return { connected: false, ...whyNotTaken(response, client) }
  }
  const answer = await readAnswer(response, MAX_GREETING_BYTES)
  const options = { ...client, domain: client.address.domain }
  const outcome = await verifyGreetingAnswer(answer, greeting, options)
  if (!outcome.verified) return { connected: false, reason: FAULTS[outcome.reason] }
  const { SESSION = '' } = outcome.greeting
  if (!SESSION_TOKEN.test(SESSION)) return { connected: false, reason: FAULTS.shape }
  return { connected: true, session: SESSION }
}

function whyNotTaken({ status, headers }: Response, { now }: FmtpClient) {
  const notBefore = parseRetryAfter(headers.get('retry-after'), now())
  if (isTemporary(status)) {
    return { reason: `it has no time for a greeting (${status})`, ...(notBefore && { notBefore }) }
  }
  return { reason: `it does not take a greeting (${status})` }
}

async function authorizedRequest(
  url: URL,
  session: string,
  init: RequestInit,
  client: FmtpClient,
): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${session}`)
  return fmtpRequest(url, { ...init, headers }, client)
}

/**
 * Nobody is followed to another place: a greeting, a session and a message are for one server. CONTACT may name
 * any high port of it: "Connect to lost.lenore.org, port 8000".
 */
async function fmtpRequest(
  url: URL,
  init: RequestInit,
  { fetch, signal }: FmtpClient,
  timeout = REQUEST_TIMEOUT,
): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set('accept', 'application/json')
  const limit = timeLimit(timeout, signal)
  return fetch(url, { ...init, headers, redirect: 'manual', signal: limit, highPorts: true })
}

/** A request that carries a value. */
export function postOf(value: unknown): RequestInit {
  const headers = { 'content-type': 'application/json' }
  return { method: 'POST', headers, body: JSON.stringify(value) }
}

/**
 * The JSON of a successful answer; `undefined` where it is none.
 *
 * @throws {FetchError} if it is too long, or breaks off
 */
export async function readAnswer(response: Response, maxBytes: number): Promise<unknown> {
  try {
    return await readJsonAnswer(response, { maxBytes })
  } catch (error) {
    if (error instanceof ResponseError) return undefined
    throw error
  }
}

const ErrorAnswer = v.object({ error_description: v.string() })

/** What may be a token, a session or a capability URL that the other side was given, and now repeats. */
const SECRETS = /[\w-]{20,}/g

/** What a refusal says of itself, in one short line; as little as it likes. */
export async function readError(response: Response): Promise<string> {
  const text = await readText(response, { maxBytes: MAX_ERROR_BYTES, truncate: true })
  const answer = v.safeParse(ErrorAnswer, parseJson(text)?.value)
  const explanation = answer.success ? answer.output.error_description : ''
  return explanation
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(SECRETS, '…')
    .trim()
    .slice(0, MAX_EXPLANATION)
}
