import { basename } from 'node:path'
import { extensionOf } from '../leak-audit/file-names.ts'
import type { PublicOutput } from './output-media.ts'

/** Of pictures, plugins make more sizes and formats than a page shows. */
const PICTURES = ['avif', 'webp', 'jpg', 'jpeg', 'png', 'gif', 'svg', 'heic']

/** Files that plugins made and no private post names, which are a private post's all the same. */
export interface UnnamedMedia {
  /** Files of which it has to be known whether public texts name them. */
  readonly asked: readonly string[]
  /**
   * Those that are private: they were made while private pages were built, or they are another size of what
   * only private posts show; and no public text names them or another size of them.
   */
  among(isPublic: (file: string) => boolean, taken: ReadonlySet<string>): readonly string[]
}

/**
 * @param isMade Whether the file was written while private pages were built.
 * @param isLeft Whether it is claimed, or of a kind that stays where it is.
 */
export function findUnnamed(
  found: PublicOutput,
  isMade: (file: string) => boolean,
  isLeft: (file: string) => boolean,
): UnnamedMedia {
  const asked = found.media.filter(
    (file) =>
      !isLeft(file) &&
      (PICTURES.includes(extensionOf(file)) || isMade(file)) &&
      !found.isCopy(file),
  )
  return {
    asked,
    among(isPublic, taken) {
      const open = new Set(asked.filter(isPublic).flatMap(familyOf))
      const hidden = new Set([...taken].flatMap(familyOf))
      const isOf = (families: ReadonlySet<string>, file: string) =>
        familyOf(file).some((name) => families.has(name))
      return asked.filter(
        (file) => !isPublic(file) && !isOf(open, file) && (isMade(file) || isOf(hidden, file)),
      )
    },
  }
}

/** What files that one picture was made into have in common: `abc-300.webp`, `abc-600.jpeg`. */
function familyOf(file: string): string[] {
  const stem = basename(file).replace(/\.[^.]+$/, '')
  const parts = stem.split(/[-_.@]/)
  const names = [stem, parts.slice(0, -1).join('-'), parts.slice(1).join('-')]
  return names.filter((name) => name !== '' && !/^\d+[a-z]?$/i.test(name))
}
