import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { hashPassphrase } from '../../lib/indieauth/owner-passphrase.ts'
import { messageRow } from '../../lib/inbox/message-row.ts'
import { inboxOf } from '../../lib/site/inbox.ts'
import { createSite } from '../../lib/site/site.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { createGuardedFetch } from '../../lib/web/guarded-fetch.ts'
import { listen } from '../../lib/web/node-server.ts'
import { redactSecrets } from '../../lib/web/redaction.ts'
import { createWholeSite, type WholeSiteOptions } from '../support/whole-site.ts'

export const PASSPHRASE = 'late peas and long trains'

/** Asked for with the site's address, which is known once it listens. */
export interface RunningSiteOptions {
  readonly host: string
  readonly posts?: (site: URL) => NonNullable<WholeSiteOptions['posts']>
  /** The pages of the site, by path below its root. */
  readonly pages?: (site: URL) => Readonly<Record<string, string>>
  readonly settings?: Partial<WholeSiteOptions['settings']>
  readonly owner?: string | undefined
}

/** A site of ours on a port of this machine, with its pages and all of its functions. */
export async function openRunningSite(
  t: Pick<TestContext, 'after'>,
  { host, posts = () => ({}), pages = () => ({}), settings, ...rest }: RunningSiteOptions,
) {
  let begin: (endpoint: Endpoint) => void = () => {}
  const begun = new Promise<Endpoint>((resolve) => (begin = resolve))
  const works: Promise<unknown>[] = []
  const server = await listen(async (request, context) =>
    (await begun)(request, { ...context, waitUntil: (work) => void works.push(work) }),
  )
  const url = new URL(`http://${host}:${server.port}/`)
  const guarded = createGuardedFetch({ allowLoopback: true, redact: redactSecrets })
  const folder = mkdtempSync(join(tmpdir(), 'private-posts-stranger-'))
  t.after(async () => {
    await guarded.close()
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  for (const [path, text] of Object.entries(pages(url))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const whole = createWholeSite(url.href, {
    ...{ fetch: guarded.fetch, now: () => new Date(), allowLoopback: true, posts: posts(url) },
    ...(settings && { settings }),
  })
  const owner = 'owner' in rest ? rest.owner : await hashPassphrase(PASSPHRASE)
  const site = createSite({ ...whole.parts, owner }, { folder })
  begin(site.endpoint)
  return {
    url,
    received: whole.received,
    types: whole.types,
    /** What its owner finds in the inbox. */
    async messages() {
      const { items } = await inboxOf(whole.parts).list('all', { page: 0, perPage: 50 })
      return items.map((item) => messageRow(item))
    },
    /** Waits for what is done after the answers. */
    async settle() {
      while (works.length > 0) await works.shift()
    },
  }
}
