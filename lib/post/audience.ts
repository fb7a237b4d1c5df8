import { ConfigurationError } from '../web/errors.ts'
import { canonicalAddress, parseUserAddress } from '../web/user-address.ts'
import { postError } from './post-error.ts'
import { spelled, type KnownRecipients } from './known-recipients.ts'
import { mergeRecipients, parseRecipient, type Complain, type Recipient } from './recipient.ts'

export type { Recipient } from './recipient.ts'

/** Named lists of recipients, as the site's options give them. */
export type Groups = Readonly<Record<string, readonly string[]>>

/** Group names look like this; everything that does not is a person's own name. */
const GROUP_NAME = /^[a-z0-9][a-z0-9_-]*$/
/** `public` is nobody's group; a JSON document cannot have the others as keys of its own. */
const NO_GROUPS = ['public', 'constructor', 'prototype']

/**
 * Turns what the author wrote under `audience` into recipients, each of them once.
 *
 * A lower-case word is always a group name: it must be known. A name of a person has a capital
 * letter or a space in it ("Mum", "aunt may"), so that a typing error in a group's name cannot
 * quietly become a person.
 *
 * @throws {ConfigurationError} for an unknown group, an empty audience, or a bad recipient.
 */
export function parseAudience(path: string, audience: unknown, groups: Groups): Recipient[] {
  const entries = Array.isArray(audience) ? audience : [audience]
  const recipients = new Map<string, Recipient>()
  for (const [at, entry] of entries.entries()) {
    const place = entries.length > 1 ? `entry ${at + 1} of audience: ` : ''
    for (const recipient of expand(entry, groups, (value, { problem, remedy }) =>
      postError(path, 'audience', value, { problem: `${place}${problem}`, remedy }),
    )) {
      const person = personOf(recipient)
      const known = recipients.get(person)
      recipients.set(person, known ? mergeRecipients(known, recipient) : recipient)
    }
  }
  if (recipients.size === 0) {
    throw postError(path, 'audience', audience, {
      problem: 'a private post needs somebody who may read it',
      remedy:
        'name profile URLs, addresses such as bob@chat.example, groups, mailto: addresses or people under "audience"',
    })
  }
  return [...recipients.values()]
}

/** Checks all groups of the options, used or not. */
export function validateGroups(groups: Groups): void {
  for (const [name, members] of Object.entries(groups)) {
    if (!GROUP_NAME.test(name) || NO_GROUPS.includes(name)) {
      const others = NO_GROUPS.map((word) => JSON.stringify(word)).join(', ')
      throw new ConfigurationError(
        `Option "groups": ${JSON.stringify(name)} cannot name a group. To do: use lower-case letters, digits and hyphens, and none of ${others}.`,
      )
    }
    if (members.length === 0) {
      throw new ConfigurationError(
        `Option "groups": ${JSON.stringify(name)} has no members, so that a post for it is for nobody. To do: name somebody, or remove the group.`,
      )
    }
    for (const member of members) expand(member, groups, complainOf(name, groups[name] ?? []))
  }
}

/** The members of each group, those of the groups within it included: by the ids that the ledger has for them. */
export function groupMembers(
  groups: Groups,
  known: KnownRecipients,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.keys(groups).map((name) => {
      const members = expand(name, groups, complainOf(name, groups[name] ?? [])).map(
        (member) => spelled(member, known).id,
      )
      return [name, [...new Set(members)]]
    }),
  )
}

function complainOf(group: string, members: readonly unknown[]): Complain {
  return (value, { problem, remedy }) => {
    const text = String(value).trim()
    const entry = members.findIndex((other) => String(other).trim() === text) + 1
    const what = `Option "groups", ${group}${entry > 0 ? `, entry ${entry}` : ''}`
    return new ConfigurationError(`${what}: ${problem}. To do: ${remedy}.`)
  }
}

function expand(
  entry: unknown,
  groups: Groups,
  complain: Complain,
  within: readonly string[] = [],
): Recipient[] {
  if (typeof entry !== 'string' || entry.trim() === '') {
    throw complain(entry, {
      problem: 'this names nobody',
      remedy: 'name profile URLs, addresses, groups, mailto: addresses or people',
    })
  }
  const text = entry.trim()
  if (Object.hasOwn(groups, text)) {
    if (within.includes(text)) {
      throw complain(text, { problem: 'the group contains itself', remedy: 'break the circle' })
    }
    const members = (groups[text] ?? []).flatMap((member) =>
      expand(member, groups, complain, [...within, text]),
    )
    // What counts is the group that the audience names, whatever groups are in it.
    return members.map((member) => ({ ...member, via: [{ group: text, member: member.id }] }))
  }
  return [parseRecipient(text, Object.keys(groups), complain)]
}

/** `Bob@chat.example` and `bob@chat.example` are one person: the spelling that comes first is kept. */
function personOf({ id, kind }: Recipient): string {
  const address = kind === 'address' ? parseUserAddress(id) : undefined
  return address ? canonicalAddress(address) : id
}
