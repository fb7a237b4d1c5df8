import type { Secrets } from '../jwt/secrets.ts'
import { allowEveryOrigin } from '../web/cors.ts'
import { endpoint, type Endpoint, type RequestContext } from '../web/endpoint.ts'
import { RequestError } from '../web/errors.ts'
import { readBytes } from '../web/form.ts'
import { NO_STORE } from '../web/oauth.ts'
import { eventStream } from './event-stream.ts'
import { intertalkErrorResponse } from './intertalk.ts'
import { takeLocalMessage } from './local-message.ts'
import { openLocalToken, type LocalUser } from './local-users.ts'
import { MAX_MESSAGE_BYTES } from './message.ts'
import { parseCursor } from './message-log.ts'
import type { OutboxOptions } from './outbox.ts'
import { receiveFromProvider, type ReceiverOptions } from './receiver.ts'

export interface MessagesEndpointOptions extends OutboxOptions, ReceiverOptions {
  readonly secrets: Secrets
  /** Seconds after which a stream ends: sooner than the host would cut it off. */
  readonly streamSeconds?: number
  /** Seconds of silence after which a stream says that it is still there. */
  readonly heartbeatSeconds?: number
}

const STREAM_SECONDS = 50
/** Shorter than what lies between would wait for a silent connection. */
const HEARTBEAT_SECONDS = 15
/** More than anybody has telephones and computers. */
const MAX_STREAMS = 16
/** What asks for a stream. Who only looks by, without a token, accepts anything as well, and is told what this is. */
const STREAM = ['text/event-stream']
const ANYTHING = [...STREAM, 'text/*', '*/*']

/**
 * Takes messages: of other providers, and of local users who show the token that they signed in for. Gives local
 * users the stream of all that arrives, where no socket can be held.
 *
 * @see intertalk, "`POST /messages`" and "Reference Implementation"
 */
export function createMessagesEndpoint(options: MessagesEndpointOptions): Endpoint {
  const { log, now } = options
  const { streamSeconds = STREAM_SECONDS, heartbeatSeconds = HEARTBEAT_SECONDS } = options
  let streams = 0
  const answer = endpoint({ GET: stream, HEAD: headOfStream, POST: take }, intertalkErrorResponse)
  return allowEveryOrigin(answer, { methods: ['GET', 'HEAD', 'POST'] })

  async function take(request: Request, context?: RequestContext): Promise<Response> {
    if (!request.headers.has('authorization')) throw needsToken()
    const user = await userOf(request)
    const body = await readBytes(request, MAX_MESSAGE_BYTES)
    if (!user) {
      return receiveFromProvider(request, body, {
        ...options,
        clientAddress: context?.clientAddress,
        onMessage: async (message, received) => {
          await log.append(message, received)
          await options.onMessage?.(message, received)
        },
      })
    }
    await takeLocalMessage(decodeUtf8(body), user, { ...options, context })
    return new Response('Sent', { status: 201, headers: NO_STORE })
  }

  async function stream(request: Request): Promise<Response> {
    if (!acceptsStream(request)) throw notAcceptable()
    const user = await userOf(request)
    if (!user) throw needsToken()
    const since = new URL(request.url).searchParams.get('since')
    const cursor = request.headers.get('last-event-id') || since || (await log.end())
    parseCursor(cursor)
    if (streams >= MAX_STREAMS) {
      throw new RequestError('rate_limit_exceeded', `${MAX_STREAMS} streams are open already`, {
        status: 429,
        retryAfter: heartbeatSeconds,
      })
    }
    streams += 1
    const body = eventStream({
      ...{ log, user, cursor, now },
      signal: request.signal,
      lifeMs: streamSeconds * 1000,
      heartbeatMs: heartbeatSeconds * 1000,
      isStillGood: async () => (await userOf(request)) !== undefined,
      onEnd: () => (streams -= 1),
    })
    const headers = {
      ...NO_STORE,
      'content-type': 'text/event-stream; charset=utf-8',
      // Some proxies keep what is sent until there is more of it.
      'x-accel-buffering': 'no',
    }
    return new Response(body, { headers })
  }

  async function headOfStream(request: Request): Promise<Response> {
    const { body, status, headers } = await stream(request)
    await body?.cancel()
    return new Response(null, { status, headers })
  }

  async function userOf({ headers }: Request): Promise<LocalUser | undefined> {
    return openLocalToken(headers.get('authorization') ?? '', options)
  }
}

function acceptsStream({ headers }: Request): boolean {
  const types = headers.has('authorization') ? ANYTHING : STREAM
  const ranges = (headers.get('accept') || '*/*').toLowerCase().split(',')
  return ranges.some((range) => types.includes(range.split(';', 1).join('').trim()))
}

/** @throws {RequestError} `invalid_request` */
function decodeUtf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    // Without its cause, which would quote the message.
    throw new RequestError('invalid_request', 'a message is JSON in UTF-8')
  }
}

function needsToken(): RequestError {
  return new RequestError('invalid_token', 'this needs a valid token', { status: 401 })
}

function notAcceptable(): RequestError {
  const message =
    'Other providers send messages here with POST. A local user gets theirs with "Accept: text/event-stream" and a token, or through a WebSocket at the same address where the host can hold one.'
  return new RequestError('invalid_request', message, { status: 406 })
}
