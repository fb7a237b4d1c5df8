import { readFileSync } from 'node:fs'
import { ifVanished } from '../web/vanished.ts'

/** The text of a file, empty if it vanished. For one small file after the other, this takes a fifth of the time. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    return ifVanished('')(error)
  }
}

/** Few enough for any limit of open files. */
const FILES_AT_ONCE = 32

/** Reads files, some at once, and gives each with its text, in order. */
export async function* readFiles(
  paths: readonly string[],
  read: (path: string) => Promise<string>,
): AsyncGenerator<readonly [path: string, text: string]> {
  for (let at = 0; at < paths.length; at += FILES_AT_ONCE) {
    const batch = paths.slice(at, at + FILES_AT_ONCE)
    yield* await Promise.all(batch.map(async (path) => [path, await read(path)] as const))
  }
}
