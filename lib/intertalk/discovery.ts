import * as v from 'valibot'
import { discardBody, readText } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { parseJson } from '../web/json-body.ts'
import { isTemporary, parseRetryAfter } from '../web/retry-after.ts'
import { timeLimit } from '../web/time-limit.ts'
import { PEER_TIMEOUT, providerUrl } from './intertalk.ts'

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
 * @throws {FetchError} if it could not be asked
 */
export async function discoverProvider(
  domain: string,
  { fetch, signal, now, allowLoopback }: DiscoveryOptions,
): Promise<URL | undefined> {
  const endpoint = providerUrl(domain, '/messages', allowLoopback)
  const web = { redirect: 'manual', signal: timeLimit(PEER_TIMEOUT, signal) } as const
  const headers = { accept: 'application/jwk-set+json, application/json' }
  const keys = settled(await fetch(new URL('/keys', endpoint), { ...web, headers }), now)
  if (keys.status === 200) return (await isKeySet(keys)) ? endpoint : undefined
  await discardBody(keys)
  if (!ABSENT.includes(keys.status)) return undefined

  const body = '{}'
  const json = { 'content-type': 'application/json' }
  const init = { ...web, method: 'POST', headers: json, body }
  const asked = settled(await fetch(endpoint, init), now)
  await discardBody(asked)
  return asked.status === 401 ? endpoint : undefined
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
