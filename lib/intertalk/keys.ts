import type { JSONWebKeySet } from 'jose'
import { deriveKeyPairs, type KeyPair } from '../jwt/key-pairs.ts'
import type { Secrets } from '../jwt/secrets.ts'

/** The provider's key pairs: the first one signs, the others did, and are still published. */
export function providerKeys(
  secrets: Pick<Secrets, 'seeds'>,
): Promise<readonly [KeyPair, ...KeyPair[]]> {
  return deriveKeyPairs(secrets, 'intertalk', 'ES256')
}

/** "All valid keys for this provider". @see [RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5) */
export function keySetOf(keys: readonly KeyPair[]): JSONWebKeySet {
  return { keys: keys.map(({ publicJwk }) => publicJwk) }
}
