import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import dns from 'node:dns'
import { dirname } from 'node:path'
import { WebMentionHandler } from 'webmention-handler'

/** A webmention that Bob's receiver has fetched and verified. */
export interface VerifiedMention {
  readonly source: string
  readonly target: string
  readonly title: string
  readonly received: string
}

/** Where Bob keeps what he was sent: the store that `webmention-handler` leaves to its user. */
interface MentionStore {
  readonly pending: { source: string; target: string }[]
  readonly verified: VerifiedMention[]
}

/**
 * Bob's side: the receiver of npm's `webmention-handler`, which is none of our code. It fetches each
 * source by itself, with its own parser, and keeps what really links to Bob.
 */
export function createBobReceiver(host: string, file: string) {
  resolveLocalhostNames()
  const store = load(file)
  const save = () => {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(store, null, 2))
  }
  const handler = new WebMentionHandler({
    supportedHosts: [host],
    storageHandler: {
      async addPendingMention(mention) {
        store.pending.push(mention)
        save()
        return mention
      },
      getNextPendingMentions: async () => store.pending.splice(0),
      getMentionsForPage: async () => [],
      async deleteMention({ source, target }) {
        const kept = store.verified.filter(
          (mention) => mention.source !== source || mention.target !== target,
        )
        store.verified.splice(0, store.verified.length, ...kept)
        save()
        return null
      },
      async storeMentionForPage(target, mention) {
        const { source, parsed } = mention
        const title = String(mention['title'] ?? mention['name'] ?? 'A post')
        store.verified.push({ source, target, title, received: parsed.toISOString() })
        save()
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

function load(file: string): MentionStore {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { pending: [], verified: [] }
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
