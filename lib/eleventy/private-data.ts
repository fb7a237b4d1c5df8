/** Eleventy's own, and what it has rendered of others. */
const NOT_OF_THE_POST = ['collections', 'eleventy', 'pkg', 'page', 'content', 'eleventyComputed']
/** Deeper than any front matter is; it also ends circles. */
const DEEPEST = 8

/**
 * The strings in a private post's data that are not in the data of a public post as well: global data
 * is the same for both.
 */
export function privateStrings(
  data: Readonly<Record<string, unknown>>,
  publicData: Readonly<Record<string, unknown>> | undefined,
): string[] {
  return Object.keys(data).flatMap((key) => {
    if (NOT_OF_THE_POST.includes(key)) return []
    const strings = [...stringsIn(data[key], 0)]
    const known = new Set(publicData ? stringsIn(publicData[key], 0) : [])
    return strings.filter((text) => !known.has(text))
  })
}

function* stringsIn(value: unknown, depth: number): Generator<string> {
  if (typeof value === 'string') yield value
  else if (
    typeof value === 'object' &&
    value !== null &&
    depth < DEEPEST &&
    !ArrayBuffer.isView(value)
  ) {
    for (const item of Object.values(value)) yield* stringsIn(item, depth + 1)
  }
}
