/** A file's name ends at none of these; before the name there may be one. */
const HARD = /["'`<>\r\n\t]/
/** These may stand in a file's name, and before one. */
const SOFT = /[\s,;=()[\]{}|]/
const LONGEST_NAME = 300
/** Beginnings that are tried for one name: enough for a name of several words. */
const MOST_BEGINNINGS = 8

/** Where a text may name a file. */
export interface FileName {
  readonly start: number
  readonly end: number
  /** As written: escapes of HTML, JSON and URLs are still in it. */
  readonly written: string
}

/**
 * Makes the search for names of files with such extensions in any text: markup, CSS, scripts, JSON, front
 * matter, prose. A name may hold spaces, so each end of a name comes with all its possible beginnings,
 * the longest first.
 */
export function createNameSearch(
  extensions: Iterable<string>,
): (text: string) => Generator<readonly FileName[]> {
  const some = [...new Set(extensions)].map((extension) => extension.replace(/[^\w]/g, '\\$&'))
  const ends = new RegExp(`\\.(?:${some.join('|')})(?![\\w-]|\\.\\w)`, 'gi')
  return function* search(text) {
    if (some.length === 0) return
    for (const match of text.matchAll(ends)) {
      const end = match.index + match[0].length
      yield beginnings(text, match.index).map((start) => ({
        start,
        end,
        written: text.slice(start, end),
      }))
    }
  }
}

/** Fetched by their names, without any page that names them; and what hosts read. */
const FETCHED_BY_NAME =
  /^(?:index|404)\.x?html?$|^(?:.*\/)?(?:\.well-known\/.*|favicon[^/]*|apple-touch-icon[^/]*|android-chrome[^/]*|mstile[^/]*|browserconfig\.xml|robots\.txt|humans\.txt|ads\.txt|security\.txt|CNAME|_headers|_redirects|\.(?:htaccess|nojekyll|user\.ini)|sitemap[^/]*\.xml)$/i

export function isFetchedByName(path: string): boolean {
  return FETCHED_BY_NAME.test(path)
}

/** Whether the file is a page in HTML. */
export function isPage(path: string): boolean {
  return /\.x?html?$/i.test(path)
}

/** Lower-case extension of a file, without the dot; `''` if it has none. */
export function extensionOf(path: string): string {
  return /[^/]\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
}

function beginnings(text: string, dot: number): number[] {
  const found: number[] = []
  let at = dot
  for (; at > 0 && dot - at < LONGEST_NAME; at--) {
    const before = text[at - 1] ?? ''
    if (HARD.test(before)) break
    if (SOFT.test(before) && at < dot && !SOFT.test(text[at] ?? '')) found.push(at)
    if (found.length === MOST_BEGINNINGS) return found.reverse()
  }
  if (at < dot && found.at(-1) !== at) found.push(at)
  return found.reverse()
}
