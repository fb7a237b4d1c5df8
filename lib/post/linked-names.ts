import { lstatSync, readlinkSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

/** As many links as Linux follows for one path. */
const MOST_LINKS = 40

/** All names of a file, from the folder of the project: the one that is asked for first, the file itself last. */
export type LinkedNames = (path: string) => readonly string[]

/**
 * Follows symbolic links, of files and of the folders above them: what is private under one name is private under
 * each. Answers are kept, so that each build makes its own.
 *
 * @param root The folder that paths begin at.
 */
export function createLinkedNames(root: string): LinkedNames {
  const targets = new Map<string, string | undefined>()

  return (path) => {
    const names = [path]
    for (let next = follow(path); next !== undefined; next = follow(next)) {
      if (names.includes(next) || names.length > MOST_LINKS) break
      names.push(next)
    }
    return names
  }

  /** The path with its first link replaced; `undefined` without any. */
  function follow(path: string): string | undefined {
    const parts = path.split('/')
    for (let at = 1; at <= parts.length; at += 1) {
      const place = parts.slice(0, at).join('/')
      if (!targets.has(place)) targets.set(place, readLink(join(root, place)))
      const target = targets.get(place)
      if (target === undefined) continue
      const real = resolve(root, dirname(place), target, ...parts.slice(at))
      return relative(root, real).split(sep).join('/')
    }
    return undefined
  }
}

function readLink(file: string): string | undefined {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()
    ? readlinkSync(file)
    : undefined
}
