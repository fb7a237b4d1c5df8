/** Eleventy's own, and what it has rendered of others. */
const NOT_OF_THE_POST = ['collections', 'eleventy', 'pkg', 'page', 'content', 'eleventyComputed']
/** Deeper than any front matter is; it also ends circles. */
const DEEPEST = 8

/** A string of a post's data. */
export interface DataEntry {
  /** Where it stands: names of the keys, without those of lists. */
  readonly keys: readonly string[]
  readonly text: string
}

/**
 * The strings in a private post's data that are not in the data of a public post as well: global data
 * is the same for both.
 */
export function privateEntries(
  data: Readonly<Record<string, unknown>>,
  publicData: Readonly<Record<string, unknown>> | undefined,
): DataEntry[] {
  return Object.keys(data).flatMap((key) => {
    if (NOT_OF_THE_POST.includes(key)) return []
    const entries = [...entriesIn(data[key], [key])]
    const known = textsAt(publicData ?? {}, key)
    return entries.filter(({ text }) => !known.has(text))
  })
}

/** All strings below one key of some data. */
export function textsAt(data: Readonly<Record<string, unknown>>, key: string): Set<string> {
  return new Set(Array.from(entriesIn(data[key], [key]), ({ text }) => text))
}

function* entriesIn(value: unknown, keys: readonly string[], depth = 0): Generator<DataEntry> {
  if (typeof value === 'string') yield { keys, text: value }
  else if (
    typeof value === 'object' &&
    value !== null &&
    depth < DEEPEST &&
    !ArrayBuffer.isView(value)
  ) {
    for (const [key, item] of Object.entries(value)) {
      yield* entriesIn(item, Array.isArray(value) ? keys : [...keys, key], depth + 1)
    }
  }
}
