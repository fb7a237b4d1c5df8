import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import { isLocalhostName, networkOf } from '../web/address-text.ts'
import { endpoint, type Endpoint, type RequestContext } from '../web/endpoint.ts'
import { FetchError, RequestError } from '../web/errors.ts'
import { readJsonBody } from '../web/json-body.ts'
import { bearerToken, NO_STORE, oauthErrorResponse } from '../web/oauth.ts'
import { parseUrl } from '../web/parse-url.ts'
import { decodeSegment } from '../web/path-segment.ts'
import { domainUrl } from '../web/user-address.ts'
import { findObject, listPublicObjects } from './access.ts'
import { createObjectCache } from './cache.ts'
import type { FmtpOptions, FmtpSession } from './fmtp.ts'
import { answerGreeting, verifyGreeting, type GreetingFault } from './greeting.ts'
import { answerLookup } from './lookup-endpoint.ts'
import { domainOf, MAX_OBJECT_BYTES, type UserObject } from './object.ts'
import { answerRelay } from './relay-endpoint.ts'
import { keyUnknown, receiveObjects } from './receive.ts'
import { createSigner, ownKeyRecords, signObject } from './signature.ts'
import { endpointOf } from './user-object.ts'

/** A greeting is half a kilobyte. */
const MAX_GREETING_BYTES = 16 * 1024
/** A long letter, and who wrote it. */
const MAX_OBJECTS_BYTES = MAX_OBJECT_BYTES + 64 * 1024
/**
 * Each greeting makes us look for the key of the domain that it names. Not counted by that domain: anybody can
 * name it, and so keep its own greetings out.
 */
const GREETINGS_PER_CLIENT: Rate = { name: 'fmtp-greeting-client', limit: 30, seconds: 60 }
/** Each bunch of objects makes us look for up to ten. */
const OBJECTS_PER_SERVER: Rate = { name: 'fmtp-objects-server', limit: 60, seconds: 60 }
/** A private post makes us ask its recipient's server what they want. */
const READS_PER_SERVER: Rate = { name: 'fmtp-reads-server', limit: 300, seconds: 60 }
/** Who changes their user object wants it known soon. */
const PUBLIC_HEADERS = { 'cache-control': 'public, max-age=60', vary: 'authorization' }
const NOT_FOUND = 'there is no such object, or it is not for you'

const GREETING_FAULTS: Readonly<Record<GreetingFault, string>> = {
  shape: 'this is no greeting with SERVER, TO, AT, NONCE and TIME',
  'not for us': 'the greeting is for another server',
  'not from them': 'the greeting is in our own name',
  time: 'TIME differs from our clock by more than five minutes',
  replayed: 'this greeting was here before',
  unsigned: 'the greeting has no HASH and SIGNATURE',
  hash: 'the greeting has another HASH than it says',
  signature: 'the greeting is not signed with a key of its domain',
  'no key': 'the domain publishes no key',
}

/**
 * Answers everything below `/fmtp`:
 *
 * - `GET key`: the keys that we sign with, as text
 * - `POST greeting`: a session for the server that proves its name
 * - `GET objects`, `GET objects/<name>`: what anybody may have, and with a session what is for their users
 * - `POST objects`: users and messages; with a session
 * - `POST lookup`, `POST relay`: what children ask their parent for; with a session
 *
 * @see FMTP
 */
export function createFmtpEndpoint(options: FmtpOptions): Endpoint {
  const { address, secrets, store, now, resolver, settings, site } = options
  const { domain } = address
  const rateLimit = createRateLimit(store, now)
  const routes: Readonly<Record<string, Endpoint>> = {
    key: route({ GET: key }),
    greeting: route({ POST: greet }),
    objects: route({ GET: list, POST: take }),
    'objects/': route({ GET: find }),
    lookup: route({
      POST: async (request) => answerLookup(request, await requireSession(request), options),
    }),
    relay: route({
      POST: async (request, context) =>
        answerRelay(request, await requireSession(request), options, context),
    }),
  }
  const base = `${endpointOf(options).pathname}/`

  return async (request, context) => {
    const { pathname } = new URL(request.url)
    const path = pathname.startsWith(base) ? pathname.slice(base.length) : ''
    const name =
      path.startsWith('objects/') && path !== 'objects/' ? 'objects/' : path.replace(/\/$/, '')
    const answer = Object.hasOwn(routes, name) ? routes[name] : undefined
    return answer ? answer(request, context) : errorResponse(notFound())
  }

  async function key(): Promise<Response> {
    const records = await ownKeyRecords(secrets)
    const headers = { ...PUBLIC_HEADERS, 'content-type': 'text/plain; charset=utf-8' }
    return new Response(`${records.join('\n')}\n`, { headers })
  }

  async function greet(request: Request, context?: RequestContext): Promise<Response> {
    const { clientAddress } = context ?? {}
    if (clientAddress !== undefined) await count(GREETINGS_PER_CLIENT, networkOf(clientAddress))
    const value = await readJsonBody(request, { maxBytes: MAX_GREETING_BYTES })
    const outcome = await verifyGreeting(value, { ...options, domain, isHere }).catch(laterOr)
    if (!outcome.verified) throw greetingRefusal(outcome.reason)

    const { SERVER } = outcome.greeting
    const session = await secrets.issue('fmtp-session', { server: SERVER })
    const signer = await createSigner(secrets, domain)
    const answer = answerGreeting(outcome.greeting, { signer, session, now })
    return Response.json(answer, { headers: NO_STORE })
  }

  async function list(): Promise<Response> {
    return Response.json({ OBJECTS: await listPublicObjects(options) }, { headers: PUBLIC_HEADERS })
  }

  async function find(request: Request): Promise<Response> {
    const session = await openSession(request)
    if (session) await count(READS_PER_SERVER, session.server)
    const { pathname } = new URL(request.url)
    const name = decodeSegment(pathname.slice(`${base}objects/`.length))
    const object = name === undefined ? undefined : await findObject(name, session, options)
    if (!object) throw notFound()
    const signed = signObject(object, await createSigner(secrets, domain))
    return Response.json(signed, { headers: object.PUBLIC ? PUBLIC_HEADERS : NO_STORE })
  }

  async function take(request: Request): Promise<Response> {
    const session = await requireSession(request)
    await count(OBJECTS_PER_SERVER, session.server)
    const value = await readJsonBody(request, { maxBytes: MAX_OBJECTS_BYTES })
    for (const user of await receiveObjects(value, session, options)) await remember(user, session)
    return Response.json({ ANSWER: 'Thanks.' }, { status: 202, headers: NO_STORE })
  }

  /**
   * "The client may also send its user object to each online buddy when the online/busy status changes." Only
   * from the user's own server: anybody else may have kept an old one.
   */
  async function remember(user: UserObject, { server }: FmtpSession): Promise<void> {
    if (domainOf(user) !== server) return
    await createObjectCache(options).keep(user, new URL('/fmtp/', domainUrl(server)))
  }

  /** Who has greeted, or `undefined` for anybody. */
  async function openSession(request: Request): Promise<FmtpSession | undefined> {
    if (!request.headers.has('authorization')) return undefined
    const opened = await secrets.open('fmtp-session', bearerToken(request) ?? '')
    if (opened.valid) return opened.claims
    throw unauthorized('the session is over, or was none: greet again')
  }

  async function requireSession(request: Request): Promise<FmtpSession> {
    const session = await openSession(request)
    if (session) return session
    throw unauthorized('greet first')
  }

  /** The host of the site, the one that the owner recommends, or one that DNS names for the domain. */
  async function isHere(host: string): Promise<boolean> {
    const contact = parseUrl(settings.fmtp.contact ?? '')?.host
    if ([site.host, contact].includes(host)) return true
    if (isLocalhostName(site.hostname)) return false
    return (await resolver.mx(domain)).includes(host.replace(/:\d+$/, ''))
  }

  async function count(rate: Rate, subject: string): Promise<void> {
    const retryAfter = await rateLimit(rate, subject)
    if (retryAfter === undefined) return
    throw new RequestError('rate_limit_exceeded', 'too many', { status: 429, retryAfter })
  }
}

function route(methods: Parameters<typeof endpoint>[0]): Endpoint {
  return endpoint(methods, errorResponse)
}

/** As OAuth 2.0 words a refusal; whoever has to greet is told so as RFC 6750 has it. */
function errorResponse(error: RequestError): Response {
  const response = oauthErrorResponse(error)
  if (error.status === 401) {
    response.headers.set('www-authenticate', 'Bearer realm="fmtp", error="invalid_token"')
  }
  return response
}

function laterOr(error: unknown): never {
  throw error instanceof FetchError ? keyUnknown(error) : error
}

function greetingRefusal(reason: GreetingFault): RequestError {
  const message = GREETING_FAULTS[reason]
  return reason === 'shape' ? new RequestError('invalid_request', message) : unauthorized(message)
}

function unauthorized(message: string): RequestError {
  return new RequestError('invalid_token', message, { status: 401 })
}

function notFound(): RequestError {
  return new RequestError('invalid_request', NOT_FOUND, { status: 404 })
}
