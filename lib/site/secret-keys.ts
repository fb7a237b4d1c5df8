import { parseSecret } from '../capability-url/secret.ts'
import { ConfigurationError } from '../web/errors.ts'

/** What the functions read of the environment. */
export type Variables = Readonly<Record<string, string | undefined>>

const REMEDY = `To do: set it to 32 random bytes or more, such as the output of: node -p "crypto.randomBytes(32).toString('base64url')"`

/**
 * The key of `PRIVATE_POSTS_SECRET`, and of `PRIVATE_POSTS_SECRET_PREVIOUS` while one is replaced by the other:
 * what the previous one signed stays good until it expires.
 *
 * @throws {ConfigurationError} naming the variable that is missing or weak
 */
export function readSecretKeys(variables: Variables): [Uint8Array, ...Uint8Array[]] {
  const key = readKey(variables, 'PRIVATE_POSTS_SECRET')
  if (!key) throw new ConfigurationError(`PRIVATE_POSTS_SECRET is missing. ${REMEDY}`)
  const previous = readKey(variables, 'PRIVATE_POSTS_SECRET_PREVIOUS')
  return previous ? [key, previous] : [key]
}

function readKey(variables: Variables, name: string): Uint8Array | undefined {
  const value = variables[name]?.trim()
  if (value === undefined || value === '') return undefined
  const key = parseSecret(value)
  if (key) return key
  throw new ConfigurationError(
    `${name} is too short, not base64url, or made of words, dates, rows or repeats: a guess could sign in as anybody. ${REMEDY}`,
  )
}
