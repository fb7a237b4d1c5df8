import { createSeedCodeMint } from '../private-webmention/seed-code.ts'
import { createSourceAccess } from '../private-webmention/source-access.ts'
import type { SweepOptions } from '../store/work-queue.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { createWebmentionQueue } from '../webmention/queue.ts'
import type { WebmentionReceiverOptions } from '../webmention/receiver.ts'
import { sweepWebmentions } from '../webmention/sweep.ts'
import { createWebmentionEndpoint } from '../webmention/webmention-endpoint.ts'
import { buildHookOf, inboxOf } from './inbox.ts'
import { partsOf, type SiteOptions } from './site-options.ts'

/** `/webmention`: the receiver, and its status pages below it. */
export function webmentionOf(options: SiteOptions): Endpoint {
  return createWebmentionEndpoint(receiverOf(options))
}

/** Whether the author wants to be told by webmention, private or not. */
export function receivesWebmentions({ settings: { protocols } }: SiteOptions): boolean {
  return protocols.includes('webmention') || protocols.includes('private-webmention')
}

/** Takes over the webmentions that a process that has died was at. */
export function recoverWebmentions(options: SiteOptions): Promise<void> {
  return createWebmentionQueue(options).release()
}

/** Finishes webmentions that were accepted, and builds that could not be asked for. */
export async function sweepReceiver(options: SiteOptions, rules?: SweepOptions): Promise<void> {
  await sweepWebmentions(receiverOf(options), rules)
  await buildHookOf(options)?.sweep()
}

function receiverOf(options: SiteOptions): WebmentionReceiverOptions {
  const parts = partsOf(options)
  const inbox = inboxOf(options)
  const mintSeedCode = createSeedCodeMint(parts)
  const isDenied = (url: URL) => inbox.policy.isDenied(url.href)
  const isOurs = options.settings.indieauth === true && Boolean(options.owner)
  return {
    ...parts,
    // Without an authorization endpoint of ours, nobody could have such a code confirmed.
    access: createSourceAccess({
      ...parts,
      ...(isOurs && { mintSeedCode }),
      mayIdentifyTo: async (source) => !(await isDenied(source)),
      // The whole host: a token is shown to all of it, so who is allowed by a path is not trusted with one.
      isTrusted: async ({ host }) => (await inbox.policy.judge([host])).by === 'allow',
    }),
    sink: inbox,
    isDenied,
  }
}
