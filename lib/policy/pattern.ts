import micromatch from 'micromatch'
import { ConfigurationError } from '../web/errors.ts'

/** No host is longer than 253 letters, and no path that somebody names by hand is much longer. */
const MAX_PATTERN = 300
/** Each wildcard multiplies how long a stranger's address can keep the matcher busy. */
const MAX_WILDCARDS = 3
/** What is compared of an address, for the same reason. */
const MAX_ADDRESS = 512

const OPTIONS = { dot: true, nonegate: true, noextglob: true, strictBrackets: true } as const

/** Tells whether an address is one of those that somebody had in mind. */
export type AddressPattern = (address: string) => boolean

/**
 * Compiles a pattern over addresses: `bob.example` is everything on that host, `*.example.com` every host
 * below it, `social.example/@eve/**` a part of one, `*@mail.example` an address of a messaging protocol.
 * The scheme may be there or not; the host is compared in any case, on whichever port, unless the pattern
 * names one.
 *
 * @throws {ConfigurationError} for what is no pattern, so that a slip of the pen opens no door
 */
export function compilePattern(text: string): AddressPattern {
  const pattern = normalise(text)
  const fault = faultOf(pattern)
  if (fault !== undefined) throw badPattern(text, fault)
  const matches = matcher(pattern, text)
  const isOfPort = namesPort(pattern)
  return (address) => {
    const text = normalise(address)
    return matches(part(isOfPort ? text : withoutPort(text), pattern))
  }
}

/** The host of an address, in small letters and without a port; of `bob@bob.example`, the whole address. */
export function hostOf(address: string): string {
  return hostPart(withoutPort(normalise(address)))
}

function matcher(pattern: string, text: string): AddressPattern {
  try {
    return micromatch.matcher(pattern, OPTIONS)
  } catch (cause) {
    throw badPattern(text, cause instanceof Error ? cause.message : 'it cannot be read', cause)
  }
}

function faultOf(pattern: string): string | undefined {
  if (pattern === '') return 'it is empty'
  if (pattern.length > MAX_PATTERN) return `it is longer than ${MAX_PATTERN} characters`
  if (/[\s\p{Cc}]/u.test(pattern)) return 'it has a space in it: one pattern each'
  if (/^[!/]/.test(pattern)) return 'it has to begin with a host'
  if (/[(){}|]/.test(pattern)) return 'of wildcards, only "*", "**", "?" and "[…]" are known'
  const wildcards = pattern.match(/\*+(\/\*+)*/g) ?? []
  return wildcards.length > MAX_WILDCARDS
    ? `it has more than ${MAX_WILDCARDS} wildcards`
    : undefined
}

function badPattern(text: string, fault: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(
    `policy: ${JSON.stringify(text.slice(0, MAX_PATTERN))} is no pattern of addresses: ${fault}. To do: write it like "bob.example", "*.example.com" or "social.example/@eve/**".`,
    { cause },
  )
}

/**
 * Without what does not matter: only the host is alike in capitals and in small letters, and with the dot
 * of the root or without (RFC 1034 §3.1).
 */
function normalise(text: string): string {
  const bare = text.trim().replace(/^(https?:\/\/|mailto:)/i, '')
  const host = hostPart(bare)
  const name = host.toLowerCase().replace(/\.(?=(:\d*)?$)/, '')
  return (name + bare.slice(host.length)).replace(/\/+$/, '')
}

/** Who has a host has all of its ports. */
function withoutPort(address: string): string {
  const host = hostPart(address)
  return host.replace(/:\d*$/, '') + address.slice(host.length)
}

/** A leading bracket is an IPv6 address, whose colons are no port's, or a wildcard. */
function namesPort(pattern: string): boolean {
  return hostPart(pattern)
    .replace(/^\[[^\]]*\]/, '')
    .includes(':')
}

/** A pattern without a path is about whole hosts. */
function part(address: string, pattern: string): string {
  return (pattern.includes('/') ? address : hostPart(address)).slice(0, MAX_ADDRESS)
}

function hostPart(address: string): string {
  return address.split(/[/?#]/, 1).join('')
}
