import dns from 'node:dns'
import { WebMentionHandler } from 'webmention-handler'

/** A webmention that the receiver has fetched and verified. */
export interface VerifiedMention {
  readonly source: string
  readonly target: string
  readonly title: string
  readonly received: string
}

/** What was sent: the store that `webmention-handler` leaves to its user. */
interface MentionStore {
  readonly pending: { source: string; target: string }[]
  readonly verified: VerifiedMention[]
}

/**
 * The receiver of npm's `webmention-handler`, which is none of our code. It fetches each source by
 * itself, with its own parser, and keeps what really links to its owner.
 */
export function createHandlerReceiver(host: string) {
  resolveLocalhostNames()
  const store: MentionStore = { pending: [], verified: [] }
  const handler = new WebMentionHandler({
    supportedHosts: [host],
    storageHandler: {
      async addPendingMention(mention) {
        store.pending.push(mention)
        return mention
      },
      getNextPendingMentions: async () => store.pending.splice(0),
      getMentionsForPage: async () => [],
      async deleteMention({ source, target }) {
        const kept = store.verified.filter(
          (mention) => mention.source !== source || mention.target !== target,
        )
        store.verified.splice(0, store.verified.length, ...kept)
        return null
      },
      async storeMentionForPage(target, mention) {
        const { source, parsed } = mention
        const title = String(mention['title'] ?? mention['name'] ?? 'A post')
        store.verified.push({ source, target, title, received: parsed.toISOString() })
        return mention
      },
    },
  })

  return {
    verified: (): readonly VerifiedMention[] => store.verified,
    pending: () => store.pending.length,

    /** Answers first and looks later, as the specification recommends. */
    async receive(request: Request): Promise<Response> {
      if (request.method !== 'POST') return new Response('Send a webmention here.\n')
      const form = new URLSearchParams(await request.text())
      try {
        const { code } = await handler.addPendingMention(
          form.get('source') ?? '',
          form.get('target') ?? '',
        )
        setImmediate(() => void handler.processPendingMentions())
        return new Response('accepted\n', { status: code })
      } catch (error) {
        return new Response(`${error instanceof Error ? error.message : error}\n`, { status: 400 })
      }
    },
  }
}

/**
 * Lets this process know that every name below `localhost` is this machine, which browsers know and
 * some systems do not.
 *
 * @see [RFC 6761 §6.3](https://www.rfc-editor.org/rfc/rfc6761#section-6.3)
 */
function resolveLocalhostNames(): void {
  const systemLookup = dns.lookup
  const lookup = (name: string, ...rest: unknown[]) =>
    Reflect.apply(systemLookup, dns, [/\.localhost$/i.test(name) ? '127.0.0.1' : name, ...rest])
  dns.lookup = Object.assign(lookup, systemLookup) as typeof dns.lookup
}
