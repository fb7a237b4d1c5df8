import type { SweepOptions } from '../store/sweep-queue.ts'
import { processQueued } from '../webmention/process.ts'
import { createWebmentionQueue } from '../webmention/queue.ts'
import { sweepWebmentions } from '../webmention/sweep.ts'
import type { WebmentionReceiverOptions } from '../webmention/receiver.ts'
import { buildHookOf, inboxOf } from './inbox.ts'
import type { SiteOptions } from './site-options.ts'
import { receiverOf } from './webmention.ts'

/** Verifies one webmention that was queued. */
export function processWebmention(options: SiteOptions, id: string): Promise<boolean> {
  return processQueued(id, receivingOf(options))
}

/** Frees the webmentions that a crashed process was verifying. */
export function recoverWebmentions(options: SiteOptions): Promise<void> {
  return createWebmentionQueue(options).release()
}

/** Finishes webmentions that were accepted, and builds that could not be asked for. */
export async function sweepReceiver(options: SiteOptions, rules?: SweepOptions): Promise<void> {
  await sweepWebmentions(receivingOf(options), rules)
  await buildHookOf(options)?.sweep()
}

function receivingOf(options: SiteOptions): WebmentionReceiverOptions {
  const sink = inboxOf(options)
  return { ...receiverOf(options, sink.policy), sink }
}
