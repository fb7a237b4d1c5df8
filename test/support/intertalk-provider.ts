import { createHash } from 'node:crypto'
import type { Message } from '../../lib/delivery/message.ts'
import { createKeysEndpoint } from '../../lib/intertalk/keys-endpoint.ts'
import { createMessageLog } from '../../lib/intertalk/message-log.ts'
import { createMessagesEndpoint } from '../../lib/intertalk/messages-endpoint.ts'
import { createLocalTokenEndpoint } from '../../lib/intertalk/token-endpoint.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { DEFAULT_PATHS } from '../../lib/ledger/site-record.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Store } from '../../lib/store/store.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { parseUserAddress, type UserAddress } from '../../lib/web/user-address.ts'

export const NOON = new Date('2026-11-21T12:00:00Z')
export const PASSPHRASE = 'correct horse battery staple'

export interface ProviderOptions {
  readonly fetch: Fetch
  readonly now?: () => Date
  readonly store?: Store
  readonly allowLoopback?: boolean
  readonly streamSeconds?: number
  readonly heartbeatSeconds?: number
}

/** An intertalk provider of ours with its one user, as `lib/site` puts it together. */
export function createProvider(name: string, options: ProviderOptions) {
  const { now = () => NOON, allowLoopback = false } = options
  const address = mustParse(name)
  const site = new URL(`${allowLoopback ? 'http' : 'https'}://${address.domain}/`)
  const store = options.store ?? createMemoryStore({ now })
  const key = createHash('sha256').update(name).digest()
  const secrets = createSecrets({ keys: [key], site, store, now })
  const log = createMessageLog({ store, now, pollMs: 5 })
  const inbox = new Map<string, Message>()
  const sink = {
    accept: async (id: string, message: Message) => void inbox.set(id, message),
    withdraw: async (id: string) => void inbox.delete(id),
    find: async (id: string) => inbox.get(id),
  }
  const denied = new Set<string>()
  const parts = {
    ...options,
    ...{ address, site, me: site, store, secrets, log, sink, now, allowLoopback },
    paths: DEFAULT_PATHS,
    isDenied: async (who: string) => denied.has(who),
  }
  const messages = createMessagesEndpoint(parts)
  const keys = createKeysEndpoint(parts)
  const tries: string[] = []
  const token = createLocalTokenEndpoint({
    ...parts,
    async checkPassphrase(passphrase) {
      tries.push(passphrase)
      return { ok: passphrase === PASSPHRASE }
    },
  })
  const endpoint: Endpoint = async (request, context) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/messages') return messages(request, context)
    if (pathname === '/token') return token(request, context)
    if (pathname === '/keys' || pathname.startsWith('/keys/')) return keys(request, context)
    return new Response('Not Found', { status: 404 })
  }
  const user = `${address.local.toLowerCase()}@${address.domain}`
  return {
    ...{
      address,
      site,
      parts,
      endpoint,
      messages,
      token,
      tries,
      log,
      store,
      secrets,
      inbox,
      denied,
    },
    localToken: () => secrets.issue('intertalk-token', { user }),
  }
}
export type Provider = ReturnType<typeof createProvider>

function mustParse(name: string): UserAddress {
  const address = parseUserAddress(name)
  if (!address) throw new TypeError(`${name} is no address`)
  return address
}

/** A message as somebody's client makes it. */
export function messageOf(from: string, to: readonly string[], message = 'Where are you?') {
  return { to: [from, ...to], from, sentAt: '2026-11-21T11:59:00Z', message }
}

/** What a client posts to its own provider. */
export function localPost(token: string, message: unknown): RequestInit {
  return {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: typeof message === 'string' ? message : JSON.stringify(message),
  }
}

/** A host that remembers what is still to be done, and does it when told to. */
export function createContext() {
  const work: Promise<unknown>[] = []
  return {
    context: { waitUntil: (promise: Promise<unknown>) => void work.push(promise) },
    async finish() {
      while (work.length > 0) await work.shift()
    },
  }
}

/** One event of a stream of Server-Sent Events: its fields, and comments under `''`. */
export type StreamEvent = Readonly<Record<string, string>>

/** Reads a stream of Server-Sent Events by the rules of HTML §9.2.6, as an independent client. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      yield Object.fromEntries(
        lines.map((line) => {
          const [name = '', ...rest] = line.split(':')
          return [name, rest.join(':').replace(/^ /, '')]
        }),
      )
    }
  }
}
