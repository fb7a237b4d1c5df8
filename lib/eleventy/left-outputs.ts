import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isCapabilityToken } from '../capability-url/capability-url.ts'

/** A bundler that has had the output of a build for longer has been killed. */
const LONGEST_BUNDLING = 10 * 60 * 1000

export interface LeftOutputOptions {
  readonly cwd: string
  /** Output folder, from the project's root. */
  readonly output: string
  readonly prefix: string
}

/**
 * Folders of the project that eleventy-plugin-vite renames the output to while it works, with private pages in them:
 * a build that was killed leaves them behind.
 */
export function findLeftOutputs({ cwd, output, prefix }: LeftOutputOptions): string[] {
  return readdirSync(cwd, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /vite/i.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => resolve(cwd, name) !== resolve(cwd, output))
    .filter((name) => holdsLinks(join(cwd, name, prefix)))
}

/**
 * Removes those that no bundler can be at work on any more.
 *
 * @returns What became of each, as sentences.
 */
export function removeLeftOutputs(options: LeftOutputOptions, now: Date): string[] {
  return findLeftOutputs(options).map((name) => {
    const folder = join(options.cwd, name)
    // A rename is a change of the folder itself.
    if (now.getTime() - statSync(folder).ctimeMs < LONGEST_BUNDLING) return describeLeft(name)
    rmSync(folder, { recursive: true, force: true })
    return `Removed ${name}/, the output of a build that was broken off: private pages were in it.`
  })
}

/** The same for an author who has to look. */
export function describeLeft(name: string): string {
  return `${name}/ holds private pages, of a build that was broken off or that still runs. To do: if no other build runs, delete the folder; do not deploy it or commit it.`
}

function holdsLinks(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => isCapabilityToken(name))
}
