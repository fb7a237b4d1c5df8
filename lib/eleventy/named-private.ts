import micromatch from 'micromatch'
import { inputPathOf } from './eleventy-config.ts'

/**
 * Whether a glob of the options covers the file, seen from the project or from the input folder, and none that
 * begins with `!` takes it out.
 */
export function isNamedPrivate(path: string, input: string, globs: readonly string[]): boolean {
  const folder = inputPathOf(input).replace(/\/?$/, '/')
  const paths = path.startsWith(folder) ? [path, path.slice(folder.length)] : [path]
  const candidates = paths.map((candidate) => candidate.normalize())
  // Some file systems fold case or take letters apart: what may be the same name is the same name.
  const isMatch = (patterns: readonly string[], nocase: boolean) =>
    candidates.some((candidate) => micromatch.isMatch(candidate, patterns, { dot: true, nocase }))
  const named = globs.filter((glob) => !isNegated(glob)).map(normal)
  const taken = globs.filter(isNegated).map((glob) => normal(positive(glob)))
  // A file that only looks like one that was taken out stays private.
  return isMatch(named, true) && !isMatch(taken, false)
}

/** Whether a glob takes files out; `!(a|b)` is a glob of its own. */
export function isNegated(glob: string): boolean {
  return /^!(?!\()/.test(glob)
}

/** The glob without the "!" that takes files out. */
export function positive(glob: string): string {
  return isNegated(glob) ? glob.slice(1) : glob
}

/** Whether globs take files out and name none: they make nothing private. */
export function onlyTakeOut(globs: readonly string[]): boolean {
  return globs.length > 0 && globs.every(isNegated)
}

function normal(glob: string): string {
  return inputPathOf(glob).normalize()
}
