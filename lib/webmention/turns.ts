import { setImmediate } from 'node:timers/promises'

let last: Promise<unknown> = Promise.resolve()

/**
 * To be awaited before a stranger's page is read: one page after the other, and between two of them the
 * process answers whoever else has come. Reading is one step without pauses, so it needs no end.
 */
export function takeTurn(): Promise<void> {
  const turn = last.then(() => setImmediate())
  last = turn
  return turn
}
