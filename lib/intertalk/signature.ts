import { compactVerify } from 'jose/jws/compact/verify'
import { importJWK } from 'jose/key/import'
import { bareKey, fits, type Algorithm, type SigningKey } from './signing-key.ts'

/** Whether one of the keys, of those that the algorithm fits, has signed the token. */
export async function isSignedBy(
  token: string,
  alg: Algorithm,
  keys: readonly SigningKey[],
): Promise<boolean> {
  for (const key of keys) {
    if (fits(alg, key) && (await isSignature(token, alg, key))) return true
  }
  return false
}

async function isSignature(token: string, alg: Algorithm, key: SigningKey): Promise<boolean> {
  try {
    await compactVerify(token, await importJWK(bareKey(key), alg), { algorithms: [alg] })
    return true
  } catch {
    // Fail closed: a point off its curve, a number that is no key and a wrong signature are all the same.
    return false
  }
}
