import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Secrets } from '../jwt/secrets.ts'
import type { RequestContext } from '../web/endpoint.ts'
import { RequestError } from '../web/errors.ts'
import { parseUrl } from '../web/parse-url.ts'
import { MAX_MESSAGE_BYTES } from './message.ts'
import { parseCursor } from './message-log.ts'
import type { OutboxOptions } from './outbox.ts'
import { GOING_AWAY, startSession } from './socket-session.ts'

export interface MessageSocketOptions extends OutboxOptions {
  readonly secrets: Secrets
  readonly site: URL
  readonly paths: { readonly messages: string }
  /** Milliseconds in which the token has to come. */
  readonly tokenMs?: number
  /** Milliseconds between two looks whether the client, and its token, are still there. */
  readonly heartbeatMs?: number
  /** Connections that have not shown a token. */
  readonly maxStrangers?: number
  /** Connections that one user may have. */
  readonly maxPerUser?: number
}

export interface MessageSocket {
  /** Takes over the connection of a request for a WebSocket: an `onUpgrade` of `web/node-server.ts`. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, context?: RequestContext): void
  /** Says good-bye to everybody. */
  close(): Promise<void>
}

const TOKEN_MS = 10_000
const HEARTBEAT_MS = 30_000
const MAX_STRANGERS = 100
/** More than anybody has telephones and computers. */
const MAX_PER_USER = 16
/** Milliseconds that a client has for its own good-bye. */
const GOOD_BYE_MS = 1_000

/**
 * Gives local users what arrives, as it arrives, over a WebSocket.
 *
 * The client sends its token first, with or without the word Bearer, and gets every message from the moment at
 * which it connected, its own too; with `?since=<cursor>`, also those that it missed. Each is a text frame with a
 * message in JSON, and `receivedAt`, `warnings` and `cursor` added to it. A token that is not valid, not valid any
 * more, or does not come, closes the connection with 4001; sending a new one in time keeps it open. A frame with a
 * message is taken as if it had been posted; what is wrong with it comes back as `{ error, error_description }`.
 *
 * Browsers may connect from every origin: no cookies are read, so that nobody can use those of a visitor.
 *
 * @see intertalk, "Reference Implementation", "Receiving Messages"
 * @see [RFC 6455](https://www.rfc-editor.org/rfc/rfc6455)
 */
export function createMessageSocket(options: MessageSocketOptions): MessageSocket {
  const { site, paths, log } = options
  const { tokenMs = TOKEN_MS, heartbeatMs = HEARTBEAT_MS } = options
  const { maxStrangers = MAX_STRANGERS, maxPerUser = MAX_PER_USER } = options
  const { pathname: path } = new URL(paths.messages.replace(/^\//, ''), site)
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  /** The oldest first. */
  const strangers = new Set<WebSocket>()
  const users = new Set<WebSocket>()
  let isClosing = false
  return { upgrade, close }

  function upgrade(
    incoming: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    context?: RequestContext,
  ): void {
    const work = open(incoming, socket, head, context)
    if (context) context.waitUntil(work)
    else work.catch(() => socket.destroy())
  }

  async function open(
    incoming: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    context: RequestContext | undefined,
  ): Promise<void> {
    const url = parseUrl(`http://localhost${incoming.url}`)
    if (url?.pathname !== path) return refuse(socket, '404 Not Found')
    const since = url.searchParams.get('since')
    if (since !== null && !isCursor(since)) return refuse(socket, '400 Bad Request')
    try {
      // Before the client knows that it is connected: what is sent from then on is behind this.
      const cursor = since ?? (await log.end())
      if (isClosing) return refuse(socket, '503 Service Unavailable')
      server.handleUpgrade(incoming, socket, head, (client) => begin(client, cursor, context))
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  function begin(client: WebSocket, cursor: string, context: RequestContext | undefined): void {
    // Whoever wants to keep others out has to be faster than they are with their tokens.
    const [oldest] = strangers
    if (oldest && strangers.size >= maxStrangers) {
      strangers.delete(oldest)
      oldest.terminate()
    }
    strangers.add(client)
    client.once('close', () => {
      strangers.delete(client)
      users.delete(client)
    })
    startSession(client, {
      ...options,
      ...{ cursor, context, tokenMs, heartbeatMs },
      onUser() {
        strangers.delete(client)
        if (users.size >= maxPerUser) return false
        users.add(client)
        return true
      },
    })
  }

  async function close(): Promise<void> {
    isClosing = true
    const clients = [...server.clients]
    const closed = clients.map(
      (client) => new Promise<void>((resolve) => client.once('close', () => resolve())),
    )
    for (const client of clients) client.close(GOING_AWAY)
    const timer = setTimeout(() => {
      for (const client of clients) client.terminate()
    }, GOOD_BYE_MS)
    await Promise.all(closed)
    clearTimeout(timer)
  }
}

function isCursor(text: string): boolean {
  try {
    return parseCursor(text) >= 0
  } catch (error) {
    if (error instanceof RequestError) return false
    throw error
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
