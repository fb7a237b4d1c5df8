import { createHash } from 'node:crypto'
import type { Letter } from '../../lib/delivery/letter.ts'
import type { Message } from '../../lib/delivery/message.ts'
import { createFmtpEndpoint } from '../../lib/fmtp/endpoint.ts'
import type { FmtpOptions } from '../../lib/fmtp/fmtp.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { DnsResolver } from '../../lib/web/dns.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { FetchError } from '../../lib/web/errors.ts'
import { createFmtpPeer, type Attributes, type FmtpPeer } from './fmtp-peer.ts'
import { createWeb } from './web.ts'

export const SERVER = new URL('https://alice.example/fmtp')
/** Of Alice's posts, by what they are. */
export const POSTS = {
  public: 'https://alice.example/hello/',
  private: 'https://alice.example/p/xxxxxxxxxxxxxxxxxxxxxxxxxx/',
} as const

export interface SceneOptions {
  readonly settings?: Partial<FmtpOptions['settings']>
  /** Addresses and domains that Alice has blocked. */
  readonly denied?: readonly string[]
  readonly deliver?: (message: Message) => Promise<void>
}

/** Alice's site, which is ours, and the servers of Bob and Eve, which know nothing of our code. */
export function createScene({ settings = {}, denied = [], deliver }: SceneOptions = {}) {
  let time = Date.parse('2026-11-21T12:00:00Z')
  const now = () => new Date(time)
  const records = new Map<string, readonly string[] | 'failure'>()
  const asked: string[] = []
  const resolver: DnsResolver = {
    txt: async (name) => {
      asked.push(`TXT ${name}`)
      const answer = records.get(name) ?? []
      if (answer === 'failure') throw new FetchError(`DNS did not answer for ${name}`)
      return answer
    },
    mx: async (domain) => {
      asked.push(`MX ${domain}`)
      return domain === 'alice.example' ? ['mail.alice.example'] : []
    },
  }
  const sites: Record<string, Endpoint> = {}
  const web = createWeb(sites)
  const store = createMemoryStore({ now })
  const site = new URL('https://alice.example/')
  const secrets = createSecrets({ keys: [new Uint8Array(32).fill(7)], site, store, now })
  const inbox = new Map<string, Message>()
  const files = new Map<string, unknown>()
  const options: FmtpOptions = {
    ...{ site, me: site, secrets, store, resolver, now, fetch: web.fetch },
    address: { local: 'alice', domain: 'alice.example' },
    settings: {
      profile: { name: 'Alice Liddell' },
      policy: { allow: [], deny: [], hold: [], otherwise: 'hold' },
      fmtp: { encrypt: 'optional', children: [] },
      recipients: {},
      ...settings,
    },
    paths: { fmtp: '/fmtp' },
    files: async (name) => {
      const value = files.get(name)
      return value === undefined ? undefined : new TextEncoder().encode(JSON.stringify(value))
    },
    sink: {
      accept: async (key, message) => {
        await deliver?.(message)
        inbox.set(key, message)
      },
      withdraw: async (key) => void inbox.delete(key),
      find: async (key) => inbox.get(key),
    },
    isDenied: async (address) => denied.some((one) => address.endsWith(one)),
  }
  const alice = createFmtpEndpoint(options)
  sites['https://alice.example'] = alice

  const keysOf = async (domain: string) => {
    if (domain !== 'alice.example') return resolver.txt(`fmtpkey.${domain}`)
    const response = await alice(new Request(`${SERVER}/key`))
    return (await response.text()).split('\n')
  }
  const peerAt = (domain: string): FmtpPeer => {
    const peer = createFmtpPeer({ domain, keysOf, fetch: web.fetch, now })
    records.set(`fmtpkey.${domain}`, [peer.record])
    sites[`https://${domain}`] = peer.endpoint
    return peer
  }
  const bob = peerAt('bob.example')
  const eve = peerAt('eve.example')
  const bobUser = bob.addUser('bob', { 'GIVEN-NAME': 'Bob', 'FAMILY-NAME': 'Builder' })
  const eveUser = eve.addUser('eve')

  /** Bob's user object, and a message of his to Alice. */
  const letter = (attributes: Attributes = {}, more: { nonce?: string; method?: string } = {}) => [
    bob.userObject(bobUser),
    bob.messageObject({ from: bobUser.address, to: ['alice@alice.example'], attributes, ...more }),
  ]
  const post = (path: string, value: unknown, session?: string) =>
    alice(
      new Request(`${SERVER}/${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(session !== undefined && { authorization: `Bearer ${session}` }),
        },
        body: typeof value === 'string' ? value : JSON.stringify(value),
      }),
    )

  return {
    ...{ alice, bob, eve, bobUser, eveUser, options, web, sites, records, asked, inbox, files },
    ...{ store, secrets, now, peerAt, keysOf, letter, post },
    get: (path: string, session?: string) =>
      alice(
        new Request(`${SERVER}/${path}`, {
          headers: session === undefined ? {} : { authorization: `Bearer ${session}` },
        }),
      ),
    session: (peer: FmtpPeer = bob) => peer.greet(SERVER, 'alice.example'),
    wait: (seconds: number) => {
      time += seconds * 1000
    },
    /** Lets a post be among what the build wrote. */
    addLetters: (letters: Readonly<Record<string, Letter>>) => {
      const [{ id } = { id: '' }] = Object.values(letters)
      files.set(`letters/${id}.json`, { version: 1, letters })
    },
    addPublicLetters: (letters: readonly Letter[]) =>
      void files.set('public-letters.json', { version: 1, letters }),
  }
}

/** A letter as the build writes it. */
export function letterOf(url: string, more: Partial<Letter> = {}): Letter {
  return {
    id: createHash('sha256').update(url).digest('hex').slice(0, 32),
    ...{ version: '1', url, title: 'Dinner', text: 'Come at eight.', audience: [] },
    published: '2026-11-20T10:00:00.000Z',
    ...more,
  }
}
