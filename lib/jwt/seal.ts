import { JOSEError } from 'jose/errors'
import { compactDecrypt } from 'jose/jwe/compact/decrypt'
import { CompactEncrypt } from 'jose/jwe/compact/encrypt'

const ENCRYPTION = 'A256GCM'

/** Encrypts a text with a key of 32 bytes. */
export async function sealText(text: string, key: Uint8Array): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'dir', enc: ENCRYPTION })
    .encrypt(key)
}

/** The text, or `undefined` where it was not sealed with this key. */
export async function unsealText(sealed: string, key: Uint8Array): Promise<string | undefined> {
  try {
    const { plaintext } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: [ENCRYPTION],
    })
    return new TextDecoder().decode(plaintext)
  } catch (error) {
    if (error instanceof JOSEError) return undefined
    throw error
  }
}
