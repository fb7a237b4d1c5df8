import * as v from 'valibot'
import { createRateLimit } from '../store/rate-limit.ts'
import { storeKey, updateEntry, type Store } from '../store/store.ts'
import { networkOf } from '../web/address-text.ts'
import { discardBody, readText } from '../web/body.ts'
import { FetchError, RequestError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'
import { parseJson } from '../web/json-body.ts'
import { isTemporary } from '../web/retry-after.ts'
import { timeLimit } from '../web/time-limit.ts'
import { isWithoutHttps, PEER_TIMEOUT, providerUrl } from './intertalk.ts'
import { parseSigningKey, type SigningKey } from './signing-key.ts'

/** Keys that a domain published. */
export interface PublishedKeys {
  readonly keys: readonly SigningKey[]
  /** Whether they came over authenticated HTTPS. */
  readonly isAuthenticated: boolean
}

export interface PeerKeyOptions {
  readonly fetch: Fetch
  readonly store: Store
  readonly now: () => Date
  readonly allowLoopback?: boolean
  /** Whose token it is about, for rate limits only. */
  readonly clientAddress?: string | undefined
}

/** A key that was taken back is good for no longer than that. Milliseconds. */
const CACHE_LIFETIME = 5 * 60 * 1000
/** How long a domain that had HTTPS must have it. Milliseconds; longer than two certificates live. */
const HTTPS_MEMORY = 365 * 24 * 60 * 60 * 1000
/** How long a name of a key is known that has signed. Milliseconds. */
const SIGNER_MEMORY = 30 * 24 * 60 * 60 * 1000
/** Room for twenty RSA keys. */
const MAX_KEY_BYTES = 64 * 1024
const MAX_KEYS = 20
/**
 * How often in a minute one domain is asked, whoever names it, and how often one client makes us ask. A key that
 * has signed before counts by itself: strangers who make up names cannot keep its provider out.
 */
const DOMAIN_RATE = { name: 'intertalk-keys', limit: 120, seconds: 60 }
const CLIENT_RATE = { name: 'intertalk-client', limit: 60, seconds: 60 }
/** There is no such key, or no such place: the set has it, or else nobody. */
const ABSENT = [404, 405, 501]

const Cached = v.object({ keys: v.array(v.unknown()), isAuthenticated: v.boolean() })
const KeySet = v.object({ keys: v.array(v.unknown()) })

/** What is left of an earlier {@link askForKeys}, as long as that is not long ago. */
export async function rememberedKeys(
  domain: string,
  kid: string | undefined,
  { store }: Pick<PeerKeyOptions, 'store'>,
): Promise<PublishedKeys | undefined> {
  const stored = await store.get(cacheKey(domain, kid))
  const result = v.safeParse(Cached, stored?.value)
  if (!result.success) return undefined
  const { keys, isAuthenticated } = result.output
  return { keys: keys.flatMap((key) => parseSigningKey(key) ?? []), isAuthenticated }
}

/**
 * Asks a domain for the key called `kid`, or without a name for all of its keys.
 *
 * @throws {RequestError} `rate_limit_exceeded`, 429, where it is asked too often
 * @throws {FetchError} where it could not be asked
 * @see intertalk, "Client Authentication"
 */
export async function askForKeys(
  domain: string,
  kid: string | undefined,
  options: PeerKeyOptions,
): Promise<PublishedKeys> {
  await countQuestion(domain, kid, options)
  const { fetch, store, now, allowLoopback } = options
  const web: Web = { fetch, signal: timeLimit(PEER_TIMEOUT) }
  const published = await askSafely(providerUrl(domain, '/', allowLoopback))
  const expires = new Date(now().getTime() + CACHE_LIFETIME)
  if (published.keys.length > 0) {
    await updateEntry(store, cacheKey(domain, kid), () => ({ value: published, expires }))
  }
  return published

  async function askSafely(base: URL): Promise<PublishedKeys> {
    const memory = storeKey('intertalk-https', domain)
    try {
      const keys = await keysAt(base, kid, web)
      if (base.protocol !== 'https:') return { keys, isAuthenticated: false }
      await rememberHttps(memory)
      return { keys, isAuthenticated: true }
    } catch (error) {
      if (base.protocol !== 'https:' || !isWithoutHttps(error)) throw error
      if (await store.get(memory)) throw error
      return { keys: await keysAt(new URL(`http://${domain}/`), kid, web), isAuthenticated: false }
    }
  }

  async function rememberHttps(memory: string): Promise<void> {
    const until = new Date(now().getTime() + HTTPS_MEMORY)
    await updateEntry(store, memory, () => ({ value: true, expires: until }))
  }
}

interface Web {
  readonly fetch: Fetch
  readonly signal: AbortSignal
}

async function keysAt(
  base: URL,
  kid: string | undefined,
  web: Web,
): Promise<readonly SigningKey[]> {
  const segment = kid === undefined ? undefined : pathSegment(kid)
  if (segment !== undefined) {
    const answer = await jsonAt(new URL(`/keys/${segment}`, base), web)
    if (answer.found) return keysNamed(kid, [answer.value])
  }
  const set = await jsonAt(new URL('/keys', base), web)
  if (set.found) {
    const result = v.safeParse(KeySet, set.value)
    return result.success ? keysNamed(kid, result.output.keys.slice(0, MAX_KEYS)) : []
  }
  if (segment === undefined) return []
  const last = await jsonAt(new URL(`/${segment}`, base), web)
  return last.found ? keysNamed(kid, [last.value]) : []
}

/** A key may leave out its name: its domain publishes it, and its signature is verified. */
function keysNamed(kid: string | undefined, values: readonly unknown[]): readonly SigningKey[] {
  return values
    .flatMap((value) => parseSigningKey(value) ?? [])
    .filter((key) => kid === undefined || (key.kid ?? kid) === kid)
}

/** `undefined` for a name that no path can have. @see [RFC 6570 §3.2.6](https://www.rfc-editor.org/rfc/rfc6570#section-3.2.6) */
function pathSegment(kid: string): string | undefined {
  if (kid === '.' || kid === '..' || /\p{Surrogate}/u.test(kid)) return undefined
  return encodeURIComponent(kid)
}

type Answer = { readonly found: true; readonly value: unknown } | { readonly found: false }

/** @throws {FetchError} for an answer that says to come back later, as well */
async function jsonAt(url: URL, { fetch, signal }: Web): Promise<Answer> {
  const headers = { accept: 'application/jwk-set+json, application/jwk+json, application/json' }
  const response = await fetch(url, { headers, redirect: 'manual', signal })
  const { status } = response
  if (status !== 200) {
    await discardBody(response)
    if (ABSENT.includes(status)) return { found: false }
    if (isTemporary(status)) throw new FetchError(`The keys of ${url.host} answered ${status}`)
    return { found: true, value: undefined }
  }
  // A page that says "not found" with 200 is no key either.
  const parsed = parseJson(await readText(response, { maxBytes: MAX_KEY_BYTES }))
  return parsed ? { found: true, value: parsed.value } : { found: false }
}

/** Remembers that a token was signed by the key of that name. */
export async function rememberSigner(
  domain: string,
  kid: string | undefined,
  { store, now }: Pick<PeerKeyOptions, 'store' | 'now'>,
): Promise<void> {
  if (kid === undefined) return
  const expires = new Date(now().getTime() + SIGNER_MEMORY)
  await store.createIfAbsent(storeKey('intertalk-signer', domain, kid), true, { expires })
}

async function countQuestion(
  domain: string,
  kid: string | undefined,
  { store, now, clientAddress }: PeerKeyOptions,
): Promise<void> {
  const count = createRateLimit(store, now)
  const isSigner =
    kid !== undefined && (await store.get(storeKey('intertalk-signer', domain, kid))) !== undefined
  const network = clientAddress === undefined ? '' : networkOf(clientAddress)
  const wait =
    (network === '' ? undefined : await count(CLIENT_RATE, network)) ??
    (await count(DOMAIN_RATE, isSigner ? `${domain} ${kid}` : domain))
  if (wait === undefined) return
  const options = { status: 429, retryAfter: wait }
  throw new RequestError('rate_limit_exceeded', 'too many tokens with unknown keys', options)
}

function cacheKey(domain: string, kid: string | undefined): string {
  return storeKey('intertalk-key', domain, ...(kid === undefined ? [] : [kid]))
}
