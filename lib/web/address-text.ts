/**
 * What an address says by its spelling alone, without the tables of who owns which.
 *
 * @module
 */
import { isIP } from 'node:net'
import { parseUrl } from './parse-url.ts'

/** Whether the host of a URL is loopback by its spelling: a literal, or a name of RFC 6761 §6.3. */
export function isLoopbackHost(hostname: string): boolean {
  if (isLocalhostName(hostname)) return true
  const address = literalAddress(hostname)
  if (address === undefined) return false
  return isIP(address) === 4 ? address.startsWith('127.') : canonical(address) === '::1'
}

export function isLocalhostName(hostname: string): boolean {
  return /(^|\.)localhost\.?$/i.test(hostname)
}

/** The IP address that a URL's host spells out, without the brackets of IPv6. */
export function literalAddress(hostname: string): string | undefined {
  const address = hostname.replace(/^\[|\]$/g, '')
  return isIP(address) === 0 ? undefined : address
}

/** What to count a client by: of an IPv6 address the half that its owner cannot choose. */
export function networkOf(clientAddress: string): string {
  if (isIP(clientAddress) !== 6) return isIP(clientAddress) === 4 ? clientAddress : ''
  const groups = groupsOf(canonical(clientAddress))
  // RFC 4291 §2.5.5.2: an IPv4 address, as a socket for both kinds shows it.
  const [high = 0, low = 0] = groups.slice(6)
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
  }
  return groups.slice(0, 4).join(':')
}

/** As RFC 5952 has it, without the zone of this machine. */
function canonical(address: string): string {
  const [withoutZone = ''] = address.split('%')
  return parseUrl(`http://[${withoutZone}]/`)?.hostname.slice(1, -1) ?? ''
}

/** The eight numbers of an IPv6 address in its canonical spelling. */
function groupsOf(address: string): readonly number[] {
  const numbers = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const [front = '', back = ''] = address.split('::')
  const [before, after] = [numbers(front), numbers(back)]
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}
