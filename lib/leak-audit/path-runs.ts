import { decode } from './escapes.ts'

/** A path or URL as it stands in a text. */
export interface PathRun {
  /** Its segments without their file extensions, and without the host. */
  readonly segments: readonly string[]
  /** The paths that a host would look up, as {@link addressOf} writes them. */
  readonly addresses: readonly Address[]
  readonly offset: number
}

interface Address {
  readonly address: string
  /** Where the address names one. */
  readonly host?: string
}

/** A tag's name is no path, although `</em` looks like one. */
const RUN = /<\/?[a-z!?][\w:.-]*|[^\s"'<>()[\]\\,;{}|`*]+/gi
const LOOKS_LIKE_PATH = /\/|%2f|\.x?html?$/i
const URL_PATH = /(?:^|[=:])(?:\/\/([^/]*))?(\/[^?#&=]*)/g
const AUTHORITY = /(^|[=:])\/\/[^/]*/g
const EXTENSION = /\.[a-z0-9]{1,5}$/i

/** Finds whatever in a text is a path: in attributes, scripts, sitemaps, redirects, prose. */
export function* pathRuns(text: string): Generator<PathRun> {
  for (const match of text.matchAll(RUN)) {
    const [raw] = match
    if (raw.startsWith('<') || !LOOKS_LIKE_PATH.test(raw)) continue
    yield { ...pathRun(raw), offset: match.index }
  }
}

export function pathRun(raw: string): Omit<PathRun, 'offset'> {
  const run = decode(raw)
  const segments = run.replace(AUTHORITY, '$1').split(/[/?#&=:]/)
  return {
    segments: segments.map(withoutExtension).filter((segment) => segment !== ''),
    addresses: Array.from(run.matchAll(URL_PATH), ([, host, path = '']) => ({
      address: addressOf(path),
      ...(host === undefined ? {} : { host: host.toLowerCase() }),
    })),
  }
}

/**
 * The one form of all spellings of an address: `/private/dinner/`, `/private/dinner/index.html` and
 * `private/dinner.html` are the same. The home page is the empty text.
 */
export function addressOf(path: string): string {
  return path
    .toLowerCase()
    .replace(/(^|\/)index\.html?$/, '')
    .replace(/\.html?$/, '')
    .replace(/^\/+|\/+$/g, '')
}

export function withoutExtension(segment: string): string {
  return segment.replace(EXTENSION, '')
}
