import * as v from 'valibot'
import { storeKey, updateEntry, type Store } from '../store/store.ts'
import { isLocalhostName } from '../web/address-text.ts'
import type { DnsResolver } from '../web/dns.ts'
import { isAsSafeAs } from '../web/endpoint-safety.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import { domainUrl, parseDomain } from '../web/user-address.ts'
import { addressOf, type UserObject } from './object.ts'

/**
 * Most exchangers are of mail alone and let us wait in vain: the domain itself still has to have its turn within
 * the time for the whole route.
 */
const MAX_EXCHANGERS = 3
/** Where a server answers, below its host. Before the first contact nobody can be told of another place. */
const PATH = '/fmtp/'
/** Seconds for which we remember the exchangers of a domain: from the question to the message. */
const FRESH = 5 * 60

/** Seconds for which the server that did answer is asked before those that did not. */
const KNOWN_TO_WORK = 60 * 60

const Hosts = v.array(v.string())

export interface DiscoveryOptions {
  readonly resolver: DnsResolver
  /** `fmtp-mx/…`, `fmtp-server/…` */
  readonly store: Store
  readonly now: () => Date
}

/**
 * Finds the servers of a domain, in the order in which they are to be tried: its mail exchangers, the
 * preferred one first, then the domain itself. DNS is not asked about this machine.
 *
 * @returns Addresses below which a server answers. Whether it speaks for the domain, its greeting shows.
 * @throws {FetchError} where DNS could not tell: nobody may then take the place of the exchangers
 * @see FMTP, "Route negotiation", Domain: "Connect to the MX server of the target domain"
 */
export async function discoverServers(
  domain: string,
  options: DiscoveryOptions,
): Promise<readonly URL[]> {
  const own = new URL(PATH, domainUrl(domain))
  if (isLocalhostName(own.hostname)) return [own]
  const hosts = new Set([...(await exchangersOf(domain, options)), domain])
  const working = await options.store.get(storeKey('fmtp-server', domain))
  return [...hosts]
    .toSorted((one, other) => Number(other === working?.value) - Number(one === working?.value))
    .map((host) => new URL(PATH, `https://${host}/`))
}

/**
 * Remembers which server of a domain has proved that it is one. For an hour it is asked first: an exchanger that
 * is of mail alone does not have to be waited for each time.
 */
export async function rememberServer(
  domain: string,
  { host }: URL,
  { store, now }: Pick<DiscoveryOptions, 'store' | 'now'>,
): Promise<void> {
  const expires = new Date(now().getTime() + KNOWN_TO_WORK * 1000)
  await updateEntry(store, storeKey('fmtp-server', domain), () => ({ value: host, expires }))
}

async function exchangersOf(
  domain: string,
  { resolver, store, now }: DiscoveryOptions,
): Promise<readonly string[]> {
  const key = storeKey('fmtp-mx', domain)
  const known = v.safeParse(Hosts, (await store.get(key))?.value)
  if (known.success) return known.output
  const names = (await resolver.mx(domain)).slice(0, MAX_EXCHANGERS)
  const hosts = names.flatMap((name) => exchangerOf(name) ?? [])
  const expires = new Date(now().getTime() + FRESH * 1000)
  await updateEntry(store, key, () => ({ value: hosts, expires }))
  return hosts
}

/** A name, and of another machine than this one, about which a stranger's DNS has nothing to say. */
function exchangerOf(name: string): string | undefined {
  const host = parseDomain(name)
  return host === undefined || isLocalhostName(host.replace(/:\d+$/, '')) ? undefined : host
}

/**
 * Where the user object says that contact is made best.
 *
 * @returns `undefined` without CONTACT, or where it is no place to which something private may be sent
 */
export function recommendedServer({ CONTACT, ADDRESS }: UserObject): URL | undefined {
  const server = CONTACT === undefined ? undefined : contactUrl(CONTACT)
  const own = domainUrl(addressOf(ADDRESS).domain)
  if (!server || !isAsSafeAs(own, server)) return undefined
  server.search = ''
  server.hash = ''
  server.pathname = server.pathname.replace(/\/*$/, '/')
  return server
}

/** What may stand around host, port and protocol: `Connect to lost.lenore.org, port: 8000 (tcp).` */
const CONTACT_WORDS = /^(connect|to|at|via|over|on|host(name)?|ip|address|port|protocol|tcp)$/i
/** A host, perhaps with its port. */
const CONTACT_PLACE =
  /^(\[[\da-f:.]+\]|localhost|[^\s:/?#@\\[\]]+\.[^\s:/?#@\\[\]]+)(?::(\d{1,5}))?$/i

/**
 * The place that CONTACT names: a URL, or host, port and protocol in the words of the document's example, in whatever
 * order. Of the protocols we speak HTTPS, so only TCP.
 *
 * @see FMTP, "Route negotiation": "including hostname or IP, port number, and protocol (TCP/UDP)"
 */
function contactUrl(text: string): URL | undefined {
  const url = parseWebUrl(text.trim())
  if (url) return url
  const words = text
    .split(/[\s,;()]+|\/(?=tcp\b)|:(?=\s|$)|\.(?=\s*$)/i)
    .filter((word) => word !== '' && !CONTACT_WORDS.test(word))
  const isPort = (word: string) => /^\d{1,5}$/.test(word)
  const [[place = '', ...others], ports] = [
    words.filter((word) => !isPort(word)),
    words.filter(isPort),
  ]
  const [, host, own] = CONTACT_PLACE.exec(place) ?? []
  const [port, ...more] = own === undefined ? ports : [own, ...ports]
  if (host === undefined || port === undefined || others.length + more.length > 0) return undefined
  const scheme = isLocalhostName(host) ? 'http' : 'https'
  return parseWebUrl(`${scheme}://${host.replace(/\.$/, '')}:${port}${PATH}`)
}
