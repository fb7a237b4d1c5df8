import { randomBytes } from 'node:crypto'
import type { DeliveryProtocol } from '../delivery/delivery.ts'
import { createSecrets } from '../jwt/secrets.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { senderStoreOf } from '../ledger/state-folder.ts'
import { createDeliveryProtocols } from '../site/delivery-protocols.ts'
import { readDnsResolver } from '../site/dns-servers.ts'
import { readSecretKeys } from '../site/secret-keys.ts'
import { createJsonFileStore } from '../store/json-file-store.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { ConfigurationError, FetchError } from '../web/errors.ts'
import type { CommandContext } from './command.ts'

export interface SendProtocolsOptions {
  readonly site: URL
  readonly settings: SiteRecord
  /** The file of the ledger, beside which lies what a sender remembers. */
  readonly ledgerFile: string
  readonly allowLoopback: boolean
}

export interface SendProtocols {
  /** In order of preference. */
  readonly protocols: readonly DeliveryProtocol[]
  /** Names what they allow: what was refused under another name is tried again. */
  readonly policy: string
}

/** The only one that needs no signature of ours. */
const UNSIGNED = 'webmention'
/** The one whose servers answer nobody who does not prove who they are. */
const SIGNED_QUESTIONS = 'fmtp'

/**
 * How posts are carried from the author's machine. Without `PRIVATE_POSTS_SECRET`, what has to be signed is
 * refused, with the remedy, to whoever would get it that way.
 *
 * @throws {ConfigurationError} if `PRIVATE_POSTS_DNS` is no list of name servers
 */
export function createSendProtocols(
  { site, settings, ledgerFile, allowLoopback }: SendProtocolsOptions,
  { environment, now }: Pick<CommandContext, 'environment' | 'now'>,
): SendProtocols {
  const resolver = readDnsResolver(environment)
  const parts = { site, settings, now, allowLoopback, resolver, isAway: true }
  const rules = `exposure ${settings.exposure}${allowLoopback ? ', loopback allowed' : ''}`
  // Codes are redeemed, and marked as spent, where the site is.
  const marks = createMemoryStore({ now })
  try {
    const secrets = createSecrets({ keys: readSecretKeys(environment), site, store: marks, now })
    const store = createJsonFileStore({ file: senderStoreOf(ledgerFile), now })
    const protocols = createDeliveryProtocols({ ...parts, secrets, store })
    return { protocols, policy: `${rules}, with codes` }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    // A key for this moment: where to ask can mostly be found out without one.
    const secrets = createSecrets({ keys: [randomBytes(32)], site, store: marks, now })
    const protocols = createDeliveryProtocols({ ...parts, secrets, store: marks })
    return { protocols: protocols.map((protocol) => refusing(protocol, error)), policy: rules }
  }
}

/** Stands in where nothing can be signed: a reader's site would be sent to a closed door. */
function refusing(protocol: DeliveryProtocol, { message }: ConfigurationError): DeliveryProtocol {
  if (protocol.name === UNSIGNED) return protocol
  const why =
    protocol.name === 'private-webmention'
      ? "the reader's site needs a code to fetch a gated post, and none can be signed"
      : 'what carries the words themselves has to be signed, and cannot be'
  const reason = `${why}: ${message}; it is the same as that of the site's functions`
  return {
    ...protocol,
    ...(protocol.name === SIGNED_QUESTIONS && {
      discover: async () => {
        throw new FetchError(reason, { kind: 'refused' })
      },
      explain: async () => [],
    }),
    objects: () => reason,
    deliver: async () => ({ outcome: 'refused', reason }),
  }
}
