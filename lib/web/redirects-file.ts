import { decodeSegment } from './path-segment.ts'

const STATUSES = [200, 301, 302, 303, 307, 308, 404, 410]

/** One line of a `_redirects` file. */
export interface RedirectRule {
  readonly from: string
  readonly to: string
  /** 3xx sends the client to `to`; 200, 404 and 410 answer with what is there. */
  readonly status: number
  /** Holds even if there is a file at the path. */
  readonly force: boolean
}

/**
 * Parses a `_redirects` file: `from to [status][!]` on each line. Conditions on the query, on countries
 * or on other hosts are beyond a static server, so lines that have them are passed over.
 *
 * @see [Netlify, Redirects and rewrites](https://docs.netlify.com/manage/routing/redirects/overview/#syntax-for-the-redirects-file)
 */
export function parseRedirectsFile(text: string): RedirectRule[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [from = '', to = '', state = '301', ...conditions] = line
      .replace(/(^|\s)#.*/, '')
      .trim()
      .split(/\s+/)
    const [, digits = '', force] = /^(\d{3})(!?)$/.exec(state) ?? []
    const status = Number(digits)
    const plain = from.startsWith('/') && to !== '' && conditions.length === 0
    return plain && STATUSES.includes(status) ? [{ from, to, status, force: force === '!' }] : []
  })
}

/**
 * Where the rule sends `pathname`, with its splat and placeholders filled in, or `undefined`. A segment may be
 * percent-encoded, because it opens the same file.
 */
export function applyRedirect({ from, to }: RedirectRule, pathname: string): string | undefined {
  const pattern = segmentsOf(from)
  const segments = segmentsOf(pathname)
  const values = new Map<string, string>()

  for (const [index, part] of pattern.entries()) {
    const segment = segments[index]
    if (part === '*' && index === pattern.length - 1) {
      values.set('splat', segments.slice(index).join('/'))
      return fill(to, values)
    }
    if (segment === undefined) return undefined
    if (part.startsWith(':')) values.set(part.slice(1), segment)
    else if (part !== segment && part !== decodeSegment(segment)) return undefined
  }
  return segments.length === pattern.length ? fill(to, values) : undefined
}

/** `/a` and `/a/` are the same path to a rule. */
function segmentsOf(path: string): string[] {
  return path.split('/').filter(Boolean)
}

function fill(to: string, values: ReadonlyMap<string, string>): string {
  return to.replace(/(?<=\/|=):(\w+)/g, (whole, name: string) => values.get(name) ?? whole)
}
