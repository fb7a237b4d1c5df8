/**
 * The public key of a domain as text: one TXT record, or one line of `/fmtp/key`.
 *
 * `v=FMTP1; k=ed25519; p=<base64 of the 32 bytes of an Ed25519 public key>`. Several are a rotation: each may
 * have signed. An empty `p` says, as in DKIM, that the domain has no key (any more).
 *
 * @see [RFC 6376 §3.6.1](https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1), whose form it borrows
 * @module
 */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto'

/** A key that a domain signs its objects with. */
export interface DomainKey {
  /** {@link keyIdOf} it. */
  readonly id: string
  /** The 32 bytes of the public key, in base64. */
  readonly p: string
  readonly publicKey: KeyObject
}

/** What a domain says of its keys in one place. */
export interface KeyRecords {
  /** Whether any record there is meant for FMTP, broken or not. */
  readonly isFmtp: boolean
  readonly keys: readonly DomainKey[]
}

/** Room for every tag that may still be invented. */
const MAX_RECORD_LENGTH = 1_000
/** A rotation needs two. */
const MAX_KEYS = 8
const KEY_BYTES = 32
/** The start of a SubjectPublicKeyInfo of Ed25519: RFC 8410 §4. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * Reads records. What is not of FMTP is ignored, and so is each that is broken. Records that are meant for
 * FMTP but of which none can be used are no absence: nobody looks for keys elsewhere then.
 */
export function parseKeyRecords(records: readonly string[]): KeyRecords {
  const own = records.filter((record) => /^\s*v\s*=\s*FMTP1\s*(;|$)/.test(record))
  const keys = new Map<string, DomainKey>()
  for (const record of own) {
    const key = parseKeyRecord(record)
    if (key && keys.size < MAX_KEYS) keys.set(key.p, key)
  }
  return { isFmtp: own.length > 0, keys: [...keys.values()] }
}

/** The key of one record, or `undefined` if there is none in it. */
export function parseKeyRecord(record: string): DomainKey | undefined {
  if (record.length > MAX_RECORD_LENGTH) return undefined
  const tags = new Map<string, string>()
  for (const part of record.split(';')) {
    if (part.trim() === '') continue
    const [, name = '', value = ''] = /^\s*([a-z]\w*)\s*=\s*(.*?)\s*$/is.exec(part) ?? []
    // Who reads the first of two reads another key than who reads the second.
    if (name === '' || tags.has(name)) return undefined
    tags.set(name, value)
  }
  if (tags.get('v') !== 'FMTP1' || (tags.get('k') ?? 'ed25519') !== 'ed25519') return undefined
  return domainKeyOf(tags.get('p') ?? '')
}

/** The key with these 32 bytes in base64, or `undefined` where they are not 32, or not base64. */
export function domainKeyOf(p: string): DomainKey | undefined {
  const bytes = Buffer.from(p, 'base64')
  if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== p) return undefined
  const key = Buffer.concat([SPKI_PREFIX, bytes])
  const publicKey = createPublicKey({ key, format: 'der', type: 'spki' })
  return { id: keyIdOf(publicKey), p, publicKey }
}

/** How KEY names a key: the first 16 letters of base64url of SHA-256 of its 32 bytes. */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256').update(rawKey(publicKey)).digest('base64url').slice(0, 16)
}

/** The record that publishes a key. */
export function formatKeyRecord(publicKey: KeyObject): string {
  return `v=FMTP1; k=ed25519; p=${rawKey(publicKey).toString('base64')}`
}

function rawKey(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length)
}
