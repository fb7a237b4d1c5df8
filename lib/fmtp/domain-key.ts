import * as v from 'valibot'
import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import { storeKey, updateEntry, type Store } from '../store/store.ts'
import { isLocalhostName } from '../web/address-text.ts'
import { discardBody, readText } from '../web/body.ts'
import { withDeadline } from '../web/deadline.ts'
import type { DnsResolver } from '../web/dns.ts'
import { FetchError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'
import { timeLimit } from '../web/time-limit.ts'
import { domainUrl } from '../web/user-address.ts'
import { domainKeyOf, parseKeyRecords, type DomainKey } from './key-record.ts'
import { domainOf, type FmtpObject } from './object.ts'
import { verifyObject, type Verification } from './signature.ts'

export interface DomainKeyOptions {
  readonly resolver: DnsResolver
  readonly fetch: Fetch
  /** `fmtp-key/…` */
  readonly store: Store
  readonly now: () => Date
  /** Development: domains below `localhost` are asked, over HTTP. */
  readonly allowLoopback?: boolean
}

/** The keys that a domain publishes. */
export interface DomainKeys {
  readonly domain: string
  readonly keys: readonly DomainKey[]
  readonly source: 'dns' | 'web'
  /** When the domain was first seen with keys of which it had none before: a new owner, or somebody in between. */
  readonly changed?: Date
}

export type DomainVerification =
  | (Extract<Verification, { verified: true }> & { readonly keys: DomainKeys })
  | {
      readonly verified: false
      readonly reason: Extract<Verification, { verified: false }>['reason'] | 'no key'
    }

/** Both names and the fallback; a server that greets us waits meanwhile. */
const TIMEOUT = 8_000
/** Seconds for which an answer is good: as short as what is usual for records that somebody may have to change. */
const FRESH = 60 * 60
/** Who has just set up their domain does not wait long for us to notice. */
const FRESH_ABSENCE = 5 * 60
/** For as long we know whether a key has changed, and say so. */
const MEMORY = 90 * 24 * 60 * 60
const CHANGE_IS_NEWS = 7 * 24 * 60 * 60
/** A signature that does not verify is the reason to ask again, but anybody can make one. */
const AGAIN: Rate = { name: 'fmtp-key-again', limit: 2, seconds: 60 }
/** Eight records. */
const MAX_KEY_FILE_BYTES = 8 * 1024

const Moment = v.pipe(v.string(), v.isoTimestamp())
const Known = v.object({
  /** In base64; empty where the domain has none. */
  keys: v.array(v.string()),
  source: v.picklist(['dns', 'web']),
  asked: Moment,
  /** The keys that it had when it last had any. */
  last: v.array(v.string()),
  changed: v.exactOptional(Moment),
})
type Known = v.InferOutput<typeof Known>

/**
 * Finds the public keys of a domain: as TXT at `fmtpkey.<domain>` as in the document, then at `_fmtp.<domain>`,
 * and only where both do not exist, at `https://<domain>/fmtp/key`. "DNS will be considered authoritative":
 * where it says anything of FMTP, that counts, even if it is of no use.
 *
 * @returns `undefined` for a domain that publishes none
 * @throws {FetchError} where nobody could tell. That is no absence: come back later
 */
export async function findDomainKeys(
  domain: string,
  options: DomainKeyOptions,
): Promise<DomainKeys | undefined> {
  const known = await readKnown(domain, options)
  return known && isFresh(known, options) ? keysOf(domain, known, options) : ask(domain, options)
}

/**
 * Verifies that an object was signed by its domain. Where it was not by a key that we know of, the domain is
 * asked once more, in case that the key is new.
 *
 * @throws {FetchError} where nobody could tell
 */
export async function verifyByDomain(
  object: FmtpObject,
  options: DomainKeyOptions,
): Promise<DomainVerification> {
  const domain = domainOf(object)
  const known = await readKnown(domain, options)
  const isKnown = known !== undefined && isFresh(known, options)
  const first = verifyWith(object, await findDomainKeys(domain, options))
  const mayBeNew = !first.verified && (first.reason === 'signature' || first.reason === 'no key')
  if (!isKnown || !mayBeNew) return first

  const wait = await createRateLimit(options.store, options.now)(AGAIN, domain)
  return wait === undefined ? verifyWith(object, await ask(domain, options)) : first
}

/** The keys that we have got from a domain ourselves, however long ago; none where we never got any. */
export async function lastKeys(
  domain: string,
  options: DomainKeyOptions,
): Promise<readonly DomainKey[]> {
  const known = await readKnown(domain, options)
  return (known?.last ?? []).flatMap((p) => domainKeyOf(p) ?? [])
}

function verifyWith(object: FmtpObject, keys: DomainKeys | undefined): DomainVerification {
  if (!keys) return { verified: false, reason: 'no key' }
  const verification = verifyObject(object, keys.keys)
  return verification.verified ? { ...verification, keys } : verification
}

/** Asks, and remembers the answer. */
async function ask(domain: string, options: DomainKeyOptions): Promise<DomainKeys | undefined> {
  const { store, now, allowLoopback = false } = options
  if (isLocal(domain) && !allowLoopback) return undefined
  const { source, keys } = await withDeadline(lookUp(domain, options), TIMEOUT)
  const found = keys.map(({ p }) => p)
  const time = now()
  const known = await updateEntry(store, entryOf(domain), (value) => {
    const before = parseKnown(value)
    const last = before?.last ?? []
    const isChange = found.length > 0 && last.length > 0 && !found.some((p) => last.includes(p))
    const changed = isChange ? time.toISOString() : before?.changed
    const next: Known = {
      keys: found,
      source,
      asked: time.toISOString(),
      last: found.length > 0 ? found : last,
      ...(changed !== undefined && { changed }),
    }
    // Anybody can make us ask for any name: of a domain that never had a key there is nothing to remember.
    const seconds = next.last.length > 0 ? MEMORY : FRESH_ABSENCE
    return { value: next, expires: new Date(time.getTime() + seconds * 1000) }
  })
  return keysOf(domain, v.parse(Known, known), options)
}

async function lookUp(
  domain: string,
  { resolver, fetch }: DomainKeyOptions,
): Promise<{ readonly source: 'dns' | 'web'; readonly keys: readonly DomainKey[] }> {
  const inDns = await keysInDns(domain, { resolver })
  if (inDns) return { source: 'dns', keys: inDns }
  const { keys } = parseKeyRecords(await readKeyFile(domain, fetch))
  return { source: 'web', keys }
}

/**
 * What DNS says of the keys of a domain, which may be that it has none.
 *
 * @returns `undefined` where DNS says nothing
 * @throws {FetchError} where DNS could not be asked
 */
export async function keysInDns(
  domain: string,
  { resolver }: Pick<DomainKeyOptions, 'resolver'>,
): Promise<readonly DomainKey[] | undefined> {
  if (isLocal(domain)) return undefined
  for (const name of [`fmtpkey.${domain}`, `_fmtp.${domain}`]) {
    const { isFmtp, keys } = parseKeyRecords(await resolver.txt(name))
    if (isFmtp) return keys
  }
  return undefined
}

/** The lines of the key file. None where there is no such file, or no such host. */
async function readKeyFile(domain: string, fetch: Fetch): Promise<readonly string[]> {
  const response = await fetch(new URL('/fmtp/key', domainUrl(domain)), {
    headers: { accept: 'text/plain' },
    // The domain itself has to say it: whoever can make it redirect somewhere is not yet its owner.
    redirect: 'manual',
    signal: timeLimit(TIMEOUT),
  }).catch(absentHost)
  if (!response) return []
  if (response.ok) {
    const text = await readText(response, { maxBytes: MAX_KEY_FILE_BYTES, truncate: true })
    return text.split(/\r?\n/)
  }
  await discardBody(response)
  if (response.status < 500 && response.status !== 429) return []
  throw new FetchError(`${domain} could not say which keys it has (${response.status})`)
}

/** That a name has no address is an answer of DNS as well. @throws what else went wrong */
function absentHost(error: unknown): undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && cause.code === 'ENOTFOUND') return undefined
  }
  throw error
}

function isLocal(domain: string): boolean {
  return isLocalhostName(domain.replace(/:\d+$/, ''))
}

function entryOf(domain: string): string {
  return storeKey('fmtp-key', domain)
}

async function readKnown(domain: string, { store }: DomainKeyOptions): Promise<Known | undefined> {
  return parseKnown((await store.get(entryOf(domain)))?.value)
}

function parseKnown(value: unknown): Known | undefined {
  const result = v.safeParse(Known, value)
  return result.success ? result.output : undefined
}

function isFresh({ asked, keys }: Known, { now }: DomainKeyOptions): boolean {
  const seconds = (now().getTime() - Date.parse(asked)) / 1000
  return seconds < (keys.length > 0 ? FRESH : FRESH_ABSENCE)
}

function keysOf(
  domain: string,
  { keys, source, changed }: Known,
  { now }: DomainKeyOptions,
): DomainKeys | undefined {
  const parsed = keys.flatMap((p) => domainKeyOf(p) ?? [])
  if (parsed.length === 0) return undefined
  const moment = changed === undefined ? undefined : new Date(changed)
  const isNews = moment && now().getTime() - moment.getTime() < CHANGE_IS_NEWS * 1000
  return { domain, keys: parsed, source, ...(isNews && { changed: moment }) }
}
