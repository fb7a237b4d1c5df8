import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Eleventy } from '@11ty/eleventy'
import { redactTokens } from '../lib/capability-url/redaction.ts'
import { settingsOf } from '../lib/deploy/send.ts'
import { hashPassphrase } from '../lib/indieauth/owner-passphrase.ts'
import { createSecrets } from '../lib/jwt/secrets.ts'
import { openLedgerFile } from '../lib/ledger/ledger-file.ts'
import { deployFolderOf, storeFolderOf } from '../lib/ledger/state-folder.ts'
import { readSecretKeys } from '../lib/site/secret-keys.ts'
import { createSite } from '../lib/site/site.ts'
import { openDeployFolder } from '../lib/store/deploy-files.ts'
import { createLmdbStore } from '../lib/store/lmdb-store.ts'
import { createDnsResolver } from '../lib/web/dns.ts'
import type { Endpoint } from '../lib/web/endpoint.ts'
import { createGuardedFetch, userAgentOf } from '../lib/web/guarded-fetch.ts'

/** What the owners of the example say to their own sites. On a real one, nobody else would know. */
export const PASSPHRASES = {
  alice: 'late peas and long trains',
  bob: 'the goose went home by bus',
} as const

export type Name = keyof typeof PASSPHRASES

/** One of the two sites on this machine, with all its functions. */
export interface Neighbour {
  readonly name: Name
  readonly url: URL
  readonly ledger: string
  readonly output: string
  /** What its commands and functions find in their environment. */
  readonly environment: { readonly PRIVATE_POSTS_SECRET: string }
  readonly endpoint: Endpoint
  close(): Promise<void>
}

export interface Neighbourhood {
  readonly data: string
  readonly port: number
}

export function urlOf(name: string, { port }: Neighbourhood): URL {
  return new URL(`http://${name}.localhost:${port}/`)
}

/** Builds a site with Eleventy, as its author would. */
export async function buildNeighbour(name: Name, where: Neighbourhood): Promise<void> {
  const { ledger, output } = placesOf(name, where)
  Object.assign(process.env, {
    ALICE_URL: urlOf('alice', where).href,
    BOB_URL: urlOf('bob', where).href,
    // The ledger of the example lies on this machine and stays there, whoever runs it.
    PRIVATE_POSTS_LEDGER_PERSISTS: 'true',
    EXAMPLE_LEDGER: ledger,
    EXAMPLE_OUTPUT: output,
  })
  rmSync(output, { recursive: true, force: true })
  const configPath = `example-site/${name === 'alice' ? 'eleventy' : name}.config.js`
  await new Eleventy(undefined, undefined, { configPath, quietMode: true }).write()
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
    redact: redactTokens,
  })
  const { endpoint } = createSite(
    {
      ...{ site: url, store, now, fetch: guarded.fetch, allowLoopback: true },
      resolver: createDnsResolver(),
      settings: settingsOf(await openLedgerFile(ledger).read()),
      files: openDeployFolder(deployFolderOf(ledger)),
      secrets: createSecrets({ keys: readSecretKeys(environment), site: url, store, now }),
      owner: await hashPassphrase(PASSPHRASES[name]),
    },
    { folder: output },
  )
  return {
    ...{ name, url, ledger, output, environment, endpoint },
    async close() {
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
