import * as v from 'valibot'
import { discardBody, readText } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import { type Fetch, type WebOptions } from '../web/fetch.ts'
import { parseJson } from '../web/json-body.ts'
import { isTemporary, parseRetryAfter } from '../web/retry-after.ts'
import { timeLimit } from '../web/time-limit.ts'
import { isWithoutHttps, PEER_TIMEOUT, providerUrl } from './intertalk.ts'

export interface DiscoveryOptions extends WebOptions {
  readonly now: () => Date
  readonly allowLoopback?: boolean
}

const MAX_KEY_BYTES = 64 * 1024
/** There is no such place, or not for reading. */
const ABSENT = [404, 405, 501]

const KeySet = v.object({ keys: v.array(v.object({ kty: v.string() })) })

/**
 * Finds out whether a domain is a provider, and where it takes messages. The document knows no discovery: who
 * publishes keys is one. The text of its first days also has providers with `/keys/{kid}` alone; these are known
 * by asking for a token at `/messages`.
 *
 * @returns `undefined` if it is none
 * @throws {FetchError} if it could not be asked; `refused` where it is a provider without HTTPS
 */
export async function discoverProvider(
  domain: string,
  { fetch, signal, now, allowLoopback }: DiscoveryOptions,
): Promise<URL | undefined> {
  const endpoint = providerUrl(domain, '/messages', allowLoopback)
  const web = { fetch, now, signal: timeLimit(PEER_TIMEOUT, signal) }
  try {
    return (await takesMessages(endpoint, web)) ? endpoint : undefined
  } catch (error) {
    if (endpoint.protocol !== 'https:' || !isWithoutHttps(error)) throw error
    throw (await isInClear(endpoint, web)) ? withoutHttps(domain) : error
  }
}

/** Asks without HTTPS, for which nothing secret is sent. A domain that does not answer is none of this kind. */
async function isInClear({ host }: URL, web: Web): Promise<boolean> {
  try {
    return await takesMessages(new URL(`http://${host}/messages`), web)
  } catch (error) {
    if (error instanceof FetchError) return false
    throw error
  }
}

function withoutHttps(domain: string): FetchError {
  const message = `${domain} has no HTTPS, so others could read the message on its way: nothing is sent there by intertalk`
  return new FetchError(message, { kind: 'refused' })
}

interface Web {
  readonly fetch: Fetch
  readonly now: () => Date
  readonly signal: AbortSignal
}

async function takesMessages(endpoint: URL, { fetch, now, signal }: Web): Promise<boolean> {
  const init = { redirect: 'manual', signal } as const
  const headers = { accept: 'application/jwk-set+json, application/json' }
  const keys = settled(await fetch(new URL('/keys', endpoint), { ...init, headers }), now)
  if (keys.status === 200) return isKeySet(keys)
  await discardBody(keys)
  if (!ABSENT.includes(keys.status)) return false

  const json = { 'content-type': 'application/json' }
  const asked = settled(
    await fetch(endpoint, { ...init, method: 'POST', headers: json, body: '{}' }),
    now,
  )
  await discardBody(asked)
  return asked.status === 401
}

/** @throws {FetchError} for an answer that says to come back later */
function settled(response: Response, now: () => Date): Response {
  const { status, headers } = response
  if (!isTemporary(status) || status === 501) return response
  const notBefore = parseRetryAfter(headers.get('retry-after'), now())
  throw new FetchError(`The provider answered ${status}`, { notBefore })
}

/** Not a page for people, as many sites have at any address. */
async function isKeySet(response: Response): Promise<boolean> {
  const text = await readText(response, { maxBytes: MAX_KEY_BYTES, truncate: true })
  return v.is(KeySet, parseJson(text)?.value)
}
