import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 43 to 128 letters of `[A-Za-z0-9-._~]` (RFC 7636 §4.1). */
const CODE_VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/

/** 32 bytes, as RFC 7636 §4.1 recommends: 43 letters. */
export function createCodeVerifier(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * The `S256` challenge of a verifier.
 *
 * @see [RFC 7636 §4.2](https://www.rfc-editor.org/rfc/rfc7636#section-4.2)
 */
export function codeChallengeOf(codeVerifier: string): string {
  return createHash('sha256').update(codeVerifier).digest('base64url')
}

/**
 * Whether `code_verifier` is the one that the challenge was made of.
 *
 * @see [RFC 7636 §4.6](https://www.rfc-editor.org/rfc/rfc7636#section-4.6)
 */
export function verifyCodeVerifier(codeVerifier: string, codeChallenge: string): boolean {
  if (!CODE_VERIFIER.test(codeVerifier)) return false
  return isSameText(codeChallengeOf(codeVerifier), codeChallenge)
}

/** Compares what a stranger must not find out letter by letter. */
export function isSameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
