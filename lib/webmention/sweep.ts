import { sweepQueue, type SweepOptions } from '../store/sweep-queue.ts'
import { createMissingSources } from './looks.ts'
import { processQueued } from './process.ts'
import { createWebmentionQueue } from './queue.ts'
import type { WebmentionReceiverOptions } from './receiver.ts'

/**
 * Takes up queued webmentions that no process works at: those whose processing was cut off, and those whose
 * source was to be tried again or was missing. One slow host does not keep the others waiting.
 *
 * @returns How many were taken up.
 */
export async function sweepWebmentions(
  options: WebmentionReceiverOptions,
  limits: SweepOptions = {},
): Promise<number> {
  const process = (id: string) => processQueued(id, options)
  const queue = createWebmentionQueue(options)
  for (const mention of await createMissingSources(options).due()) await queue.add(mention)
  return sweepQueue(queue, process, { ...limits, now: options.now })
}
