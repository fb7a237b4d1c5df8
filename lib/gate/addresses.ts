import type { SitePaths } from '../ledger/site-record.ts'

/** What the addresses of a gate depend on. */
export interface GateSite {
  /** Where the site is served: origin and path prefix, with a slash at its end. */
  readonly site: URL
  /** The folder of all gated posts below it, such as `/private/`. */
  readonly gatePrefix: string
  readonly paths: SitePaths
}

/** Where the gate and its endpoints are. */
export interface GateAddresses {
  readonly posts: URL
  readonly tokenEndpoint: URL
  readonly metadata: URL
  readonly webmentionEndpoint: URL
  /** The client id, and the document about the client. */
  readonly client: URL
  /** The picture that authorization servers show beside the client's name. */
  readonly logo: URL
  readonly signIn: URL
  readonly callback: URL
  readonly signOut: URL
  /** The folder of all invitations. */
  readonly invitations: URL
  readonly inbox: URL
}

export function gateAddresses({ site, gatePrefix, paths }: GateSite): GateAddresses {
  const issuer = below(site, asFolder(paths.indieauth))
  return {
    posts: below(site, asFolder(gatePrefix)),
    tokenEndpoint: below(issuer, 'token'),
    metadata: below(issuer, 'metadata'),
    webmentionEndpoint: below(site, paths.webmention),
    client: below(issuer, 'client.json'),
    logo: below(issuer, 'logo.svg'),
    signIn: below(issuer, 'sign-in'),
    callback: below(issuer, 'callback'),
    signOut: below(issuer, 'sign-out'),
    invitations: below(site, asFolder(paths.invitation)),
    inbox: below(site, paths.inbox),
  }
}

function below(folder: URL, path: string): URL {
  return new URL(path.replace(/^\/+/, ''), folder)
}

function asFolder(path: string): string {
  return path.replace(/\/*$/, '/')
}
