/**
 * What is kept of the owner's passphrase: `scrypt:15:8:3:<salt>:<hash>`, which needs no quoting in any
 * shell or file of variables.
 *
 * @see [RFC 7914, scrypt](https://www.rfc-editor.org/rfc/rfc7914)
 * @module
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { ConfigurationError } from '../web/errors.ts'

/** 32 MiB and three passes: one of OWASP's equal choices, and the one that a small function bears. */
const COST = { logN: 15, r: 8, p: 3 }
/** Half of it is still a choice, less is none; more than 256 MiB stops our own server. */
const MIN_LOG_N = 14
const MAX_MEMORY = 256 * 1024 * 1024
const MAX_PASSES = 16
const SALT_BYTES = 16
const HASH_BYTES = 32
const STORED = /^scrypt:(\d{1,2}):(\d{1,2}):(\d{1,2}):([\w-]{22,86}):([\w-]{43})$/

/** Four short words, or twelve random letters. Whoever guesses is slowed down, but has years. */
const MIN_LENGTH = 12
/** `aaaaaaaaaaaa` is long as well. */
const MIN_DIFFERENT = 5
const MAX_LENGTH = 1024

interface StoredPassphrase {
  readonly cost: { readonly logN: number; readonly r: number; readonly p: number }
  readonly salt: Buffer
  readonly hash: Buffer
}

/**
 * Makes the value of `PRIVATE_POSTS_OWNER`.
 *
 * @throws {ConfigurationError} if the passphrase could be guessed
 */
export async function hashPassphrase(passphrase: string): Promise<string> {
  const letters = [...normalise(passphrase)]
  if (letters.length < MIN_LENGTH || new Set(letters).size < MIN_DIFFERENT) {
    throw new ConfigurationError(
      `The passphrase is too easy to guess. To do: take one of ${MIN_LENGTH} characters or more, such as four words that do not belong together.`,
    )
  }
  if (letters.length > MAX_LENGTH) {
    throw new ConfigurationError(`The passphrase has more than ${MAX_LENGTH} characters.`)
  }
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(passphrase, salt, COST)
  const { logN, r, p } = COST
  return ['scrypt', logN, r, p, salt.toString('base64url'), hash.toString('base64url')].join(':')
}

/** Whether it is the passphrase that was hashed. Takes as long for a wrong one. */
export async function verifyPassphrase(owner: string, passphrase: string): Promise<boolean> {
  const { cost, salt, hash } = parseOwner(owner)
  if (passphrase.length > MAX_LENGTH * 2) return false
  return timingSafeEqual(await derive(passphrase, salt, cost), hash)
}

/**
 * Reads `PRIVATE_POSTS_OWNER`.
 *
 * @throws {ConfigurationError} if it is no such hash, or one that is cheap to try passphrases against
 */
export function parseOwner(owner: string): StoredPassphrase {
  const [, logN = '', r = '', p = '', salt = '', hash = ''] = STORED.exec(owner.trim()) ?? []
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) }
  const isSane =
    cost.logN >= MIN_LOG_N &&
    cost.r >= COST.r &&
    cost.p >= 1 &&
    cost.p <= MAX_PASSES &&
    memoryOf(cost) <= MAX_MEMORY
  if (isSane) {
    return { cost, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') }
  }
  throw new ConfigurationError(
    'PRIVATE_POSTS_OWNER is not the hash of a passphrase, or a weak one. To do: set it to what "npx private-posts init passphrase" prints.',
  )
}

function derive(
  passphrase: string,
  salt: Buffer,
  { logN, r, p }: StoredPassphrase['cost'],
): Promise<Buffer> {
  const limits = { N: 2 ** logN, r, p, maxmem: 2 * memoryOf({ logN, r }) }
  return new Promise((resolve, reject) => {
    scrypt(normalise(passphrase), salt, HASH_BYTES, limits, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}

/** The same letters whichever keyboard they come from, and without the space that a telephone adds. */
function normalise(passphrase: string): string {
  return passphrase.normalize('NFKC').trim()
}

/** Bytes (RFC 7914 §2). */
function memoryOf({ logN, r }: { readonly logN: number; readonly r: number }): number {
  return 128 * r * 2 ** logN
}
