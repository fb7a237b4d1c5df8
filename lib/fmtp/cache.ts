import * as v from 'valibot'
import { storeKey, updateEntry, type Store } from '../store/store.ts'
import { canonicalAddress, type UserAddress } from '../web/user-address.ts'
import { addressOf, parseObjectOf, type UserObject } from './object.ts'

/** Seconds for which a user object is used: what it says of keys and contact seldom changes. */
export const FRESH = 60 * 60
/** Seconds for which STATUS is news: who has gone offline is soon known to have. */
export const FRESH_STATUS = 60
/** Seconds for which we know that there was a newer one, and take no older one for it. */
const MEMORY = 30 * 24 * 60 * 60
/** What anybody says of themselves, a picture in its text included. Strangers bring theirs along. */
const MAX_BYTES = 64 * 1024
/** Milliseconds by which DATE may be ahead of our clock. */
const SKEW = 5 * 60 * 1000

const Entry = v.object({
  object: v.unknown(),
  /** The server that it came from. */
  server: v.string(),
  /** ISO 8601 */
  fetched: v.string(),
})

/** A user object as it was when it was fetched, and verified then. */
interface CachedUser {
  readonly user: UserObject
  readonly server: URL
}

/** "Perhaps we've looked up this object recently." */
export interface ObjectCache {
  /** @param maxAge Seconds since it was fetched; `Infinity` for whether we have had one. */
  find(address: UserAddress, maxAge: number): Promise<CachedUser | undefined>
  /**
   * Keeps what was just verified.
   *
   * @returns What is wrong with its DATE or its size, if something is: then nothing is kept.
   */
  keep(user: UserObject, server: URL): Promise<'older' | 'future' | 'large' | undefined>
}

/** `fmtp-object/…`: the newest user object of each address that we have seen. */
export function createObjectCache({
  store,
  now,
}: {
  readonly store: Store
  readonly now: () => Date
}): ObjectCache {
  return {
    async find(address, maxAge) {
      const entry = parseEntry((await store.get(entryOf(address)))?.value)
      if (!entry) return undefined
      const age = now().getTime() - Date.parse(entry.fetched)
      return age >= 0 && age < maxAge * 1000 ? entry : undefined
    },
    async keep(user, server) {
      const time = now()
      if (dateOf(user) > time.getTime() + SKEW) return 'future'
      if (Buffer.byteLength(JSON.stringify(user)) > MAX_BYTES) return 'large'
      let isOlder = false
      await updateEntry(store, entryOf(addressOf(user.ADDRESS)), (value) => {
        const before = parseEntry(value)
        isOlder = before !== undefined && dateOf(user) < dateOf(before.user)
        if (isOlder) return undefined
        const entry = { object: user, server: server.href, fetched: time.toISOString() }
        return { value: entry, expires: new Date(time.getTime() + MEMORY * 1000) }
      })
      return isOlder ? 'older' : undefined
    },
  }
}

function entryOf(address: UserAddress): string {
  return storeKey('fmtp-object', canonicalAddress(address))
}

function parseEntry(value: unknown): (CachedUser & { readonly fetched: string }) | undefined {
  const entry = v.safeParse(Entry, value)
  const user = entry.success ? parseObjectOf('user', entry.output.object) : undefined
  if (!entry.success || !user) return undefined
  return { user, server: new URL(entry.output.server), fetched: entry.output.fetched }
}

/** What has no date is older than all that have one. */
function dateOf({ DATE }: UserObject): number {
  return DATE === undefined ? 0 : Date.parse(DATE)
}
