import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Eleventy } from '@11ty/eleventy'
import { redactSecrets } from '../lib/web/redaction.ts'
import { settingsOf } from '../lib/deploy/send.ts'
import { hashPassphrase } from '../lib/indieauth/owner-passphrase.ts'
import { createSecrets } from '../lib/jwt/secrets.ts'
import { openLedgerFile } from '../lib/ledger/ledger-file.ts'
import { storeFolderOf } from '../lib/ledger/state-folder.ts'
import { readSecretKeys } from '../lib/site/secret-keys.ts'
import { createSite } from '../lib/site/site.ts'
import { openBuiltFiles } from '../lib/deploy/built-letters.ts'
import { createLmdbStore } from '../lib/store/lmdb-store.ts'
import { createDnsResolver } from '../lib/web/dns.ts'
import type { Endpoint } from '../lib/web/endpoint.ts'
import { createGuardedFetch, userAgentOf } from '../lib/web/guarded-fetch.ts'
import type { UpgradeListener } from '../lib/web/node-server.ts'

/** What the owners of the example say to their own sites. On a real one, nobody else would know. */
export const PASSPHRASES = {
  alice: 'late peas and long trains',
  bob: 'the goose went home by bus',
  dora: 'lanterns need new candles',
  emil: 'seven valves and a fuse',
  frida: 'warm up the organ first',
} as const

export type Name = keyof typeof PASSPHRASES

/** Whom Alice writes to, and the way in which each of them is told. */
export const READERS = [
  { name: 'bob', title: 'Bob', protocol: 'webmention' },
  { name: 'dora', title: 'Dora', protocol: 'rel-pm' },
  { name: 'emil', title: 'Emil', protocol: 'intertalk' },
  { name: 'frida', title: 'Frida', protocol: 'fmtp' },
] as const

const NAMES: readonly Name[] = [...READERS.map(({ name }) => name), 'alice']

const CHOIR = { config: 'choir', input: 'choir' }
const SOURCES: Readonly<Record<Name, { readonly config: string; readonly input: string }>> = {
  alice: { config: 'eleventy', input: 'alice' },
  bob: { config: 'bob', input: 'bob' },
  dora: CHOIR,
  emil: CHOIR,
  frida: CHOIR,
}

/** One of the sites on this machine, with all its functions. */
export interface Neighbour {
  readonly name: Name
  readonly url: URL
  readonly ledger: string
  readonly output: string
  /** What its commands and functions find in their environment. */
  readonly environment: { readonly PRIVATE_POSTS_SECRET: string }
  readonly endpoint: Endpoint
  readonly onUpgrade: UpgradeListener | undefined
  close(): Promise<void>
}

export interface Neighbourhood {
  readonly data: string
  readonly port: number
}

export function urlOf(name: string, { port }: Neighbourhood): URL {
  return new URL(`http://${name}.localhost:${port}/`)
}

/**
 * Builds a site with Eleventy, as its author would.
 *
 * @param answers The post of Alice's that its author answers, from now on.
 */
export async function buildNeighbour(
  name: Name,
  where: Neighbourhood,
  answers?: string,
): Promise<void> {
  const { folder, ledger, output } = placesOf(name, where)
  for (const each of NAMES) process.env[`${each.toUpperCase()}_URL`] = urlOf(each, where).href
  Object.assign(process.env, {
    EXAMPLE_NAME: name,
    EXAMPLE_ANSWERS: remembered(join(folder, 'answers'), answers),
    // The ledger of the example lies on this machine and stays there, whoever runs it.
    PRIVATE_POSTS_LEDGER_PERSISTS: 'true',
    EXAMPLE_LEDGER: ledger,
    EXAMPLE_OUTPUT: output,
  })
  rmSync(output, { recursive: true, force: true })
  const { config, input } = SOURCES[name]
  const configPath = `example-site/${config}.config.js`
  await new Eleventy(`example-site/${input}`, output, { configPath, quietMode: true }).write()
}

/** What was answered once is not taken back when the example is started again. */
function remembered(file: string, answers: string | undefined): string {
  if (answers === undefined) return existsSync(file) ? readFileSync(file, 'utf8') : ''
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, answers, { mode: 0o600 })
  return answers
}

/** Opens a built site: its pages, its functions, and what they keep. */
export async function openNeighbour(name: Name, where: Neighbourhood): Promise<Neighbour> {
  const url = urlOf(name, where)
  const { folder, ledger, output } = placesOf(name, where)
  const environment = { PRIVATE_POSTS_SECRET: keptSecret(join(folder, 'secret')) }
  const now = () => new Date()
  const store = createLmdbStore({ folder: storeFolderOf(ledger), now })
  const guarded = createGuardedFetch({
    allowLoopback: true,
    userAgent: userAgentOf(url),
    redact: redactSecrets,
  })
  const site = createSite(
    {
      ...{ site: url, store, now, fetch: guarded.fetch, allowLoopback: true },
      resolver: createDnsResolver(),
      settings: settingsOf(await openLedgerFile(ledger).read()),
      files: openBuiltFiles({ site: url, output, ledgerFile: ledger }),
      secrets: createSecrets({ keys: readSecretKeys(environment), site: url, store, now }),
      owner: await hashPassphrase(PASSPHRASES[name]),
    },
    { folder: output },
  )
  return {
    ...{ name, url, ledger, output, environment },
    endpoint: site.endpoint,
    onUpgrade: site.onUpgrade,
    async close() {
      await site.close()
      await guarded.close()
      await store.close()
    },
  }
}

function placesOf(name: Name, { data }: Neighbourhood) {
  const folder = join(data, name)
  return {
    folder,
    ledger: join(folder, 'private-posts.ledger.json'),
    output: join(folder, 'site'),
  }
}

/** Made once, so that who is signed in stays so when the example is started again. */
function keptSecret(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8')
  const secret = randomBytes(32).toString('base64url')
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, secret, { mode: 0o600 })
  return secret
}
