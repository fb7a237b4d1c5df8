import * as v from 'valibot'
import { parseUrl } from '../web/parse-url.ts'

/** Seconds. Long enough to look for a password; the code itself comes at the very end and lives shorter. */
export const SIGN_IN_LIFETIME = 30 * 60
/** Browsers take cookies of 4096 bytes. Encryption and base64url make a third more of it, and there is more to keep. */
export const PENDING_LENGTH = 2_300

const Url = v.pipe(
  v.string(),
  v.check((text) => parseUrl(text) !== undefined),
)

const PendingSignIn = v.strictObject({
  state: v.string(),
  codeVerifier: v.string(),
  /** What they typed. */
  profileUrl: Url,
  /** The profile URL, and where it led. */
  urls: v.array(Url),
  authorizationEndpoint: Url,
  issuer: v.optional(v.string()),
  requiresIss: v.boolean(),
  clientId: Url,
  redirectUri: Url,
  /** ISO 8601. */
  expires: v.pipe(v.string(), v.isoTimestamp()),
})

/**
 * What we have to remember while somebody is away at their own server. It belongs to their browser and to
 * nobody else: in an encrypted cookie, because it holds `state` and `code_verifier`.
 */
export type PendingSignIn = v.InferOutput<typeof PendingSignIn>

/** Reads what was kept as JSON. `undefined`: it is none of ours. */
export function parsePendingSignIn(json: string): PendingSignIn | undefined {
  try {
    const result = v.safeParse(PendingSignIn, JSON.parse(json))
    return result.success ? result.output : undefined
  } catch {
    // fail closed because whoever has no pending sign-in just starts again
    return undefined
  }
}
