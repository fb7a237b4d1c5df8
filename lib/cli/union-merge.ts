import { readFile, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { describeCause, systemCodeOf } from '../store/store-error.ts'
import { ConfigurationError } from '../web/errors.ts'

/** What tells git to keep the lines of both sides when it merges the ledger. */
interface UnionMerge {
  /** Beside the ledger. */
  readonly path: string
  /** What the file says now. */
  readonly before: string
  /** The line that it lacks; empty if it has one about how the ledger is merged. */
  readonly added: string
}

/** @see [gitattributes](https://git-scm.com/docs/gitattributes#_built_in_merge_drivers) */
export async function unionMerge(cwd: string, ledger: string): Promise<UnionMerge> {
  const path = join(ledger, '..', '.gitattributes')
  const before = await readAttributes(resolve(cwd, path), path)
  const pattern = patternOf(basename(ledger))
  const isAbout = (line: string) =>
    [pattern, `/${pattern}`].some((name) => line.startsWith(`${name} `)) &&
    /\s[-!]?(?:merge|binary)(?:=|\s|$)/.test(line)
  const isThere = before.split(/\r?\n/).some((line) => isAbout(line.replaceAll('\t', ' ').trim()))
  return {
    path,
    before,
    added: isThere ? '' : `${pattern} merge=union`,
  }
}

/** Adds the line to what the file says. */
export async function writeUnionMerge(
  cwd: string,
  { path, before, added }: UnionMerge,
): Promise<'written' | 'unchanged'> {
  if (added === '') return 'unchanged'
  const separator = before === '' || before.endsWith('\n') ? '' : '\n'
  await writeFile(resolve(cwd, path), `${before}${separator}${added}\n`).catch(failWith(path))
  return 'written'
}

async function readAttributes(file: string, path: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) =>
    systemCodeOf(error) === 'ENOENT' ? '' : failWith(path)(error),
  )
}

/** A name as git's patterns have it: in quotes, where it has more than letters. */
function patternOf(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : JSON.stringify(name.replace(/[\\*?[\]!#]/g, '\\$&'))
}

function failWith(path: string): (error: unknown) => never {
  return (cause) => {
    throw new ConfigurationError(describeCause(path, systemCodeOf(cause)), { cause })
  }
}
