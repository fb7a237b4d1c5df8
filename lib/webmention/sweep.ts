import { processQueued } from './process.ts'
import { createWebmentionQueue } from './queue.ts'
import type { WebmentionReceiverOptions } from './receiver.ts'

/** So many hosts are asked at the same time; each of them for one page after the other. */
const HOSTS_AT_ONCE = 8

export interface SweepOptions {
  /** How many to take up at most. */
  readonly limit?: number
  /** Milliseconds after which no other is begun. */
  readonly budgetMs?: number
  /** Aborted when no other is to be begun, because the process stops. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Takes up queued webmentions that nobody works at: those whose processing was cut off, and those whose
 * source was to be tried again. One slow host does not keep the others waiting.
 *
 * @returns How many were taken up.
 */
export async function sweepWebmentions(
  options: WebmentionReceiverOptions,
  { limit = 100, budgetMs = 20_000, signal }: SweepOptions = {},
): Promise<number> {
  const end = options.now().getTime() + budgetMs
  const lines = new Map<string, string[]>()
  for (const { id, host } of await createWebmentionQueue(options).due()) {
    lines.set(host, [...(lines.get(host) ?? []), id])
  }
  const waiting = [...lines.values()]
  const troubles: unknown[] = []
  let taken = 0

  await Promise.all(Array.from({ length: HOSTS_AT_ONCE }, work))
  if (troubles.length > 0) throw troubles[0]
  return taken

  async function work(): Promise<void> {
    for (let line = waiting.shift(); line; line = waiting.shift()) {
      const [id, ...others] = line
      if (id === undefined) continue
      if (signal?.aborted || taken >= limit || options.now().getTime() >= end) return
      taken += 1
      await processQueued(id, options).catch((error: unknown) => troubles.push(error))
      // Back to the end: first one of each host, then the second of each.
      waiting.push(others)
    }
  }
}
