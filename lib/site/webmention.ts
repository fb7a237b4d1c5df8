import { createDoor } from '../inbox/door.ts'
import type { SenderPolicy } from '../policy/decisions.ts'
import { createSeedCodeMint } from '../private-webmention/seed-code.ts'
import { createSourceAccess } from '../private-webmention/source-access.ts'
import type { Endpoint } from '../web/endpoint.ts'
import type { WebmentionReceiverOptions } from '../webmention/receiver.ts'
import { createWebmentionEndpoint } from '../webmention/webmention-endpoint.ts'
import { inboxPartsOf } from './inbox-parts.ts'
import { partsOf, type SiteOptions } from './site-options.ts'

/**
 * `/webmention`: the receiver, and its status pages below it.
 *
 * @param process Verifies what was queued: in this process (webmention-work.ts), or in another function.
 */
export function webmentionOf(
  options: SiteOptions,
  process: (id: string) => Promise<unknown>,
): Endpoint {
  const { policy, index, shelves } = inboxPartsOf(options)
  const sink = createDoor({ policy, index, shelves })
  return createWebmentionEndpoint({ ...receiverOf(options, policy), sink, process })
}

/** Whether the author wants to be told by webmention, private or not. */
export function receivesWebmentions({ settings: { protocols } }: SiteOptions): boolean {
  return protocols.includes('webmention') || protocols.includes('private-webmention')
}

/** What receiving needs, before and after the answer. */
export function receiverOf(
  options: SiteOptions,
  policy: SenderPolicy,
): Omit<WebmentionReceiverOptions, 'sink'> {
  const parts = partsOf(options)
  const mintSeedCode = createSeedCodeMint(parts)
  const isDenied = (url: URL) => policy.isDenied(url.href)
  const isOurs = options.settings.indieauth === true && Boolean(options.owner)
  return {
    ...parts,
    // Without an authorization endpoint of ours, nobody could have such a code confirmed.
    access: createSourceAccess({
      ...parts,
      ...(isOurs && { mintSeedCode }),
      mayIdentifyTo: async (source) => !(await isDenied(source)),
      // The whole host: a token is shown to all of it, so who is allowed by a path is not trusted with one.
      isTrusted: async ({ host }) => (await policy.judge([host])).by === 'allow',
    }),
    isDenied,
  }
}
