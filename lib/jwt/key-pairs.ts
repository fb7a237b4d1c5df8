/**
 * Key pairs that grow from `PRIVATE_POSTS_SECRET`: what has the secret can sign, and nothing needs to be
 * kept. While one secret is replaced by another, both keys are published, and the new one signs.
 *
 * @see [RFC 7517, JSON Web Key](https://www.rfc-editor.org/rfc/rfc7517)
 * @module
 */
import {
  createECDH,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
} from 'node:crypto'
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint'
import type { JWK } from 'jose'
import type { Secrets } from './secrets.ts'

/** What a key pair is for. The names are those of JOSE's `alg` and `crv`. */
export type KeyType = 'ES256' | 'Ed25519' | 'X25519'

export interface KeyPair {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** The public half, with `kid`, and without a word of the private one. */
  readonly publicJwk: JWK
}

/** The start of a PKCS #8 document of 32 bytes: RFC 8410 §7. */
const PKCS8_PREFIX = {
  Ed25519: Buffer.from('302e020100300506032b657004220420', 'hex'),
  X25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
} as const

/** The key pairs for a purpose: the first one is the current one, the others were. */
export async function deriveKeyPairs(
  secrets: Pick<Secrets, 'seeds'>,
  purpose: string,
  type: KeyType,
): Promise<readonly [KeyPair, ...KeyPair[]]> {
  const [current, ...previous] = secrets.seeds(`${type}/${purpose}`)
  return [
    await keyPairOf(current, type),
    ...(await Promise.all(previous.map((seed) => keyPairOf(seed, type)))),
  ]
}

async function keyPairOf(seed: Uint8Array, type: KeyType): Promise<KeyPair> {
  const privateKey = type === 'ES256' ? p256Key(seed) : octetKey(seed, type)
  const publicKey = createPublicKey(privateKey)
  const jwk = publicKey.export({ format: 'jwk' }) as JWK
  const kid = await calculateJwkThumbprint(jwk)
  const use = type === 'X25519' ? 'enc' : 'sig'
  const alg = type === 'X25519' ? 'ECDH-ES+A256KW' : type === 'ES256' ? 'ES256' : 'EdDSA'
  return { kid, privateKey, publicKey, publicJwk: { ...jwk, kid, use, alg } }
}

function octetKey(seed: Uint8Array, type: 'Ed25519' | 'X25519'): KeyObject {
  const key = Buffer.concat([PKCS8_PREFIX[type], seed])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

/** Not every number of 256 bits is a key of P-256, though all but one in four billion are. */
function p256Key(seed: Uint8Array): KeyObject {
  const ecdh = createECDH('prime256v1')
  for (let bytes: Uint8Array = seed; ; bytes = createHmac('sha256', seed).update(bytes).digest()) {
    try {
      ecdh.setPrivateKey(bytes)
    } catch {
      // Not below the order of the curve: the next one.
      continue
    }
    const point = ecdh.getPublicKey()
    const base64url = (part: Uint8Array) => Buffer.from(part).toString('base64url')
    const [x, y] = [base64url(point.subarray(1, 33)), base64url(point.subarray(33))]
    const key = { kty: 'EC', crv: 'P-256', x, y, d: base64url(bytes) }
    return createPrivateKey({ key, format: 'jwk' })
  }
}
