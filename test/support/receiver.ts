import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'

/** A request as it arrived, whatever was answered. */
export interface ReceivedRequest {
  readonly method: string
  readonly host: string
  readonly path: string
  /** Of a notification. */
  readonly source?: string
  readonly target?: string
  readonly code?: string
}

/**
 * What a scripted peer does.
 *
 * - a number or `status` with headers and a body: an ordinary answer
 * - `reset`: the connection breaks without an answer · `stall`: no answer ever
 * - `cut`: an answer that breaks off in its body · `after`: milliseconds before the answer
 */
export type Behaviour =
  | number
  | 'reset'
  | 'stall'
  | 'cut'
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
      readonly after?: number
    }

export interface ReceiverScript {
  /** A GET: a target, or a status page. The default is a page that names `/webmention`. */
  readonly page?: (request: ReceivedRequest, earlier: number) => Behaviour
  /** A POST. `earlier` counts the same (source, target) before. The default is 202. */
  readonly endpoint?: (request: ReceivedRequest, earlier: number) => Behaviour
}

export interface Receiver {
  readonly port: number
  readonly log: readonly ReceivedRequest[]
  /** Notifications that were answered with 2xx. */
  readonly taken: readonly ReceivedRequest[]
  /** The most requests that one host had at once, of any kind, and among them GETs only. */
  busiest(host: string): number
  /** `http://NAME.localhost:PORT/path` */
  url(name: string, path?: string): string
  script(next: ReceiverScript): void
  forget(): void
  close(): Promise<void>
}

/** A page that accepts webmentions at `endpoint`. */
export function targetPage(
  endpoint = '/webmention',
  headers: Readonly<Record<string, string>> = {},
): Behaviour {
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
    body: `<!doctype html><link rel="webmention" href="${endpoint}"><h1>Bob</h1>`,
  }
}

/** Any number of receivers, told apart by host name, that do as they are told and write everything down. */
export async function createReceiver(first: ReceiverScript = {}): Promise<Receiver> {
  let script = first
  const log: ReceivedRequest[] = []
  const taken: ReceivedRequest[] = []
  const active = new Map<string, number>()
  const busiest = new Map<string, number>()

  const server = createServer((incoming, outgoing) => {
    respond(incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await read(incoming)
    const before = log.filter((other) => isSame(request, other)).length
    log.push(request)
    const now = (active.get(request.host) ?? 0) + 1
    active.set(request.host, now)
    busiest.set(request.host, Math.max(now, busiest.get(request.host) ?? 0))
    outgoing.once('close', () => active.set(request.host, (active.get(request.host) ?? 1) - 1))

    const { page = () => targetPage(), endpoint = () => 202 } = script
    const behaviour = (request.method === 'POST' ? endpoint : page)(request, before)
    await perform(behaviour, request, outgoing)
  }

  async function perform(
    behaviour: Behaviour,
    request: ReceivedRequest,
    outgoing: ServerResponse,
  ): Promise<void> {
    if (behaviour === 'stall') return
    if (behaviour === 'reset') return void outgoing.destroy()
    if (behaviour === 'cut') {
      outgoing.writeHead(200, { 'content-type': 'text/html', 'content-length': '5000' })
      outgoing.write('<!doctype html>', () => outgoing.destroy())
      return
    }
    const answer = typeof behaviour === 'number' ? { status: behaviour } : behaviour
    const { status, headers = {}, body = '', after = 0 } = answer
    if (after > 0) await new Promise((resolve) => setTimeout(resolve, after))
    if (request.method === 'POST' && status >= 200 && status < 300) taken.push(request)
    outgoing.writeHead(status, headers).end(body)
  }

  return {
    port,
    log,
    taken,
    busiest: (name) => busiest.get(`${name}.localhost:${port}`) ?? 0,
    url: (name, path = '/') => `http://${name}.localhost:${port}${path}`,
    script(next) {
      script = next
    },
    forget() {
      log.length = 0
      taken.length = 0
      busiest.clear()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const { method = '', url: path = '', headers } = incoming
  const request = { method, host: headers.host ?? '', path }
  if (method !== 'POST') return request
  const form = new URLSearchParams(await text(incoming))
  const code = form.get('code')
  const pair = { source: form.get('source') ?? '', target: form.get('target') ?? '' }
  return { ...request, ...pair, ...(code !== null && { code }) }
}

function isSame(one: ReceivedRequest, other: ReceivedRequest): boolean {
  if (one.method !== other.method || one.host !== other.host) return false
  if (one.method !== 'POST') return one.path === other.path
  return one.source === other.source && one.target === other.target
}
