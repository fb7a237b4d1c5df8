/**
 * The alternate example: "steps 1-4 establish the token, and then it can be used repeatedly to send multiple
 * messages in a row".
 *
 * Each token that we give says of whom it takes messages; all that one sender was given are of one family,
 * and end together. What others gave us is kept by whom it reaches, and at which endpoint.
 *
 * @module
 */
import { randomBytes } from 'node:crypto'
import { SECRET_KINDS } from '../jwt/kinds.ts'
import { createPeerTokens, expiryOf } from '../jwt/peer-tokens.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { storeKey, updateEntry, type Store } from '../store/store.ts'
import { spellingOf } from './profile.ts'

const DAY = 24 * 60 * 60 * 1000
/** Seconds that a token of ours lives. */
const LIFETIME = SECRET_KINDS['pm-standing-token'].lifetime

interface Keeping {
  readonly store: Store
  readonly secrets: Secrets
  readonly now: () => Date
}

/** Gives a sender a token for all of their messages to `to`, until it expires or is revoked. */
export async function issueStanding(
  { from, to }: { readonly from: URL; readonly to: URL },
  { store, secrets, now }: Keeping,
): Promise<{ readonly token: string; readonly seconds: number }> {
  const expires = new Date(now().getTime() + LIFETIME * 1000 + DAY)
  const family = await updateEntry(store, familyKey(from), (value) => ({
    value: typeof value === 'string' ? value : randomBytes(16).toString('base64url'),
    expires,
  }))
  const claims = { from: from.href, to: to.href, family: String(family) }
  return { token: await secrets.issue('pm-standing-token', claims), seconds: LIFETIME }
}

/** Ends every standing token that a sender was given. They can earn another, as they did the first. */
export async function revokeStanding(
  from: URL,
  { store, secrets }: Pick<Keeping, 'store' | 'secrets'>,
): Promise<void> {
  const family = (await store.get(familyKey(from)))?.value
  if (typeof family !== 'string') return
  await secrets.revokeFamily(family)
  await store.delete(familyKey(from))
}

/** Ends one token of ours, for whoever has it. What is none, or none any more, is answered alike. @see [RFC 7009 §2.2](https://www.rfc-editor.org/rfc/rfc7009#section-2.2) */
export async function revokeToken(token: string, { secrets }: Pick<Keeping, 'secrets'>) {
  const opened = await secrets.open('pm-standing-token', token)
  if (opened.valid) await secrets.revoke(opened)
}

/** A recipient's endpoint, which gave us a token. */
export interface StandingPlace {
  readonly to: URL
  readonly endpoint: URL
}

export async function keepStanding(
  place: StandingPlace,
  { token, seconds }: { readonly token: string; readonly seconds: number },
  keeping: Keeping,
): Promise<void> {
  const expires = expiryOf(seconds, keeping.now()).toISOString()
  await createPeerTokens(keeping).keep(placeOf(place), { access_token: token, expires })
}

export async function findStanding(
  place: StandingPlace,
  keeping: Keeping,
): Promise<string | undefined> {
  return (await createPeerTokens(keeping).find(placeOf(place)))?.access_token
}

export function forgetStanding(place: StandingPlace, keeping: Keeping): Promise<void> {
  return createPeerTokens(keeping).forget(placeOf(place))
}

function familyKey(from: URL): string {
  return storeKey('pm-family', spellingOf(from))
}

function placeOf({ to, endpoint }: StandingPlace): readonly ['pm', string, string] {
  return ['pm', spellingOf(to), endpoint.href]
}
