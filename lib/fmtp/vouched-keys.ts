/**
 * Keys that a parent vouches for. A child that cannot reach a domain cannot ask it for its keys either, and then
 * could verify nothing that the parent passes on.
 *
 * The parent is believed only where DNS, which is authoritative, has no keys of the domain, and where the domain
 * itself cannot be asked. Of a domain whose keys we have got before, it can tell us no others. It tells what it has
 * found out itself, and nothing that it was told.
 *
 * @see FMTP, "Route negotiation": Parent Lookup
 * @module
 */
import type { Secrets } from '../jwt/secrets.ts'
import { FetchError } from '../web/errors.ts'
import {
  findDomainKeys,
  keysInDns,
  lastKeys,
  verifyByDomain,
  type DomainKeyOptions,
} from './domain-key.ts'
import { formatKeyRecord, parseKeyRecords } from './key-record.ts'
import { domainOf, parseObjectOf, type FmtpObject, type KeysObject } from './object.ts'
import { createSigner, signObject, verifyObject } from './signature.ts'

/** Milliseconds. Of an older one, the domain may have replaced its keys since. */
const MAX_AGE = 24 * 60 * 60 * 1000

/**
 * The keys of a domain, signed by us for a child.
 *
 * @returns `undefined` where we know of none
 */
export async function vouchForKeys(
  domain: string,
  own: string,
  options: DomainKeyOptions & { readonly secrets: Pick<Secrets, 'seeds'> },
): Promise<KeysObject | undefined> {
  const found = await findDomainKeys(domain, options).catch((error: unknown) => {
    if (error instanceof FetchError) return undefined
    throw error
  })
  if (!found) return undefined
  const keys: KeysObject = {
    ...{ TYPE: 'keys', SERVER: own, DOMAIN: domain, DATE: options.now().toISOString() },
    KEYS: found.keys.map(({ publicKey }) => formatKeyRecord(publicKey)),
  }
  return signObject(keys, await createSigner(options.secrets, own))
}

/**
 * Verifies an object by what our parent says of its domain's keys.
 *
 * @throws {FetchError} where DNS, or the key of the parent, could not be asked
 */
export async function isVouchedFor(
  object: FmtpObject,
  { parent, value }: { readonly parent: string; readonly value: unknown },
  options: DomainKeyOptions,
): Promise<boolean> {
  const said = parseObjectOf('keys', value)
  const domain = domainOf(object)
  if (said?.SERVER !== parent || said.DOMAIN !== domain || domain === parent) return false
  const age = Math.abs(options.now().getTime() - Date.parse(said.DATE))
  if (!(age <= MAX_AGE) || !(await verifyByDomain(said, options)).verified) return false
  if (await keysInDns(domain, options)) return false
  const { keys } = parseKeyRecords(said.KEYS)
  const known = (await lastKeys(domain, options)).map(({ p }) => p)
  const believed = known.length === 0 ? keys : keys.filter(({ p }) => known.includes(p))
  return verifyObject(object, believed).verified
}
