/**
 * A site with all its functions: what one endpoint needs of the rooms below, each in a file of its own,
 * so that a function loads no more than it uses. A host gives the {@link SiteOptions}; `private-posts serve`
 * and Netlify are two of them.
 *
 * @module
 */
import type { Secrets } from '../jwt/secrets.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import type { Store } from '../store/store.ts'
import type { DnsResolver } from '../web/dns.ts'
import type { Fetch } from '../web/fetch.ts'

export interface SiteOptions {
  /** Where the site is served, with a slash at its end. */
  readonly site: URL
  /** What the build was told. */
  readonly settings: SiteRecord
  readonly store: Store
  readonly files: DeployFiles
  readonly secrets: Secrets
  /** `PRIVATE_POSTS_OWNER`: without it nobody can sign in as the owner with a passphrase. */
  readonly owner: string | undefined
  /** Guarded: every address that it is given comes from a stranger. */
  readonly fetch: Fetch
  readonly resolver: DnsResolver
  readonly now: () => Date
  /** For development: sites on this machine are visited too. */
  readonly allowLoopback?: boolean
  /** `PRIVATE_POSTS_BUILD_HOOK`: called when a public mention was approved. */
  readonly buildHook?: URL
}

/** The options as the rooms below want them: the settings among the rest. */
export interface SiteParts extends Omit<SiteOptions, 'settings' | 'owner'> {
  readonly me: URL
  readonly gatePrefix: string
  readonly paths: SiteRecord['paths']
  readonly invitations: SiteRecord['invitations']
}

export function partsOf({ settings, owner: _, ...rest }: SiteOptions): SiteParts {
  const { me, gatePrefix, paths, invitations } = settings
  return { ...rest, me: new URL(me), gatePrefix, paths, invitations }
}

/** An address of the site, from its path below the site's root. */
export function addressOf({ site }: Pick<SiteOptions, 'site'>, path: string): URL {
  return new URL(path.replace(/^\//, ''), site)
}

/** An address below the issuer. */
export function issuerAddress({ site, paths }: Pick<SiteParts, 'site' | 'paths'>, name = ''): URL {
  return new URL(name, addressOf({ site }, paths.indieauth))
}
