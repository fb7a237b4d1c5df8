import type { Message, MessageSink } from '../../lib/delivery/message.ts'
import type { Letter } from '../../lib/delivery/letter.ts'
import { letterIdOf } from '../../lib/delivery/letter.ts'
import type { Parcel } from '../../lib/delivery/delivery.ts'
import { clientOf, createFmtpDelivery } from '../../lib/fmtp/delivery.ts'
import { createFmtpEndpoint } from '../../lib/fmtp/endpoint.ts'
import type { FmtpOptions } from '../../lib/fmtp/fmtp.ts'
import { ownKeyRecords } from '../../lib/fmtp/signature.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { DEFAULT_PATHS, SITE_DEFAULTS, type SiteRecord } from '../../lib/ledger/site-record.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { createInbox } from '../../lib/inbox/inbox.ts'
import type { DnsResolver } from '../../lib/web/dns.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { FetchError } from '../../lib/web/errors.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { acctUrl, parseUserAddress, type UserAddress } from '../../lib/web/user-address.ts'
import { createFmtpPeer, type FmtpPeer } from '../support/fmtp-peer.ts'
import { createWeb } from '../support/web.ts'

/** Records by name; `'fails'` for a name whose servers do not answer. */
export type Zone = Record<string, readonly string[] | 'fails'>

/** DNS and a web in one process, and one log of what was asked of both. */
export function createWorld() {
  const zone: { readonly mx: Zone; readonly txt: Zone } = { mx: {}, txt: {} }
  const sites: Record<string, Endpoint> = {}
  const clock = { time: Date.parse('2026-11-21T12:00:00Z') }
  const web = createWeb(sites)
  const { log } = web

  const ask = async (kind: 'mx' | 'txt', name: string) => {
    log.push(`${kind.toUpperCase()} ${name}`)
    const records = zone[kind][name] ?? []
    if (records === 'fails') throw new FetchError(`DNS did not answer for ${name} (ESERVFAIL)`)
    return records
  }
  const resolver: DnsResolver = {
    mx: (domain) => ask('mx', domain),
    txt: (name) => ask('txt', name),
  }
  const now = () => new Date(clock.time)
  return {
    ...{ zone, sites, clock, log, resolver, now },
    fetch: web.fetch,
    /** What was asked since the last time. */
    takeLog: () => log.splice(0),
    pass: (seconds: number) => void (clock.time += seconds * 1000),
  }
}

export type World = ReturnType<typeof createWorld>

export interface HouseOptions {
  readonly fmtp?: Partial<SiteRecord['fmtp']>
  /** Hosts at which it answers besides its own domain. */
  readonly hosts?: readonly string[]
  readonly denied?: readonly string[]
  readonly budget?: number
  /** What the build left for its functions. */
  readonly files?: Readonly<Record<string, unknown>>
  /** Its own way to ask, instead of the world's. */
  readonly resolver?: DnsResolver
  readonly fetch?: Fetch
}

/** A site of ours that speaks FMTP, in the world. Its key is in DNS. */
export async function addHouse(world: World, user: string, options: HouseOptions = {}) {
  const address = addressOf(user)
  const { domain } = address
  const { now } = world
  const { fetch = world.fetch } = options
  const site = new URL(`https://${domain}/`)
  const store = createMemoryStore({ now })
  const keys = [new TextEncoder().encode(domain.padEnd(32, '.'))] as const
  const secrets = createSecrets({ keys: [...keys], site, store, now })
  const policy = { allow: [], deny: [], hold: [], otherwise: 'accept' } as const
  const inbox = createInbox({ store, policy, me: site, now })
  const received = new Map<string, Message>()
  const sink: MessageSink = {
    ...inbox,
    accept: async (key, message) => {
      received.set(key, message)
      await inbox.accept(key, message)
    },
  }
  const settings = {
    ...{ profile: {}, policy: SITE_DEFAULTS.policy, recipients: {} },
    fmtp: { ...SITE_DEFAULTS.fmtp, ...options.fmtp },
  }
  const parts: FmtpOptions = {
    ...{ site, me: site, address, paths: DEFAULT_PATHS, secrets, store, fetch, sink, now },
    settings,
    resolver: options.resolver ?? world.resolver,
    files: async (name) => {
      const value = options.files?.[name]
      return value === undefined ? undefined : new TextEncoder().encode(JSON.stringify(value))
    },
    isDenied: async (who) => options.denied?.includes(who) ?? false,
  }
  const endpoint = createFmtpEndpoint(parts)
  world.zone.txt[`fmtpkey.${domain}`] = await ownKeyRecords(secrets)
  for (const host of [domain, ...(options.hosts ?? [])]) world.sites[`https://${host}`] = endpoint
  const { budget } = options
  const forDelivery = { ...parts, ...(budget !== undefined && { budget }) }
  return {
    ...{ address, parts, endpoint, inbox, store, secrets },
    web: { fetch },
    client: clientOf(forDelivery, { fetch }),
    delivery: createFmtpDelivery(forDelivery),
    messages: () => [...received.values()],
  }
}

export type House = Awaited<ReturnType<typeof addHouse>>

/** The independent peer, in the world. Its key is in DNS. */
export function addPeer(world: World, domain: string, hosts: readonly string[] = [domain]) {
  const keysOf = async (name: string) => world.resolver.txt(`fmtpkey.${name}`)
  const { fetch, now } = world
  const peer: FmtpPeer = createFmtpPeer({ domain, keysOf, fetch, now })
  world.zone.txt[`fmtpkey.${domain}`] = [peer.record]
  for (const host of hosts) world.sites[`https://${host}`] = peer.endpoint
  return peer
}

export function addressOf(text: string): UserAddress {
  const address = parseUserAddress(text)
  if (!address) throw new TypeError(text)
  return address
}

/** A private post on its way. */
export function parcelTo(user: string, letter: Partial<Letter> = {}): Parcel {
  const url = 'https://poe.net/p/4x7k2m9qwertyasdfghzxcvbn0/'
  const target = acctUrl(addressOf(user))
  const whole: Letter = {
    ...{ id: letterIdOf(url), version: '1', url, title: 'Dinner', text: 'Dinner at eight?' },
    ...{ html: '<p>Dinner at <b>eight</b>?</p>', published: '2026-11-20T18:00:00Z' },
    ...{ audience: [user] },
    ...letter,
  }
  return {
    ...{ source: new URL(url), target, destination: target },
    ...{ exposure: 'capability', recipient: user },
    letter: async () => whole,
  }
}
