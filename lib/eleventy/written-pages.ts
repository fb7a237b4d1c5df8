import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import * as v from 'valibot'

/**
 * Which template wrote which file, from build to build. Eleventy never removes what it no longer
 * writes: without this, a post that was public yesterday would still lie in the output today.
 */
export interface WrittenPages {
  /** Input path by output path, both from the project's root; earlier builds included. */
  readonly files: ReadonlyMap<string, string>
  save(files: ReadonlyMap<string, string>): void
}

const Schema = v.record(v.string(), v.string())

/** Opens the record for one output folder. It holds no secret and can be deleted at any time. */
export function openWrittenPages(cwd: string, output: string): WrittenPages {
  const key = createHash('sha256').update(resolve(cwd, output)).digest('hex').slice(0, 16)
  const file = join(cacheFolder(cwd), `${key}.json`)
  return {
    files: load(file),
    save(files) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, JSON.stringify(Object.fromEntries(files)))
    },
  }
}

/** Removes a file, and the folders that are empty without it, up to the output folder. */
export function removePage(output: string, file: string): void {
  rmSync(file, { force: true })
  for (let folder = dirname(file); !relative(output, folder).startsWith('..');) {
    if (relative(output, folder) === '' || !removeIfEmpty(folder)) return
    folder = dirname(folder)
  }
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTEMPTY' || code === 'ENOENT') return false
    throw error
  }
}

/** Where what can be had again is kept from build to build. */
export function cacheFolder(cwd: string): string {
  const modules = join(cwd, 'node_modules')
  return existsSync(modules)
    ? join(modules, '.cache', 'eleventy-plugin-private-posts')
    : join(cwd, '.cache', 'eleventy-plugin-private-posts')
}

function load(file: string): ReadonlyMap<string, string> {
  if (!existsSync(file)) return new Map()
  try {
    return new Map(Object.entries(v.parse(Schema, JSON.parse(readFileSync(file, 'utf8')))))
  } catch {
    // An unreadable record is as good as none: the leak audit finds what it would have removed.
    return new Map()
  }
}
