import ipaddr from 'ipaddr.js'
import { ConfigurationError } from '../web/errors.ts'
import { postError } from './post-error.ts'
import { canParseUrl } from '../web/parse-url.ts'

/**
 * One member of an audience.
 *
 * - `profile`: somebody with a website; can be told by a protocol
 * - `mail`: somebody with an address; the author hands the link over
 * - `name`: just a name; the author hands the link over
 */
export interface Recipient {
  /** What the ledger, the reports and the command line call this recipient. */
  readonly id: string
  readonly kind: 'profile' | 'mail' | 'name'
  /** For people to read: a host, the local part of an address, or the name. */
  readonly name: string
  /** The profile URL, or the `mailto:` URL. */
  readonly url?: URL
}

/** Named lists of recipients, as the site's options give them. */
export type Groups = Readonly<Record<string, readonly string[]>>

/** Group names look like this; everything that does not is a person's own name. */
const GROUP_NAME = /^[a-z0-9][a-z0-9_-]*$/
/** One word in small letters of any script: meant as a group, even where it cannot be one's name. */
const MEANT_AS_GROUP = /^[\p{Ll}\p{N}_-]+$/u
/** `family, friends` as one text, where a list was meant. */
const SEVERAL = /^[^:]*[,;]|[,;]\s*(https?:|mailto:)/i
const MAIL_ADDRESS = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/

/**
 * Turns what the author wrote under `audience` into recipients, each of them once.
 *
 * A lower-case word is always a group name: it must be known. A name of a person has a capital
 * letter or a space in it ("Mum", "aunt may"), so that a typing error in a group's name cannot
 * quietly become a person.
 *
 * @throws {ConfigurationError} for an unknown group, an empty audience, or a bad recipient URL.
 */
export function parseAudience(path: string, audience: unknown, groups: Groups): Recipient[] {
  const entries = Array.isArray(audience) ? audience : [audience]
  const recipients = new Map<string, Recipient>()
  for (const entry of entries) {
    for (const recipient of expand(entry, groups, (value, what) =>
      postError(path, 'audience', value, what),
    )) {
      recipients.set(recipient.id, recipient)
    }
  }
  if (recipients.size === 0) {
    throw postError(path, 'audience', audience, {
      problem: 'a private post needs somebody who may read it',
      remedy: 'name profile URLs, groups, mailto: addresses or people under "audience"',
    })
  }
  return [...recipients.values()]
}

/** Checks all groups of the options, used or not. */
export function validateGroups(groups: Groups): void {
  for (const [name, members] of Object.entries(groups)) {
    if (!GROUP_NAME.test(name) || name === 'public') {
      throw new ConfigurationError(
        `Option "groups": ${JSON.stringify(name)} cannot name a group. To do: use lower-case letters, digits and hyphens, and not "public".`,
      )
    }
    for (const member of members) {
      expand(member, groups, (value, { problem, remedy }) => {
        const what = `Option "groups", ${name}: ${JSON.stringify(value)}`
        return new ConfigurationError(`${what}: ${problem}. To do: ${remedy}.`)
      })
    }
  }
}

type Complain = (
  value: unknown,
  what: { readonly problem: string; readonly remedy: string },
) => ConfigurationError

function expand(
  entry: unknown,
  groups: Groups,
  complain: Complain,
  within: readonly string[] = [],
): Recipient[] {
  if (typeof entry !== 'string' || entry.trim() === '') {
    throw complain(entry, {
      problem: 'this names nobody',
      remedy: 'name profile URLs, groups, mailto: addresses or people',
    })
  }
  const text = entry.trim()
  if (Object.hasOwn(groups, text)) {
    if (within.includes(text)) {
      throw complain(text, { problem: 'the group contains itself', remedy: 'break the circle' })
    }
    return (groups[text] ?? []).flatMap((member) =>
      expand(member, groups, complain, [...within, text]),
    )
  }
  return [parseRecipient(text, groups, complain)]
}

function parseRecipient(text: string, groups: Groups, complain: Complain): Recipient {
  if (SEVERAL.test(text)) {
    throw complain(text, {
      problem: 'these look like several in one',
      remedy: 'write a list, such as [family, "Mum"]',
    })
  }
  if (/^mailto:/i.test(text)) return parseMail(text, complain)
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) return parseProfile(text, complain)
  if (MAIL_ADDRESS.test(text)) {
    throw complain(text, {
      problem: 'this looks like a mail address',
      remedy: `write "mailto:${text}"`,
    })
  }
  if (/[/\\@<>]/.test(text) || /^[^\s.]+(\.[^\s.]+)+$/.test(text)) {
    throw complain(text, {
      problem: 'this looks like a web address without a scheme',
      remedy: `write "https://${text.replace(/^\/+/, '')}"`,
    })
  }
  if (text.toLowerCase() === 'public') {
    throw complain(text, {
      problem: 'a private post cannot have the public among its readers',
      remedy: 'write "visibility: public", or name the readers',
    })
  }
  const group = Object.keys(groups).find((name) => name === text.toLowerCase())
  if (MEANT_AS_GROUP.test(text) || group !== undefined) {
    const known = Object.keys(groups).join(', ') || 'none'
    throw complain(text, {
      problem: `there is no group of this name (known: ${known})`,
      remedy: group
        ? `write "${group}"`
        : 'add it to the option "groups"; if it is a person, write the name with a capital letter',
    })
  }
  const name = text.normalize('NFC').replace(/\s+/g, ' ')
  return { id: name, kind: 'name', name }
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
  const url = canParseUrl(text) ? new URL(text) : undefined
  const remedy = 'write a profile URL such as "https://bob.example/"'
  if (!url || !/^https?:\/\//i.test(text)) {
    throw complain(text, { problem: 'this is not the address of a website', remedy })
  }
  if (url.username || url.password || text.includes('#')) {
    throw complain(text, { problem: 'a profile URL has no password and no fragment', remedy })
  }
  if (/\s|%20/.test(text) || /\/\.\.?(\/|$)/.test(text)) {
    throw complain(text, { problem: 'a profile URL has no spaces and no dot segments', remedy })
  }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (ipaddr.isValid(host) && ipaddr.process(host).range() !== 'loopback') {
    throw complain(text, { problem: 'a profile URL has a name, not a number, as its host', remedy })
  }
  if (url.search === '') url.search = '' // drops a "?" with nothing behind it
  if (host.endsWith('.')) url.hostname = host.replace(/\.+$/, '')
  const path = url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '')
  return { id: url.href, kind: 'profile', name: `${url.host}${path}`, url }
}

function safeDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    // fail closed because an address that cannot be read is nobody's
    return undefined
  }
}
