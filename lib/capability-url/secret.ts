import { isGuessable } from './secret-strength.ts'

/** 32 bytes is what HMAC-SHA-256 can use; anything shorter could be searched. */
const SECRET_BYTES = 32

/**
 * Reads `PRIVATE_POSTS_SECRET`: base64url, at least 32 bytes. `undefined` when it is too short, or when it can be
 * guessed because it was made up: see {@link isGuessable}.
 */
export function parseSecret(value: string): Uint8Array | undefined {
  if (!/^[\w-]+={0,2}$/.test(value)) return undefined
  const bytes = Buffer.from(value, 'base64url')
  return bytes.length >= SECRET_BYTES && !isGuessable(value, bytes) ? bytes : undefined
}
