import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fuzzFile } from './fuzz-process.ts'

/** The property tests of one file. */
export interface Suite {
  readonly file: string
  readonly names: readonly string[]
}

const TESTS = resolve(import.meta.dirname, '..')
const USES_PROPERTIES = /^import .* from '\.\.\/support\/property\.ts'$/m

/**
 * Finds the test files with properties.
 *
 * @param places Rooms, folders or files. All rooms if there are none.
 * @throws {TypeError} for a place that there is not
 */
export function findTestFiles(places: readonly string[]): string[] {
  const rooms = readdirSync(TESTS).map((room) => join(TESTS, room))
  const named = places.map((place) => {
    const found = [resolve(place), join(TESTS, place)].find((path) => existsSync(path))
    if (found === undefined) throw new TypeError(`there is no "${place}" among the tests`)
    return found
  })
  const files = (named.length > 0 ? named : rooms).flatMap((path) => {
    if (!statSync(path).isDirectory()) return [path]
    return readdirSync(path)
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join(path, name))
      .filter((file) => USES_PROPERTIES.test(readFileSync(file, 'utf8')))
  })
  return [...new Set(files)]
}

/** Asks each file for its properties. The largest come first, so that the processes end together. */
export async function listSuites(
  files: readonly string[],
  { property, processes }: { readonly property: string; readonly processes: number },
): Promise<{ readonly suites: readonly Suite[]; readonly faults: readonly string[] }> {
  const suites: Suite[] = []
  const faults: string[] = []
  await share(files, processes, async (path) => {
    const { reports, output } = await fuzzFile(path, { do: 'list' })
    const file = relative(process.cwd(), path)
    const names = reports.map(({ name }) => name)
    const twice = names.filter((name, at) => names.indexOf(name) < at)
    if (names.length === 0) faults.push(`${file}: no property test was started.\n${output}`)
    if (twice.length > 0) faults.push(`${file}: two tests are called "${twice.join('", "')}".`)
    const wanted = names.filter((name) => name.includes(property))
    if (wanted.length > 0) suites.push({ file, names: wanted })
  })
  suites.sort((one, other) => other.names.length - one.names.length || compare(one, other))
  return { suites, faults }
}

/** Works on all items, on a few of them at a time. */
export async function share<Item>(
  items: readonly Item[],
  count: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  await Promise.all(
    Array.from({ length: count }, async () => {
      for (const item of queue) await work(item)
    }),
  )
}

function compare(one: Suite, other: Suite): number {
  return one.file < other.file ? -1 : 1
}
