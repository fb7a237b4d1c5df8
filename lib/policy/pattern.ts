import { domainToASCII } from 'node:url'
import micromatch from 'micromatch'
import { ConfigurationError } from '../web/errors.ts'

/** No host is longer than 253 letters, and no path that somebody names by hand is much longer. */
const MAX_PATTERN = 300
/** Each wildcard multiplies how long a stranger's address can keep the matcher busy. */
const MAX_WILDCARDS = 3
/** What is compared of an address, for the same reason. */
const MAX_ADDRESS = 512

/**
 * What stands in regular expressions and in no pattern: `/…/i`, `^`, `$`, a backslash, `.*` at the beginning or after
 * the `@` or a slash, `.+`, `[…]+`, `[[:alpha:]]`. `example.*` and `j.*@chat.example` are patterns.
 */
const REGULAR_EXPRESSION = /^\/.+\/[a-z]*$|[\\^$]|(^|[@/])\.[*?]|\.\+|\]\+|\[:/
const NO_REGULAR_EXPRESSION =
  'regular expressions are not known here, only the wildcards "*", "**", "?" and "[…]"'

const OPTIONS = { dot: true, nonegate: true, noextglob: true, strictBrackets: true } as const
/** By whatever protocol somebody writes, they are who they are. */
const SCHEME = /^(https?:\/\/|mailto:|acct:|fmtp:|intertalk:)/i

/** Tells whether an address is one of those that somebody had in mind. */
export type AddressPattern = (address: string) => boolean

/**
 * Compiles a pattern over addresses, of the web and of messaging protocols alike. This is what FMTP's lists
 * leave open ("wildcard/regex?"): wildcards, and no regular expressions.
 *
 * | pattern | whom it means |
 * | --- | --- |
 * | `bob.example` | everything on that host, and everybody with an address there |
 * | `*.example.com` | every host below it |
 * | `social.example/@eve/**` | a part of one |
 * | `bob@chat.example` | one person |
 * | `*@chat.example` | everybody with an address there, but no page |
 * | `bob+*@chat.example` | the sub-addresses of one person |
 *
 * The scheme may be there or not. Host and user are compared in any case, on whichever port, unless the
 * pattern names one; paths as they are.
 *
 * @throws {ConfigurationError} for what is no pattern, so that a slip of the pen opens no door
 *
 * @see [RFC 5233 §1](https://www.rfc-editor.org/rfc/rfc5233#section-1), sub-addresses
 */
export function compilePattern(text: string): AddressPattern {
  const pattern = normalise(text)
  const fault = REGULAR_EXPRESSION.test(text.trim()) ? NO_REGULAR_EXPRESSION : faultOf(pattern)
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

/** The same, of `bob@bob.example` the host, too. */
export function domainOf(address: string): string {
  return afterAt(hostOf(address))
}

/** `bob@bob.example`, of `bob+news@bob.example`; `undefined` for what is no sub-address. */
export function mainAddressOf(address: string): string | undefined {
  const [, user, domain] = /^([^+@]+)\+[^@]*(@[^@]*)$/.exec(hostOf(address)) ?? []
  return user === undefined || domain === undefined ? undefined : user + domain
}

/** Whether `address` says no more than the host which `sender` is at. */
export function isOwnHost(address: string, sender: string): boolean {
  return normalise(address) === afterAt(hostPart(normalise(sender)))
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
  if (!/^([^@]+@)?[^@]+$/.test(hostPart(pattern))) return 'of an address, a part is missing'
  const wildcards = pattern.match(/\*+(\/\*+)*/g) ?? []
  return wildcards.length > MAX_WILDCARDS
    ? `it has more than ${MAX_WILDCARDS} wildcards`
    : undefined
}

function badPattern(text: string, fault: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(
    `policy: ${JSON.stringify(text.slice(0, MAX_PATTERN))} is no pattern of addresses: ${fault}. To do: write it like "bob.example", "*.example.com", "social.example/@eve/**" or "*@chat.example".`,
    { cause },
  )
}

/**
 * Without what does not matter: host and user are alike in capitals and in small letters, with the dot of
 * the root or without (RFC 1034 §3.1), in letters of their own or in ASCII (RFC 5891).
 */
function normalise(text: string): string {
  const trimmed = text.trim()
  const [scheme = ''] = SCHEME.exec(trimmed) ?? []
  const bare = trimmed.slice(scheme.length)
  const host = hostPart(bare)
  // Before the "@" of a page's URL stands what anybody likes: it makes nobody of the page's author.
  const name = /^http/i.test(scheme) ? afterAt(host) : host
  return (inAscii(name) + bare.slice(host.length)).replace(/\/+$/, '')
}

function inAscii(host: string): string {
  const lower = host
    .normalize('NFC')
    .toLowerCase()
    .replace(/\.(?=(:\d*)?$)/, '')
  const end = afterAt(lower)
  const [domain = ''] = /^[^:]*/.exec(end) ?? []
  const ascii = /^\p{ASCII}*$/u.test(domain) ? '' : domainToASCII(domain)
  if (ascii === '') return lower
  return lower.slice(0, lower.length - end.length) + ascii + end.slice(domain.length)
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

/** A pattern without a path is about whole hosts, and one without a user about everybody there. */
function part(address: string, pattern: string): string {
  if (pattern.includes('/')) return address.slice(0, MAX_ADDRESS)
  const host = hostPart(address)
  return (pattern.includes('@') ? host : afterAt(host)).slice(0, MAX_ADDRESS)
}

function hostPart(address: string): string {
  return address.split(/[/?#]/, 1).join('')
}

function afterAt(host: string): string {
  return host.slice(host.lastIndexOf('@') + 1)
}
