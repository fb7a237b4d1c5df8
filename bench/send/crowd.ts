import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import { SITE_DEFAULTS, type SiteRecord } from '../../lib/ledger/site-record.ts'
import type { Counts } from './receivers.ts'

export const TSX = import.meta.resolve('tsx')

export interface Crowd {
  readonly targets: number
  readonly hosts: number
}

const SETTINGS: SiteRecord = {
  ...SITE_DEFAULTS,
  ...{ me: 'https://alice.example/', posts: ['private/**'], prefix: '/p/', pathPrefix: '/' },
  ...{ input: '.', output: '_site', tokens: 'random', exposure: 'refuse', auditExceptions: [] },
}

/** The ledger of a site whose build is only pretended. */
export async function describeSite(folder: string): Promise<void> {
  await openLedgerFile(join(folder, 'private-posts.ledger.json')).update(async (ledger) => ({
    ledger: { ...ledger, site: SETTINGS },
    result: undefined,
  }))
}

/** Writes the deployed pages, each with so many links. */
export function publish(
  site: URL,
  targets: readonly string[],
  output: string,
  linksOfAPost: number,
) {
  const pairs: { source: string; target: string }[] = []
  for (let start = 0; start < targets.length; start += linksOfAPost) {
    const links = targets.slice(start, start + linksOfAPost)
    const path = `posts/${start / linksOfAPost}`
    const anchors = links.map((href) => `<a href="${href}">link</a>`).join('\n')
    mkdirSync(join(output, path), { recursive: true })
    writeFileSync(
      join(output, path, 'index.html'),
      `<!doctype html><meta charset="utf-8"><title>Post</title><article class="h-entry"><p class="e-content">Hello ${anchors}</p></article>`,
    )
    const source = new URL(`${path}/`, site).href
    pairs.push(...links.map((target) => ({ source, target })))
  }
  return pairs
}

export async function startReceivers({ targets, hosts }: Crowd, folder: string) {
  const program = join(import.meta.dirname, 'receivers.ts')
  const child = spawn(process.execPath, ['--import', TSX, program, String(hosts), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { site, ports } = JSON.parse(line) as { site: number; ports: number[] }
  return {
    site: new URL(`http://127.0.0.1:${site}/`),
    targets: Array.from(
      { length: targets },
      (_, index) => `http://127.0.0.1:${ports[index % ports.length]}/${index}`,
    ),
    counts: async () => (await (await fetch(`http://127.0.0.1:${site}/counts`)).json()) as Counts,
    async end() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}
