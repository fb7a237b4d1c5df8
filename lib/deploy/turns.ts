import { sleep, type Sleep } from './sleep.ts'

/** Most receivers answer at once and verify later. One that takes longer does it all before it answers. */
const PATIENCE = 2_000

/** Runs pieces of work that concern a host one after the other. */
export type Turns = <Result>(host: string, work: () => Promise<Result>) => Promise<Result>

/**
 * One at a time, so that a process that is killed leaves one notification of which nobody knows
 * whether it arrived. A host that took longer than `patience` no longer holds the others up.
 */
export function createTurns({
  patience = PATIENCE,
  wait = sleep,
}: { readonly patience?: number; readonly wait?: Sleep } = {}): Turns {
  const slow = new Set<string>()
  let next: Promise<unknown> = Promise.resolve()

  return (host, work) => {
    if (slow.has(host)) return work()
    const result = next.then(work)
    next = next.then(() => (slow.has(host) ? undefined : waitFor(host, result)))
    return result
  }

  async function waitFor(host: string, result: Promise<unknown>): Promise<void> {
    const ended = new AbortController()
    const end = () => ended.abort()
    result.then(end, end)
    await wait(patience, ended.signal)
    if (!ended.signal.aborted) slow.add(host)
  }
}
