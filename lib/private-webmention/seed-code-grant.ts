import { parseProfileUrl, type ProfileUrlRules } from '../indieauth/profile-url.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import { storeKey, type Store } from '../store/store.ts'
import { preferredType } from '../web/accept.ts'
import { networkOf } from '../web/address-text.ts'
import { FetchError, RequestError, ResponseError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'
import { field } from '../web/form.ts'
import { NO_STORE, type TokenRequest } from '../web/oauth.ts'
import { timeLimit } from '../web/time-limit.ts'
import { EXCHANGE_TIMEOUT, MAX_CODE_LENGTH } from './private-webmention.ts'
import { verifySeedCode, type SeedOffer } from './seed-code.ts'
import { issueReaderToken } from './webmention-code-grant.ts'

/** Each request makes us visit a site that the client names: no more than a busy receiver needs… */
const PER_CLIENT: Rate = { name: 'seed-client', limit: 30, seconds: 60 }
/** …and no more at one site, whoever asks for it. */
const PER_HOST: Rate = { name: 'seed-host', limit: 30, seconds: 60 }

/** Milliseconds: ten minutes are the most that IndieAuth gives a code. */
const LONGEST_CODE_LIFE = 10 * 60 * 1000

/** With one of these it is a request of the owner's own client. */
const NOT_HERE = ['client_id', 'redirect_uri', 'code_verifier', 'action']

const FORM = 'application/x-www-form-urlencoded'

export interface SeedCodeGrantOptions {
  readonly fetch: Fetch
  readonly secrets: Secrets
  readonly store: Store
  readonly now: () => Date
  /** This token endpoint's own address: a code that was made for another one opens nothing here. */
  readonly tokenEndpoint: URL
  readonly allowLoopback?: boolean
}

/**
 * Redeems a code that the recipient's own site has made: `code` and `me`. That site confirms it, or not.
 *
 * The answer is in form encoding as in the founding document, or in JSON for those who ask for it.
 *
 * @throws {RequestError} `invalid_request`, `invalid_grant`, `rate_limit_exceeded`. Why a code was not
 *   confirmed is not said: the client chose the site, and is not to learn through us what is there.
 * @see [seed 002, Verifying the Webmention](https://indieweb.org/private-webmention-brainstorming#Verifying_the_Webmention)
 */
export function seedCodeGrant({
  fetch,
  secrets,
  store,
  now,
  tokenEndpoint,
  allowLoopback = false,
}: SeedCodeGrantOptions): TokenRequest {
  const rateLimit = createRateLimit(store, now)

  return async (form, request, context) => {
    const offer = parseOffer(form, { allowLoopback })
    if (!offer) return undefined
    const clientAddress = context?.clientAddress
    if (clientAddress !== undefined) await count(PER_CLIENT, networkOf(clientAddress))
    await count(PER_HOST, offer.me.host)

    if (!(await isConfirmed(offer)) || !(await spend(offer))) {
      throw new RequestError('invalid_grant', '"me" has not confirmed the code')
    }
    const answer = { ...(await issueReaderToken(offer.me.href, secrets)), me: offer.me.href }
    if (preferredType(request, [FORM, 'application/json']) !== FORM) {
      return Response.json(answer, { headers: NO_STORE })
    }
    const { access_token } = answer
    return new Response(new URLSearchParams({ access_token }), { headers: NO_STORE })
  }

  async function count(rate: Rate, subject: string): Promise<void> {
    const retryAfter = await rateLimit(rate, subject)
    if (retryAfter === undefined) return
    throw new RequestError('rate_limit_exceeded', 'too many codes', { status: 429, retryAfter })
  }

  /** A code opens once, also where its maker would confirm it again and again. */
  function spend({ code, me }: SeedOffer): Promise<boolean> {
    const expires = new Date(now().getTime() + LONGEST_CODE_LIFE)
    return store.createIfAbsent(storeKey('spent-seed-code', me.href, code), true, { expires })
  }

  /** Whoever cannot be asked has not confirmed anything. */
  async function isConfirmed(offer: SeedOffer): Promise<boolean> {
    try {
      const web = { fetch, signal: timeLimit(EXCHANGE_TIMEOUT) }
      return await verifySeedCode(offer, tokenEndpoint, { ...web, allowLoopback, now })
    } catch (error) {
      if (error instanceof FetchError || error instanceof ResponseError) return false
      throw error
    }
  }
}

/**
 * `undefined` where the request is of another kind. With a `grant_type` it is what a sender's code would
 * look like, so the grant for those comes first.
 */
function parseOffer(form: URLSearchParams, rules: ProfileUrlRules): SeedOffer | undefined {
  const grantType = field(form, 'grant_type') ?? 'authorization_code'
  if (grantType !== 'authorization_code' || !form.has('me')) return undefined
  if (NOT_HERE.some((name) => form.has(name))) return undefined

  const code = field(form, 'code')
  const me = parseProfileUrl(field(form, 'me') ?? '', rules)
  if (!code) throw new RequestError('invalid_request', '"code" is missing')
  if (!me) throw new RequestError('invalid_request', '"me" is no profile URL')
  if (code.length > MAX_CODE_LENGTH) throw new RequestError('invalid_grant', 'the code is too long')
  return { code, me }
}
