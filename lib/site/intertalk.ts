import { createMessageLog, type MessageLog } from '../intertalk/message-log.ts'
import { createMessagesEndpoint } from '../intertalk/messages-endpoint.ts'
import { recoverOutbox, sweepOutbox } from '../intertalk/outbox.ts'
import type { SweepOptions } from '../store/sweep-queue.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { receivingOf } from './receiving.ts'
import { needAddress } from './own-address.ts'
import type { SiteOptions } from './site-options.ts'

/** `/messages`: what other providers send; for local users what they send, and the stream of it all. */
export function messagesOf(options: SiteOptions, log = messageLogOf(options)): Endpoint {
  return createMessagesEndpoint(messageOptions(options, log))
}

/** What local users are shown. One for each process, so that what it writes is seen at once. */
export function messageLogOf({ store, now }: SiteOptions): MessageLog {
  return createMessageLog({ store, now })
}

/** Takes over what a process that has died was at. */
export async function recoverIntertalk(options: SiteOptions): Promise<void> {
  await recoverOutbox(options)
}

/** Sends again what a provider could not take. */
export async function sweepIntertalk(options: SiteOptions, limits?: SweepOptions): Promise<void> {
  const log = messageLogOf(options)
  try {
    await sweepOutbox(messageOptions(options, log), limits)
  } finally {
    log.close()
  }
}

/** The same for whoever holds the connection of a local user. */
export function messageOptions(options: SiteOptions, log: MessageLog) {
  return { ...receivingOf(options), address: needAddress(options), log }
}
