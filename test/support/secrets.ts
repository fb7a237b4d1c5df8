import { createHash } from 'node:crypto'

/** 32 bytes that look random and are the same in each run. Another `number` gives another secret. */
export function secretBytes(number = 1): Buffer {
  return createHash('sha256').update(`a secret of the tests, number ${number}`).digest()
}

/** The same as a site's owner sets it: `PRIVATE_POSTS_SECRET`. */
export function secretText(number = 1): string {
  return secretBytes(number).toString('base64url')
}
