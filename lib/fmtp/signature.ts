import { sign, verify, type KeyObject } from 'node:crypto'
import { deriveKeyPairs } from '../jwt/key-pairs.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { keyIdOf, formatKeyRecord, type DomainKey } from './key-record.ts'
import { domainOf, hashOf, type FmtpObject } from './object.ts'

/** A domain, and the key that it signs with. */
export interface Signer {
  readonly domain: string
  readonly keyId: string
  readonly privateKey: KeyObject
}

/** An object with what vouches for it. */
export type Signed<Attributes extends FmtpObject = FmtpObject> = Attributes & {
  readonly HASH: string
  readonly KEY: string
  readonly SIGNATURE: string
}

export type Verification =
  | { readonly verified: true; readonly domain: string }
  | { readonly verified: false; readonly reason: 'unsigned' | 'hash' | 'signature' }

const SIGNATURE = /^[\w-]{86}$/

/** The domain of this site as a signer, with the key that grows from its secret. */
export async function createSigner(
  secrets: Pick<Secrets, 'seeds'>,
  domain: string,
): Promise<Signer> {
  const [{ privateKey, publicKey }] = await deriveKeyPairs(secrets, 'fmtp', 'Ed25519')
  return { domain, keyId: keyIdOf(publicKey), privateKey }
}

/** What this site publishes of its keys: the current one first, then the one before it. */
export async function ownKeyRecords(secrets: Pick<Secrets, 'seeds'>): Promise<readonly string[]> {
  const pairs = await deriveKeyPairs(secrets, 'fmtp', 'Ed25519')
  return pairs.map(({ publicKey }) => formatKeyRecord(publicKey))
}

/**
 * Signs an object for its domain.
 *
 * @throws {TypeError} if the object is of another domain, or cannot be written as JSON
 */
export function signObject<Attributes extends FmtpObject>(
  object: Attributes,
  { domain, keyId, privateKey }: Signer,
): Signed<Attributes> {
  const HASH = hashOf(object)
  if (HASH === undefined) throw new TypeError('"object" must be JSON, its texts Unicode')
  if (domainOf(object) !== domain) throw new TypeError(`"object" must be of ${domain}`)
  const SIGNATURE = sign(null, statement(object, HASH), privateKey).toString('base64url')
  return { ...object, HASH, KEY: keyId, SIGNATURE }
}

/**
 * Verifies that the domain of an object has signed it as it is. KEY is a hint and no more: each key that the
 * domain publishes is as good as another.
 *
 * @see FMTP, "All Objects": HASH, ENCRYPTED-KEY
 */
export function verifyObject(object: FmtpObject, keys: readonly DomainKey[]): Verification {
  const { HASH, KEY, SIGNATURE: signature } = object
  if (HASH === undefined || signature === undefined) return { verified: false, reason: 'unsigned' }
  if (hashOf(object) !== HASH) return { verified: false, reason: 'hash' }
  if (!SIGNATURE.test(signature)) return { verified: false, reason: 'signature' }

  const signed = statement(object, HASH)
  const bytes = Buffer.from(signature, 'base64url')
  const hinted = keys.toSorted((one, other) => Number(other.id === KEY) - Number(one.id === KEY))
  return hinted.some(({ publicKey }) => verify(null, signed, publicKey, bytes))
    ? { verified: true, domain: domainOf(object) }
    : { verified: false, reason: 'signature' }
}

/** What is signed: nothing of it can be taken for something else that the domain signs. */
function statement(object: FmtpObject, hash: string): Buffer {
  return Buffer.from(`fmtp1\n${object.TYPE}\n${domainOf(object)}\n${hash}`)
}
