import { SECRET_KINDS } from '../jwt/kinds.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { startSession } from '../jwt/session.ts'
import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import type { Store } from '../store/store.ts'
import { networkOf } from '../web/address-text.ts'
import { readCookie, setCookie } from '../web/cookies.ts'
import type { RequestContext } from '../web/endpoint.ts'
import { parseOwner, verifyPassphrase } from './owner-passphrase.ts'

/** Enough for somebody who has forgotten which of their passphrases it was. */
const FROM_ONE_CLIENT: Rate = { name: 'owner-sign-in', limit: 10, seconds: 15 * 60 }
/** All addresses of the world together. Twelve letters withstand that for as long as there are computers. */
const FROM_EVERYWHERE: Rate = { name: 'owner-sign-in-all', limit: 100, seconds: 15 * 60 }
/** Of a browser that has signed in before: whatever strangers do, it does not come out of their allowance. */
const FROM_ONE_DEVICE: Rate = { name: 'owner-sign-in-device', limit: 10, seconds: 15 * 60 }
const DEVICE_COOKIE = 'private-posts-device'
/** While so many passphrases wait to be looked at, a stranger's does not join them. */
const MAX_WAITING = 8
/** Seconds in which so many are looked at. */
const BUSY = 5

type OwnerSignInOutcome =
  /** `cookies`: the values of `Set-Cookie` headers, the session's first. */
  | { readonly signedIn: true; readonly cookies: readonly string[] }
  /** `retryAfter`: seconds, where nobody looked at the passphrase because there were too many tries. */
  | { readonly signedIn: false; readonly retryAfter?: number }

/** Who sent the passphrase. */
interface SignInVisit {
  readonly request: Request
  readonly context?: RequestContext | undefined
}

/** Signs the owner in with their passphrase. */
export type OwnerSignIn = (passphrase: string, visit: SignInVisit) => Promise<OwnerSignInOutcome>

export interface OwnerSignInOptions {
  /** `PRIVATE_POSTS_OWNER` */
  readonly owner: string
  readonly me: URL
  readonly site: URL
  readonly secrets: Secrets
  readonly store: Store
  readonly now: () => Date
}

/**
 * Makes the one door for the owner's passphrase. Tries are counted before the passphrase is looked at: also
 * those that come all at once, and the right one during a lock-out. A browser that has signed in before is
 * counted by itself, so that nobody can lock the owner out of it.
 *
 * @throws {ConfigurationError} if `owner` is no hash of a passphrase
 * @see [OWASP, Device Cookies](https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies)
 */
export function createOwnerSignIn(options: OwnerSignInOptions): OwnerSignIn {
  const { owner, me, site, secrets, store, now } = options
  parseOwner(owner)
  const secure = site.protocol === 'https:'
  const rateLimit = createRateLimit(store, now)
  /** One after the other, because each takes its share of memory. */
  let queue: Promise<unknown> = Promise.resolve()
  let waiting = 0

  return async (passphrase, { request, context }) => {
    const device = await deviceOf(request)
    const retryAfter = device
      ? await rateLimit(FROM_ONE_DEVICE, device)
      : ((await rateLimit(FROM_ONE_CLIENT, networkOf(context?.clientAddress ?? ''))) ??
        (await rateLimit(FROM_EVERYWHERE, '')))
    if (retryAfter !== undefined) return { signedIn: false, retryAfter }
    if (!device && waiting >= MAX_WAITING) return { signedIn: false, retryAfter: BUSY }

    if (!(await isPassphrase(passphrase))) return { signedIn: false }
    const claims = { reader: me.href, by: 'passphrase' } as const
    const session = await startSession(claims, { secrets, site })
    return { signedIn: true, cookies: [session, await rememberDevice()] }
  }

  async function isPassphrase(passphrase: string): Promise<boolean> {
    waiting += 1
    const verification = queue.then(() => verifyPassphrase(owner, passphrase))
    queue = verification.catch(() => undefined)
    try {
      return await verification
    } finally {
      waiting -= 1
    }
  }

  /** Names the browser, if the owner has signed in with it before. */
  async function deviceOf(request: Request): Promise<string | undefined> {
    const cookie = readCookie(request, DEVICE_COOKIE, { secure })
    const opened = cookie === undefined ? undefined : await secrets.open('device', cookie)
    return opened?.valid ? opened.id : undefined
  }

  async function rememberDevice(): Promise<string> {
    const maxAge = SECRET_KINDS.device.lifetime
    return setCookie(DEVICE_COOKIE, await secrets.issue('device', {}), { secure, maxAge })
  }
}
