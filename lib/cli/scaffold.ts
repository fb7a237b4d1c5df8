import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { LinkedSite } from './home-rels.ts'
import { ConfigurationError } from '../web/errors.ts'

/** What the files of every host are made from. */
export interface ScaffoldOptions {
  readonly output: string
  readonly build: string
  readonly branch: string
  readonly node: string
  readonly ledger: string
  readonly tokens: 'random' | 'derived'
  readonly site: LinkedSite
}

interface ScaffoldFile {
  /** Below the folder of the site. */
  readonly path: string
  readonly text: string
}

/**
 * Writes a file, unless its like is there already.
 *
 * @throws {ConfigurationError} when another one is there and `force` is not given.
 */
export async function writeScaffold(
  cwd: string,
  { path, text }: ScaffoldFile,
  { force }: { force: boolean },
): Promise<'written' | 'unchanged'> {
  const file = join(cwd, path)
  const existing = existsSync(file) ? await readFile(file, 'utf8') : undefined
  if (existing === text) return 'unchanged'
  if (existing !== undefined && !force) {
    throw new ConfigurationError(
      `${path}: there is one already, and it is different. To do: look at ours with --dry-run and merge it by hand, or replace yours with --force.`,
    )
  }
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  return 'written'
}
