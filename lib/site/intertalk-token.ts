import { createLocalTokenEndpoint, type PassphraseCheck } from '../intertalk/token-endpoint.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { ownerSignInOf } from './authorization.ts'
import { needAddress } from './own-address.ts'
import type { SiteOptions } from './site-options.ts'

/** `/token`: the owner signs in with the passphrase of the inbox, and counts against the same tries. */
export function localTokenOf(options: SiteOptions): Endpoint {
  const { secrets } = options
  const checkPassphrase = passphraseCheckOf(options)
  return createLocalTokenEndpoint({ address: needAddress(options), secrets, checkPassphrase })
}

function passphraseCheckOf(options: SiteOptions): PassphraseCheck | undefined {
  const { signInOwner } = ownerSignInOf(options)
  return (
    signInOwner &&
    (async (passphrase, visit) => {
      const outcome = await signInOwner(passphrase, visit)
      return outcome.signedIn ? { ok: true } : { ok: false, retryAfter: outcome.retryAfter }
    })
  )
}
