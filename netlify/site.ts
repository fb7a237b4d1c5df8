/**
 * A site on Netlify: the environment in, the options of its endpoints out.
 *
 * Everything that reads the environment is here. What is missing or weak is told when a function is
 * loaded, by its name, and never replaced by a default.
 *
 * @module
 */
import * as v from 'valibot'
import { createSecrets } from '../lib/jwt/secrets.ts'
import { SiteRecord } from '../lib/ledger/site-record.ts'
import { readBuildHook } from '../lib/site/build-hook.ts'
import { readSecretKeys, type Variables } from '../lib/site/secret-keys.ts'
import type { SiteOptions } from '../lib/site/site-options.ts'
import type { DnsResolver } from '../lib/web/dns.ts'
import type { Endpoint, RequestContext } from '../lib/web/endpoint.ts'
import { createBlobsStore, type BlobsStore } from './blobs-store.ts'
import { failureResponse } from '../lib/web/failure-response.ts'
import { openDeployFiles } from './deploy-files.ts'
import { visitOutbound } from './outbound.ts'
import { readSiteUrl } from './own-functions.ts'
import { openBlobs } from './site-blobs.ts'

export interface NetlifySite extends SiteOptions {
  readonly store: BlobsStore
  /** Writes a line into the function's log. */
  readonly log: (line: string) => Promise<void>
}

/**
 * Opens the site that a build has described.
 *
 * @throws {ConfigurationError} naming the variable that is missing or weak
 */
export function openSite(settings: unknown, variables: Variables = process.env): NetlifySite {
  const record = v.parse(SiteRecord, settings)
  const site = siteAddress(variables, record)
  const now = () => new Date()
  const log = async (line: string) => console.log((await loadRedaction()).redactSecrets(line))
  const report = (line: string) => void log(line)
  const store = createBlobsStore({ store: openBlobs(), now, report })
  const allowLoopback = variables['NETLIFY_DEV'] === 'true'
  const buildHook = readBuildHook(variables)
  return {
    site,
    settings: record,
    store,
    files: openDeployFiles({ cwd: process.cwd() }),
    secrets: createSecrets({ keys: readSecretKeys(variables), site, store, now }),
    owner: variables['PRIVATE_POSTS_OWNER'] || undefined,
    fetch: visitOutbound(variables),
    resolver: createLazyResolver(variables),
    now,
    log,
    allowLoopback,
    ...(buildHook && { buildHook }),
  }
}

/** What Netlify tells of a request. */
interface NetlifyContext {
  readonly ip?: string
  waitUntil?(work: Promise<unknown>): void
}

type NetlifyFunction = (request: Request, context: NetlifyContext) => Promise<Response>

/** An endpoint as Netlify calls it. What went wrong is for the log, and says nothing to whoever asked. */
export function toFunction(endpoint: Endpoint): NetlifyFunction {
  return async (request, context) => {
    try {
      return await endpoint(request, contextOf(context))
    } catch (error) {
      await report(error)
      return failureResponse(error)
    }
  }
}

/** For the function's log, which others may read. */
async function report(error: unknown): Promise<void> {
  const { redactSecrets } = await loadRedaction()
  console.error(redactSecrets(String(error instanceof Error ? error.stack : error)))
}

function contextOf({ ip, waitUntil }: NetlifyContext): RequestContext {
  return {
    waitUntil: (work) => waitUntil?.(work.catch(report)),
    ...(ip && { clientAddress: ip }),
  }
}

function siteAddress(variables: Variables, { pathPrefix }: SiteRecord): URL {
  return new URL(pathPrefix.replace(/\/?$/, '/'), readSiteUrl(variables))
}

/** The gate answers without it. */
const loadRedaction = () => import('../lib/web/redaction.ts')

/** Only FMTP asks DNS for anything but addresses. */
function createLazyResolver(variables: Variables): DnsResolver {
  const open = async () => {
    const { readDnsResolver } = await import('../lib/site/dns-servers.ts')
    return readDnsResolver(variables)
  }
  let resolver: Promise<DnsResolver> | undefined
  return {
    txt: async (name) => (await (resolver ??= open())).txt(name),
    mx: async (domain) => (await (resolver ??= open())).mx(domain),
  }
}
