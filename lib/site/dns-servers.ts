import { isIP } from 'node:net'
import { createDnsResolver, type DnsResolver } from '../web/dns.ts'
import { ConfigurationError } from '../web/errors.ts'
import type { Variables } from './secret-keys.ts'

const MAX_PORT = 65_535

/**
 * Who is asked for keys and mail exchangers: the name servers of the system, or those of `PRIVATE_POSTS_DNS`,
 * divided by commas.
 *
 * @throws {ConfigurationError} naming the server that is none
 */
export function readDnsResolver(variables: Variables): DnsResolver {
  const text = variables['PRIVATE_POSTS_DNS']?.trim()
  if (!text) return createDnsResolver()
  const servers = text.split(',').map((server) => server.trim())
  const wrong = servers.find((server) => !isServer(server))
  if (wrong === undefined) return createDnsResolver({ servers })
  throw new ConfigurationError(
    `PRIVATE_POSTS_DNS: ${JSON.stringify(wrong)} is no name server. To do: write addresses such as "9.9.9.9" or "127.0.0.1:5353", divided by commas.`,
  )
}

function isServer(text: string): boolean {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  // @NOTE Node ends the process for port 0, and takes any other number.
  const isPort = port === undefined || (Number(port) > 0 && Number(port) <= MAX_PORT)
  return isPort && isIP(bracketed ?? plain ?? text) !== 0
}
