import {
  deriveCapabilityToken,
  issueCapabilityToken,
  type CapabilityToken,
} from '../capability-url/capability-url.ts'
import { parseSecret } from '../capability-url/secret.ts'
import type { NewLink } from '../ledger/mint.ts'
import { ConfigurationError } from '../web/errors.ts'

/** What the environment says about where the build runs. */
export interface MintingEnvironment {
  /** A build server, whose files are gone when it is done. */
  readonly isCi: boolean
  /** Whoever runs the build promises to keep the ledger that it writes. */
  readonly ledgerPersists: boolean
  /** `PRIVATE_POSTS_SECRET` */
  readonly secret: string | undefined
}

/**
 * Makes the function that gives a new link its token.
 *
 * @throws {ConfigurationError} when `derived` and the secret is missing or weak; the function, when a
 * random token would be minted where nothing remembers it.
 */
export function createMint(
  kind: 'random' | 'derived',
  { isCi, ledgerPersists, secret }: MintingEnvironment,
  ledger: string,
): (link: NewLink) => CapabilityToken {
  if (kind === 'derived') {
    const key = requireSecret(secret)
    return ({ recipient, ...subject }) =>
      deriveCapabilityToken(key, { ...subject, recipient: recipient ?? '' })
  }
  return ({ path }) => {
    if (isCi && !ledgerPersists) throw cannotPersist(path, ledger)
    return issueCapabilityToken()
  }
}

/** @throws {ConfigurationError} when `PRIVATE_POSTS_SECRET` is missing or shorter than 32 bytes. */
function requireSecret(secret: string | undefined): Uint8Array {
  const key = secret === undefined ? undefined : parseSecret(secret.trim())
  if (key) return key
  throw new ConfigurationError(
    `PRIVATE_POSTS_SECRET is ${secret === undefined ? 'not set' : 'too weak'}: "tokens: 'derived'" needs 32 random bytes or more, in base64url. To do: set it, for example to the output of: node -p "crypto.randomBytes(32).toString('base64url')"`,
  )
}

function cannotPersist(path: string, ledger: string): ConfigurationError {
  return new ConfigurationError(
    `${path}: it needs a new link, and this build server keeps no files: the link would be another one after the next build. To do, either: build once on your own machine and commit ${ledger} with your sources; or: set "tokens: 'derived'" and PRIVATE_POSTS_SECRET. (If your workflow commits the ledger itself, set PRIVATE_POSTS_LEDGER_PERSISTS=true.)`,
  )
}
