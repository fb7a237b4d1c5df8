import { FetchError } from '../web/errors.ts'
import { connect, type Connection, type FmtpClient } from './connection.ts'
import { discoverServers, rememberServer } from './discovery.ts'
import { findDomainKeys } from './domain-key.ts'
import type { Note } from './route-trace.ts'

/** Why there is no way to a domain. `silent`: it publishes no key, so nothing of it could be verified. */
export type DomainState = 'silent' | 'unreachable'

/**
 * Connects to the servers of a domain, one after the other, for as long as its caller wants another one. A
 * server that does not prove to speak for the domain is passed over: whoever can put their name into a
 * stranger's DNS answers cannot sign for the domain.
 *
 * @param except One that was tried already.
 * @returns Why there are no more.
 */
export async function* connectionsTo(
  domain: string,
  client: FmtpClient,
  note: Note,
  { except }: { readonly except?: URL | undefined } = {},
): AsyncGenerator<Connection, DomainState> {
  const servers = await serversOf(domain, client, note)
  if (typeof servers === 'string') return servers

  for (const server of servers) {
    if (server.href === except?.href) continue
    const connection = await tryServer(server, domain, client, note)
    if (!connection) continue
    if (server !== servers[0]) await rememberServer(domain, server, client)
    yield connection
  }
  return 'unreachable'
}

/** Connects to one server, and writes down why not. */
export async function tryServer(
  server: URL,
  domain: string,
  client: FmtpClient,
  note: Note,
): Promise<Connection | undefined> {
  if (client.signal?.aborted) {
    note({ server: server.host, outcome: 'skipped', reason: 'no time is left for it' })
    return undefined
  }
  try {
    const outcome = await connect(server, domain, client)
    if (outcome.connected) return outcome.connection
    const { connected: _, ...rest } = outcome
    note({ server: server.host, outcome: 'passed over', ...rest })
  } catch (error) {
    note({ server: server.host, ...failureOf(error) })
  }
  return undefined
}

/** "Poe.net looks up the MX record for lenore.org", and "looks up fmtpkey.lenore.org". */
async function serversOf(
  domain: string,
  client: FmtpClient,
  note: Note,
): Promise<readonly URL[] | DomainState> {
  try {
    const servers = await discoverServers(domain, client)
    if (await findDomainKeys(domain, client)) return servers
    note({ server: domain, outcome: 'absent', reason: 'it publishes no key for FMTP' })
    return 'silent'
  } catch (error) {
    note({ server: domain, ...failureOf(error) })
    return 'unreachable'
  }
}

/** What is said of an error of the network. Others are ours. */
export function failureOf(error: unknown): {
  readonly outcome: 'failed'
  readonly reason: string
  readonly notBefore?: Date
} {
  if (!(error instanceof FetchError)) throw error
  const { message, notBefore } = error
  return { outcome: 'failed', reason: message, ...(notBefore && { notBefore }) }
}
