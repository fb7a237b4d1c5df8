import { sweepQueue, type SweepOptions } from '../store/work-queue.ts'
import { processQueued } from './process.ts'
import { createWebmentionQueue } from './queue.ts'
import type { WebmentionReceiverOptions } from './receiver.ts'

/**
 * Takes up queued webmentions that nobody works at: those whose processing was cut off, and those whose
 * source was to be tried again. One slow host does not keep the others waiting.
 *
 * @returns How many were taken up.
 */
export function sweepWebmentions(
  options: WebmentionReceiverOptions,
  limits: SweepOptions = {},
): Promise<number> {
  const process = (id: string) => processQueued(id, options)
  return sweepQueue(createWebmentionQueue(options), process, { ...limits, now: options.now })
}
