import { discoverIndieAuth, type IndieAuthOptions } from './discovery.ts'
import type { PendingSignIn } from './pending-sign-in.ts'

/**
 * Whether the server that was used may speak for `me`. It may for the address that was typed and for the one
 * that this led to, because they were asked who speaks for them; any other address is asked now, and has to
 * name the same server. Otherwise any server could vouch for anybody.
 *
 * @throws {FetchError} if `me`, or its metadata, cannot be had
 * @throws {ResponseError} if what `me` says of its server is broken
 * @see [IndieAuth §5.4 Authorization Server Confirmation](https://indieauth.spec.indieweb.org/#authorization-server-confirmation)
 */
export async function confirmMe(
  me: URL,
  { urls, authorizationEndpoint, issuer }: PendingSignIn,
  options: IndieAuthOptions,
): Promise<boolean> {
  if (urls.includes(me.href)) return true
  const server = await discoverIndieAuth(me, options)
  return server?.authorizationEndpoint.href === authorizationEndpoint && server.issuer === issuer
}
