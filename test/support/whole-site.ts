import { GATE_REGISTER } from '../../lib/gate/register.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { SITE_DEFAULTS, type SiteRecord } from '../../lib/ledger/site-record.ts'
import { messageRow } from '../../lib/inbox/message-row.ts'
import { inboxOf } from '../../lib/site/inbox.ts'
import { routesOf } from '../../lib/site/site.ts'
import type { SiteOptions } from '../../lib/site/site-options.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { findRoute } from '../../lib/web/routes.ts'
import { NO_DNS } from './no-dns.ts'

export interface WholeSiteOptions {
  readonly fetch: Fetch
  readonly now: () => Date
  /** By segment and reader, the page that they are shown behind the gate. */
  readonly posts?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** It talks to sites on this machine. */
  readonly allowLoopback?: boolean
  /** What the home page links to; by default the webmention endpoint and the metadata. */
  readonly home?: string
  /** What differs from the settings that every site has here. */
  readonly settings?: Partial<SiteRecord>
}

/** A site of ours with the functions through which sites talk to each other, in memory. */
export function createWholeSite(address: string, options: WholeSiteOptions) {
  const { fetch, now, posts = {}, allowLoopback = false } = options
  const site = new URL(address)
  const store = createMemoryStore({ now })
  const secrets = createSecrets({
    ...{ site, store, now },
    keys: [new TextEncoder().encode(address.padEnd(32, '.'))],
  })
  const settings: SiteRecord = {
    ...SITE_DEFAULTS,
    ...{ me: address, posts: [], prefix: '/p/', pathPrefix: '/', input: '.', output: '_site' },
    ...{ exposure: 'refuse', auditExceptions: [], tokens: 'random' },
    policy: { ...SITE_DEFAULTS.policy, allow: [], deny: [], hold: [] },
    ...options.settings,
  }
  const files = deployFiles(posts)
  const parts: SiteOptions = {
    ...{ site, settings, store, secrets, files, fetch, now, allowLoopback },
    resolver: NO_DNS,
    owner: `scrypt:15:8:3:${'A'.repeat(22)}:${'A'.repeat(43)}`,
  }
  const routes = routesOf(parts)
  const home =
    options.home ?? '</webmention>; rel=webmention, </indieauth/metadata>; rel=indieauth-metadata'
  const works: Promise<unknown>[] = []
  const context = { waitUntil: (work: Promise<unknown>) => void works.push(work) }
  const endpoint: Endpoint = async (request, given) => {
    const route = findRoute(routes, new URL(request.url).pathname)
    return (
      route?.(request, { ...context, ...given }) ??
      new Response('home', { headers: { link: home } })
    )
  }

  return {
    endpoint,
    store,
    secrets,
    parts,
    /** What its owner finds in the inbox: whence each message came. */
    async received() {
      const { items } = await inboxOf(parts).list('all', { page: 0, perPage: 50 })
      return items.map((item) => messageRow(item).source)
    },
    /** The same: what each message is. */
    async types() {
      const { items } = await inboxOf(parts).list('all', { page: 0, perPage: 50 })
      return items.map((item) => messageRow(item).type)
    },
    /** Waits for what is done after the answers. */
    async settle() {
      while (works.length > 0) await works.shift()
    },
  }
}

function deployFiles(posts: NonNullable<WholeSiteOptions['posts']>) {
  const files = new Map<string, string>()
  const register: Record<string, { readers: unknown[] }> = {}
  for (const [segment, pages] of Object.entries(posts)) {
    const readers = Object.entries(pages).map(([id, page], at) => {
      const name = `gate/${segment}/${at}/index.html`
      files.set(name, page)
      return { id, name: id, files: { '': name } }
    })
    register[segment] = { readers }
  }
  files.set(GATE_REGISTER, JSON.stringify({ version: 1, posts: register }))
  return async (name: string) => {
    const text = files.get(name)
    return text === undefined ? undefined : new TextEncoder().encode(text)
  }
}
