import { statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { PublicOutput } from './output-media.ts'

/** What plugins make of a page: a smaller picture, a card with its title, a film's still. */
const PICTURE = /\.(?:avif|webp|jpe?g|png|gif|svg|heic)$/i

export interface UnnamedMedia {
  /** Other sizes and formats of what only private posts show. */
  readonly variants: readonly string[]
  /** Pictures that this build made and that nothing names, where others of their folder are named. */
  readonly unexplained: readonly string[]
}

/** Pictures in the output that plugins made and private posts do not name. */
export function madePictures(found: PublicOutput, isClaimed: (file: string) => boolean): string[] {
  return found.media.filter((file) => PICTURE.test(file) && !isClaimed(file) && !found.isCopy(file))
}

/**
 * Tells for whom pictures were made that nothing names, neither public nor private: an image plugin makes
 * more sizes than a page shows, and a plugin for link previews a picture that no private page may name.
 *
 * @param made What {@link madePictures} found.
 * @param isPublic Whether a public text names it.
 * @param taken Files that only private posts name.
 */
export function explainUnnamed(
  made: readonly string[],
  isPublic: (file: string) => boolean,
  taken: ReadonlySet<string>,
  { output, started }: { readonly output: string; readonly started: Date },
): UnnamedMedia {
  const open = made.filter(isPublic)
  const publicFamilies = new Set(open.flatMap(familyOf))
  const privateFamilies = new Set([...taken].flatMap(familyOf))
  const folders = new Set([...open, ...taken].map((file) => dirname(file)))
  const isOf = (families: ReadonlySet<string>, file: string) =>
    familyOf(file).some((name) => families.has(name))
  const rest = made.filter((file) => !isPublic(file) && !isOf(publicFamilies, file))
  const isNew = (file: string) =>
    (statSync(join(output, file), { throwIfNoEntry: false })?.mtimeMs ?? 0) >= started.getTime()
  return {
    variants: rest.filter((file) => isOf(privateFamilies, file)),
    unexplained: rest.filter(
      (file) => !isOf(privateFamilies, file) && folders.has(dirname(file)) && isNew(file),
    ),
  }
}

/** What files that one picture was made into have in common: `abc-300.webp`, `abc-600.jpeg`. */
function familyOf(file: string): string[] {
  const stem = basename(file).replace(/\.[^.]+$/, '')
  const parts = stem.split(/[-_.@]/)
  const names = [stem, parts.slice(0, -1).join('-'), parts.slice(1).join('-')]
  return names.filter((name) => name !== '' && !/^\d+[a-z]?$/i.test(name))
}
