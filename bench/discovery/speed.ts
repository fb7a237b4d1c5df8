import { rotate } from '../statistics.ts'
import type { Library } from './libraries.ts'

/** Turns before the times count: until everything is compiled and the connections are open. */
export const WARM_UP = 5
export const TURNS = 20

/**
 * Milliseconds for one discovery, on the average of all paths, by library and turn. Each turn has an
 * origin of its own, because one of the libraries remembers what it saw.
 */
export async function timeDiscoveries(
  libraries: readonly Library[],
  paths: readonly string[],
  origins: readonly URL[],
): Promise<ReadonlyMap<Library, readonly number[]>> {
  const times = new Map<Library, number[]>(libraries.map((library) => [library, []]))
  for (const [turn, origin] of origins.entries()) {
    for (const library of rotate(libraries, turn)) {
      const start = performance.now()
      for (const path of paths) await library.discover(new URL(path, origin))
      const milliseconds = (performance.now() - start) / paths.length
      if (turn >= WARM_UP) times.get(library)?.push(milliseconds)
    }
  }
  return times
}
