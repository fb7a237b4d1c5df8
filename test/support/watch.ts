import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles, REPOSITORY, type Site } from './site.ts'

/** An Eleventy that watches its sources until it is stopped. */
export interface Watcher {
  /** Everything that it has printed so far. */
  log(): string
  stop(): void
}

/** Starts Eleventy with such arguments as `--watch`; the site has been built once before. */
export function watch({ folder }: Site, args: readonly string[]): Watcher {
  const { CI: _, NODE_TEST_CONTEXT: __, ...env } = process.env
  let text = ''
  const cmd = join(REPOSITORY, 'node_modules/@11ty/eleventy/cmd.cjs')
  const eleventy = spawn(process.execPath, ['--import', 'tsx', cmd, ...args], { cwd: folder, env })
  for (const stream of [eleventy.stdout, eleventy.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  }
  return { log: () => text, stop: () => void eleventy.kill('SIGKILL') }
}

/** How many files in capability folders, and how many outside of them, contain such words. */
export function countFiles(output: string, words: RegExp): { private: number; public: number } {
  const files = listFiles(output).filter(
    (file) => words.test(file) || words.test(readIfThere(join(output, file))),
  )
  const isPrivate = (file: string) => file.startsWith('p/')
  return {
    private: files.filter(isPrivate).length,
    public: files.filter((file) => !isPrivate(file)).length,
  }
}

/** A file may be gone between the listing and the look: a build is under way. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** Waits for something to come about; does `again` now and then, for a watcher that was not ready. */
export async function until(
  isSo: () => boolean,
  log: () => string,
  again = () => {},
): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (tries % 40 === 0) again()
    if (isSo()) return
    await new Promise((done) => setTimeout(done, 50))
  }
  assert.fail(`it never came about:\n${log()}`)
}
