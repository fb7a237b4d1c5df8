import * as v from 'valibot'
import { storeKey, updateEntry, type Store } from '../store/store.ts'
import type { Secrets } from './secrets.ts'

const PeerToken = v.object({
  access_token: v.string(),
  /** ISO 8601. From then on only the refresh token is of use. */
  expires: v.string(),
  /** Of the sender who let us have it. */
  realm: v.optional(v.string()),
  /** What it takes to get the next one. */
  refresh: v.optional(v.object({ refresh_token: v.string(), token_endpoint: v.string() })),
})

/** A token that another site gave us, for its own pages. */
export type PeerToken = v.InferOutput<typeof PeerToken>

/** What it was given for: a purpose such as `realm`, and what it is about. */
type TokenPlace = readonly [purpose: string, ...about: readonly string[]]

/** Where we keep what other sites gave us. Encrypted: whoever copies the store gets none of them. */
export interface PeerTokens {
  /** Replaces what was kept there before. */
  keep(place: TokenPlace, token: PeerToken): Promise<void>
  find(place: TokenPlace): Promise<PeerToken | undefined>
  forget(place: TokenPlace): Promise<void>
}

export interface PeerTokensOptions {
  readonly store: Store
  readonly secrets: Secrets
  readonly now: () => Date
}

/** How long a token is kept that says nothing of its life: about as long as the shortest that we have seen. */
const DEFAULT_LIFETIME = 60 * 60
/** However long its issuer would have it. Also the life of a refresh token, which says nothing of its own. */
const LONGEST_LIFETIME = 30 * 24 * 60 * 60

/** When a token that was issued just now with this `expires_in` is no longer used. */
export function expiryOf(expiresIn: number | null | undefined, now: Date): Date {
  const seconds = Math.min(expiresIn ?? DEFAULT_LIFETIME, LONGEST_LIFETIME)
  return new Date(now.getTime() + seconds * 1000)
}

export function createPeerTokens({ store, secrets, now }: PeerTokensOptions): PeerTokens {
  const keyOf = (place: TokenPlace) => storeKey('peer-token', ...place)

  return {
    async keep(place, token) {
      const value = await secrets.seal(JSON.stringify(token))
      const expires = token.refresh ? expiryOf(LONGEST_LIFETIME, now()) : new Date(token.expires)
      await updateEntry(store, keyOf(place), () => ({ value, expires }))
    },
    async find(place) {
      const sealed = (await store.get(keyOf(place)))?.value
      const text = typeof sealed === 'string' ? await secrets.unseal(sealed) : undefined
      // Sealed by us, so it is JSON; of an older shape perhaps.
      const result = v.safeParse(PeerToken, text === undefined ? undefined : JSON.parse(text))
      return result.success ? result.output : undefined
    },
    forget: (place) => store.delete(keyOf(place)),
  }
}
