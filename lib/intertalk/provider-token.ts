import { createHash, randomBytes } from 'node:crypto'
import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { decodeJwt } from 'jose/jwt/decode'
import { SignJWT } from 'jose/jwt/sign'
import * as v from 'valibot'
import type { KeyPair } from '../jwt/key-pairs.ts'
import { storeKey, updateEntry } from '../store/store.ts'
import { FetchError, RequestError } from '../web/errors.ts'
import { isSameUser, parseDomain, parseUserAddress } from '../web/user-address.ts'
import {
  askForKeys,
  rememberedKeys,
  rememberSigner,
  type PeerKeyOptions,
  type PublishedKeys,
} from './peer-keys.ts'
import { isSignedBy } from './signature.ts'
import { ALGORITHMS, type Algorithm } from './signing-key.ts'

/** Seconds that a token of ours lives: it is used at once. */
const LIFETIME = 5 * 60
/** Seconds that a token of another provider may live at most. */
const MAX_LIFETIME = 24 * 60 * 60
/** Seconds after `iat` for which a token without `exp` is fresh. */
const FRESH = 10 * 60
/** Seconds. A message that a token without `exp` brings must not be older. */
const MAX_AGE = 30 * 24 * 60 * 60
/** Seconds for which a token without `exp` is remembered: a day more, because `sentAt` may lie ahead of our clock. */
const ENDLESS_MEMORY = MAX_AGE + 24 * 60 * 60
/** Seconds by which two clocks may differ. */
const SKEW = 60
/** No claims of this protocol need more. */
const MAX_TOKEN_LENGTH = 8 * 1024
/** Milliseconds. A message that was begun and is not kept after that time was left behind by a process that has crashed. */
export const TAKING = 30_000
/** Seconds after which to come back where the sender's keys could not be had. */
const RETRY_AFTER = 60

const KEY_WARNING =
  "The sender's key did not come over authenticated HTTPS: somebody else may have written this."

const Header = v.object({
  alg: v.picklist(ALGORITHMS),
  kid: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(256))),
  crit: v.optional(v.undefined()),
})

const Claims = v.object({
  aud: v.union([v.string(), v.array(v.string())]),
  iss: v.string(),
  sub: v.string(),
  exp: v.optional(v.number()),
  nbf: v.optional(v.number()),
  iat: v.optional(v.number()),
  jti: v.optional(v.string()),
  sha256: v.optional(v.string()),
})
type Claims = v.InferOutput<typeof Claims>

export interface ProviderTokenOptions {
  /** Ours, of which the first one signs. */
  readonly keys: readonly [KeyPair, ...KeyPair[]]
  readonly now: () => Date
}

/**
 * Builds the token for one request: that `from` sends this body to that domain.
 *
 * @see intertalk, "Client Authentication"
 */
export async function buildProviderToken(
  {
    from,
    domain,
    body,
  }: { readonly from: string; readonly domain: string; readonly body: Uint8Array },
  { keys: [key], now }: ProviderTokenOptions,
): Promise<string> {
  const issuer = parseUserAddress(from)?.domain
  if (issuer === undefined) throw new TypeError('"from" must be an address')
  const iat = Math.floor(now().getTime() / 1000)
  return new SignJWT({ sha256: hashOf(body) })
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: key.kid })
    .setAudience(domain)
    .setIssuer(issuer)
    .setSubject(from)
    .setJti(randomBytes(16).toString('base64url'))
    .setIssuedAt(iat)
    .setExpirationTime(iat + LIFETIME)
    .sign(key.privateKey)
}

/** What a token came with. */
export interface TokenRequest {
  readonly body: Uint8Array
  /** The sender that the message names. */
  readonly from: string
  /** When the message says that it was sent. */
  readonly sentAt: Date
}

export interface VerificationOptions extends PeerKeyOptions {
  /** Ours. */
  readonly domain: string
}

/** A token that its provider signed, for this request. */
export interface VerifiedToken {
  /** The provider that it comes from. */
  readonly domain: string
  /** What the reader should know of it. */
  readonly warnings: readonly string[]
  /**
   * Claims the token: by its `jti`, or else for this body, because a token without a name may bring several
   * messages. The claim ends by itself, so that a crash does not use the token up.
   *
   * @throws {RequestError} `invalid_token`, 401, where it was used before, or is claimed at this moment
   */
  claim(): Promise<void>
  /** Uses the claimed token up, because its message is kept. */
  spend(): Promise<void>
  /** Makes the token good again, because the message that it brought was not kept. */
  release(): Promise<void>
}

/**
 * Confirms that a token was signed by the provider of `from`, for us and for this body. What can be seen
 * without asking that provider is judged before.
 *
 * @throws {RequestError} `invalid_token`, 401; `access_denied`, 403, where it is another's; 429
 * @see intertalk, "Client Authentication"
 */
export async function verifyProviderToken(
  token: string,
  request: TokenRequest,
  options: VerificationOptions,
): Promise<VerifiedToken> {
  const { alg, kid, claims } = parseToken(token)
  const issuer = issuerOf(claims, request, options.domain)
  checkTimes(claims, request, options.now())
  if (claims.sha256 !== undefined && claims.sha256 !== hashOf(request.body)) {
    throw invalid('it is for another body')
  }
  const { isAuthenticated } = await verifySignature(token, { alg, kid, issuer }, options)
  const { store, now } = options
  const key = storeKey('intertalk-token-seen', issuer, replayName(token, claims, request))
  return {
    domain: issuer,
    warnings: isAuthenticated ? [] : [KEY_WARNING],
    async claim() {
      const expires = new Date(now().getTime() + TAKING)
      if (await store.createIfAbsent(key, false, { expires })) return
      if ((await store.get(key))?.value === true) throw invalid('it was used before')
      throw invalid('it is in use at this moment', TAKING / 1000)
    },
    async spend() {
      const expires = rememberedUntil(claims, now())
      await updateEntry(store, key, () => ({ value: true, expires }))
    },
    release: () => store.delete(key),
  }
}

/** The name that an earlier use of the token is remembered by. */
function replayName(token: string, { jti }: Claims, { body }: TokenRequest): string {
  return jti ?? `${hashOf(signedPart(token))} ${hashOf(body)}`
}

function rememberedUntil({ exp }: Claims, now: Date): Date {
  const seconds = exp ?? now.getTime() / 1000 + ENDLESS_MEMORY
  return new Date((seconds + 2 * SKEW) * 1000)
}

/** The refusal of a token that is none, or not for this request, or was here before. */
export function invalid(why: string, retryAfter?: number): RequestError {
  const options = { status: 401, ...(retryAfter !== undefined && { retryAfter }) }
  return new RequestError('invalid_token', `the token is not valid: ${why}`, options)
}

interface Token {
  readonly alg: Algorithm
  readonly kid: string | undefined
  readonly claims: Claims
}

function parseToken(token: string): Token {
  if (token.length > MAX_TOKEN_LENGTH) throw invalid('it is too long')
  const { alg, kid } = read(
    Header,
    'header',
    decode(() => decodeProtectedHeader(token)),
  )
  const claims = read(
    Claims,
    'claims',
    decode(() => decodeJwt(token)),
  )
  return { alg, kid, claims }
}

function read<Schema extends v.GenericSchema>(
  schema: Schema,
  part: string,
  value: unknown,
): v.InferOutput<Schema> {
  if (value === undefined) throw invalid(`its ${part} cannot be read as JSON of a JWT`)
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const name = v.getDotPath(result.issues[0])
  if (name === 'alg') throw invalid(`"alg" in its header has to be one of ${ALGORITHMS.join(', ')}`)
  throw invalid(`"${name}" in its ${part} is missing, or not of a kind that is taken here`)
}

function decode(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    // Whatever is wrong with it: it is no token.
    return undefined
  }
}

/** The provider that has signed it, if it is what it says. */
function issuerOf({ aud, iss, sub }: Claims, { from }: TokenRequest, domain: string): string {
  const isForUs = [aud].flat().some((audience) => parseDomain(audience) === domain)
  if (!isForUs) throw mismatch('"aud" is another provider')
  const issuer = parseDomain(iss)
  const subject = parseUserAddress(sub)
  const sender = parseUserAddress(from)
  if (issuer === undefined || subject?.domain !== issuer) {
    throw mismatch('"iss" is not the domain of "sub"')
  }
  if (!sender || !isSameUser(subject, sender)) throw mismatch('"sub" is not "from"')
  if (issuer === domain) throw invalid('it is for users of other providers')
  return issuer
}

/**
 * A token without `exp` could be replayed for ever. So it must be fresh, or bring a message that was sent within the
 * time for which we remember such tokens.
 */
function checkTimes({ exp, nbf = 0, iat = 0 }: Claims, { sentAt }: TokenRequest, now: Date): void {
  const time = now.getTime() / 1000
  if (exp !== undefined && exp <= time - SKEW) throw invalid('it has expired')
  if (exp !== undefined && exp > time + MAX_LIFETIME + SKEW) {
    throw invalid('its "exp" is more than a day ahead')
  }
  if (nbf > time + SKEW || iat > time + SKEW) throw invalid('its "nbf" or "iat" lies in the future')
  const isFresh = iat >= time - FRESH || sentAt.getTime() / 1000 >= time - MAX_AGE
  if (exp === undefined && !isFresh) {
    throw invalid('it has no "exp", and neither its "iat" nor the message\'s "sentAt" is recent')
  }
}

interface Signed {
  readonly alg: Algorithm
  readonly kid: string | undefined
  readonly issuer: string
}

/** With a key that we remember, or else with one that we ask for: perhaps there are new ones. */
async function verifySignature(
  token: string,
  { alg, kid, issuer }: Signed,
  options: PeerKeyOptions,
): Promise<PublishedKeys> {
  const remembered = await rememberedKeys(issuer, kid, options)
  if (remembered && (await isSignedBy(token, alg, remembered.keys))) return remembered
  const published = await ask()
  if (await isSignedBy(token, alg, published.keys)) {
    await rememberSigner(issuer, kid, options)
    return published
  }
  throw invalid('no key that its issuer publishes has signed it')

  async function ask(): Promise<PublishedKeys> {
    try {
      return await askForKeys(issuer, kid, options)
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      throw invalid('the keys of its issuer could not be fetched: try again later', RETRY_AFTER)
    }
  }
}

function mismatch(why: string): RequestError {
  return new RequestError('access_denied', `the token is not for this request: ${why}`, {
    status: 403,
  })
}

/** Without the signature, which others than its maker can spell in another way: ECDSA has two for each. */
function signedPart(token: string): Uint8Array {
  return Buffer.from(token.slice(0, token.lastIndexOf('.')))
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url')
}
