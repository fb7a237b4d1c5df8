/**
 * The options that say by which protocols the site speaks, as whom, and with whom.
 *
 * @module
 */
import * as v from 'valibot'
import { PROTOCOLS, type ProtocolName, type RecipientRecord } from '../ledger/site-record.ts'
import type { Groups } from '../post/audience.ts'
import { nearest } from '../post/nearest.ts'
import { parseRecipient, recipientKind, type Recipient } from '../post/recipient.ts'
import { ConfigurationError } from '../web/errors.ts'
import { isLocalhostName } from '../web/address-text.ts'
import {
  formatUserAddress,
  isSameUser,
  parseDomain,
  parseUserAddress,
} from '../web/user-address.ts'

const Address = v.pipe(
  v.string(),
  v.check(
    (text) => parseUserAddress(text) !== undefined,
    'an address such as "alice@alice.example"',
  ),
)

const Protocol = v.picklist(PROTOCOLS, ({ input }) => {
  const meant = typeof input === 'string' ? nearest(input, PROTOCOLS) : undefined
  return meant ? `write "${meant}", if you mean that` : `one of ${PROTOCOLS.join(', ')}`
})

const Domain = v.pipe(
  v.string(),
  v.check((text) => parseDomain(text) !== undefined, 'a domain such as "alice.example"'),
)

/** More than a line is no status. */
const Line = v.pipe(
  v.string(),
  v.check(
    (text) => text.length <= 200 && !/\p{Cc}/u.test(text),
    'one line of 200 characters or fewer',
  ),
)

/** Schemas of these options, by name. */
export const PROTOCOL_OPTIONS = {
  /** The owner's `user@domain` in intertalk and FMTP: at the site's own host. */
  address: v.optional(Address),
  /** Which protocols the site speaks, the one that is tried first in front. */
  protocols: v.optional(
    v.pipe(
      v.array(Protocol, 'a list such as ["webmention", "rel-pm"]'),
      v.check((names) => new Set(names).size === names.length, 'a list that names each once'),
    ),
    [...PROTOCOLS],
  ),
  /** What is known of recipients besides their names in the audience. */
  recipients: v.optional(
    v.record(
      v.string(),
      v.strictObject({
        profile: v.optional(v.string()),
        address: v.optional(Address),
        protocol: v.optional(Protocol),
      }),
    ),
    {},
  ),
  /** What the site says of itself in FMTP, and whom it asks for help. */
  fmtp: v.optional(
    v.strictObject({
      encrypt: v.optional(v.picklist(['required', 'optional', 'none']), 'optional'),
      parent: v.optional(Domain),
      children: v.optional(v.array(Domain), []),
      contact: v.optional(v.pipe(v.string(), v.url('a URL'), v.regex(/^https?:\/\//i, 'a URL'))),
      status: v.optional(Line),
    }),
    {},
  ),
}

/** What stands below these options, for whoever mistypes it. */
export const PROTOCOL_OPTION_KEYS: Readonly<Record<string, readonly string[]>> = {
  recipients: ['profile', 'address', 'protocol'],
  fmtp: ['encrypt', 'parent', 'children', 'contact', 'status'],
}

/** Protocols that find their way by an address; all others begin at a profile. */
const BY_ADDRESS: readonly ProtocolName[] = ['intertalk', 'fmtp']

/**
 * Spells the recipients as the audience of a post does.
 *
 * @throws {ConfigurationError} for a key that names no recipient, and for a pin that nobody could follow
 */
export function resolveRecipients(
  recipients: Readonly<Record<string, RecipientRecord>>,
  { groups, protocols }: { readonly groups: Groups; readonly protocols: readonly ProtocolName[] },
): Record<string, RecipientRecord> {
  const resolved: Record<string, RecipientRecord> = {}
  for (const [at, [key, { profile, address, protocol }]] of Object.entries(recipients).entries()) {
    const fault = faultOf(at + 1)
    const recipient = readRecipient(key, groups, fault)
    if (Object.keys(resolved).some((id) => isSameId(id, recipient.id))) {
      throw fault('this recipient is named twice', 'write everything about it in one place')
    }
    const record: RecipientRecord = {
      ...(profile !== undefined && { profile: readProfile(profile, fault) }),
      ...(address !== undefined && { address: readAddress(address) }),
      ...(protocol !== undefined && { protocol }),
    }
    refuseVainPin(recipient, record, protocols, fault)
    resolved[recipient.id] = record
  }
  return resolved
}

/**
 * An address of another host would be nobody's: intertalk and FMTP ask the domain itself.
 *
 * @param site Where the build believes that the site will be.
 * @returns What the author should know, where the build cannot tell.
 * @throws {ConfigurationError}
 */
export function checkOwnAddress(
  text: string | undefined,
  site: URL,
  { isSure }: { readonly isSure: boolean },
): string | undefined {
  const address = text === undefined ? undefined : parseUserAddress(text)
  if (!address || address.domain === site.host) return undefined
  const { local, domain } = address
  const said = `Option "address": ${formatUserAddress(address)} is not at ${site.host}, where this site is`
  const isNear =
    isLocalhostName(domain.replace(/:\d+$/, '')) ||
    site.host.endsWith(`.${domain}`) ||
    domain.endsWith(`.${site.host}`)
  if (isNear && !isSure) {
    return `${said} as far as this build knows: wherever it is not at ${domain}, intertalk and FMTP are off.`
  }
  throw new ConfigurationError(
    `${said}, and others look for its owner at its own host. To do: write "${local}@${site.host}", or leave the option out.`,
  )
}

function readRecipient(key: string, groups: Groups, fault: Fault): Recipient {
  if (Object.hasOwn(groups, key)) {
    throw fault('this is a group', 'write an entry for each of its members')
  }
  return parseRecipient(key.trim(), Object.keys(groups), (_, { problem, remedy }) =>
    fault(problem, remedy),
  )
}

/** Whether both name one person: an address is one in any case. */
function isSameId(one: string, other: string): boolean {
  const [address, otherAddress] = [parseUserAddress(one), parseUserAddress(other)]
  return address && otherAddress ? isSameUser(address, otherAddress) : one === other
}

function readProfile(profile: string, fault: Fault): string {
  const { id, kind } = parseRecipient(profile, [], (_, { problem, remedy }) =>
    fault(`"profile": ${problem}`, remedy),
  )
  if (kind === 'profile') return id
  throw fault(
    '"profile": this is not the address of a website',
    'write a profile URL such as "https://bob.example/"',
  )
}

function readAddress(text: string): string {
  const address = parseUserAddress(text)
  return address ? formatUserAddress(address) : text
}

function refuseVainPin(
  { id }: Recipient,
  { profile, address, protocol }: RecipientRecord,
  protocols: readonly ProtocolName[],
  fault: Fault,
): void {
  if (protocol === undefined) return
  if (!protocols.includes(protocol)) {
    const known = protocols.join(', ') || 'none'
    throw fault(
      `the site does not speak "${protocol}" (option "protocols": ${known})`,
      'add it there, or remove the pin',
    )
  }
  const missing = BY_ADDRESS.includes(protocol) ? 'address' : 'profile'
  const isKnown = (missing === 'address' ? address : profile) !== undefined
  if (isKnown || recipientKind(id) === missing) return
  throw fault(`"${protocol}" needs to know their ${missing}`, `add "${missing}", or remove the pin`)
}

type Fault = (problem: string, remedy: string) => ConfigurationError

/** Who it is, build logs need not say. */
function faultOf(entry: number): Fault {
  return (problem, remedy) =>
    new ConfigurationError(`Option "recipients", entry ${entry}: ${problem}. To do: ${remedy}.`)
}
