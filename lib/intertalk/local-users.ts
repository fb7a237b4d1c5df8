import type { Opened, Secrets } from '../jwt/secrets.ts'
import {
  canonicalAddress,
  isSameUser,
  parseUserAddress,
  type UserAddress,
} from '../web/user-address.ts'

/** A user of this provider who has shown a token of ours. */
export interface LocalUser {
  /** As {@link canonicalAddress} spells it. */
  readonly user: string
  readonly opened: Opened<'intertalk-token'>
}

export interface LocalUsersOptions {
  /** The one user that there is: the owner of the site. */
  readonly address: UserAddress
  readonly secrets: Secrets
}

/** Whether somebody who signs in means this user: by the whole address, or by what is before the `@`. */
export function isUserName(text: string, address: UserAddress): boolean {
  const name = text.trim().normalize('NFC')
  const named = parseUserAddress(name)
  return named
    ? isSameUser(named, address)
    : name.toLowerCase() === address.local.normalize('NFC').toLowerCase()
}

/**
 * The user whose token it is, or `undefined` if it is not one that this provider issued to a user that it has
 * now. The word Bearer may stand before it, as at the reference implementation.
 */
export async function openLocalToken(
  text: string,
  { address, secrets }: LocalUsersOptions,
): Promise<LocalUser | undefined> {
  const token = text.trim().replace(/^bearer +/i, '')
  const opened = await secrets.open('intertalk-token', token)
  if (!opened.valid || opened.claims.user !== canonicalAddress(address)) return undefined
  return { user: opened.claims.user, opened }
}
