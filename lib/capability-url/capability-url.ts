/**
 * Capability URLs: the unguessable address that is itself the permission to read.
 *
 * @see [W3C TAG, Good Practices for Capability URLs](https://www.w3.org/TR/capability-urls/)
 * @module
 */
import { createHmac } from 'node:crypto'
import { customAlphabet } from 'nanoid'
import { looksLikeToken, TOKEN_ALPHABET, TOKEN_LENGTH } from '../web/token-alphabet.ts'

/** The unguessable part of a capability URL. Whoever holds it may read the post. */
export type CapabilityToken = string & { readonly __brand: 'CapabilityToken' }

const randomToken = customAlphabet(TOKEN_ALPHABET, TOKEN_LENGTH)

/** Mints a token from the system's random source. Takes no argument: nanoid would take it as a length. */
export function issueCapabilityToken(): CapabilityToken {
  return randomToken() as CapabilityToken
}

/**
 * What a derived token opens: a capability URL, an invitation through the gate, or, cut short, the name
 * of a gated post, which opens nothing. Each purpose has a key of its own.
 */
type TokenPurpose = 'link' | 'invitation' | 'gate'

const KEY_LABELS: Readonly<Record<TokenPurpose, string>> = {
  link: 'private-posts/capability-token/v1',
  invitation: 'private-posts/invitation-token/v1',
  gate: 'private-posts/gate-segment/v1',
}

/** What a derived token stands for. `generation` grows with each rotation. */
export interface TokenSubject {
  /** By default `link`. */
  readonly purpose?: TokenPurpose
  readonly postId: string
  readonly recipient: string
  readonly generation: number
}

/**
 * Derives the token of a (post, recipient) pair, so that nothing needs to be kept between builds.
 *
 * The fields are length-prefixed: no two subjects share an encoding.
 */
export function deriveCapabilityToken(secret: Uint8Array, subject: TokenSubject): CapabilityToken {
  const key = createHmac('sha256', secret)
    .update(KEY_LABELS[subject.purpose ?? 'link'])
    .digest()
  const hmac = createHmac('sha256', key)
  for (const field of [subject.postId, subject.recipient, String(subject.generation)]) {
    const bytes = Buffer.from(field, 'utf8')
    hmac.update(`${bytes.length}:`).update(bytes)
  }
  return encode(hmac.digest())
}

export function isCapabilityToken(value: string): value is CapabilityToken {
  return looksLikeToken(value) && value === value.toLowerCase()
}

/**
 * The capability URL of a token.
 *
 * @param site The base of the deployed site, with a slash at its end: origin and path prefix.
 * @param prefix The folder of all capability URLs below it, such as `/p/`.
 */
export function capabilityUrl(site: URL, prefix: string, token: CapabilityToken): URL {
  return new URL(`${prefix.replace(/^\//, '')}${token}/`, site)
}

/** The first 130 bits of a digest, 5 to a letter. */
function encode(digest: Uint8Array): CapabilityToken {
  let token = ''
  let pending = 0
  let bits = 0
  for (const byte of digest) {
    pending = (pending << 8) | byte
    bits += 8
    while (bits >= 5 && token.length < TOKEN_LENGTH) {
      bits -= 5
      token += TOKEN_ALPHABET[(pending >> bits) & 31]
    }
    pending &= (1 << bits) - 1
  }
  return token as CapabilityToken
}
