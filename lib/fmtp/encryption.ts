/**
 * ENCRYPT-POLICY and ENCRYPT-METHOD: messages that only one user's server can read.
 *
 * @see [RFC 7516, JSON Web Encryption](https://www.rfc-editor.org/rfc/rfc7516)
 * @see [RFC 8037 §3.2, X25519](https://www.rfc-editor.org/rfc/rfc8037#section-3.2)
 * @module
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { compactDecrypt } from 'jose/jwe/compact/decrypt'
import { CompactEncrypt } from 'jose/jwe/compact/encrypt'
import * as v from 'valibot'
import { deriveKeyPairs } from '../jwt/key-pairs.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { parseJson } from '../web/json-body.ts'
import { MessageContent, type MessageObject, type UserObject } from './object.ts'

/** The one method that we speak. */
const METHOD = 'ECDH-ES+A256KW'
const CONTENT_ENCRYPTION = ['A256GCM', 'A128GCM', 'A256CBC-HS512', 'A128CBC-HS256']

const PublicJwk = v.object({
  kty: v.literal('OKP'),
  crv: v.literal('X25519'),
  x: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
})

/** The attributes that are encrypted. The others say where the message belongs. */
const CONTENT = ['SUBJECT', 'URL', 'IN-REPLY-TO', 'FORMAT', 'BODY'] as const

export type Encryption =
  | { readonly done: true; readonly message: MessageObject }
  | { readonly done: false; readonly reason: 'method not understood' }

/** The ENCRYPT-METHOD of this site's owner: its current key. */
export async function ownEncryptMethod(secrets: Pick<Secrets, 'seeds'>): Promise<string> {
  const [{ publicJwk }] = await deriveKeyPairs(secrets, 'fmtp', 'X25519')
  const { kty, crv, x, kid } = publicJwk
  return `${METHOD} ${Buffer.from(JSON.stringify({ kty, crv, x, kid })).toString('base64url')}`
}

/** Whether the user takes messages encrypted only. */
export function requiresEncryption(user: UserObject): boolean {
  return user['ENCRYPT-POLICY']?.toLowerCase() === 'required'
}

/**
 * Encrypts a message as its recipient wants it: always where they require it, where we can if it is optional,
 * never where they say "none" or nothing.
 *
 * @returns The message to sign; not done where they require what we do not understand
 */
export async function encryptFor(user: UserObject, message: MessageObject): Promise<Encryption> {
  const policy = user['ENCRYPT-POLICY']?.toLowerCase() ?? 'none'
  if (policy === 'none') return { done: true, message }
  const encrypted = await encryptMessage(message, user['ENCRYPT-METHOD'] ?? '')
  if (encrypted) return { done: true, message: encrypted }
  return policy === 'required'
    ? { done: false, reason: 'method not understood' }
    : { done: true, message }
}

/**
 * What an encrypted message says.
 *
 * @returns `undefined` where it was not encrypted to one of our keys, or for another message than this one
 */
export async function decrypt(
  { ID, ENCRYPTED = '' }: Pick<MessageObject, 'ID' | 'ENCRYPTED'>,
  secrets: Pick<Secrets, 'seeds'>,
): Promise<MessageContent | undefined> {
  for (const { privateKey } of await deriveKeyPairs(secrets, 'fmtp', 'X25519')) {
    try {
      const { plaintext, protectedHeader } = await compactDecrypt(ENCRYPTED, privateKey, {
        keyManagementAlgorithms: [METHOD],
        contentEncryptionAlgorithms: CONTENT_ENCRYPTION,
        maxDecompressedLength: 0,
      })
      const { apu } = protectedHeader
      if (apu !== undefined && apu !== Buffer.from(ID).toString('base64url')) return undefined
      const parsed = parseJson(new TextDecoder().decode(plaintext))
      const content = v.safeParse(MessageContent, parsed?.value)
      return content.success ? content.output : undefined
    } catch {
      // fail closed because a stranger's ciphertext, whatever it makes the library throw, is not for this key;
      // perhaps it is for the one before.
    }
  }
  return undefined
}

/** @returns `undefined` where we do not understand the method, or its key is none */
async function encryptMessage(
  message: MessageObject,
  method: string,
): Promise<MessageObject | undefined> {
  const key = publicKeyOf(method)
  if (!key) return undefined
  const isContent = ([name]: [string, unknown]) => CONTENT.some((other) => other === name)
  const content = Object.fromEntries(Object.entries(message).filter(isContent))
  const rest = Object.fromEntries(Object.entries(message).filter((entry) => !isContent(entry)))
  const { TYPE, ID, FROM, TO } = message
  try {
    const ENCRYPTED = await new CompactEncrypt(Buffer.from(JSON.stringify(content)))
      .setProtectedHeader({ alg: METHOD, enc: 'A256GCM' })
      .setKeyManagementParameters({ apu: Buffer.from(ID) })
      .encrypt(key)
    return { ...rest, TYPE, ID, FROM, TO, ENCRYPTED }
  } catch {
    // fail closed because a key that cannot be used (RFC 7748 §6.1) is no key
    return undefined
  }
}

function publicKeyOf(method: string): KeyObject | undefined {
  const [name, encoded = ''] = method.split(' ')
  if (name !== METHOD) return undefined
  const json = parseJson(Buffer.from(encoded, 'base64url').toString())
  const jwk = v.safeParse(PublicJwk, json?.value)
  return jwk.success ? createPublicKey({ key: jwk.output, format: 'jwk' }) : undefined
}
