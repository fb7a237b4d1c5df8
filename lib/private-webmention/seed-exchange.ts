import { expiryOf, type PeerTokens } from '../jwt/peer-tokens.ts'
import type { RateLimit } from '../store/rate-limit.ts'
import { FetchError, ResponseError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'
import { timeLimit } from '../web/time-limit.ts'
import { processTokenResponse } from '../web/token-response.ts'
import { seedCodeRequest } from './code-exchange.ts'
import { EXCHANGE_TIMEOUT } from './private-webmention.ts'
import type { SeedCodeMint } from './seed-code.ts'
import { findSeedTokenEndpoint } from './token-endpoint.ts'

/** More sources of one site than that are no conversation; and each is a chance to pass a code on. */
const PER_ORIGIN = { name: 'seed-origin', limit: 30, seconds: 600 }

export interface SeedExchangeOptions {
  readonly fetch: Fetch
  readonly tokens: PeerTokens
  readonly rateLimit: RateLimit
  readonly now: () => Date
  /** The owner. */
  readonly me: URL
  /** Left out where our authorization endpoint is somebody else's: it would not know our codes. */
  readonly mintSeedCode?: SeedCodeMint
  /** Whether a sender may learn, for certain, who asks. */
  readonly mayIdentifyTo: (source: URL) => boolean | Promise<boolean>
  /** Whether the owner trusts the host of a source: then it may have its token endpoint on another origin. */
  readonly isTrusted: (source: URL) => boolean | Promise<boolean>
}

/**
 * Proves to a sender who we are, with a code from our own authorization endpoint, and gets a token for it.
 * `undefined`: without one. A token is kept for the sender's origin.
 *
 * @see [seed 002, Verifying the Webmention](https://indieweb.org/private-webmention-brainstorming#Verifying_the_Webmention)
 */
export function createSeedExchange({
  fetch,
  tokens,
  rateLimit,
  now,
  me,
  mintSeedCode,
  mayIdentifyTo,
  isTrusted,
}: SeedExchangeOptions) {
  return async (source: URL, unauthorized: Response): Promise<string | undefined> => {
    if (!mintSeedCode || !(await mayIdentifyTo(source))) return undefined
    if ((await rateLimit(PER_ORIGIN, source.origin)) !== undefined) return undefined
    try {
      return await exchange(source, unauthorized, mintSeedCode)
    } catch (error) {
      // Without a token the 401 stands, and says what there is to say.
      if (error instanceof FetchError || error instanceof ResponseError) return undefined
      throw error
    }
  }

  async function exchange(
    source: URL,
    unauthorized: Response,
    mint: SeedCodeMint,
  ): Promise<string | undefined> {
    const web = { fetch, signal: timeLimit(EXCHANGE_TIMEOUT) }
    const mayLeave = async (place: URL) => (await isTrusted(source)) && mayIdentifyTo(place)
    const endpoint = await findSeedTokenEndpoint(source, unauthorized, { ...web, mayLeave })
    if (!endpoint) return undefined

    const response = await seedCodeRequest(endpoint, { code: await mint(endpoint), me }, web)
    const { access_token, expires_in } = await processTokenResponse(response)
    const expires = expiryOf(expires_in, now()).toISOString()
    await tokens.keep(['seed', source.origin], { access_token, expires })
    return access_token
  }
}
