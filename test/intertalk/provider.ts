import type { Message, MessageSink } from '../../lib/delivery/message.ts'
import { createIntertalkDelivery } from '../../lib/intertalk/delivery.ts'
import { createKeysEndpoint } from '../../lib/intertalk/keys-endpoint.ts'
import type { IntertalkMessage } from '../../lib/intertalk/message.ts'
import { receiveFromProvider } from '../../lib/intertalk/receiver.ts'
import { createSecrets, type Secrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Store } from '../../lib/store/store.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { parseUserAddress } from '../../lib/web/user-address.ts'
import { NOW } from './vectors.ts'

export interface Provider {
  readonly endpoint: Endpoint
  /** What is in the owner's inbox, by key. */
  readonly inbox: Map<string, Message>
  /** What the owner's devices were told of. */
  readonly told: { readonly message: IntertalkMessage; readonly warnings: readonly string[] }[]
  readonly store: Store
  /** New ones after {@link rotate}. */
  readonly secrets: () => Secrets
  readonly delivery: ReturnType<typeof createIntertalkDelivery>
  /** Another secret, with or without the one before it. */
  rotate(options: { readonly overlap: boolean }): void
}

export interface ProviderOptions {
  readonly address?: string
  readonly fetch: Fetch
  readonly now?: () => Date
  /** Addresses and domains. */
  readonly denied?: readonly string[]
  /** Instead of {@link denied}. */
  readonly isDenied?: (sender: string) => Promise<boolean>
  readonly allowLoopback?: boolean
  /** From where whoever writes comes, at that moment. */
  readonly clientAddress?: () => string
  readonly sink?: Partial<MessageSink>
  readonly recipients?: Record<string, { readonly address?: string }>
}

/** A site of ours as an intertalk provider. */
export function createProvider({
  address: text = 'alice@alice.example',
  fetch,
  now = () => NOW,
  denied = [],
  isDenied = async (sender) => denied.some((name) => [sender, sender.split('@')[1]].includes(name)),
  allowLoopback = false,
  clientAddress,
  sink = {},
  recipients = {},
}: ProviderOptions): Provider {
  const address = parseUserAddress(text) ?? { local: '', domain: '' }
  const site = new URL(`${allowLoopback ? 'http' : 'https'}://${address.domain}/`)
  const store = createMemoryStore({ now })
  const inbox = new Map<string, Message>()
  const told: { message: IntertalkMessage; warnings: readonly string[] }[] = []
  const keyOf = (generation: number) => Buffer.alloc(32, `${text} ${generation}`)
  const create = (...keys: [Uint8Array, ...Uint8Array[]]) =>
    createSecrets({ keys, site, store, now })
  let generation = 0
  let secrets = create(keyOf(0))
  const common = { store, fetch, now, allowLoopback }

  return {
    inbox,
    told,
    store,
    secrets: () => secrets,
    get delivery() {
      return createIntertalkDelivery({ address, secrets, now, allowLoopback, recipients })
    },
    rotate({ overlap }) {
      const before = keyOf(generation)
      generation += 1
      secrets = overlap ? create(keyOf(generation), before) : create(keyOf(generation))
    },
    async endpoint(request) {
      const { pathname } = new URL(request.url)
      if (/^\/(keys|intertalk-key-)/.test(pathname)) {
        return createKeysEndpoint({ secrets, paths: { keys: '/keys' }, site })(request)
      }
      if (pathname !== '/messages') return new Response('Not found', { status: 404 })
      if (request.method !== 'POST') return new Response(null, { status: 405 })
      return receiveFromProvider(request, new Uint8Array(await request.arrayBuffer()), {
        ...common,
        clientAddress: clientAddress?.(),
        address,
        me: site,
        site,
        isDenied,
        onMessage: async (message, { warnings }) => void told.push({ message, warnings }),
        sink: {
          accept: async (key, message) => void inbox.set(key, message),
          withdraw: async (key) => void inbox.delete(key),
          find: async (key) => inbox.get(key),
          ...sink,
        },
      })
    },
  }
}
