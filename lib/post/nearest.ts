import { distance } from 'fastest-levenshtein'

/** The one of `known` that somebody meant who mistyped it by a letter or three, if there is such a one. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const far = Math.min(3, Math.max(1, Math.floor(word.length / 2)))
  return known
    .map((name) => ({ name, off: distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ off }) => off <= far)
    .toSorted((one, other) => one.off - other.off)[0]?.name
}
