import type { TestContext } from 'node:test'
import { join } from 'node:path'
import { sendDeliveries } from '../../lib/deploy/send.ts'
import { messageRow } from '../../lib/inbox/message-row.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import { createDeliveryProtocols } from '../../lib/site/delivery-protocols.ts'
import { inboxOf } from '../../lib/site/inbox.ts'
import { createSite as createServedSite } from '../../lib/site/site.ts'
import type { SiteOptions } from '../../lib/site/site-options.ts'
import { openBuiltFiles } from '../../lib/deploy/built-letters.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { createGuardedFetch } from '../../lib/web/guarded-fetch.ts'
import { listen } from '../../lib/web/node-server.ts'
import { NO_DNS } from '../support/no-dns.ts'
import { createSite, EMPTY_LEDGER, post } from '../support/site.ts'

/** Alice's site on a port of this machine, built by Eleventy, with all functions; it writes by rel=pm alone. */
export async function openPmSite(
  t: TestContext,
  letter?: { readonly to: URL; readonly text: string },
) {
  const now = () => new Date()
  const works: Promise<unknown>[] = []
  let answer: Endpoint = async () => new Response('not yet', { status: 503 })
  const server = await listen(async (request) =>
    answer(request, { waitUntil: (work) => void works.push(work), clientAddress: '' }),
  )
  const url = new URL(`http://localhost:${server.port}/`)
  const guarded = createGuardedFetch({ allowLoopback: true })
  const source = createSite({
    ...EMPTY_LEDGER,
    'index.md': '---\npermalink: /\n---\n<link rel="pm" href="/pm">Alice',
    ...(letter && {
      'private/letter.md': post(
        `title: To a stranger\nvisibility: private\naudience: ["${letter.to}"]`,
        letter.text,
      ),
    }),
  })
  t.after(async () => {
    await server.close()
    await guarded.close()
    source.dispose()
  })

  await source.build({ options: { me: url.href, protocols: ['rel-pm'] } })
  const file = join(source.folder, 'private-posts.ledger.json')
  const ledger = openLedgerFile(file)
  const { site: settings } = await ledger.read()
  if (!settings) throw new Error('not built')
  const store = createMemoryStore({ now })
  const { fetch } = guarded
  const output = join(source.folder, '_site')
  const files = openBuiltFiles({ site: url, output, ledgerFile: file })
  const options: SiteOptions = {
    ...{ site: url, settings, store, files, fetch, now, resolver: NO_DNS, allowLoopback: true },
    secrets: createSecrets({ keys: [new Uint8Array(32).fill(1)], site: url, store, now }),
    owner: `scrypt:15:8:3:${'A'.repeat(22)}:${'A'.repeat(43)}`,
  }
  const site = createServedSite(options, { folder: output })
  answer = site.endpoint

  return {
    url,
    pm: new URL('/pm', url),
    async settle() {
      while (works.length > 0) await works.shift()
    },
    async send() {
      const rows = await sendDeliveries({
        ...{ site: url, output, ledger, fetch, now, files, policy: 'test', wait: 0 },
        protocols: createDeliveryProtocols(options),
        sleep: async () => {},
      })
      await this.settle()
      return rows
    },
    async inbox() {
      const { items } = await inboxOf(options).list('all', { page: 0, perPage: 50 })
      return items.map((item) => messageRow(item))
    },
  }
}

export type PmSite = Awaited<ReturnType<typeof openPmSite>>
