import { storeKey, tryUpdate, type Store } from './store.ts'

export interface Rate {
  /** What is counted, such as `webmention-client`. */
  readonly name: string
  /** How many are allowed… */
  readonly limit: number
  /** …in a window of so many seconds. */
  readonly seconds: number
}

/** Seconds to wait, or `undefined` where this one is still allowed and is counted now. */
export type RateLimit = (rate: Rate, subject: string) => Promise<number | undefined>

/** Counts in windows of fixed length; subjects (addresses, URLs) are hashed. */
export function createRateLimit(store: Store, now: () => Date): RateLimit {
  return async ({ name, limit, seconds }, subject) => {
    const length = seconds * 1000
    const window = Math.floor(now().getTime() / length)
    const end = new Date((window + 1) * length)
    const key = storeKey(`rate-${name}`, subject, String(window))
    let isAllowed = false
    const { done } = await tryUpdate(store, key, (value) => {
      const count = typeof value === 'number' ? value : 0
      isAllowed = count < limit
      return isAllowed ? { value: count + 1, expires: end } : undefined
    })
    // Whoever comes so often at once that they cannot be counted comes too often.
    return done && isAllowed
      ? undefined
      : Math.max(1, Math.ceil((end.getTime() - now().getTime()) / 1000))
  }
}
