import { SITE_DEFAULTS, type SiteRecord } from '../../lib/ledger/site-record.ts'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { createWebmentionDelivery } from '../../lib/webmention/delivery.ts'
import { createGuardedFetch } from '../../lib/web/guarded-fetch.ts'
import { listen } from '../../lib/web/node-server.ts'
import { createStaticSite } from '../../lib/web/static-site.ts'
import { redactSecrets } from '../../lib/web/redaction.ts'
import { sendDeliveries, type SendOptions } from '../../lib/deploy/send.ts'
import type { DeliveryRow } from '../../lib/deploy/report.ts'
import { formatLedger, parseLedger } from '../../lib/ledger/ledger-text.ts'
import {
  emptyLedger,
  type DeliveryRecord,
  type Ledger,
  type Link,
  type PostRecord,
} from '../../lib/ledger/ledger.ts'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'

export const START = new Date('2026-03-01T12:00:00Z')

/** A site that was built and deployed: its ledger, its output, and a server for it. */
export interface DeployedSite {
  readonly folder: string
  readonly output: string
  readonly ledgerFile: string
  readonly url: URL
  /** Requests that the deployed site got. */
  readonly log: readonly string[]
  /** The clock of {@link send}. */
  readonly clock: { now: () => Date; advance(milliseconds: number): void }
  write(path: string, html: string): Promise<void>
  remove(path: string): Promise<void>
  /** Writes a public post at `/path/` with these links. */
  publish(path: string, links: readonly string[], text?: string): Promise<void>
  /** Enters a private post in the ledger, as a build does, and writes the pages of its live links. */
  publishPrivately(record: Partial<PostRecord> & Pick<PostRecord, 'path' | 'links'>): Promise<void>
  configure(settings: Partial<SiteRecord>): Promise<void>
  ledger(): Promise<Ledger>
  delivery(target: string): Promise<DeliveryRecord | undefined>
  send(options?: Partial<SendOptions>): Promise<readonly DeliveryRow[]>
  /** What {@link send} passes on. */
  sendOptions(): SendOptions
  /** From now on the server shows this folder, as if nothing newer had been deployed. */
  serve(folder: string): void
  /** From now on the server answers this to everything. */
  answer(response: (() => Response) | undefined): void
  forget(): void
}

/** A token that nobody takes for a real one. */
export function fakeToken(digit: number | string): string {
  return String(digit).padStart(26, 'x')
}

export function fakeLink(recipient: string | null, digit: number, more: Partial<Link> = {}): Link {
  const token = fakeToken(digit) as Link['token']
  return { recipient, token, generation: 0, issued: START.toISOString(), ...more }
}

export function postPage(links: readonly string[], text = 'Hello', footer = ''): string {
  const anchors = links.map((href) => `<a href="${href}">link</a>`).join('\n')
  return `<!doctype html><meta charset="utf-8"><title>Post</title><nav><a href="/">Alice</a></nav>
<article class="h-entry"><p class="e-content">${text} ${anchors}</p></article><footer>${footer}</footer>`
}

export async function createDeployedSite(
  t: Pick<TestContext, 'after'>,
  { timeout = 5_000, pathPrefix = '/' } = {},
): Promise<DeployedSite> {
  const folder = await mkdtemp(join(tmpdir(), 'private-posts-'))
  const output = join(folder, '_site')
  const ledgerFile = join(folder, 'private-posts.ledger.json')
  await mkdir(output)

  const log: string[] = []
  let served = createStaticSite({ folder: output })
  let answer: (() => Response) | undefined
  const server = await listen(async (request) => {
    const url = new URL(request.url)
    log.push(`${request.method} ${url.pathname}`)
    if (answer) return answer()
    url.pathname = url.pathname.replace(pathPrefix, '/')
    return served(new Request(url, { method: request.method }))
  })
  const guarded = createGuardedFetch({ allowLoopback: true, timeout, redact: redactSecrets })
  t.after(async () => {
    await guarded.close()
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })

  let time = START.getTime()
  const clock = {
    now: () => new Date(time),
    advance: (milliseconds: number) => void (time += milliseconds),
  }
  const url = new URL(`http://alice.localhost:${server.port}${pathPrefix}`)
  const settings: SiteRecord = {
    ...SITE_DEFAULTS,
    me: 'https://alice.example/',
    posts: ['private/**'],
    prefix: '/p/',
    pathPrefix,
    input: '.',
    output: '_site',
    tokens: 'random',
    exposure: 'refuse',
    auditExceptions: [],
  }
  const site: DeployedSite = {
    folder,
    output,
    ledgerFile,
    url,
    log,
    clock,

    async write(path, html) {
      await mkdir(dirname(join(output, path)), { recursive: true })
      await writeFile(join(output, path), html)
    },
    remove: (path) => rm(join(output, path), { recursive: true }),
    publish: (path, links, text) => site.write(`${path}/index.html`, postPage(links, text)),

    async publishPrivately(record) {
      const post: PostRecord = {
        visibility: 'private',
        access: 'link',
        fingerprint: 'f',
        ...record,
      }
      await change((ledger) => ({ ...ledger, posts: { ...ledger.posts, [record.path]: post } }))
      for (const { token, recipient, revoked } of post.links) {
        const page = `p/${token}/index.html`
        if (revoked) await rm(join(output, `p/${token}`), { recursive: true, force: true })
        else if (post.access === 'link') {
          const links = [recipient, post.inReplyTo].filter((href) => href?.startsWith('http'))
          await site.write(page, postPage(links as string[], post.title))
        }
      }
    },
    configure: (changes) =>
      change((ledger) => ({ ...ledger, site: { ...settings, ...ledger.site, ...changes } })),
    ledger: async () => parseLedger(await readFile(ledgerFile, 'utf8'), ledgerFile),
    delivery: async (target) =>
      (await site.ledger()).deliveries.find((record) => record.target === target),

    send: (options = {}) => sendDeliveries({ ...site.sendOptions(), ...options }),
    sendOptions: () => ({
      site: url,
      output,
      ledger: openLedgerFile(ledgerFile),
      protocols: [createWebmentionDelivery({ exposure: 'refuse', now: clock.now })],
      fetch: guarded.fetch,
      now: clock.now,
      async sleep(milliseconds) {
        clock.advance(milliseconds)
        await new Promise(setImmediate)
      },
      policy: 'test',
      wait: 0,
    }),
    serve(next) {
      served = createStaticSite({ folder: next })
    },
    answer(next) {
      answer = next
    },
    forget() {
      log.length = 0
    },
  }

  async function change(apply: (ledger: Ledger) => Ledger): Promise<void> {
    await openLedgerFile(ledgerFile).update(async (ledger) => ({
      ledger: apply(ledger),
      result: undefined,
    }))
  }
  await writeFile(ledgerFile, formatLedger({ ...emptyLedger(), site: settings }))
  return site
}

/** Outcomes by target, which is what most tests are about. */
export function outcomes(rows: readonly DeliveryRow[]): Record<string, string> {
  return Object.fromEntries(rows.map(({ target, outcome }) => [target, outcome]))
}
