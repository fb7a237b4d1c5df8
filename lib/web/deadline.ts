import { FetchError } from './errors.ts'

/**
 * Waits for work of a peer, but not for ever. What comes too late is let go.
 *
 * @throws {FetchError} after so many milliseconds
 */
export async function withDeadline<Value>(work: Promise<Value>, timeout: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new FetchError(`A peer took longer than ${timeout / 1000} s`))
    }, timeout)
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
