import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { splitChallenges } from './challenges.ts'
import type { Endpoint, RequestContext } from './endpoint.ts'
import { failureResponse } from './failure-response.ts'
import { canParseUrl } from './parse-url.ts'

/** How long requests under way may take after `close()`; longer would look like a hanging program. */
const GRACE = 2_000

/** Milliseconds of silence after which a request that came by way of another protocol is given up. */
const SILENCE = 60_000

/**
 * Bytes of a body that are still read once its request is answered. A client that reads no answer before it has sent
 * everything gets one; a client that goes on sending is cut off.
 */
const UNREAD_BYTES = 32 * 1024 * 1024

/** A host as a request may name it. Anything else would let it write other parts of our URL. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i

/** Takes over the connection of a request for a WebSocket. What it does not want, it has to refuse and end. */
export type UpgradeListener = (
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  context: RequestContext,
) => void

export interface ListenOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number
  readonly host?: string
  /** Whether a proxy of ours stands before it and adds the client's address to `X-Forwarded-For`. */
  readonly trustProxy?: boolean
  /** Learns of what an endpoint throws. The client gets a bare 500, or 503 where the store cannot be used. */
  readonly onError?: (error: unknown) => void
  /** Without it, requests for a WebSocket are answered like others. */
  readonly onUpgrade?: UpgradeListener
}

export interface NodeServer {
  readonly port: number
  /**
   * Stops listening, and waits for the requests under way and for what they left to be done. WebSockets that
   * nobody else closes are cut off.
   */
  close(): Promise<void>
}

/** Serves an endpoint over HTTP. A request's URL is made of its `Host`, so one port can carry several sites. */
export async function listen(
  endpoint: Endpoint,
  {
    port = 0,
    host = '127.0.0.1',
    trustProxy = false,
    onError = () => {},
    onUpgrade,
  }: ListenOptions = {},
): Promise<NodeServer> {
  // @NOTE Node's own idea of an idle connection leaves out those that have not sent anything yet, and of an
  //   open one those that have been upgraded.
  const idle = new Set<Socket>()
  const upgraded = new Set<Duplex>()
  const work = new Set<Promise<unknown>>()
  const waitUntil = (promise: Promise<unknown>) => {
    const settled = promise.catch(onError).finally(() => work.delete(settled))
    work.add(settled)
  }
  const contextOf = (incoming: IncomingMessage): RequestContext => {
    const clientAddress = (trustProxy && forwardedFor(incoming)) || incoming.socket.remoteAddress
    return { waitUntil, ...(clientAddress && { clientAddress }) }
  }
  const reported: Endpoint = async (request, context) => {
    try {
      return await endpoint(request, context)
    } catch (error) {
      // A client that hangs up has done nothing that anybody needs to hear of.
      if (!request.signal.aborted) onError(error)
      return failureResponse(error)
    }
  }
  const respond = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { socket } = incoming
    idle.delete(socket)
    outgoing.once('finish', () => dropRest(incoming))
    outgoing.once('close', () => {
      if (!server.listening) socket.end()
      else if (!socket.destroyed) idle.add(socket)
    })
    answer(reported, incoming, outgoing, contextOf(incoming)).catch((error: unknown) => {
      onError(error)
      if (outgoing.headersSent) outgoing.destroy()
      else outgoing.writeHead(500, { 'content-type': 'text/plain' }).end('Internal Server Error')
    })
  }
  const server = createServer(respond)
  if (onUpgrade) {
    // Knows of no upgrades: it answers those that are not for WebSockets, or not well-formed.
    const plain = createServer((incoming, outgoing) => {
      outgoing.shouldKeepAlive = false
      respond(incoming, outgoing)
    })
    plain.timeout = SILENCE
    server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      idle.delete(incoming.socket)
      upgraded.add(socket)
      socket.once('close', () => upgraded.delete(socket))
      // Without a listener the process would end with the connection.
      socket.on('error', () => {})
      if (isWebSocketRequest(incoming)) {
        try {
          onUpgrade(incoming, socket, head, contextOf(incoming))
        } catch (error) {
          onError(error)
          socket.destroy()
        }
      } else {
        socket.unshift(Buffer.concat([headOf(incoming), head]))
        plain.emit('connection', socket)
      }
    })
  }
  server.on('connection', (socket) => {
    idle.add(socket)
    socket.once('close', () => idle.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()

  return {
    port: typeof address === 'object' && address ? address.port : port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of idle) socket.destroy()
      const timer = setTimeout(() => {
        server.closeAllConnections()
        for (const socket of upgraded) socket.destroy()
      }, GRACE)
      await closed
      clearTimeout(timer)
      await Promise.all(work)
    },
  }
}

async function answer(
  endpoint: Endpoint,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  context: RequestContext,
): Promise<void> {
  const request = requestOf(incoming, outgoing)
  if (!request) {
    outgoing.writeHead(400, { 'content-type': 'text/plain' }).end('Bad Request')
    return
  }
  const response = await endpoint(request, context)
  outgoing.statusCode = response.status
  for (const [name, value] of response.headers) {
    // Software that was written from the private-webmention draft looks for a line that says nothing but `IndieAuth`.
    const lines = name === 'www-authenticate' ? splitChallenges(value) : [value]
    for (const line of lines) outgoing.appendHeader(name, line)
  }
  if (response.body === null || request.method === 'HEAD') {
    await response.body?.cancel()
    outgoing.end()
    return
  }
  try {
    await pipeline(chunksOf(response.body), outgoing)
  } catch (error) {
    if (!request.signal.aborted) throw error
  }
}

/** What our own proxy wrote: the last address. Those before it are whatever the client wanted to be. */
function forwardedFor({ headersDistinct }: IncomingMessage): string | undefined {
  const last = headersDistinct['x-forwarded-for']?.at(-1)?.split(',').at(-1)?.trim()
  return last !== undefined && isIP(last) !== 0 ? last : undefined
}

/** Where the request goes, or `undefined` if it tries to write other parts of our URL. */
function hrefOf({ url = '', headers: { host = '' } }: IncomingMessage): string | undefined {
  const href = `http://${host}${url}`
  return HOST.test(host) && url.startsWith('/') && canParseUrl(href) ? href : undefined
}

function isWebSocketRequest(incoming: IncomingMessage): boolean {
  const protocol = incoming.headers.upgrade?.trim().toLowerCase()
  return protocol === 'websocket' && incoming.method === 'GET' && hrefOf(incoming) !== undefined
}

/** The head of a request, as it came. */
function headOf({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const fields = Array.from({ length: rawHeaders.length / 2 }, (_, index) =>
    rawHeaders.slice(2 * index, 2 * index + 2).join(': '),
  )
  const head = [`${method} ${url} HTTP/${httpVersion}`, ...fields, '', ''].join('\r\n')
  return Buffer.from(head, 'latin1')
}

function requestOf(incoming: IncomingMessage, outgoing: ServerResponse): Request | undefined {
  const { method = 'GET' } = incoming
  const href = hrefOf(incoming)
  if (href === undefined) return undefined
  // The Fetch standard knows no requests with these methods.
  if (['CONNECT', 'TRACE', 'TRACK'].includes(method)) return undefined

  const aborted = new AbortController()
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) aborted.abort()
  })
  const body = method === 'GET' || method === 'HEAD' ? null : bytesOf(incoming)
  return new Request(href, {
    method,
    headers: headersOf(incoming),
    body,
    duplex: 'half',
    signal: aborted.signal,
  })
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value)
  }
  return headers
}

/** Reads what is left of a body that was not wanted: the next request of the connection comes after it. */
function dropRest(incoming: IncomingMessage): void {
  if (incoming.complete) return
  let left = UNREAD_BYTES
  // An iterator that has begun to read listens for this, and as long as it does, nothing flows.
  incoming.removeAllListeners('readable')
  incoming.on('data', ({ length }: Buffer) => {
    left -= length
    if (left < 0) incoming.destroy()
  })
  incoming.resume()
}

function bytesOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = incoming[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(new Uint8Array(value))
    },
    // Cancelled, it is not destroyed: that would take the answer along.
  })
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel()
  }
}
