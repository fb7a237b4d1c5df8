import { decodeSegment } from './path-segment.ts'

/** One block of a `_headers` file. */
export interface HeaderRule {
  readonly path: string
  /** Names in lower case; a name that stands twice in a block has its values joined. */
  readonly headers: ReadonlyMap<string, string>
}

/**
 * Parses a `_headers` file: a path at the beginning of a line, and indented below it its headers.
 *
 * @see [Netlify, Custom headers](https://docs.netlify.com/manage/routing/headers/#syntax-for-the-headers-file)
 */
export function parseHeadersFile(text: string): HeaderRule[] {
  const rules: { path: string; headers: Map<string, string> }[] = []
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    if (trimmed.startsWith('/')) {
      rules.push({ path: trimmed, headers: new Map() })
      continue
    }
    const headers = rules.at(-1)?.headers
    const colon = trimmed.indexOf(':')
    if (!headers || colon < 1) continue
    const name = trimmed.slice(0, colon).trim().toLowerCase()
    const value = trimmed.slice(colon + 1).trim()
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value)
  }
  return rules
}

/**
 * The headers for a path. Where several rules set the same one, the last does.
 *
 * `/%70/` opens the file of `/p/`, so the rules of `/p/*` hold for it: both spellings are compared, of the rule as well.
 */
export function headersFor(rules: readonly HeaderRule[], pathname: string): Map<string, string> {
  const spellings = spellingsOf(pathname)
  const matching = rules.filter(({ path }) =>
    spellingsOf(path)
      .map(pathPattern)
      .some((pattern) => spellings.some((spelling) => pattern.test(spelling))),
  )
  return new Map(matching.flatMap(({ headers }) => [...headers]))
}

function spellingsOf(path: string): string[] {
  return [path, path.split('/').map(decoded).join('/')]
}

function decoded(segment: string): string {
  return decodeSegment(segment) ?? segment
}

/** `*` stands for anything, `:name` for one segment. */
function pathPattern(path: string): RegExp {
  const source = path.replace(/\*+|:\w+|[.+?^${}()|[\]\\]/g, (part) => {
    // Several in a row mean the same, and would be tried in every combination.
    if (part.startsWith('*')) return '.*'
    return part.startsWith(':') ? '[^/]+' : `\\${part}`
  })
  return new RegExp(`^${source}$`, 's')
}
