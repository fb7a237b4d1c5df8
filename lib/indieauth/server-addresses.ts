import type { SitePaths } from '../ledger/site-record.ts'

/** What the addresses of an IndieAuth server depend on. */
export interface ServerSite {
  /** Where the site is served: origin and path prefix, with a slash at its end. */
  readonly site: URL
  readonly paths: Pick<SitePaths, 'indieauth'>
}

/** Where our IndieAuth server and its endpoints are. */
export interface ServerAddresses {
  readonly issuer: URL
  readonly metadata: URL
  readonly authorization: URL
  readonly token: URL
  readonly introspection: URL
  readonly revocation: URL
  readonly ticket: URL
}

/** As whom the server answers an authorization request, and where it takes it. */
export interface AnsweringServer {
  readonly issuer: URL
  readonly authorization: URL
}

/** Everything lies below the issuer: the owner's home page may belong to another server. */
export function serverAddresses({ site, paths }: ServerSite): ServerAddresses {
  const issuer = new URL(paths.indieauth.replace(/^\/+/, '').replace(/\/*$/, '/'), site)
  return {
    issuer,
    metadata: new URL('metadata', issuer),
    authorization: new URL('auth', issuer),
    token: new URL('token', issuer),
    introspection: new URL('introspect', issuer),
    revocation: new URL('revoke', issuer),
    ticket: new URL('ticket', issuer),
  }
}

/**
 * The same server by another name: the site's own address, from which software that has never heard of
 * IndieAuth looks for a server. What is returned as `iss` has to be the name that the client knows, so each
 * name has an authorization endpoint of its own.
 *
 * @see [RFC 9207 §2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4)
 */
export function siteServer(options: ServerSite): AnsweringServer {
  const { issuer } = serverAddresses(options)
  return { issuer: options.site, authorization: new URL('authorize', issuer) }
}

/** The name by which the client of this authorization request knows the server. */
export function answeringServer(request: Request, options: ServerSite): AnsweringServer {
  const server = siteServer(options)
  const isSite = new URL(request.url).pathname === server.authorization.pathname
  return isSite ? server : serverAddresses(options)
}

/** Whether this site answers for its owner, or leaves that to somebody else. */
export interface ServerUse {
  /** The option of that name: `true` for our server, `false` for none, or the address of another one. */
  readonly indieauth: boolean | string
  /** `PRIVATE_POSTS_OWNER`: without it nobody could sign in to consent. */
  readonly owner: string | undefined
}

export function answersForOwner({ indieauth, owner }: ServerUse): boolean {
  return indieauth === true && owner !== undefined && owner !== ''
}
