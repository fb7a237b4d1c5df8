import type { DeliveryProtocol } from '../delivery/delivery.ts'
import { createSecrets } from '../jwt/secrets.ts'
import { createPrivateWebmentionDelivery } from '../private-webmention/delivery.ts'
import { readSecretKeys } from '../site/secret-keys.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { ConfigurationError } from '../web/errors.ts'
import { createWebmentionDelivery } from '../webmention/delivery.ts'
import type { CommandContext } from './command.ts'

export interface SendProtocols {
  readonly protocols: readonly DeliveryProtocol[]
  /** Whether gated posts can be told of. */
  readonly canGate: boolean
}

/** How posts are carried, in order of preference: gated ones with a code, if there is a key to sign it. */
export function createSendProtocols(
  { site, exposure }: { readonly site: URL; readonly exposure: 'refuse' | 'warn' | 'allow' },
  { environment, now }: Pick<CommandContext, 'environment' | 'now'>,
): SendProtocols {
  const webmention = createWebmentionDelivery({ exposure, now })
  try {
    const keys = readSecretKeys(environment)
    // Codes are redeemed, and marked as spent, where the site is.
    const secrets = createSecrets({ keys, site, store: createMemoryStore({ now }), now })
    const gated = createPrivateWebmentionDelivery({ secrets, now })
    return { protocols: [gated, webmention], canGate: true }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return { protocols: [refusing(webmention, error), webmention], canGate: false }
  }
}

/** Stands in where nothing can be signed: a reader's site would be sent to a closed door. */
function refusing(webmention: DeliveryProtocol, { message }: ConfigurationError): DeliveryProtocol {
  const reason = `the reader's site needs a code to fetch a gated post, and none can be signed: ${message}; it is the same as that of the site's functions`
  return {
    ...webmention,
    name: 'private-webmention',
    carries: (exposure) => exposure === 'gated',
    deliver: async () => ({ outcome: 'refused', reason }),
  }
}
