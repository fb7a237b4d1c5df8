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
  const { isNamed, isTaken } = matchersOf(globs)
  return candidates.some(isNamed) && !candidates.some(isTaken)
}

type Matcher = (path: string) => boolean
interface Matchers {
  readonly isNamed: Matcher
  readonly isTaken: Matcher
}

/** Each file of a site is compared with the same globs. */
const COMPILED = new WeakMap<readonly string[], Matchers>()

function matchersOf(globs: readonly string[]): Matchers {
  const known = COMPILED.get(globs)
  if (known) return known
  const anyOf = (patterns: readonly string[], nocase: boolean): Matcher => {
    const all = patterns.map((pattern) => micromatch.matcher(pattern, { dot: true, nocase }))
    return (path) => all.some((matches) => matches(path))
  }
  const matchers = {
    // Some file systems fold case or take letters apart: what may be the same name is the same name.
    isNamed: anyOf(
      globs.filter((glob) => !isNegated(glob)).map((glob) => normal(glob)),
      true,
    ),
    // A file that only looks like one that was taken out stays private.
    isTaken: anyOf(
      globs.filter(isNegated).map((glob) => normal(positive(glob))),
      false,
    ),
  }
  COMPILED.set(globs, matchers)
  return matchers
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
