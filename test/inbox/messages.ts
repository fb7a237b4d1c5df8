import type { Message } from '../../lib/delivery/message.ts'
import { createInbox, type Inbox, type InboxOptions } from '../../lib/inbox/inbox.ts'
import { createSecrets, type Secrets } from '../../lib/jwt/secrets.ts'
import { startSession } from '../../lib/jwt/session.ts'
import type { PolicyLists } from '../../lib/policy/policy.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Store } from '../../lib/store/store.ts'

export const ME = new URL('https://alice.example/')
export const SITE = ME
export const POST = 'https://alice.example/2026/hello/'
export const NOW = new Date('2026-11-21T12:00:00Z')
export const POLICY: PolicyLists = { allow: [], deny: [], hold: [], otherwise: 'hold' }

let messages = 0

/** A public reply from Bob to a post of Alice's, unless told otherwise. */
export function message(of: Partial<Message> = {}): Message {
  messages += 1
  return {
    protocol: 'webmention',
    source: `https://bob.example/replies/${messages}`,
    target: POST,
    author: { name: 'Bob', url: 'https://bob.example/' },
    type: 'reply',
    privacy: 'public',
    host: 'bob.example',
    text: 'Well said.',
    ...of,
  }
}

/** A private message, as the rooms of the messaging protocols hand them over. */
export function letter(
  protocol: 'rel-pm' | 'intertalk' | 'fmtp',
  from: string,
  of: Partial<Message> = {},
): Message {
  messages += 1
  const host = from.replace(/^https:\/\/|^.*@/, '').replace(/\/.*$/, '')
  const names = { 'rel-pm': `pm:${messages}`, intertalk: `intertalk:${from}/${messages}` }
  return {
    protocol,
    source: protocol === 'fmtp' ? `fmtp:${messages}.${from}` : names[protocol],
    sender: from,
    target: ME.href,
    author: { name: from },
    type: 'message',
    privacy: 'private',
    host,
    text: 'Only between us.',
    ...of,
  }
}

/** Words of a warning that the rooms give along. */
export const WARNING =
  "The sender's key did not come over authenticated HTTPS: somebody else may have written this."

export interface Bench {
  readonly inbox: Inbox
  readonly store: Store
  readonly secrets: Secrets
  /** How often what everybody may see has changed. */
  readonly announced: () => number
  /** Hands a message over under its source, as a protocol does. */
  accept(of?: Partial<Message>): Promise<string>
  /** The same with a message as it is. */
  deliver(message: Message): Promise<string>
  later(seconds: number): void
  now(): Date
}

export function createBench(options: Partial<InboxOptions> = {}): Bench {
  let time = NOW.getTime()
  let announced = 0
  const now = () => new Date(time)
  const store = options.store ?? createMemoryStore({ now })
  const inbox = createInbox({
    store,
    policy: POLICY,
    me: ME,
    now,
    onApproved: async () => void (announced += 1),
    ...options,
  })
  const secrets = createSecrets({ keys: [Buffer.alloc(32, 7)], site: SITE, store, now })
  const deliver = async (one: Message) => {
    await inbox.accept(one.source, one)
    time += 1000
    return one.source
  }
  return {
    inbox,
    store,
    secrets,
    announced: () => announced,
    now,
    later: (seconds) => void (time += seconds * 1000),
    deliver,
    accept: (of = {}) => deliver(message(of)),
  }
}

/** The `Cookie` header of somebody who is signed in. */
export async function cookieOf(
  { secrets }: Pick<Bench, 'secrets'>,
  reader = ME.href,
  by: 'passphrase' | 'indieauth' | 'invitation' = 'passphrase',
): Promise<string> {
  const cookie = await startSession({ reader, by }, { secrets, site: SITE })
  return cookie.split(';', 1).join('')
}

/** Everything in the list, newest first. */
export async function listed({ inbox }: Pick<Bench, 'inbox'>) {
  return (await inbox.list('all', { page: 0, perPage: 1000 })).items
}

/** Sources that everybody may see. */
export async function publishedSources({ inbox }: Pick<Bench, 'inbox'>): Promise<string[]> {
  const { items } = await inbox.published([], { page: 0, perPage: 1000 })
  return items.map(({ entry }) => entry.envelope.source)
}
