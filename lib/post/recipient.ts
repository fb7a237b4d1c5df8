import ipaddr from 'ipaddr.js'
import type { ConfigurationError } from '../web/errors.ts'
import { canParseUrl } from '../web/parse-url.ts'
import { perKey } from './per-key.ts'
import { isRelative } from './privacy-values.ts'
import { formatUserAddress, parseUserAddress } from '../web/user-address.ts'

/**
 * One member of an audience.
 *
 * - `profile`: somebody with a website; can be told by a protocol
 * - `address`: somebody at a domain, `bob@chat.example`; can be told by a protocol
 * - `mail`: somebody with a mail address; the author hands the link over
 * - `name`: just a name; the author hands the link over
 */
export interface Recipient {
  /** What the ledger, the reports and the command line call this recipient. */
  readonly id: string
  readonly kind: 'profile' | 'address' | 'mail' | 'name'
  /** For people to read: a host, the address, the local part of a mail address, or the name. */
  readonly name: string
  /** The profile URL, or the `mailto:` URL. */
  readonly url?: URL
  /** By which groups of the audience; none where the audience names the recipient themselves. */
  readonly via?: readonly Membership[]
}

/** A group that an audience names, and what it calls the recipient, whom another group may call otherwise. */
interface Membership {
  readonly group: string
  readonly member: string
}

/** One recipient instead of two entries for the same person: named, if one of the two is. */
export function mergeRecipients(kept: Recipient, { via: others }: Recipient): Recipient {
  const { via, ...named } = kept
  return via && others ? { ...kept, via: [...via, ...others] } : named
}

/** Says of a value what is wrong with it, and what to do. */
export type Complain = (value: unknown, what: Fault) => ConfigurationError

interface Fault {
  readonly problem: string
  readonly remedy: string
}

const SCHEME = /^[a-z][a-z0-9+.-]*:/i
/** One word in small letters of any script: meant as a group, even where it cannot be one's name. */
const MEANT_AS_GROUP = /^[\p{Ll}\p{N}_-]+$/u
/** `family, friends` as one text, where a list was meant. */
const SEVERAL = /^[^:]*[,;]|[,;]\s*(https?:|mailto:)/i
/** Control characters are in no address, and the URL parser drops them at its end. */
const MAIL_ADDRESS = /^[^\s\p{Cc}@<>]+@[^\s\p{Cc}@<>]+\.[^\s\p{Cc}@<>]+$/u
/** `bob@`, `bob @chat.example`, `Mum <mum@example.com>`; but not `example.com/@bob`, which is a place of the web. */
const MEANT_AS_ADDRESS = /^[^/\\]*[^\s/\\@]\s*@/

/** What kind of recipient it is that the ledger calls so. */
export function recipientKind(id: string): Recipient['kind'] {
  if (/^https?:\/\//i.test(id) && canParseUrl(id)) return 'profile'
  if (/^mailto:/i.test(id)) return 'mail'
  return parseUserAddress(id) ? 'address' : 'name'
}

/**
 * Reads one entry that is no known group.
 *
 * @param groups Names of groups: something that looks like one and is none is a slip of the pen.
 * @throws what `complain` makes of the fault
 */
export function parseRecipient(
  written: string,
  groups: readonly string[],
  complain: Complain,
): Recipient {
  // In a URL the letters stay as they are written: a server may tell the two spellings apart.
  const text = SCHEME.test(written) ? written : written.normalize('NFC')
  const words = text.split(/\s+/)
  if (SEVERAL.test(text) || (words.length > 1 && words.every(isRelative))) {
    throw complain(text, {
      problem: 'these look like several in one',
      remedy: 'write a list, such as [family, "Mum"]',
    })
  }
  if (/^mailto:/i.test(text)) return parseMail(text, complain)
  if (SCHEME.test(text)) return parseProfile(text, complain)
  if (MEANT_AS_ADDRESS.test(text)) return parseAddress(text, complain)
  if (/[/\\@<>]/.test(text) || /^[^\s.]+(\.[^\s.]+)+$/.test(text)) {
    throw complain(text, {
      problem: 'this looks like a web address without a scheme',
      remedy: 'write it with "https://" at its beginning',
    })
  }
  if (text.toLowerCase() === 'public') {
    throw complain(text, {
      problem: 'a private post cannot have the public among its readers',
      remedy: 'write "visibility: public", or name the readers',
    })
  }
  const group = groups.find((name) => name === text.toLowerCase())
  if (MEANT_AS_GROUP.test(text) || group !== undefined) {
    throw complain(text, {
      problem: `there is no group of this name (known: ${groups.join(', ') || 'none'})`,
      remedy: group
        ? 'write it in small letters'
        : 'add it to the option "groups"; if it is a person, write the name with a capital letter',
    })
  }
  const name = text.replace(/\s+/g, ' ')
  return { id: name, kind: 'name', name }
}

function parseAddress(text: string, complain: Complain): Recipient {
  const address = parseUserAddress(text)
  if (!address) {
    throw complain(text, {
      problem: 'this is not an address such as "bob@chat.example"',
      remedy:
        'write "name@example.com" for somebody who speaks intertalk or FMTP, "mailto:name@example.com" for a mail address',
    })
  }
  const id = formatUserAddress(address)
  return { id, kind: 'address', name: id }
}

function parseMail(text: string, complain: Complain): Recipient {
  const url = canParseUrl(text) ? new URL(text) : undefined
  const address = url ? safeDecode(url.pathname) : undefined
  if (!url || !address || !MAIL_ADDRESS.test(address) || url.search || url.hash) {
    throw complain(text, {
      problem: 'this is not a mail address',
      remedy: 'write "mailto:name@example.com"',
    })
  }
  const at = address.lastIndexOf('@')
  const name = address.slice(0, at)
  const domain = address.slice(at + 1).toLowerCase()
  const local = name.replace(/[%?#&]/g, encodeURIComponent)
  return {
    id: `mailto:${name}@${domain}`,
    kind: 'mail',
    name,
    url: new URL(`mailto:${local}@${domain}`),
  }
}

/** @see [IndieAuth §3.2 User Profile URL](https://indieauth.spec.indieweb.org/#user-profile-url) */
function parseProfile(text: string, complain: Complain): Recipient {
  const read = readProfile(text)
  if ('problem' in read) throw complain(text, read)
  return read
}

/** The same readers are named by many posts. */
const readProfile = perKey((text): Recipient | Fault => {
  const url = canParseUrl(text) ? new URL(text) : undefined
  const account = /^acct:(?:\/\/)?(.+)$/i.exec(text)?.[1]
  const remedy =
    account === undefined
      ? 'write a profile URL such as "https://bob.example/"'
      : 'write it without "acct:"'
  if (!url || !/^https?:\/\//i.test(text) || /^\.+$/.test(url.hostname)) {
    return { problem: 'this is not the address of a website', remedy }
  }
  if (url.username || url.password || text.includes('#')) {
    return { problem: 'a profile URL has no password and no fragment', remedy }
  }
  if (/\s|%20/.test(text) || /\/\.\.?(\/|$)/.test(text)) {
    return {
      problem: 'a profile URL has no spaces and no dot segments',
      remedy: `${remedy}; if these are several readers, write a list, such as [https://bob.example/, Mum]`,
    }
  }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (ipaddr.isValid(host) && ipaddr.process(host).range() !== 'loopback') {
    return { problem: 'a profile URL has a name, not a number, as its host', remedy }
  }
  if (url.search === '') url.search = '' // drops a "?" with nothing behind it
  if (host.endsWith('.')) url.hostname = host.replace(/\.+$/, '')
  const path = url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '')
  return { id: url.href, kind: 'profile', name: `${url.host}${path}`, url }
})

function safeDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    // fail closed because an address that cannot be read is nobody's
    return undefined
  }
}
