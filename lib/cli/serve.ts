import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { redactSecrets } from '../web/redaction.ts'
import { openBuiltFiles } from '../deploy/built-letters.ts'
import { settingsOf } from '../deploy/send.ts'
import { createSecrets } from '../jwt/secrets.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { deployFolderOf, refuseInside } from '../ledger/state-folder.ts'
import { FETCH_LIMITS } from '../site/fetch-limits.ts'
import { readBuildHook } from '../site/build-hook.ts'
import { readDnsResolver } from '../site/dns-servers.ts'
import { readSecretKeys } from '../site/secret-keys.ts'
import type { Site } from '../site/site.ts'
import { ConfigurationError } from '../web/errors.ts'
import { createGuardedFetch, userAgentOf } from '../web/guarded-fetch.ts'
import { listen, type NodeServer, type UpgradeListener } from '../web/node-server.ts'
import {
  isExpected,
  textOption,
  urlOption,
  UsageError,
  type Command,
  type CommandContext,
  type OptionValues,
} from './command.ts'
import { DEFAULT_LEDGER, openSite, SITE_OPTIONS } from './site.ts'
import {
  loadLmdbStore,
  openPostgresStore,
  storePlaceOf,
  type OpenedStore,
  type StorePlace,
} from './store-place.ts'

const DEFAULT_PORT = 8080
/** Milliseconds between two looks at what is still to be done. */
const SWEEP_PAUSE = 20_000

/** Serves the built site with all its functions, in one process. */
export const serveCommand: Command = {
  name: 'serve',
  summary: 'Serves the built site with all its functions, without any other host.',
  parameters: '[options]',
  help: [
    '--site URL       where the site is reached (default http://localhost:PORT/)',
    `--port PORT      where it listens (default ${DEFAULT_PORT}; 0 takes a free one)`,
    '--host ADDRESS   the address that it listens on (default 127.0.0.1)',
    '--output DIR     the built site (default: as it was built)',
    '--store PLACE    what it keeps: a folder (default .private-posts/store beside the ledger), or a database',
    '                 that several processes share (postgres://user:password@host/database)',
    '--trust-proxy    a proxy of yours stands before it: take addresses of clients from X-Forwarded-For',
    '--allow-loopback for development: talk to other sites on this machine',
    `--ledger FILE    the ledger (default ${DEFAULT_LEDGER})`,
    '',
    'PRIVATE_POSTS_SECRET signs codes, tokens and sessions. PRIVATE_POSTS_OWNER, made by',
    '"private-posts init passphrase", lets the owner sign in. PRIVATE_POSTS_DATABASE_URL (or NETLIFY_DATABASE_URL)',
    'is where to keep things if --store says nothing; other users of the machine do not see it, as they see options.',
  ],
  options: {
    site: { type: 'string' },
    port: { type: 'string' },
    host: { type: 'string' },
    output: { type: 'string' },
    store: { type: 'string' },
    'allow-loopback': { type: 'boolean' },
    'trust-proxy': { type: 'boolean' },
    ledger: SITE_OPTIONS.ledger,
  },

  async run({ positionals, values }, context) {
    if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is not understood`)
    const { environment, terminal, now, signal } = context
    const settings = settingsOf(await openSite(values, context).read())
    const folders = foldersOf(values, settings, context)
    const siteUrl = urlOption(values, 'site')
    const keys = readSecretKeys(environment)
    const buildHook = readBuildHook(environment)
    const resolver = readDnsResolver(environment)
    const allowLoopback = values['allow-loopback'] === true
    const report = (error: unknown) => {
      const text = isExpected(error) ? error.message : error instanceof Error ? error.stack : error
      terminal.error(`${redactSecrets(String(text))}\n`)
    }

    // Loaded here, because no other command needs as much.
    const { createSite } = await import('../site/site.ts')
    const closers: (() => Promise<void>)[] = []
    try {
      const { store, closeStore } = await openStore(folders.store, context)
      closers.push(closeStore)
      let begin: (site: Site) => void = () => {}
      // Who comes early waits: which port it is, and so which site, is known only when it listens.
      const opened = new Promise<Site>((resolve) => (begin = resolve))
      const userAgent = userAgentOf(new URL(settings.me))
      const limits = { ...FETCH_LIMITS, allowLoopback, userAgent, redact: redactSecrets }
      const guarded = createGuardedFetch(limits)
      closers.push(() => guarded.close())
      const server = await listenOn(values, opened, report)
      closers.push(() => server.close())
      const site = siteUrl ?? new URL(`http://localhost:${server.port}/`)
      const running = createSite(
        {
          ...{ site, settings, store, fetch: guarded.fetch, resolver, now, allowLoopback },
          files: openBuiltFiles({ site, output: folders.output, ledgerFile: folders.ledger }),
          secrets: createSecrets({ keys, site, store, now }),
          owner: environment['PRIVATE_POSTS_OWNER'],
          ...(buildHook && { buildHook }),
        },
        { folder: folders.output },
      )
      closers.push(() => running.close())
      // Where the store cannot be used, pages and the gate go on; what is being worked at is free again in a while.
      // What a crashed process was at in a database is free when its lease ends: others may be at work there.
      if (folders.store.kind === 'folder') await running.recover().catch(report)
      begin(running)
      terminal.out(`${site.href} is up. Press Ctrl-C to stop.\n`)
      await sweepUntil(signal, running, report)
      return 0
    } finally {
      for (const close of closers.toReversed()) await close()
    }
  },
}

interface Folders {
  readonly ledger: string
  readonly output: string
  readonly store: StorePlace
}

/** @throws {ConfigurationError} if the site is not built, or would show what the functions keep */
function foldersOf(values: OptionValues, settings: SiteRecord, context: CommandContext): Folders {
  const { cwd } = context
  const ledger = resolve(cwd, textOption(values, 'ledger') ?? DEFAULT_LEDGER)
  const output = resolve(cwd, textOption(values, 'output') ?? settings.output)
  if (!existsSync(output)) {
    throw new ConfigurationError(
      `${output}: there is no such folder. To do: build the site first, or name its output with --output.`,
    )
  }
  const store = storePlaceOf(values, context, ledger)
  if (store.kind === 'folder') refuseInside(output, store.folder)
  refuseInside(output, deployFolderOf(ledger))
  return { ledger, output, store }
}

/** A store that comes back by itself when what was wrong with its place is mended. */
async function openStore(place: StorePlace, context: CommandContext): Promise<OpenedStore> {
  const { now, terminal } = context
  const report = (line: string) => terminal.error(`${line}\n`)
  if (place.kind === 'postgres') return openPostgresStore(place.url, context, report)
  const { createLmdbStore } = await loadLmdbStore()
  const { createPatientStore } = await import('../store/patient-store.ts')
  const open = () => createLmdbStore({ folder: place.folder, now })
  const store = createPatientStore({ open, now, report })
  return { store, closeStore: () => store.close() }
}

/** @throws {ConfigurationError} when somebody else listens there */
async function listenOn(
  values: OptionValues,
  opened: Promise<Site>,
  onError: (error: unknown) => void,
): Promise<NodeServer> {
  const text = textOption(values, 'port') ?? String(DEFAULT_PORT)
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new UsageError(`--port: "${text}" is no port`)
  const host = textOption(values, 'host') ?? '127.0.0.1'
  try {
    return await listen(async (...args) => (await opened).endpoint(...args), {
      port,
      host,
      onError,
      onUpgrade: (...args) => void opened.then((site) => upgrade(site, ...args)).catch(onError),
      trustProxy: values['trust-proxy'] === true,
    })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new ConfigurationError(
      `${host}:${port} cannot be listened on (${code}). To do: choose another with --port, or stop what runs there.`,
      { cause: error },
    )
  }
}

/** A site that speaks no intertalk has nobody at the other end of a WebSocket. */
function upgrade({ onUpgrade }: Site, ...args: Parameters<UpgradeListener>): void {
  const [, socket] = args
  if (onUpgrade) onUpgrade(...args)
  else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}

/** Takes up what an earlier process did not finish, now and three times a minute, until the signal comes. */
async function sweepUntil(
  signal: AbortSignal,
  site: Site,
  report: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    await site.sweep({ signal }).catch(report)
    await sleep(SWEEP_PAUSE, undefined, { signal }).catch(ifAborted)
  }
}

function ifAborted(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error
}
