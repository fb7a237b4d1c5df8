import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { letterFileName, letterIdOf, type Letter } from '../../lib/delivery/letter.ts'
import type { Parcel } from '../../lib/delivery/delivery.ts'
import type { Message, MessageSink } from '../../lib/delivery/message.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createRelPmDelivery } from '../../lib/rel-pm/delivery.ts'
import { createPmEndpoint } from '../../lib/rel-pm/pm-endpoint.ts'
import type { PmLimits } from '../../lib/rel-pm/limits.ts'
import { messageNameOf } from '../../lib/rel-pm/message-name.ts'
import { sweepPm } from '../../lib/rel-pm/process.ts'
import { pmAddress, type PmOptions } from '../../lib/rel-pm/rel-pm.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Store } from '../../lib/store/store.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { FetchError } from '../../lib/web/errors.ts'
import type { Fetch } from '../../lib/web/fetch.ts'

/** The names of the document. */
export const ALICE = new URL('https://alice.example.org/')
export const PM_ALICE = new URL('https://pm.alice.example.uk/pm')
export const BOB = new URL('https://bob.example.com/')
export const PM_BOB = new URL('https://pm.bob.example.net/pm')
export const EVE = new URL('https://eve.example/')
export const PM_EVE = new URL('https://pm.eve.example/pm')
export const NOW = new Date('2026-11-21T12:00:00Z')
/** Where Alice's post stands for Bob. */
export const SOURCE = new URL('https://pm.alice.example.uk/p/0123456789abcdefghjkmnpqrs/')

export function formOf(fields: Readonly<Record<string, string>>): RequestInit {
  return { method: 'POST', body: new URLSearchParams(fields) }
}

export function jsonOf(fields: unknown): RequestInit {
  const headers = { 'content-type': 'application/json' }
  return { method: 'POST', headers, body: JSON.stringify(fields) }
}

export function pushOf(entry: unknown, token?: string): RequestInit {
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/jf2+json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: typeof entry === 'string' ? entry : JSON.stringify(entry),
  }
}

/** The fields of a form that was sent. */
export function fieldsOf(body: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body))
}

interface Exchange {
  readonly line: string
  readonly body: string
  readonly headers: Headers
}

/** A web of sites, with a clock that a test sets, and everything that was said written down. */
export function createTown() {
  let time = NOW
  const sites: Record<string, Endpoint> = {}
  const log: string[] = []
  const said: Exchange[] = []
  const works: Promise<unknown>[] = []
  const troubles: unknown[] = []

  const fetch: Fetch = async (url, init) => {
    const request = new Request(url, init)
    const line = `${request.method} ${url.href}`
    log.push(line)
    said.push({ line, body: await request.clone().text(), headers: request.headers })
    const site = sites[url.origin]
    if (!site) throw new FetchError(`no such site: ${url.origin}`)
    return site(request, {
      waitUntil: (work) => void works.push(work.catch((error) => troubles.push(error))),
      clientAddress: '192.0.2.1',
    })
  }

  return {
    sites,
    log,
    said,
    fetch,
    troubles,
    now: () => time,
    pass: (seconds: number) => void (time = new Date(time.getTime() + seconds * 1000)),
    /** A home page that names an endpoint, in its header. */
    home(me: URL, endpoint: URL) {
      sites[me.origin] = async () =>
        new Response('home', { headers: { link: `<${endpoint.href}>; rel="pm"` } })
    },
    async settle() {
      while (works.length > 0) await works.shift()
    },
    /** The bodies of what was sent to an endpoint since the log was emptied. */
    sentTo: (endpoint: URL) =>
      said.filter(({ line }) => line === `POST ${endpoint.href}`).map(({ body }) => body),
  }
}

export type Town = ReturnType<typeof createTown>

export interface ResidentOptions extends Partial<
  Pick<PmOptions, 'name' | 'allowLoopback' | 'files' | 'profiles'>
> {
  readonly limits?: Partial<PmLimits>
  readonly denied?: string[]
  readonly store?: Store
  readonly sink?: (sink: MessageSink) => MessageSink
}

/** One person with our software: a home page, a pm server on another host, an inbox and letters. */
export function createResident(
  town: Town,
  me: URL,
  address: URL,
  {
    denied = [],
    limits = {},
    store: given,
    sink: wrap = (sink) => sink,
    ...rest
  }: ResidentOptions = {},
) {
  const { fetch, now } = town
  const site = new URL('/', address)
  const store = given ?? createMemoryStore({ now })
  const key = createHash('sha256').update(me.href).digest()
  const secrets = createSecrets({ keys: [key], site, store, now })
  const messages = new Map<string, Message>()
  const letters = new Map<string, Record<string, Letter>>()
  const sink: MessageSink = {
    accept: async (key, message) => void messages.set(key, message),
    withdraw: async (key) => void messages.delete(key),
    find: async (key) => messages.get(key),
  }
  const options: PmOptions = {
    ...{ me, site, store, secrets, fetch, now, limits, sink: wrap(sink) },
    paths: { pm: address.pathname },
    files: async (name) => {
      const found = [...letters].find(([id]) => letterFileName(id) === name)
      return found && new TextEncoder().encode(JSON.stringify({ version: 1, letters: found[1] }))
    },
    isDenied: async (sender) => denied.includes(sender),
    ...rest,
  }
  const endpoint = createPmEndpoint(options)
  const delivery = createRelPmDelivery(options)
  town.home(me, pmAddress(options))
  town.sites[site.origin] = endpoint

  return {
    ...{ me, options, endpoint, delivery, store, secrets, denied },
    address,
    /** The texts in the inbox. */
    received: () => [...messages.values()].map(({ text }) => text),
    messages,
    /** Writes, or rewrites, a letter, as a build would. */
    write(source: URL, to: URL, letter: Partial<Letter> = {}, recipient = to.href) {
      const id = letterIdOf(source)
      const { text = 'Dinner at eight?', html = '<p>Dinner at eight?</p>', ...more } = letter
      const version = createHash('sha256').update(text).digest('hex').slice(0, 8)
      const fields = { id, version, url: source.href, audience: [recipient], text, html, ...more }
      letters.set(id, { ...letters.get(id), [recipient]: fields })
      return messageNameOf({ letter: fields, recipient, to }, secrets)
    },
    forget: (source: URL) => letters.delete(letterIdOf(source)),
    parcel(source: URL, to: URL): Parcel {
      return {
        ...{ source, target: to, exposure: 'capability', recipient: to.href, destination: to },
        letter: async () => letters.get(letterIdOf(source))?.[to.href],
      }
    },
    /**
     * Steps 1 and 2, as the deploy does them, when it has looked at its own home page and found it in order:
     * what that page says later is for the recipient to see.
     */
    async deliver(source: URL, to: URL) {
      const found = await delivery.discover(to, { fetch })
      if (!found) return undefined
      const link = `<${pmAddress(options).href}>; rel="pm"`
      const own: Fetch = async () => new Response('home', { headers: { link } })
      assert.equal(await delivery.objects?.('capability', found, { fetch: own }), undefined)
      return delivery.deliver(this.parcel(source, to), found, { fetch })
    },
    sweep: () => sweepPm(options),
  }
}

export type Resident = ReturnType<typeof createResident>

/** The four hosts of the document, and a letter of Alice's for Bob. */
export function createNeighbours({
  alice: aliceOptions = {},
  bob: bobOptions = {},
}: { readonly alice?: ResidentOptions; readonly bob?: ResidentOptions } = {}) {
  const town = createTown()
  const alice = createResident(town, ALICE, PM_ALICE, aliceOptions)
  const bob = createResident(town, BOB, PM_BOB, bobOptions)
  const message = alice.write(SOURCE, BOB)
  return { town, alice, bob, message }
}

/** The log of the six steps between two servers of ours. */
export const SIX_STEPS = [
  `GET ${BOB}`,
  `POST ${PM_BOB}`,
  `GET ${ALICE}`,
  `POST ${PM_ALICE}`,
  `POST ${PM_ALICE}`,
  `GET ${BOB}`,
  `POST ${PM_BOB}`,
]
