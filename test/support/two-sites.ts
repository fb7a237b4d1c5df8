import type { EventEmitter } from 'node:events'
import type { TestContext } from 'node:test'
import { join } from 'node:path'
import type { PrivatePostsOptions } from '../../lib/eleventy/options.ts'
import { sendDeliveries } from '../../lib/deploy/send.ts'
import type { DeliveryRow } from '../../lib/deploy/report.ts'
import { messageRow } from '../../lib/inbox/message-row.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import type { JournaledLedger } from '../../lib/ledger/journaled-ledger.ts'
import { createDeliveryProtocols } from '../../lib/site/delivery-protocols.ts'
import { inboxOf } from '../../lib/site/inbox.ts'
import { createSite as createServedSite } from '../../lib/site/site.ts'
import type { SiteOptions } from '../../lib/site/site-options.ts'
import { openBuiltFiles } from '../../lib/deploy/built-letters.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { createGuardedFetch } from '../../lib/web/guarded-fetch.ts'
import { listen } from '../../lib/web/node-server.ts'
import { redactSecrets } from '../../lib/web/redaction.ts'
import { createStaticSite } from '../../lib/web/static-site.ts'
import { createSite, EMPTY_LEDGER, post, REPOSITORY, type BuiltSite, type Site } from './site.ts'
import { NO_DNS } from './no-dns.ts'

const { default: eventBus }: { default: EventEmitter } = await import(
  join(REPOSITORY, 'node_modules/@11ty/eleventy/src/EventBus.js')
)

/** How Alice's site is served: with its functions, or by a host that has nothing but her files. */
export type Host = 'serve' | 'static'

/** Two sites of ours on one machine: Alice publishes and sends, Bob's receives. Both are built by the real Eleventy. */
export async function openTwoSites(
  t: Pick<TestContext, 'after'>,
  { host, options = {} }: { host: Host; options?: Partial<PrivatePostsOptions> },
) {
  let ahead = 0
  const now = () => new Date(Date.now() + ahead)
  const hosts = new Map<string, Endpoint>()
  const works: Promise<unknown>[] = []
  const server = await listen(async (request) => {
    const answer = hosts.get(new URL(request.url).hostname)
    const waitUntil = (work: Promise<unknown>) => void works.push(work)
    return answer ? answer(request, { waitUntil }) : new Response('nobody', { status: 404 })
  })
  const guarded = createGuardedFetch({ allowLoopback: true, redact: redactSecrets })
  const { fetch } = guarded
  const urlOf = (name: string) => new URL(`http://${name}.localhost:${server.port}/`)
  const bobs = createSite({
    ...EMPTY_LEDGER,
    'index.md': '---\npermalink: /\n---\n<link rel="webmention" href="/webmention">Bob',
    'notes/1.md': '---\npermalink: /notes/1/\n---\n<link rel="webmention" href="/webmention">One',
  })
  const alices = createSite({
    ...EMPTY_LEDGER,
    'index.md': '---\npermalink: /\n---\nAlice',
  })
  t.after(async () => {
    await guarded.close()
    await server.close()
    alices.dispose()
    bobs.dispose()
  })

  const optionsOf = (name: 'alice' | 'bob') => ({
    now: now(),
    options: { me: urlOf(name).href, ...(name === 'alice' && options) },
  })
  const build = (name: 'alice' | 'bob', site: Site): Promise<BuiltSite> =>
    site.build(optionsOf(name))
  const ledgerOf = ({ folder }: Site) => join(folder, 'private-posts.ledger.json')
  async function open(name: 'alice' | 'bob', site: Site): Promise<SiteOptions> {
    const { site: settings } = await openLedgerFile(ledgerOf(site)).read()
    if (!settings) throw new Error('not built')
    const store = createMemoryStore({ now })
    const parts: SiteOptions = {
      ...{ site: urlOf(name), settings, store, fetch, now, resolver: NO_DNS, allowLoopback: true },
      files: openBuiltFiles({
        site: urlOf(name),
        output: join(site.folder, '_site'),
        ledgerFile: ledgerOf(site),
      }),
      secrets: createSecrets({
        keys: [new TextEncoder().encode(name.padEnd(32, '.'))],
        site: urlOf(name),
        store,
        now,
      }),
      owner: `scrypt:15:8:3:${'A'.repeat(22)}:${'A'.repeat(43)}`,
    }
    return parts
  }

  await build('bob', bobs)
  const bob = await open('bob', bobs)
  const bobsSite = createServedSite(bob, { folder: join(bobs.folder, '_site') })
  hosts.set('bob.localhost', bobsSite.endpoint)
  let built = await build('alice', alices)
  const alice = await open('alice', alices)
  const output = join(alices.folder, '_site')
  hosts.set(
    'alice.localhost',
    host === 'serve'
      ? createServedSite(alice, { folder: output }).endpoint
      : createStaticSite({ folder: output }),
  )

  return {
    urlOf,
    now,
    wait: (milliseconds: number) => void (ahead += milliseconds),
    ledger: openLedgerFile(ledgerOf(alices)),
    get built() {
      return built
    },
    /** Builds Alice's site, which deploys it. */
    async build() {
      built = await build('alice', alices)
    },
    /** Eleventy remembers the texts of files as long as it runs, unless it is told that they have changed. */
    write(files: Readonly<Record<string, string>>) {
      alices.write(files)
      for (const path of Object.keys(files)) {
        eventBus.emit('eleventy.resourceModified', join(alices.folder, path))
      }
    },
    remove: (path: string) => alices.remove(path),
    async send(
      ledger: JournaledLedger = openLedgerFile(ledgerOf(alices)),
    ): Promise<readonly DeliveryRow[]> {
      const { site: settings = alice.settings } = await ledger.read()
      const rows = await sendDeliveries({
        ...{ site: urlOf('alice'), output, ledger, fetch, now, policy: 'test', wait: 0 },
        files: alice.files,
        protocols: createDeliveryProtocols({ ...alice, settings }),
        sleep: async () => {
          while (works.length > 0) await works.shift()
        },
      })
      while (works.length > 0) await works.shift()
      return rows
    },
    /** Bob's process takes up what is due, as it does by the clock. */
    async sweep() {
      await bobsSite.sweep()
      while (works.length > 0) await works.shift()
    },
    /** Where what is in Bob's inbox comes from. */
    async inbox(): Promise<string[]> {
      const { items } = await inboxOf(bob).list('all', { page: 0, perPage: 50 })
      return items.map((item) => messageRow(item).source)
    },
    async get(path: string) {
      const response = await fetch(new URL(path, urlOf('alice')), { redirect: 'manual' })
      return { status: response.status, body: await response.text() }
    },
    /** Somebody sends a form to Alice's site, and it does what follows from that. */
    async post(path: string, form: Readonly<Record<string, string>>) {
      const body = new URLSearchParams(form)
      const response = await fetch(new URL(path, urlOf('alice')), { method: 'POST', body })
      await response.body?.cancel()
      while (works.length > 0) await works.shift()
      return response.status
    },
    page: (frontMatter: string, body = 'Hello.') => post(frontMatter, body),
  }
}

export type TwoSites = Awaited<ReturnType<typeof openTwoSites>>
