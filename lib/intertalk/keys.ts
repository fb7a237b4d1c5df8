import type { JSONWebKeySet } from 'jose'
import { deriveKeyPairs, type KeyPair } from '../jwt/key-pairs.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { KEY_NAME_PREFIX } from './intertalk.ts'

/** The provider's key pairs: the first one signs, the others did, and are still published. */
export async function providerKeys(
  secrets: Pick<Secrets, 'seeds'>,
): Promise<readonly [KeyPair, ...KeyPair[]]> {
  const [current, ...previous] = await deriveKeyPairs(secrets, 'intertalk', 'ES256')
  return [named(current), ...previous.map(named)]
}

function named(pair: KeyPair): KeyPair {
  const kid = KEY_NAME_PREFIX + pair.kid
  return { ...pair, kid, publicJwk: { ...pair.publicJwk, kid } }
}

/** "All valid keys for this provider". @see [RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5) */
export function keySetOf(keys: readonly KeyPair[]): JSONWebKeySet {
  return { keys: keys.map(({ publicJwk }) => publicJwk) }
}
