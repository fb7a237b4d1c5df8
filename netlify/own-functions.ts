/**
 * Calls from one function of a site to another one, and from the build plugin to a function. Each call carries a token
 * that the site signed itself and that names what it is for.
 *
 * @module
 */
import { createSecrets, type Secrets } from '../lib/jwt/secrets.ts'
import { readSecretKeys, type Variables } from '../lib/site/secret-keys.ts'
import { createMemoryStore } from '../lib/store/memory-store.ts'
import { ConfigurationError, RequestError } from '../lib/web/errors.ts'
import { bearerToken } from '../lib/web/oauth.ts'
import { canParseUrl } from '../lib/web/parse-url.ts'

/** Milliseconds. A background function answers at once; its first start may take a while. */
export const BACKGROUND_TIMEOUT = 20_000

/** The functions that only the site itself calls. The name is also the purpose that the token names. */
export type OwnFunction = 'deliver' | 'outbound' | 'work'

/**
 * Reads the main address of the site, which Netlify sets.
 *
 * @throws {ConfigurationError}
 */
export function readSiteUrl({ URL: address }: Variables): URL {
  if (!address) {
    throw new ConfigurationError(
      'URL is missing. To do: on Netlify it is set by itself, to the main address of the site; elsewhere set it yourself.',
    )
  }
  if (!/^https?:/.test(address) || !canParseUrl(address)) {
    throw new ConfigurationError('URL is no web address. To do: correct it in Netlify.')
  }
  return new URL(address)
}

export interface OwnCall {
  readonly body?: Uint8Array
  readonly signal: AbortSignal
}

/**
 * Calls a function of the same site.
 *
 * @throws {ConfigurationError} where the environment names no site, or no secret to sign with
 * @throws whatever `fetch` throws where there is no connection
 */
export async function callOwnFunction(
  name: OwnFunction,
  variables: Variables,
  { body, signal }: OwnCall,
): Promise<Response> {
  const site = readSiteUrl(variables)
  const now = () => new Date()
  // Signing keeps nothing.
  const store = createMemoryStore({ now })
  const secrets = createSecrets({ keys: readSecretKeys(variables), site, store, now })
  const authorization = `Bearer ${await secrets.issue('call', { purpose: name })}`
  return fetch(new URL(`/.netlify/functions/private-posts-${name}`, site), {
    method: 'POST',
    headers: { authorization },
    redirect: 'manual',
    signal,
    ...(body && { body }),
  })
}

/**
 * Lets only calls through that this site signed for this function.
 *
 * @param check `redeem` where a call must not be repeated, `open` where repeating it does no harm.
 * @throws {RequestError} `invalid_token`, 401
 */
export async function requireOwnCall(
  request: Request,
  name: OwnFunction,
  check: Secrets['open' | 'redeem'],
): Promise<void> {
  const call = await check('call', bearerToken(request) ?? '')
  if (call.valid && call.claims.purpose === name) return
  throw new RequestError('invalid_token', 'this is not for you', { status: 401 })
}

/**
 * Has the background function take up what is queued.
 *
 * @throws where it cannot be called, for the function's log
 */
export async function wakeWorker(): Promise<void> {
  const signal = AbortSignal.timeout(BACKGROUND_TIMEOUT)
  const response = await callOwnFunction('work', process.env, { signal })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`The function "work" answered ${response.status}`)
}
