/**
 * Who wrote a message, by which way it came, and to whom else it went: for people to read, and for decisions.
 *
 * @module
 */
import { domainOf, hostOf, mainAddressOf } from '../policy/pattern.ts'
import { pageIdentityOf } from '../web/page-identity.ts'
import { parseUserAddress } from '../web/user-address.ts'
import type { Envelope } from './entry.ts'
import { webUrl } from './page-address.ts'

type Origin = Pick<Envelope, 'sender' | 'host'>

/** The sender's `user@domain`, where the message came from that very domain. */
export function addressOf({ sender, host }: Origin): string | undefined {
  if (sender === undefined || parseUserAddress(sender) === undefined) return undefined
  return domainOf(sender) === domainOf(host) ? sender : undefined
}

/** Where it came from, as nobody can choose it: an address, or else a host. */
export function originOf(envelope: Origin): string {
  return addressOf(envelope) ?? envelope.host
}

/** What its author is called, and of a claim, on whose word: `Nora Relay, via bridge.example`. */
export function authorLine(envelope: Pick<Envelope, 'author'> & Origin): string {
  const { name, via } = envelope.author
  const origin = originOf(envelope)
  if (via !== undefined) return `${name}, via ${via}`
  return name === '' || name === origin ? origin : `${name} (${origin})`
}

/** Whom blocking its sender is about: sub-addresses are made as one likes. */
export function blockableOf(envelope: Origin): string {
  const origin = originOf(envelope)
  return mainAddressOf(origin) ?? origin
}

/** What the policy judges by first. */
export function senderOf({ sender, source }: Pick<Envelope, 'sender' | 'source'>): string {
  return sender ?? source
}

/** By which way it came, behind what its author did. */
export function describeWay({ protocol }: Pick<Envelope, 'protocol'>): string {
  switch (protocol) {
    case 'webmention':
      return 'by webmention'
    case 'private-webmention':
      return 'by private webmention'
    case 'rel-pm':
      return 'by private message (rel=pm)'
    case 'intertalk':
      return 'by intertalk'
    case 'fmtp':
      return 'by FMTP'
    default:
      return `by ${protocol}`
  }
}

/**
 * Whom besides the owner it went to, as its author says. The owner goes by their profile and their site, and
 * by any address at either, as nobody else has one there.
 */
export function othersOf(
  envelope: Pick<Envelope, 'audience' | 'sender' | 'source'>,
  homes: readonly URL[],
): readonly string[] {
  const { audience = [] } = envelope
  const known = new Set([senderOf(envelope), ...homes.map(({ href }) => href)].map(nameOf))
  const hosts = homes.filter(({ pathname }) => pathname === '/').map(({ host }) => domainOf(host))
  return audience.filter((person) => {
    const isAddress = parseUserAddress(person) !== undefined
    return !known.has(nameOf(person)) && !(isAddress && hosts.includes(domainOf(person)))
  })
}

/** Some people in one line: `carol.example and bob@chat.example`. */
export function listPeople(people: readonly string[], most = people.length): string {
  const names = people.slice(0, most).map(shortName)
  const rest = people.length - names.length
  const all = rest === 0 ? names : [...names, rest === 1 ? '1 other' : `${rest} others`]
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
}

/** Somebody in few letters: a profile URL without its scheme, everything else as it is. */
function shortName(person: string): string {
  const url = webUrl(person)
  return url ? `${url.host}${url.pathname.replace(/\/$/, '')}` : person
}

/** One spelling of a profile URL or an address, for comparisons. */
export function nameOf(person: string): string {
  return parseUserAddress(person) === undefined ? pageIdentityOf(person) : hostOf(person)
}
