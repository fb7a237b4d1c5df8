import type { WorkQueue } from './work-queue.ts'

/** So many hosts are worked for at the same time; each of them one piece after the other. */
const HOSTS_AT_ONCE = 8

export interface SweepOptions {
  /** How many to take up at most. */
  readonly limit?: number
  /** Milliseconds after which no other is begun. */
  readonly budgetMs?: number
  /** Aborted when no other is to be begun, because the process stops. */
  readonly signal?: AbortSignal | undefined
  /** `false`: pieces of one host need not wait for each other. */
  readonly byHost?: boolean
}

/**
 * Does what is due and in no other process' hands: first one piece for each host, then the second of each, so that one
 * slow host does not keep the others waiting.
 *
 * @param process Returns `false` where there was nothing to do; that piece does not count.
 * @returns How many were taken up.
 */
export async function sweepQueue<Work>(
  queue: Pick<WorkQueue<Work>, 'due'>,
  process: (id: string) => Promise<void | boolean>,
  options: SweepOptions & { readonly now: () => Date },
): Promise<number> {
  const { now, limit = 100, budgetMs = 20_000, signal, byHost = true } = options
  const end = now().getTime() + budgetMs
  const lines = new Map<string, string[]>()
  for (const { id, host } of await queue.due()) {
    const line = byHost ? host : id
    lines.set(line, [...(lines.get(line) ?? []), id])
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
      if (signal?.aborted || taken >= limit || now().getTime() >= end) return
      taken += 1
      const isTaken = await process(id).catch((error: unknown) => troubles.push(error))
      if (isTaken === false) taken -= 1
      waiting.push(others)
    }
  }
}
