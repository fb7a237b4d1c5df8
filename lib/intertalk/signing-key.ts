import type { JWK } from 'jose'
import * as v from 'valibot'

/** The signatures that a token may have: those of a key pair, never a shared secret, never none. */
export const ALGORITHMS = [
  ...(['ES256', 'ES384', 'EdDSA'] as const),
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
]
export type Algorithm = (typeof ALGORITHMS)[number]

/** RFC 7518 §3.3 and §3.5; longer ones than anybody has only keep us busy. */
const RSA_BITS = { least: 2048, most: 8192 }
/** 65537 has 3 bytes; a large exponent is slow and no better. */
const MAX_EXPONENT_BYTES = 4

const Base64url = v.pipe(v.string(), v.maxLength(2000), v.regex(/^[\w-]+$/))
const Common = {
  kid: v.optional(v.string()),
  alg: v.optional(v.string()),
  use: v.optional(v.string()),
  key_ops: v.optional(v.array(v.string())),
  /** Whoever publishes the private half lets everybody sign. */
  d: v.optional(v.undefined()),
}

const SigningKey = v.variant('kty', [
  v.object({
    ...Common,
    kty: v.literal('EC'),
    crv: v.picklist(['P-256', 'P-384']),
    x: Base64url,
    y: Base64url,
  }),
  v.object({ ...Common, kty: v.literal('OKP'), crv: v.literal('Ed25519'), x: Base64url }),
  v.object({ ...Common, kty: v.literal('RSA'), n: Base64url, e: Base64url }),
])

/** A public key that tokens can be signed with. */
export type SigningKey = v.InferOutput<typeof SigningKey>

/** Reads a JWK of a stranger. `undefined` for whatever no token of ours can be signed with. */
export function parseSigningKey(value: unknown): SigningKey | undefined {
  const result = v.safeParse(SigningKey, value)
  return result.success && isStrong(result.output) ? result.output : undefined
}

/**
 * Whether a token that says `alg` may be signed with this key.
 *
 * @see [RFC 7518 §3.1](https://www.rfc-editor.org/rfc/rfc7518#section-3.1)
 */
export function fits(alg: Algorithm, key: SigningKey): boolean {
  const { alg: declared, use = 'sig', key_ops } = key
  if (declared !== undefined && declared !== alg) return false
  if (use !== 'sig' || key_ops?.includes('verify') === false) return false
  switch (key.kty) {
    case 'EC':
      return alg === (key.crv === 'P-256' ? 'ES256' : 'ES384')
    case 'OKP':
      return alg === 'EdDSA'
    case 'RSA':
      return alg.startsWith('RS') || alg.startsWith('PS')
  }
}

/** The key itself, without what it says of itself. */
export function bareKey(key: SigningKey): JWK {
  switch (key.kty) {
    case 'EC':
      return { kty: key.kty, crv: key.crv, x: key.x, y: key.y }
    case 'OKP':
      return { kty: key.kty, crv: key.crv, x: key.x }
    case 'RSA':
      return { kty: key.kty, n: key.n, e: key.e }
  }
}

function isStrong(key: SigningKey): boolean {
  if (key.kty !== 'RSA') return true
  const bits = bitsOf(key.n)
  const exponent = Buffer.from(key.e, 'base64url').length
  return bits >= RSA_BITS.least && bits <= RSA_BITS.most && exponent <= MAX_EXPONENT_BYTES
}

/** Without the zeros before it, which would make a short key look long. */
function bitsOf(number: string): number {
  const bytes = Buffer.from(number, 'base64url')
  const first = bytes.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24
}
