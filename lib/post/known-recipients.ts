/**
 * What the author knows of a recipient besides their name in the audience: the option `recipients`.
 *
 * @module
 */
import { parseUrl } from '../web/parse-url.ts'
import { isSameUser, parseUserAddress, type UserAddress } from '../web/user-address.ts'
import { mergeRecipients, type Recipient } from './recipient.ts'

/** By recipient id. */
export type KnownRecipients = Readonly<
  Record<string, { readonly profile?: string | undefined; readonly address?: string | undefined }>
>

/**
 * The recipients of a post, each with the profile URL that the options know of them, as their copy links it;
 * and each person once, although they may be named by their profile here and by their address there.
 */
export function asKnown(
  recipients: readonly Recipient[],
  known: KnownRecipients,
): readonly Recipient[] {
  const people: Recipient[] = []
  for (const recipient of recipients.map((one) => withProfile(spelled(one, known), known))) {
    const index = people.findIndex((other) => isSamePerson(other, recipient, known))
    const other = people[index]
    if (other) people[index] = mergeRecipients(other, recipient)
    else people.push(recipient)
  }
  return people
}

/** Groups and people whom the options name, as they are written there. */
export function namesIn(
  groups: Readonly<Record<string, readonly string[]>>,
  known: KnownRecipients,
): string[] {
  return [
    ...new Set([...Object.keys(groups), ...Object.values(groups).flat(), ...Object.keys(known)]),
  ]
}

/** The `user@domain` of a recipient, named or known. */
export function addressOf(
  { id }: Pick<Recipient, 'id'>,
  known: KnownRecipients,
): UserAddress | undefined {
  return parseUserAddress(id) ?? parseUserAddress(recordOf(id, known)?.address ?? '')
}

/** Under the name that the options have for them: `Bob@chat.example` is `bob@chat.example`. */
export function spelled(recipient: Recipient, known: KnownRecipients): Recipient {
  const address = parseUserAddress(recipient.id)
  const id =
    address &&
    Object.keys(known).find((key) => {
      const other = parseUserAddress(key)
      return other !== undefined && isSameUser(address, other)
    })
  if (id === undefined) return recipient
  const via = recipient.via?.map((membership) => ({ ...membership, member: id }))
  return { ...recipient, id, name: id, ...(via && { via }) }
}

function withProfile(recipient: Recipient, known: KnownRecipients): Recipient {
  const profile = parseUrl(recordOf(recipient.id, known)?.profile ?? '')
  return profile && recipient.kind !== 'profile' ? { ...recipient, url: profile } : recipient
}

function isSamePerson(one: Recipient, other: Recipient, known: KnownRecipients): boolean {
  const [address, otherAddress] = [addressOf(one, known), addressOf(other, known)]
  if (address && otherAddress) return isSameUser(address, otherAddress)
  return one.url !== undefined && one.url.href === other.url?.href
}

function recordOf(id: string, known: KnownRecipients): KnownRecipients[string] | undefined {
  return Object.hasOwn(known, id) ? known[id] : undefined
}
